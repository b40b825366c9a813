package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Why a wait ended without an SMS, as sentinels for errors.Is; a *WaitError carries them.
var (
	ErrExpired          = errors.New("the number's time is over and no SMS came")
	ErrRefunded         = errors.New("the activation was refunded without an SMS")
	ErrActivationFailed = errors.New("the activation failed for good or is used up")
)

// WaitError says that a wait ended without an SMS. The number is not lost by it:
// ID and Last say which it is, and WaitSMS takes the same id up again while the
// number lives.
type WaitError struct {
	ID      ActivationID
	Last    *Activation // as it was last seen; nil when it never was
	Polls   int         // how often it was looked at
	Elapsed time.Duration
	// Err is ErrExpired, ErrRefunded, ErrActivationFailed, the context's error,
	// what OnUpdate or the caller's use of the number gave, or the service's
	// answer that makes waiting pointless.
	Err error
}

func (e *WaitError) Error() string {
	state := "never seen"
	if e.Last != nil {
		state = "last seen as " + clip(string(e.Last.Status), 40)
	}
	return fmt.Sprintf("tempnumber: no SMS for activation %d after %v and %d looks (%s): %v",
		int64(e.ID), e.Elapsed.Round(time.Millisecond), e.Polls, state, e.Err)
}

// Unwrap gives why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// WaitOption sets one thing about a wait.
type WaitOption func(*waitOptions)

type waitOptions struct {
	onUpdate  func(*Activation) error
	after     *Activation
	forNumber bool // it is the number that is waited for, not the SMS
}

// OnUpdate calls f with the activation as it is first seen and whenever its
// status has changed since, in order, on the goroutine that waits. An error of f
// ends the wait.
func OnUpdate(f func(*Activation) error) WaitOption {
	return func(o *waitOptions) { o.onUpdate = f }
}

// After waits for an SMS that is newer than the one in prev, after
// RequestAnotherSMS. The SMS of prev is never given again. nil changes nothing.
func After(prev *Activation) WaitOption {
	return func(o *waitOptions) { o.after = prev }
}

func waitOptionsOf(id ActivationID, opts []WaitOption) (waitOptions, error) {
	var o waitOptions
	for _, opt := range opts {
		opt(&o)
	}
	if o.after != nil && o.after.ID != id {
		return o, invalid("After: activation %d is not %d, which is waited for", int64(o.after.ID), int64(id))
	}
	return o, id.check()
}

// numberLifetime bounds a wait for a number whose expiry the service did not
// tell: numbers live up to 20 minutes.
const numberLifetime = 20 * time.Minute

// pollInterval spreads the documented 80 looks in 2 minutes evenly.
const pollInterval = 1500 * time.Millisecond

// WaitSMS waits for the SMS of an activation and gives the activation with its
// Message and Code. It looks at once and then at an even pace; it
// returns nil and a *WaitError when
//   - the context ends: errors.Is with context.Canceled or context.DeadlineExceeded;
//   - the number expires, by the service's own times: ErrExpired;
//   - the activation is refunded, or fails: ErrRefunded, ErrActivationFailed;
//   - the service says that waiting is pointless: ErrUnauthorized, ErrAccountOnHold, ErrNotFound, ErrGone;
//   - OnUpdate gives an error: that error.
//
// Passing failures, of the network or the service, do not end a wait.
func (c *Client) WaitSMS(ctx context.Context, id ActivationID, opts ...WaitOption) (*Activation, error) {
	options, err := waitOptionsOf(id, opts)
	if err != nil {
		return nil, err
	}
	return c.wait(ctx, newWait(id, options))
}

// wait looks until w has seen what it waits for.
func (c *Client) wait(ctx context.Context, w *wait) (*Activation, error) {
	for {
		a, err := c.Activation(asBackground(ctx), w.id)
		done, err := w.see(a, err)
		if err != nil {
			return nil, w.end(err)
		}
		if done {
			return a, nil
		}
		if err := w.pause(ctx, pollInterval); err != nil {
			return nil, w.end(err)
		}
	}
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

// wait is what one wait knows. It decides; it sends nothing.
type wait struct {
	id       ActivationID
	options  waitOptions
	start    time.Time
	deadline time.Time // of the number, on the local monotonic clock
	last     *Activation
	polls    int
	moved    bool // an activation without an SMS was seen, so the SMS after it is new
}

func newWait(id ActivationID, options waitOptions) *wait {
	now := time.Now()
	return &wait{id: id, options: options, start: now, deadline: now.Add(numberLifetime)}
}

// see takes in the result of a look. It tells whether the SMS is there, or gives
// the error that ends the wait.
func (w *wait) see(a *Activation, err error) (bool, error) {
	w.polls++
	if err != nil {
		for _, final := range []error{ErrUnauthorized, ErrAccountOnHold, ErrNotFound, ErrGone, ErrInvalidInput} {
			if errors.Is(err, final) {
				return false, err
			}
		}
		return false, nil
	}
	changed := w.last == nil || w.last.Status != a.Status
	w.last = a
	if !a.ExpiresAt.IsZero() && !a.ServerTime.IsZero() {
		w.deadline = time.Now().Add(a.Remaining())
	}
	if changed && w.options.onUpdate != nil {
		if err := w.options.onUpdate(a); err != nil {
			return false, err
		}
	}
	switch {
	case w.options.forNumber && !a.Phone.IsZero():
		return true, nil
	case a.Status.HasSMS() && w.isNew(a):
		return true, nil
	case a.Status == StatusRefunded && !a.ExpiresAt.IsZero() && a.Remaining() == 0:
		return false, fmt.Errorf("%w: %w", ErrExpired, ErrRefunded) // the ordinary end, seen before the local clock told
	case a.Status == StatusRefunded:
		return false, ErrRefunded
	case a.Status.Terminal():
		return false, ErrActivationFailed
	}
	if !a.Status.HasSMS() {
		w.moved = true
	}
	return false, nil
}

// isNew tells whether the SMS of a is not the one of After. The same text may
// come twice, so a change of the state counts as well.
func (w *wait) isNew(a *Activation) bool {
	prev := w.options.after
	return prev == nil || w.moved || a.Message != prev.Message || a.Code != prev.Code ||
		a.Status != prev.Status && a.Status != StatusServiceConsumed
}

// pause waits until the next look, or for what ends the wait.
func (w *wait) pause(ctx context.Context, d time.Duration) error {
	left := time.Until(w.deadline)
	timer := time.NewTimer(min(d, left))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return contextError(ctx)
	case <-timer.C:
	}
	if left <= d {
		return ErrExpired
	}
	return nil
}

// end makes the error of a wait; nil stays nil.
func (w *wait) end(err error) error {
	if err == nil {
		return nil
	}
	return &WaitError{ID: w.id, Last: w.last, Polls: w.polls, Elapsed: time.Since(w.start), Err: err}
}
