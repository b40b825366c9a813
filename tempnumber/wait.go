package tempnumber

import (
	"context"
	"fmt"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
)

// WaitSMS waits for the SMS of an activation and returns the activation with its
// Message and Code. It looks at once, and then as often as the rate limits allow
// for all waits of the client together. It returns nil and a *WaitError when
//   - the context ends: errors.Is with context.Canceled or context.DeadlineExceeded;
//   - the number expires, by the service's own times: ErrExpired;
//   - the activation is refunded, or fails: ErrRefunded, ErrActivationFailed;
//   - the number's time is over and no answer ever came: ErrUnreachable, with the last failure;
//   - the service says that waiting is pointless: ErrUnauthorized, ErrAccountOnHold, ErrNotFound, ErrGone;
//   - OnUpdate returns an error: that error.
//
// Passing failures, of the network or the service, do not end a wait, and neither does
// one odd answer: another look confirms it. Before a wait ends as expired the activation
// is looked at once more; while that fails it is tried for two minutes. Whatever call of
// the client shows the SMS ends the wait. Thousands of waits cost one goroutine of the
// client besides the callers' own.
func (c *Client) WaitSMS(ctx context.Context, id ActivationID, opts ...WaitOption) (*Activation, error) {
	options, err := waitOptionsOf(id, opts)
	if err != nil {
		return nil, err
	}
	return c.wait(ctx, newWait(id, options))
}

// ReceiveSMS rents a number, lets use do something with it, such as typing it
// into a sign-up form, and waits for the SMS. Should the service not have the
// number at once, use is called as soon as there is one. Whatever goes wrong after the
// number was paid for, the *WaitError names its activation; an error of use ends
// it without waiting. use may be nil.
func (c *Client) ReceiveSMS(ctx context.Context, params CreateActivationParams, use func(context.Context, *Activation) error, opts ...WaitOption) (*Activation, error) {
	a, err := c.CreateActivation(ctx, params)
	if err != nil {
		return nil, err
	}
	if a.Phone.IsZero() {
		if a, err = c.wait(ctx, newWait(a.ID, waitOptions{forNumber: true})); err != nil {
			return nil, err
		}
	}
	if use != nil {
		start := time.Now()
		if err := use(ctx, a); err != nil {
			return nil, &WaitError{ID: a.ID, Last: a, Elapsed: time.Since(start), Err: fmt.Errorf("using the number: %w", err)}
		}
	}
	return c.WaitSMS(ctx, a.ID, opts...)
}

// wait waits until the poller or the context ends w. Whatever calls the program's code, OnUpdate and the log,
// runs here, on the goroutine that waits.
func (c *Client) wait(ctx context.Context, w *wait) (*Activation, error) {
	c.caller.log.DebugContext(ctx, "tempnumber: a wait begins", "activation", w.id)
	a, err := c.await(ctx, w)
	last := c.poller.snapshot(w)
	c.caller.log.DebugContext(ctx, "tempnumber: a wait ends", "activation", w.id, "polls", last.polls, "elapsed", time.Since(w.start), "success", err == nil)
	if err != nil {
		return nil, last.failure(err)
	}
	return a, nil
}

// await returns what is waited for, or why the wait ended without it.
func (c *Client) await(ctx context.Context, w *wait) (*Activation, error) {
	if ctx.Err() != nil {
		return nil, deadline.Cause(ctx)
	}
	c.book.Claim(int64(w.id), true)
	c.poller.join(w, c.book.LastSeen(int64(w.id)))
	defer c.poller.leave(w)
	warned := false
	for {
		select {
		case <-w.news:
		case <-ctx.Done():
		}
		seen := c.poller.snapshot(w)
		found := seen.done && seen.err == nil // which goes before an ended context
		if ctx.Err() != nil && !found {
			return nil, deadline.Cause(ctx)
		}
		if seen.unasked && !warned {
			warned = true
			c.caller.log.WarnContext(ctx, "tempnumber: a wait for another SMS that was not asked for: call RequestAnotherSMS", "activation", w.id)
		}
		for _, a := range seen.updates {
			c.caller.log.DebugContext(ctx, "tempnumber: a wait sees a new status", "activation", a)
			if w.options.onUpdate == nil {
				continue
			}
			if err := w.options.onUpdate(a); err != nil {
				return nil, err
			}
		}
		if seen.done {
			return seen.last, seen.err
		}
	}
}
