package tempnumber

import (
	"context"
	"log/slog"
	"time"
)

// Activation is one number rented for one service, and the SMS that came for it.
// The service documents every field as optional: what it left out is zero here.
// Message and Code are secrets; LogValue leaves them out.
type Activation struct {
	ID     ActivationID
	Status Status

	ServiceID      string
	ServiceName    string
	ServiceIconURL string // absolute
	CountryID      string // ISO 3166-1 alpha-2, in lower case
	CountryName    string
	CountryIconURL string // absolute

	Phone   Phone
	Message string // the whole text of the SMS
	Code    Code   // what the service read out of it
	Price   Amount

	CreatedAt  time.Time // UTC
	ExpiresAt  time.Time // when the number ends, by the server's clock, UTC
	ServerTime time.Time // when the service gave this answer, by its own clock, UTC

	RetryAvailable bool  // whether another SMS may be asked for
	Rating         int64 // 0 means none
	Reason         int64 // of a problem, as the service numbers them; 0 means none
}

// Remaining is how long the number had left when the service answered, by the
// service's two times: the local clock has no part in it. It is 0 when the
// number has ended, or when the service did not tell.
func (a *Activation) Remaining() time.Duration {
	if a.ExpiresAt.IsZero() || a.ServerTime.IsZero() {
		return 0
	}
	return max(0, a.ExpiresAt.Sub(a.ServerTime))
}

// LogValue gives what may stand in a log: no number, no text, no code.
func (a *Activation) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("id", int64(a.ID)), slog.String("status", string(a.Status)),
		slog.String("service", a.ServiceID), slog.String("country", a.CountryID),
		slog.String("price", a.Price.String()), slog.Duration("remaining", a.Remaining()))
}

// Activation looks at an activation once. To wait for its SMS use WaitSMS, which
// shares the rate limit among all waits.
//
// Errors: ErrNotFound, ErrGone, and what every call can give.
func (c *Client) Activation(ctx context.Context, id ActivationID) (*Activation, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	c.ledger.named(id, false)
	resp, err := c.raw.GetActivation(ctx, int64(id))
	a, err := answer(c, resp, err, activationFrom)
	if err != nil {
		return nil, err
	}
	c.saw(a)
	return a, nil
}

// saw takes in what an answer showed of an activation.
func (c *Client) saw(a *Activation) {
	c.road.clock.hear(sourceActivation, a.ServerTime)
	c.spending.saw(a)
	c.guard.saw(a)
	c.poller.saw(a)
	if c.ledger.saw(a, c.road.clock) {
		c.road.log.Warn("tempnumber: an order whose outcome was unknown may have bought this; ask Reconcile", "activation", a)
		c.road.observe(Event{Kind: EventFound, Endpoint: EndpointCreateActivation, ActivationID: a.ID})
	}
}
