package tempnumber

import (
	"context"
	"errors"
	"fmt"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
)

// RequestAnotherSMS asks for another SMS on the same number, free of charge,
// after one has come. The service does not guarantee it. The former
// message and code cannot be read any more once this has succeeded; to wait for
// the new one, pass the former activation to After.
//
// When no answer says whether it succeeded, the activation is looked at: a
// request that was carried out is a success, one that surely was not is repeated,
// as often as RetryPolicy.MaxAttempts allows.
//
// Errors: ErrBadState when no SMS has come yet or the number has ended, ErrGone,
// ErrNotFound, ErrOutcomeUnknown when the look does not say either, and what
// every call can return.
func (c *Client) RequestAnotherSMS(ctx context.Context, id ActivationID) error {
	if err := id.check(); err != nil {
		return err
	}
	c.book.Claim(int64(id), true)
	before, known := c.book.LastMark(int64(id))
	for attempt := 1; ; attempt++ {
		unknown, err := c.caller.requestAnother(ctx, id)
		// After an attempt that got lost, a bad state can be what that one has done.
		if !unknown && !(attempt > 1 && errors.Is(err, ErrBadState)) {
			return err
		}
		a, lookErr := c.caller.activation(ctx, id, priority{})
		if lookErr != nil {
			return retryUnknown(id, withPrevious(lookErr, err))
		}
		mark := smsMark(a, c.caller.seed)
		switch {
		case a.Status == StatusRetryRequested:
			return nil
		case a.Status == StatusRetryReceived && known && mark != before:
			return nil // and the other SMS has come already
		case a.Status == StatusRetryReceived && !known:
			return retryUnknown(id, err) // it may be the former SMS or the new one
		case !unknown:
			return err
		case attempt >= c.caller.retry.MaxAttempts:
			return retryUnknown(id, err)
		}
		if waitErr := deadline.Sleep(ctx, c.caller.retry.delay(attempt)); waitErr != nil {
			return retryUnknown(id, withPrevious(waitErr, err))
		}
	}
}

// requestAnother sends the request once or, where that is harmless, again. unknown reports that it may have
// been carried out although no answer says so.
func (c *caller) requestAnother(ctx context.Context, id ActivationID) (unknown bool, err error) {
	req, err := gen.NewUpdateActivationRequest(c.server, int64(id), gen.ActivationUpdate{Status: gen.ActivationUpdateStatusRetry})
	r := c.do(ctx, req, err, call{endpoint: EndpointUpdateActivation})
	_, err = answer(c, r, model(confirmed))
	return r.disposition == dispositionUnknown || r.disposition == dispositionDone && err != nil, err
}

// confirmed checks the answer of an update, which carries nothing else.
func confirmed(w *gen.Response200, _ *oddFields) (bool, error) {
	if w.Result != gen.Response200ResultSuccess {
		return false, errors.New("its result is not success")
	}
	return true, nil
}

// retryUnknown is the error of a request for another SMS of which nothing is known.
func retryUnknown(id ActivationID, err error) error {
	return fmt.Errorf("tempnumber: another SMS may have been asked for on activation %d; look at it, and ask again if its SMS is still the former one: %w: %w",
		int64(id), ErrOutcomeUnknown, err)
}
