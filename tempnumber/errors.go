package tempnumber

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
)

// What the service answers, as sentinels for errors.Is. Each is matched by an
// *APIError; the name in the answer decides, its HTTP status only where the name
// is unknown. The texts say what happened and, after the semicolon, what can be done.
var (
	ErrInvalidRequest    = errors.New("the service refused the parameters; check the service id, the country id and the numbers sent")
	ErrUnauthorized      = errors.New("the service refused the API key; check it, or make a new one in the account under API")
	ErrInsufficientFunds = errors.New("the balance does not cover the price; top it up")
	ErrAccountOnHold     = errors.New("the account is on hold; ask the service's support")
	ErrEmailNotVerified  = errors.New("the account's email address is not verified; follow the link that the service has sent to it")
	ErrNotFound          = errors.New("the service does not know it; check the ids. On an order there may also be no number now: ask Offer")
	// ErrNoNumbers: the service and the country exist, and have no number now. An error that
	// matches it matches ErrNotFound too. Where the service does not say so, an order without a number is
	// ErrNotFound alone.
	ErrNoNumbers      = errors.New("there is no number for this service in this country now; try again later, or another country")
	ErrPriceChanged   = errors.New("the price is above MaxPrice; order again with a MaxPrice of at least the present price")
	ErrBadState       = errors.New("the activation is not in a state that allows this; another SMS can be asked for only after one has come, while the number lives")
	ErrGone           = errors.New("the activation is no longer available; rent another number")
	ErrLowSuccessRate = errors.New("too few activations of this service in this country received an SMS; wait up to 24 hours, or use another service or country")
	ErrTooManyPending = errors.New("too many activations are pending; wait until some end")
	ErrRateLimited    = errors.New("the rate limit of this endpoint is used up; wait before the next request")
	ErrUnavailable    = errors.New("the service is unavailable now; try again later")
)

// What the client itself says, as sentinels for errors.Is.
var (
	// ErrInvalidInput is matched by every *ValidationError: nothing was sent.
	ErrInvalidInput = errors.New("invalid input")
	// ErrInvalidResponse is matched by every *ResponseError.
	ErrInvalidResponse = errors.New("the answer is not what the API promises")
	// ErrAttemptTimeout says that one request took longer than RetryPolicy.AttemptTimeout
	// while the caller's own context had time left. It is not context.DeadlineExceeded.
	ErrAttemptTimeout = deadline.ErrAttempt
	// ErrOutcomeUnknown is matched by every error of a request that may have been
	// carried out although no answer said so: by *OutcomeUnknownError, and by a
	// *TransportError or *ResponseError of a POST or PUT.
	ErrOutcomeUnknown = errors.New("it is not known whether the service carried the request out")
	// ErrNoneYet says that Reconcile found nothing. A late order may still show up.
	ErrNoneYet = errors.New("the history shows no activation for the order yet")
	// ErrSpendingCap is matched by every *SpendingCapError.
	ErrSpendingCap = errors.New("the order would break the client's spending cap")
)

// Why a wait ended without an SMS, as sentinels for errors.Is; a *WaitError carries them.
var (
	ErrExpired          = errors.New("the number's time is over and no SMS came")
	ErrRefunded         = errors.New("the activation was refunded without an SMS")
	ErrActivationFailed = errors.New("the activation failed for good or is used up")
	// ErrUnreachable says that no answer about the activation came in the whole wait.
	// The error of a wait wraps the last failure beside it.
	ErrUnreachable = errors.New("the service never answered about the activation; check the network, and wait again while the number lives")
)

// ValidationError says that input was refused before anything was sent, and what
// to do about it. It matches ErrInvalidInput and never repeats a secret.
type ValidationError struct {
	// Problem says what is wrong and what is expected.
	Problem string
}

func (e *ValidationError) Error() string { return "tempnumber: " + e.Problem }

// Is matches ErrInvalidInput.
func (e *ValidationError) Is(target error) bool { return target == ErrInvalidInput }

