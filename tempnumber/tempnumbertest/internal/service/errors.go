package service

import (
	"fmt"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Refusal is an answer of the service that is not the one hoped for.
type Refusal string

// The refusals, by the names that the document 1.3.8 gives them, in its casing.
// TooManyRequests is not documented; other clients have met it. NoNumbers and
// EmailNotVerified are names of the vendor's newer product. NoNumbers goes out as
// NotFound unless asked for.
const (
	InvalidRequest   Refusal = "InvalidRequestParamsException"
	Unauthorized     Refusal = "UnauthorizedException"
	PaymentRequired  Refusal = "paymentRequired"
	AccountOnHold    Refusal = "AccountOnHoldException"
	EmailNotVerified Refusal = "EmailNotVerifiedException"
	NotFound         Refusal = "ResourceNotFoundException"
	NoNumbers        Refusal = "NoNumbersAvailableException"
	PriceChanged     Refusal = "expectedPriceErrorException"
	BadState         Refusal = "ResourceBadStateException"
	Gone             Refusal = "GoneException"
	LowSuccessRate   Refusal = "lowSuccessRateException"
	TooManyPending   Refusal = "TooManyActivationsPendingException"
	TooManyRequests  Refusal = "TooManyRequestsException"
	Unavailable      Refusal = "ServiceUnavailableException"
)

// Error is a refusal with its reason.
type Error struct {
	Refusal  Refusal
	Message  string
	NewPrice tempnumber.Amount // of PriceChanged
}

func (e *Error) Error() string { return string(e.Refusal) + ": " + e.Message }

func refuse(refusal Refusal, message string) error {
	return &Error{Refusal: refusal, Message: message}
}

// UnknownError is returned to whoever controls the service and names something that
// is not there.
type UnknownError struct{ Problem string }

func (e *UnknownError) Error() string { return e.Problem }

// Is makes the error a tempnumber.ErrNotFound.
func (e *UnknownError) Is(target error) bool { return target == tempnumber.ErrNotFound }

func unknown(format string, args ...any) error { return &UnknownError{fmt.Sprintf(format, args...)} }
