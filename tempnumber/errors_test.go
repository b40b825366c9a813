package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

func allSentinels() []error {
	return []error{
		ErrInvalidRequest, ErrUnauthorized, ErrInsufficientFunds, ErrAccountOnHold, ErrEmailNotVerified, ErrNotFound, ErrPriceChanged,
		ErrBadState, ErrGone, ErrLowSuccessRate, ErrTooManyPending, ErrRateLimited, ErrUnavailable,
	}
}

func TestOutcomeUnknownErrorText(t *testing.T) {
	e := &OutcomeUnknownError{Intent: Intent{ServiceID: "facebook", CountryID: "us"}}
	require.EqualError(t, e, "tempnumber: the order of a number for facebook in us may have been carried out; before ordering again ask Reconcile")
	e.Err = context.Canceled
	require.EqualError(t, e, "tempnumber: the order of a number for facebook in us may have been carried out; before ordering again ask Reconcile: context canceled")
}

func TestAPIErrorSentinels(t *testing.T) {
	for _, c := range []struct {
		status int
		name   string
		want   error
	}{
		{400, "InvalidRequestParamsException", ErrInvalidRequest},
		{401, "UnauthorizedException", ErrUnauthorized},
		{402, "paymentRequired", ErrInsufficientFunds},
		{402, "PaymentRequiredException", ErrInsufficientFunds},
		{403, "AccountOnHoldException", ErrAccountOnHold},
		{403, "accountOnHoldException", ErrAccountOnHold},
		{404, "ResourceNotFoundException", ErrNotFound},
		{404, "NoNumbersAvailableException", ErrNotFound},
		{409, "expectedPriceErrorException", ErrPriceChanged},
		{409, "MaxPriceExceededException", ErrPriceChanged},
		{409, "ResourceBadStateException", ErrBadState},
		{410, "GoneException", ErrGone},
		{429, "lowSuccessRateException", ErrLowSuccessRate},
		{429, "LOWSUCCESSRATE", ErrLowSuccessRate},
		{429, "TooManyActivationsPendingException", ErrTooManyPending},
		{429, "TooManyActivationsException", ErrTooManyPending},
		{429, "TooManyRequestsException", ErrRateLimited},
		{503, "ServiceUnavailableException", ErrUnavailable},
		{500, "lowSuccessRateException", ErrLowSuccessRate},
		{400, "", ErrInvalidRequest},
		{401, "", ErrUnauthorized},
		{402, "", ErrInsufficientFunds},
		{403, "", ErrAccountOnHold},
		{404, "", ErrNotFound},
		{409, "", ErrBadState},
		{410, "", ErrGone},
		{429, "SomethingNew", ErrRateLimited},
		{502, "", ErrUnavailable},
		{418, "Teapot", nil},
		{301, "", nil},
	} {
		e := errorAnswer(c.status, fmt.Sprintf(`{"errorName": %q}`, c.name))
		for _, sentinel := range allSentinels() {
			require.Equal(t, sentinel == c.want, errors.Is(e, sentinel), "%d %s is %v", c.status, c.name, sentinel)
		}
	}
}

func TestAPIErrorBrokenBody(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"errorName": 5}`, `[]`, `null`, `{"errorName": "GoneException"`, "\x00\xff"} {
		e := errorAnswer(502, body)
		require.Equal(t, 502, e.StatusCode)
		require.Empty(t, e.Name)
		require.ErrorIs(t, e, ErrUnavailable)
	}
}

func TestAPIErrorOddField(t *testing.T) {
	e := errorAnswer(409, `{"errorName": "expectedPriceErrorException", "newPrice": {}}`)
	require.ErrorIs(t, e, ErrPriceChanged)
	require.Zero(t, e.NewPrice)
	e = errorAnswer(409, `{"errorName": "x", "newPrice": "0.75"}`)
	require.ErrorIs(t, e, ErrPriceChanged, "a price shows which kind of conflict it is")
	require.Equal(t, 75*Cent, e.NewPrice)
}

func TestAPIErrorText(t *testing.T) {
	e := &APIError{StatusCode: 402, Name: "paymentRequired", Message: clip("no \x1b[31mmoney\nleft", 300), Method: "POST", Path: "/activations"}
	require.Equal(t, "tempnumber: POST /activations: 402 paymentRequired: no ·[31mmoney·left; top it up", e.Error())
}

func TestThrottledErrorMatches(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", &ThrottledError{Endpoint: EndpointBalance, Wait: time.Minute})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, ErrRateLimited)
	require.NotErrorIs(t, err, context.Canceled)
}

func TestErrorTextSaysEachThingOnce(t *testing.T) {
	for body, want := range map[string]string{
		`{"errorName": "expectedPriceErrorException", "errorMessage": "Price has changed", "newPrice": 0.495}`: "409 expectedPriceErrorException: Price has changed; the price is now 0.495; order again with a MaxPrice of at least the present price",
		`{"errorName": "ResourceBadStateException"}`:                                                           "409 ResourceBadStateException: the activation is not in a state that allows this; another SMS can be asked for only after one has come, while the number lives",
		`{"errorName": "SomethingNew", "errorMessage": "It is new."}`:                                          "409 SomethingNew: It is new; another SMS can be asked for only after one has come, while the number lives",
		`<html>`: "409: the activation is not in a state that allows this; another SMS can be asked for only after one has come, while the number lives",
	} {
		require.Equal(t, "tempnumber: POST /activations: "+want, errorAnswer(409, body).Error())
	}
	require.Equal(t, "tempnumber: POST /activations: 418 Teapot: I'm a teapot", errorAnswer(418, `{"errorName": "Teapot"}`).Error())
}

func TestNoNumbersIsNotFoundToo(t *testing.T) {
	for body, none := range map[string]bool{
		`{"errorName": "NoNumbersAvailableException", "errorMessage": "none"}`:      true,
		`{"errorName": "ResourceNotFoundException", "errorMessage": "No numbers."}`: true,
		`{"errorName": "ResourceNotFoundException", "errorMessage": "not found"}`:   false,
		`<html>`: false,
	} {
		e := errorAnswer(404, body)
		require.ErrorIs(t, e, ErrNotFound, body)
		require.Equal(t, none, errors.Is(e, ErrNoNumbers), body)
	}
}

func TestUnverifiedEmailIsNoAccountOnHold(t *testing.T) {
	e := errorAnswer(403, `{"errorName": "EmailNotVerifiedException", "errorMessage": "no"}`)
	require.ErrorIs(t, e, ErrEmailNotVerified)
	require.NotErrorIs(t, e, ErrAccountOnHold)
}

func TestSuggestedPriceIsTheNewPrice(t *testing.T) {
	e := errorAnswer(409, `{"errorName": "expectedPriceErrorException", "suggestedPrice": "0.7", "orderId": 5}`)
	require.ErrorIs(t, e, ErrPriceChanged)
	require.Equal(t, 70*Cent, e.NewPrice)
	e = errorAnswer(409, `{"errorName": "MaxPriceExceededException", "newPrice": 0.5, "suggestedPrice": 0.7}`)
	require.Equal(t, 50*Cent, e.NewPrice)
}

// errorAnswer is a non-2xx answer as an error.
func errorAnswer(status int, body string) *APIError {
	answer := transport.Answer{Response: &http.Response{StatusCode: status, Header: http.Header{}}, Body: []byte(body)}
	key, _ := transport.NewKey(testKey)
	return apiErrorFrom("POST", "/activations", answer, key)
}
