package tempnumber

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
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

// CreateActivation rents a number. It costs money, so it is repeated only when
// the request surely never left, or when the service refused it for its rate.
//
// Errors: ErrNotFound when there is no number to be had, ErrInsufficientFunds,
// ErrPriceChanged (with APIError.NewPrice), ErrLowSuccessRate, ErrTooManyPending,
// ErrAccountOnHold, and what every call can give.
func (c *Client) CreateActivation(ctx context.Context, params CreateActivationParams) (*Activation, error) {
	if err := params.check(); err != nil {
		return nil, err
	}
	body := gen.NewActivation{ServiceID: params.ServiceID, CountryID: params.CountryID}
	if params.MaxPrice > 0 {
		body.ExpectedPrice = json.Number(params.MaxPrice.String())
	}
	resp, err := c.raw.NewActivation(ctx, body)
	return answer(c, resp, err, activationFrom)
}

// Activation looks at an activation once. To wait for its SMS use WaitSMS, which
// shares the rate limit among all waits.
//
// Errors: ErrNotFound, ErrGone, and what every call can give.
func (c *Client) Activation(ctx context.Context, id ActivationID) (*Activation, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	resp, err := c.raw.GetActivation(ctx, int64(id))
	return answer(c, resp, err, activationFrom)
}

// RequestAnotherSMS asks for another SMS on the same number, free of charge,
// after one has come. The service gives no guarantee that it will. The former
// message and code cannot be read any more once this has succeeded; to wait for
// the new one, pass the former activation to After.
//
// Errors: ErrBadState when no SMS has come yet or the number has ended, ErrGone,
// ErrNotFound, and what every call can give.
func (c *Client) RequestAnotherSMS(ctx context.Context, id ActivationID) error {
	if err := id.check(); err != nil {
		return err
	}
	resp, err := c.raw.UpdateActivation(ctx, int64(id), gen.ActivationUpdate{Status: gen.ActivationUpdateStatusRetry})
	_, err = answer(c, resp, err, confirmed)
	return err
}
