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

// WaitSMS waits for the SMS of an activation and gives the activation with its
// Message and Code. It looks at once, and then as often as the rate limits allow
// for all waits of the client together. It returns nil and a *WaitError when
//   - the context ends: errors.Is with context.Canceled or context.DeadlineExceeded;
//   - the number expires, by the service's own times: ErrExpired;
//   - the activation is refunded, or fails: ErrRefunded, ErrActivationFailed;
//   - the service says that waiting is pointless: ErrUnauthorized, ErrAccountOnHold, ErrNotFound, ErrGone;
//   - OnUpdate gives an error: that error.
//
// Passing failures, of the network or the service, do not end a wait. Thousands
// of waits cost one goroutine of the client besides the callers' own.
func (c *Client) WaitSMS(ctx context.Context, id ActivationID, opts ...WaitOption) (*Activation, error) {
	options, err := waitOptionsOf(id, opts)
	if err != nil {
		return nil, err
	}
	return c.wait(ctx, id, options)
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
		if a, err = c.wait(ctx, a.ID, waitOptions{forNumber: true}); err != nil {
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

// wait rides on the client's poller until the wait has ended. Whatever calls the
// program's code, OnUpdate and the log, happens here, on the goroutine that waits.
func (c *Client) wait(ctx context.Context, id ActivationID, options waitOptions) (*Activation, error) {
	w := newWait(id, options)
	c.road.log.DebugContext(ctx, "tempnumber: a wait begins", "activation", id)
	a, err := c.ride(ctx, w)
	last := c.poller.collect(w)
	c.road.log.DebugContext(ctx, "tempnumber: a wait ends", "activation", id, "polls", last.polls, "elapsed", time.Since(w.start), "success", err == nil)
	if err != nil {
		return nil, last.failure(err)
	}
	return a, nil
}

// ride gives what is waited for, or why the wait ended without it.
func (c *Client) ride(ctx context.Context, w *wait) (*Activation, error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	c.ledger.named(w.id, true)
	c.poller.join(w)
	defer c.poller.leave(w)
	for {
		select {
		case <-w.news:
		case <-ctx.Done():
		}
		seen := c.poller.collect(w)
		found := seen.done && seen.err == nil // which goes before an ended context
		if ctx.Err() != nil && !found {
			return nil, contextError(ctx)
		}
		for _, a := range seen.updates {
			c.road.log.DebugContext(ctx, "tempnumber: a wait sees a new status", "activation", a)
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

// numberLifetime bounds a wait for a number whose expiry the service did not
// tell: numbers live up to 20 minutes.
const numberLifetime = 20 * time.Minute

// wait is what is known of one wait. The poller feeds it, the goroutine that
// waits takes out what came; the poller's lock guards it.
type wait struct {
	id       ActivationID
	options  waitOptions
	start    time.Time
	deadline time.Time // of the number, on the local monotonic clock
	asOf     time.Time // when the newest look that was taken in was sent
	last     *Activation
	polls    int
	moved    bool          // the activation was seen without an SMS, so the next one is new
	updates  []*Activation // changes of the status that the goroutine has not taken out yet
	done     bool
	err      error         // why it ended without an SMS
	news     chan struct{} // holds one token when there is something to take out
}

func newWait(id ActivationID, options waitOptions) *wait {
	now := time.Now()
	return &wait{
		id: id, options: options,
		start: now, asOf: now, deadline: now.Add(numberLifetime),
		news: make(chan struct{}, 1),
	}
}

// tell wakes the goroutine that waits.
func (w *wait) tell() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// finish ends the wait, with an SMS when err is nil. What has ended stays as it is.
func (w *wait) finish(err error) {
	if w.done {
		return
	}
	w.done, w.err = true, err
	w.tell()
}

// see takes in what a look found that was sent at the given moment. Looks may be
// answered in another order than they were sent; the past is not news.
func (w *wait) see(a *Activation, sent time.Time) {
	if w.done || sent.Before(w.asOf) {
		return
	}
	w.polls++
	w.asOf = sent
	changed := w.last == nil || w.last.Status != a.Status
	w.last = a
	if !a.ExpiresAt.IsZero() && !a.ServerTime.IsZero() {
		w.deadline = time.Now().Add(a.Remaining())
	}
	if changed {
		w.updates = append(w.updates, a)
		w.tell()
	}
	switch {
	case w.options.forNumber && !a.Phone.IsZero():
		w.finish(nil)
	case a.Status.HasSMS() && w.isNew(a):
		w.finish(nil)
	case a.Status == StatusRefunded && !a.ExpiresAt.IsZero() && a.Remaining() == 0:
		w.finish(fmt.Errorf("%w: %w", ErrExpired, ErrRefunded)) // the ordinary end, seen before the local clock told
	case a.Status == StatusRefunded:
		w.finish(ErrRefunded)
	case a.Status.Terminal():
		w.finish(ErrActivationFailed)
	}
	if !a.Status.HasSMS() {
		w.moved = true
	}
}

// fail takes in that a look failed. Most failures pass.
func (w *wait) fail(err error) {
	if w.done {
		return
	}
	w.polls++
	for _, final := range []error{ErrUnauthorized, ErrAccountOnHold, ErrNotFound, ErrGone, ErrInvalidInput} {
		if errors.Is(err, final) {
			w.finish(err)
			return
		}
	}
}

// isNew tells whether the SMS of a is not the one of After. The same text may
// come twice, so a change of the state counts as well.
func (w *wait) isNew(a *Activation) bool {
	prev := w.options.after
	return prev == nil || w.moved || a.Message != prev.Message || a.Code != prev.Code ||
		a.Status != prev.Status && a.Status != StatusServiceConsumed
}

// failure makes the error of a wait.
func (w *wait) failure(err error) error {
	return &WaitError{ID: w.id, Last: w.last, Polls: w.polls, Elapsed: time.Since(w.start), Err: err}
}
