package tempnumber

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// WaitError says that a wait ended without an SMS. The number is not lost by it:
// ID and Last say which it is, and WaitSMS takes the same id up again while the
// number lives.
type WaitError struct {
	ID      ActivationID
	Last    *Activation // as it was last seen; nil when it never was
	Polls   int         // how often it was looked at
	Elapsed time.Duration
	// Err is ErrExpired, ErrRefunded, ErrActivationFailed, ErrUnreachable, the
	// context's error, what OnUpdate or the caller's use of the number returned, or
	// the service's answer that makes waiting pointless.
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

// LogValue returns what may stand in a log: of the activation neither number, text nor code.
func (e WaitError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Int64("id", int64(e.ID)), slog.Int("polls", e.Polls), slog.Duration("elapsed", e.Elapsed)}
	if e.Last != nil {
		attrs = append(attrs, slog.String("status", string(e.Last.Status)))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Unwrap returns why the wait ended.
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
// Where RequestAnotherSMS was not called there is nothing to wait for: the log says
// so at once, and the error of the wait at its end.
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
// say: numbers live up to 20 minutes.
const numberLifetime = 20 * time.Minute

// wait is what is known of one wait. The poller feeds it, the goroutine that waits
// takes the news out; the poller's lock guards it.
type wait struct {
	id       ActivationID
	options  waitOptions
	start    time.Time
	deadline time.Time // of the number, on the local monotonic clock
	asOf     time.Time // when the newest look that was taken in was sent
	last     *Activation
	polls    int
	told     bool // the deadline is what the service said of this activation alone
	moved    bool // the activation was seen without an SMS, so the next one is new
	unasked  bool // it shows the SMS of After still: another was not asked for
	done     bool
	ending   error         // how the last answer said that the wait ends in vain, until another confirms it
	lastErr  error         // of the last look that failed
	updates  []*Activation // changes of the status that the goroutine has not taken out yet
	err      error         // why it ended without an SMS
	news     signal        // given when there is something to take out
}

func newWait(id ActivationID, options waitOptions) *wait {
	now := time.Now()
	return &wait{
		id: id, options: options,
		start: now, asOf: now, deadline: now.Add(numberLifetime),
		news: make(signal, 1),
	}
}

// special reports whether the wait itself has to say whether an SMS is the one.
func (w *wait) special() bool { return w.options.after != nil || w.options.forNumber }

// signal wakes the one goroutine that receives from it. Made with room for one.
type signal chan struct{}

func (s signal) give() {
	select {
	case s <- struct{}{}:
	default: // it is given already
	}
}

// finish ends the wait, with an SMS when err is nil. What has ended stays as it is.
func (w *wait) finish(err error) {
	if w.done {
		return
	}
	w.done, w.err = true, err
	w.news.give()
}

// see takes in what an answer shows of the activation. Answers may come in another
// order than they were asked for; what is older is ignored. It reports whether
// another look has to confirm what this one says.
func (w *wait) see(a *Activation, at sighting) (confirm bool) {
	if w.done || at.sent.Before(w.asOf) {
		return false
	}
	w.polls++
	w.asOf = at.sent
	changed := w.last == nil || w.last.Status != a.Status
	w.last = a
	deadline := w.deadline
	if !a.ExpiresAt.IsZero() && !a.ServerTime.IsZero() && !(at.list && w.told) {
		w.deadline, w.told = time.Now().Add(a.Remaining()), !at.list
	}
	if changed {
		w.updates = append(w.updates, a)
		w.news.give()
	}
	if !a.Status.HasSMS() && !at.list {
		w.moved = true
	}
	if unasked := a.Status.HasSMS() && !w.isNew(a) && !a.Status.Terminal(); unasked != w.unasked && !at.list {
		w.unasked = unasked
		w.news.give()
	}
	switch {
	case w.options.forNumber && !a.Phone.IsZero():
		w.finish(nil)
	case a.Status.HasSMS() && w.isNew(a):
		w.finish(nil)
	case a.Status == StatusRefunded && !a.ExpiresAt.IsZero() && a.Remaining() == 0:
		err := fmt.Errorf("%w: %w", ErrExpired, ErrRefunded) // the ordinary end
		if !time.Now().Before(deadline.Add(-clockSlack)) {
			w.finish(err)
		}
		return w.ends(err)
	case a.Status == StatusRefunded:
		return w.ends(ErrRefunded)
	case a.Status.Terminal():
		return w.ends(ErrActivationFailed)
	default:
		w.ending = nil
	}
	return false
}

// clockSlack is how much earlier than expected a number's time may be over: the
// service's times are whole seconds.
const clockSlack = 2 * time.Second

// ends takes in that an answer says that the wait ends in vain, and ends it if the
// answer before said the same. Otherwise it reports that another look has to confirm it.
func (w *wait) ends(err error) (confirm bool) {
	if w.ending == nil {
		w.ending = err
		return !w.done
	}
	w.finish(err)
	return false
}

// fail takes in that a look failed. Most failures pass. It reports whether another
// look has to confirm what this one says.
func (w *wait) fail(err error) (confirm bool) {
	if w.done {
		return false
	}
	w.polls++
	w.lastErr = err
	switch {
	case errors.Is(err, ErrUnauthorized), errors.Is(err, ErrAccountOnHold), errors.Is(err, ErrInvalidInput):
		w.finish(err)
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrGone):
		if !time.Now().Before(w.deadline) {
			err = fmt.Errorf("%w: %w", ErrExpired, err)
		}
		return w.ends(err)
	}
	return false
}

// expire ends the wait because the number's time is over.
func (w *wait) expire() {
	if w.last == nil && w.lastErr != nil {
		w.finish(w.unreachable())
		return
	}
	w.finish(ErrExpired)
}

func (w *wait) unreachable() error { return fmt.Errorf("%w: %w", ErrUnreachable, w.lastErr) }

// isNew reports whether the SMS of a is not the one of After. The same text may
// come twice, so a change of the state counts as well.
func (w *wait) isNew(a *Activation) bool {
	prev := w.options.after
	return prev == nil || w.moved || a.Message != prev.Message || a.Code != prev.Code ||
		a.Status != prev.Status && a.Status != StatusServiceConsumed
}

// failure returns the error of a wait.
func (w *wait) failure(err error) error {
	switch {
	case !w.done && w.last == nil && w.lastErr != nil: // the context ended
		err = fmt.Errorf("%w: %w", err, w.unreachable())
	case w.unasked:
		err = fmt.Errorf("it still shows the SMS of After; ask for another by RequestAnotherSMS first: %w", err)
	}
	return &WaitError{ID: w.id, Last: w.last, Polls: w.polls, Elapsed: time.Since(w.start), Err: err}
}
