package tempnumber

import (
	"errors"
	"fmt"
	"net/http"
)

var (
	// ErrOutcomeUnknown is matched by every error of a request that may have been
	// carried out although no answer said so: by *OutcomeUnknownError, and by a
	// *TransportError or *ResponseError of a POST or PUT.
	ErrOutcomeUnknown = errors.New("it is not known whether the service carried the request out")
	// ErrNoneYet says that Reconcile found nothing. A late order may still show up.
	ErrNoneYet = errors.New("the history shows no activation for the order yet")
)

// OutcomeUnknownError says that an order was sent, and that it is not known
// whether a number was bought: no answer came, or one that does not tell. It is
// never repeated by itself. Give it to Reconcile, which looks for the number in
// the account's history, before ordering again.
//
// It matches ErrOutcomeUnknown and, through Unwrap, what went wrong.
type OutcomeUnknownError struct {
	Intent Intent
	Err    error // what went wrong; nil for an order taken up from a stored Intent
}

func (e *OutcomeUnknownError) Error() string {
	why := ""
	if e.Err != nil {
		why = ": " + e.Err.Error()
	}
	return fmt.Sprintf("tempnumber: the order of a number for %s in %s may have been carried out; before ordering again ask Reconcile%s",
		clip(e.Intent.ServiceID, 64), clip(e.Intent.CountryID, 64), why)
}

// Is matches ErrOutcomeUnknown.
func (e *OutcomeUnknownError) Is(target error) bool { return target == ErrOutcomeUnknown }

// Unwrap gives what went wrong.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// changes tells whether a request with this method does more than read.
func changes(method string) bool { return method != http.MethodGet }