// invalid returns a *ValidationError.
func invalid(format string, args ...any) *ValidationError {
	return &ValidationError{Problem: fmt.Sprintf(format, args...)}
}

// APIError is an answer of the service, or of something on the way to it, that
// is not a 2xx. Compare it with the sentinels by errors.Is:
//
//	if errors.Is(err, tempnumber.ErrInsufficientFunds) { … }
type APIError struct {
	StatusCode int           // the HTTP status
	Name       string        // errorName as it was sent; empty when the body was not the service's
	Message    string        // errorMessage, cleaned of control characters; may be empty
	NewPrice   Amount        // the present price, with ErrPriceChanged; else 0
	Method     string        // of the request
	Path       string        // of the request, below the base URL
	RetryAfter time.Duration // how long the service asked to wait; 0 when it did not say
	Body       []byte        // the answer as it came, with the API key replaced by [REDACTED]; nil when it was unreadable or too large
}

// Error names the request, says what happened (in the service's words where there are some) and what can be done.
func (e *APIError) Error() string {
	what, do := cmp.Or(http.StatusText(e.StatusCode), "no standard status"), ""
	if kind := e.kind(); kind != nil {
		what, do, _ = strings.Cut(kind.Error(), "; ")
	}
	if e.Message != "" {
		what = strings.TrimRight(e.Message, ".")
	}
	if e.NewPrice > 0 {
		what += fmt.Sprintf("; the price is now %v", e.NewPrice)
	}
	if do != "" {
		do = "; " + do
	}
	status := strconv.Itoa(e.StatusCode)
	if e.Name != "" {
		status += " " + e.Name
	}
	return fmt.Sprintf("tempnumber: %s %s: %s: %s%s", e.Method, e.Path, status, what, do)
}

// Is matches the sentinel that the answer means, and ErrNotFound for ErrNoNumbers.
func (e *APIError) Is(target error) bool {
	kind := e.kind()
	return kind != nil && (target == kind || kind == ErrNoNumbers && target == ErrNotFound)
}

// LogValue returns what may stand in a log.
func (e *APIError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("method", e.Method), slog.String("path", e.Path),
		slog.Int("status", e.StatusCode), slog.String("name", e.Name), slog.Duration("retry_after", e.RetryAfter))
}

// answerKind says which answers a sentinel stands for. Names are in lower case and without their suffix:
// their casing differs between the service's own documents, and some lack the suffix.
type answerKind struct {
	err    error
	status int // for answers with an unknown name; 0 for none
	names  []string
}

func answerKinds() [14]answerKind {
	return [14]answerKind{
		{ErrInvalidRequest, http.StatusBadRequest, []string{"invalidrequestparams"}},
		{ErrUnauthorized, http.StatusUnauthorized, []string{"unauthorized"}},
		{ErrInsufficientFunds, http.StatusPaymentRequired, []string{"paymentrequired"}},
		{ErrAccountOnHold, http.StatusForbidden, []string{"accountonhold"}},
		{ErrEmailNotVerified, 0, []string{"emailnotverified"}},
		{ErrNotFound, http.StatusNotFound, []string{"resourcenotfound"}},
		{ErrNoNumbers, 0, []string{"nonumbersavailable", "nonumbers"}},
		{ErrPriceChanged, 0, []string{"expectedpriceerror", "maxpriceexceeded"}},
		{ErrBadState, http.StatusConflict, []string{"resourcebadstate"}},
		{ErrGone, http.StatusGone, []string{"gone"}},
		{ErrLowSuccessRate, 0, []string{"lowsuccessrate"}},
		{ErrTooManyPending, 0, []string{"toomanyactivationspending", "toomanyactivations"}},
		{ErrRateLimited, http.StatusTooManyRequests, []string{"toomanyrequests"}},
		{ErrUnavailable, http.StatusServiceUnavailable, []string{"serviceunavailable"}},
	}
}

