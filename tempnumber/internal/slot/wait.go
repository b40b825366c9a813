package slot

import (
	"context"
	"fmt"
	"math"
	"time"
)

// LateError is the error of a caller whose slot could not come before its
// deadline. It unwraps to [context.DeadlineExceeded].
type LateError struct {
	// Wait is the time from the failure until the slot could have come: as if
	// all calls in flight were answered that moment, and those before the
	// caller as soon as they are sent. It may take longer.
	Wait time.Duration
}

func (e *LateError) Error() string {
	return fmt.Sprintf("no free slot for at least %v, which is past the deadline", e.Wait)
}

func (e *LateError) Unwrap() error { return context.DeadlineExceeded }

const never = time.Duration(math.MaxInt64)

// enqueue puts a caller at the end of its line, unless that is too late for it.
func (q *Queue) enqueue(ctx context.Context, background bool, now time.Duration) (*waiter, error) {
	w := &waiter{background: background, deadline: never}
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline); left < never-now {
			w.deadline = now + left
		}
	}
	line := q.line(background)
	if at := q.earliest(q.ahead(line)+line.len, now); at >= w.deadline {
		return nil, &LateError{Wait: at - now}
	}
	w.settled = make(chan struct{})
	line.push(w)
	if !background {
		q.turnAway(&q.background, now)
	}
	q.schedule(now)
	return w, nil
}

// abandon takes a caller out whose context has ended. If it was granted a slot
// in the same moment, the slot goes back unused.
func (q *Queue) abandon(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	if w.line != nil {
		w.line.remove(w)
		q.schedule(now) // another may be first now; nobody is worse off
	} else if w.slot != nil {
		q.release(w.slot, NotSent, now)
	}
}

// dismiss takes a caller out of its line and lets it go on.
func (w *waiter) dismiss() {
	w.line.remove(w)
	close(w.settled)
}

// turnAway dismisses everyone in a line whose slot is known to come too late.
func (q *Queue) turnAway(l *line, now time.Duration) {
	ahead := q.ahead(l)
	for w := l.first; w != nil; w = w.next {
		if at := q.earliest(ahead, now); at >= w.deadline {
			w.err = &LateError{Wait: at - now}
			w.dismiss()
		} else {
			ahead++
		}
	}
}

func (q *Queue) line(background bool) *line {
	if background {
		return &q.background
	}
	return &q.foreground
}

// head is who gets the next slot, or nil.
func (q *Queue) head() *waiter {
	if q.foreground.first != nil {
		return q.foreground.first
	}
	return q.background.first
}

// ahead is the number of slots that have to come before one comes to a line.
func (q *Queue) ahead(l *line) int {
	if l == &q.background {
		return q.foreground.len + q.reserve
	}
	return 0
}

// earliest is the soonest moment at which a caller gets its slot when k other
// slots have to come before: with all calls in flight answered now, and those to
// come answered as soon as they are sent.
//
// With all n slots in the order in which they come, the n+1st to come is the
// first one again, W + ε later, and so on round and round. A slot that lingers
// may come after the first has come twice; to count it as if it came with the
// first keeps the order and errs to the early side.
func (q *Queue) earliest(k int, now time.Duration) time.Duration {
	at := min(q.comes(k%q.n, now), q.comes(0, now)+q.hold)
	return max(at, q.closure.until) + time.Duration(k/q.n)*q.hold
}

// comes is when slot i comes, in the order of coming: first the free ones, then
// those that are held, among which the ones in flight would be given back now.
func (q *Queue) comes(i int, now time.Duration) time.Duration {
	if i < q.free {
		return now
	}
	i -= q.free
	answeredNow := now + q.hold
	if i < len(q.back) && q.back[i] <= answeredNow {
		return q.back[i]
	}
	inFlight := q.n - q.free - len(q.back)
	if i -= inFlight; i >= 0 && q.back[i] > answeredNow {
		return q.back[i]
	}
	return answeredNow
}
