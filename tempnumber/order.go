package tempnumber

import (
	"fmt"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// CreateActivationParams says which number is wanted.
type CreateActivationParams struct {
	ServiceID string // as in the price lists, "facebook"
	CountryID string // as in the price lists, ISO 3166-1 alpha-2 in lower case, "us"
	// MaxPrice is the most that may be paid; the service refuses a dearer order
	// with ErrPriceChanged. 0 means no cap.
	MaxPrice Amount
}

func (p CreateActivationParams) check() error {
	if err := checkID("ServiceID", p.ServiceID); err != nil {
		return err
	}
	if err := checkID("CountryID", p.CountryID); err != nil {
		return err
	}
	if p.MaxPrice < 0 {
		return invalid("MaxPrice %v: a price is not below zero; 0 means no cap", p.MaxPrice)
	}
	return nil
}

func (p CreateActivationParams) pair() orders.Pair { return orders.PairOf(p.ServiceID, p.CountryID) }

// Intent is what a client knows of an order before it sends it, enough to find
// out later what became of it. Written down as JSON, from a WithPurchaseHook say,
// it outlives the process: after a crash Reconcile finds the number again. The
// names in JSON stay as they are.
type Intent struct {
	ServiceID string `json:"service_id"`
	CountryID string `json:"country_id"`
	MaxPrice  Amount `json:"max_price"` // 0 means no cap
	// SentAt is the local time just before the order was sent, or began to wait for
	// its turn, in UTC. No two orders of a client have the same.
	SentAt time.Time `json:"sent_at"`
	// HighWater is the highest activation id that the client had seen by then, 0 if
	// it had seen none. What the order bought has a higher one.
	HighWater ActivationID `json:"high_water"`
}

func (i Intent) check() error {
	if err := (CreateActivationParams{ServiceID: i.ServiceID, CountryID: i.CountryID, MaxPrice: i.MaxPrice}).check(); err != nil {
		return err
	}
	if i.SentAt.IsZero() || i.HighWater < 0 {
		return invalid("the Intent has no SentAt, or a HighWater below zero; use one that a purchase hook or an *OutcomeUnknownError gave")
	}
	return nil
}

// key identifies the order, also after it was stored.
func (i Intent) key() orders.Key {
	return orders.Key{Pair: orders.PairOf(i.ServiceID, i.CountryID), SentAt: i.SentAt.UnixNano(), HighWater: int64(i.HighWater)}
}

// OutcomeUnknownError says that an order was sent, and that it is not known
// whether a number was bought: no answer came, or one that does not say. It is
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

// Unwrap returns what went wrong.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }
