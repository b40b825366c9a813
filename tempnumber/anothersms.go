package tempnumber

import (
	"context"
	"errors"
	"fmt"

	"github.com/tempnumber/tempnumber-go/gen"
)

// RequestAnotherSMS asks for another SMS on the same number, free of charge,
// after one has come. The service gives no guarantee that it will. The former
// message and code cannot be read any more once this has succeeded; to wait for
// the new one, pass the former activation to After.
//
// When no answer tells whether it succeeded, the activation is looked at: a
// request that was carried out is a success, one that surely was not is repeated,
// as often as RetryPolicy.MaxAttempts allows.
//
// Errors: ErrBadState when no SMS has come yet or the number has ended, ErrGone,
// ErrNotFound, ErrOutcomeUnknown when the look does not tell either, and what
// every call can give.
func (c *Client) RequestAnotherSMS(ctx context.Context, id ActivationID) error {
	if err := id.check(); err != nil {
		return err
	}
	c.ledger.named(id, true)
	before, known := c.ledger.lastSMS(id)
	for attempt := 1; ; attempt++ {
		resp, err := c.raw.UpdateActivation(ctx, int64(id), gen.ActivationUpdate{Status: gen.ActivationUpdateStatusRetry})
		_, err = answer(c, resp, err, confirmed)
		// After an attempt that got lost, a bad state can be what that one has done.
		if !unknownOutcome(err) && !(attempt > 1 && errors.Is(err, ErrBadState)) {
			return err
		}
		a, lookErr := c.Activation(ctx, id)
		if lookErr != nil {
			return retryUnknown(id, because(lookErr, err))
		}
		mark := c.ledger.smsMark(a)
		switch {
		case a.Status == StatusRetryRequested:
			return nil
		case a.Status == StatusRetryReceived && known && mark != before:
			return nil // and the other SMS has come already
		case a.Status == StatusRetryReceived && !known:
			return retryUnknown(id, err) // it may be the former SMS or the new one
		case !unknownOutcome(err):
			return err
		case attempt >= c.road.retry.MaxAttempts:
			return retryUnknown(id, err)
		}
		if waitErr := sleep(ctx, c.road.retry.delay(attempt)); waitErr != nil {
			return retryUnknown(id, because(waitErr, err))
		}
	}
}

// retryUnknown is the error of a request for another SMS of which nothing is known.
func retryUnknown(id ActivationID, err error) error {
	return fmt.Errorf("tempnumber: another SMS may have been asked for on activation %d; look at it, and ask again if its SMS is still the former one: %w: %w",
		int64(id), ErrOutcomeUnknown, err)
}

// unknownOutcome tells whether the request that ended with err may have been
// carried out: no answer, one that makes no sense, or one that is not the
// service's own refusal.
func unknownOutcome(err error) bool {
	var api *APIError
	if errors.As(err, &api) {
		return !api.refusal()
	}
	return errors.Is(err, ErrOutcomeUnknown)
}
