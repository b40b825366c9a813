package tempnumber

import (
	"context"
	"strings"
	"time"
)

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

func (i Intent) pair() pair { return pairNamed(i.ServiceID, i.CountryID) }

// pair is one service in one country. Ids are compared without their case, which
// the service does not keep everywhere.
type pair struct{ service, country string }

func pairNamed(service, country string) pair {
	return pair{strings.ToLower(service), strings.ToLower(country)}
}

func pairOf(a *Activation) pair { return pairNamed(a.ServiceID, a.CountryID) }

// WithPurchaseHook calls hook before each order, also one through Raw, so that a
// program can write its intent down before it costs money. An error of hook stops
// the order, and is what the caller gets. The hook sees an order once, however
// often it is tried, and is called from the goroutine that orders.
func WithPurchaseHook(hook func(ctx context.Context, intent Intent) error) Option {
	return func(c *config) error {
		if hook == nil {
			return invalid("WithPurchaseHook: the hook is nil; leave the option out for none")
		}
		c.purchaseHook = hook
		return nil
	}
}
