package tempnumbertest

import (
	"net/http"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// The names of errors that the document does not have.
const (
	methodNotAllowed service.Refusal = "MethodNotAllowedException"
	internalError    service.Refusal = "InternalServerErrorException"
)

// statuses are the refusals and their HTTP status. Where several share one, the
// first is what the status alone stands for.
func statuses() []struct {
	refusal service.Refusal
	status  int
} {
	return []struct {
		refusal service.Refusal
		status  int
	}{
		{service.InvalidRequest, http.StatusBadRequest},
		{service.Unauthorized, http.StatusUnauthorized},
		{service.PaymentRequired, http.StatusPaymentRequired},
		{service.AccountOnHold, http.StatusForbidden},
		{service.EmailNotVerified, http.StatusForbidden},
		{service.NotFound, http.StatusNotFound},
		{service.NoNumbers, http.StatusNotFound},
		{methodNotAllowed, http.StatusMethodNotAllowed},
		{service.BadState, http.StatusConflict},
		{service.PriceChanged, http.StatusConflict},
		{service.Gone, http.StatusGone},
		{service.TooManyRequests, http.StatusTooManyRequests},
		{service.LowSuccessRate, http.StatusTooManyRequests},
		{service.TooManyPending, http.StatusTooManyRequests},
		{internalError, http.StatusInternalServerError},
		{service.Unavailable, http.StatusServiceUnavailable},
	}
}

// statusOf is the HTTP status of an error by its name, however that is written.
func statusOf(name string) int {
	for _, known := range statuses() {
		if bareName(name) == bareName(string(known.refusal)) {
			return known.status
		}
	}
	return http.StatusInternalServerError
}

// refusalOf is what a status stands for when nothing else is said.
func refusalOf(status int) service.Refusal {
	for _, known := range statuses() {
		if known.status == status {
			return known.refusal
		}
	}
	return internalError
}

// bareName is the name of an error without its casing and its suffix.
func bareName(name string) string { return strings.TrimSuffix(strings.ToLower(name), "exception") }