// kind returns the sentinel of the answer: by name first, since several share a status, and by status where
// the name is not known.
func (e *APIError) kind() error {
	name, status := strings.TrimSuffix(strings.ToLower(e.Name), "exception"), e.StatusCode
	if name == "resourcenotfound" && strings.Contains(strings.ToLower(e.Message), "no number") {
		return ErrNoNumbers
	}
	for _, k := range answerKinds() {
		if slices.Contains(k.names, name) {
			return k.err
		}
	}
	switch {
	case status == http.StatusConflict && e.NewPrice > 0:
		return ErrPriceChanged
	case status >= 500:
		return ErrUnavailable
	}
	for _, k := range answerKinds() {
		if k.status == status && status != 0 {
			return k.err
		}
	}
	return nil
}

// refusal reports whether the service itself refused the request, so that it was
// surely not carried out. A proxy or a gateway answers in another form, and a 5xx
// answer may come after the work was done.
func (e *APIError) refusal() bool {
	return e.Name != "" && e.StatusCode >= 400 && e.StatusCode < 500
}

// ResponseError says that the service answered with success, but with something
// that cannot be understood: not JSON, cut short, too large, or without what the
// document promises. It matches ErrInvalidResponse.
type ResponseError struct {
	StatusCode int    // the HTTP status
	Method     string // of the request
	Path       string // of the request, below the base URL
	Err        error  // what is wrong with the answer; never a part of its text
}

func (e *ResponseError) Error() string {
	return fmt.Sprintf("tempnumber: %s %s: %d, but %v: %v", e.Method, e.Path, e.StatusCode, ErrInvalidResponse, e.Err)
}

// Is matches ErrInvalidResponse, and ErrOutcomeUnknown for a request that changes
// something.
func (e *ResponseError) Is(target error) bool {
	return target == ErrInvalidResponse || target == ErrOutcomeUnknown && changes(e.Method)
}

// Unwrap returns what is wrong with the answer.
func (e *ResponseError) Unwrap() error { return e.Err }

// TransportError says that no answer came. By errors.Is and errors.As it matches
// the caller's context error, ErrAttemptTimeout, or what the transport said; and
// ErrOutcomeUnknown where the request may have been carried out.
type TransportError struct {
	Method  string // of the request
	Path    string // of the request, below the base URL
	NotSent bool   // the request surely never left: there was no connection for it
	Err     error  // why
}

func (e *TransportError) Error() string {
	what := "no answer"
	if e.NotSent {
		what = "not sent"
	}
	return fmt.Sprintf("tempnumber: %s %s: %s: %v", e.Method, e.Path, what, e.Err)
}

// Is matches ErrOutcomeUnknown when a request that changes something may have left.
func (e *TransportError) Is(target error) bool {
	return target == ErrOutcomeUnknown && !e.NotSent && changes(e.Method)
}

// Unwrap returns why there was no answer.
func (e *TransportError) Unwrap() error { return e.Err }

// Timeout reports whether time ran out, as net.Error does.
func (e *TransportError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.Is(e.Err, ErrAttemptTimeout) || errors.As(e.Err, &t) && t.Timeout()
}

// ThrottledError says that a request was not sent because its slot under the
// rate limit would come after the context's deadline. It matches ErrRateLimited
// and context.DeadlineExceeded. Nothing was sent and nothing is used up.
type ThrottledError struct {
	Endpoint Endpoint
	Wait     time.Duration // how long the slot would take at least
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("tempnumber: %s: not sent: its rate limit allows the next request in %v, after the context's deadline; allow more time or ask less often",
		e.Endpoint, e.Wait.Round(time.Millisecond))
}

// Is matches ErrRateLimited and context.DeadlineExceeded.
func (e *ThrottledError) Is(target error) bool {
	return target == ErrRateLimited || target == context.DeadlineExceeded
}

// Timeout is true, as for every error that is a deadline's.
func (e *ThrottledError) Timeout() bool { return true }

// changes reports whether a request with this method does more than read.
func changes(method string) bool { return method != http.MethodGet }

// withPrevious adds the answer of the attempt before to the error that ended a call.
func withPrevious(err, previous error) error {
	if previous == nil {
		return err
	}
	return fmt.Errorf("%w; before that: %w", err, previous)
}
