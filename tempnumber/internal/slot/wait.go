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

// enqueue puts a caller at the end of its list. It fails when the slot would come after the deadline.
func (q *Queue) enqueue(ctx context.Context, background bool, now time.Duration) (*waiter, error) {
	w := &waiter{background: background, deadline: never}
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline); left < never-now {
			w.deadline = now + left
		}
	}
	list := q.listOf(background)
	if at := q.slots.earliest(q.ahead(list)+list.len, now); at >= w.deadline {
		return nil, &LateError{Wait: at - now}
	}
	w.ready = make(chan struct{})
	list.push(w)
	if !background {
		q.expireLate(&q.background, now)
	}
	q.schedule(now)
	return w, nil
}

// abandon removes a caller whose context has ended, and returns its error. A slot that it was granted in
// the same moment goes back unused.
func (q *Queue) abandon(w *waiter, ended error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	if w.list != nil {
		w.list.remove(w)
		q.schedule(now) // another may be first now; nobody is worse off
	} else if w.slot != nil {
		q.giveBack(w.slot, NotSent, now)
	}
	if q.share == nil {
		return ended
	}
	q.share.Wake()
	return q.share.Ended(ended)
}

// dismiss removes a caller from its list and wakes it.
func (w *waiter) dismiss() {
	w.list.remove(w)
	close(w.ready)
}

// expireLate dismisses everyone in a list whose slot is known to come after the deadline.
func (q *Queue) expireLate(l *waitList, now time.Duration) {
	ahead := q.ahead(l)
	for w := l.first; w != nil; w = w.next {
		if at := q.slots.earliest(ahead, now); at >= w.deadline {
			w.err = &LateError{Wait: at - now}
			if q.share != nil {
				w.err = q.share.Ended(w.err)
			}
			w.dismiss()
		} else {
			ahead++
		}
	}
}

func (q *Queue) listOf(background bool) *waitList {
	if background {
		return &q.background
	}
	return &q.foreground
}

// head returns the caller that gets the next slot, or nil.
func (q *Queue) head() *waiter {
	if q.foreground.first != nil {
		return q.foreground.first
	}
	return q.background.first
}

// ahead returns how many slots have to come before the first caller of a list gets one.
func (q *Queue) ahead(l *waitList) int {
	ahead := q.leaves(l == &q.background)
	if l == &q.background {
		ahead += q.foreground.len
	}
	return ahead
}
