package share

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// exchangeTime is how long one call of the log may take.
	exchangeTime = 5 * time.Second
	// slotPatience is how long the log may fail until those who wait for a slot are told,
	// lookPatience until waits are.
	slotPatience, lookPatience = 5 * time.Second, 30 * time.Second
	// slowAnswer is how long the log may take until that is the reason why a call has ended.
	slowAnswer = 250 * time.Millisecond
)

// failure is what a hub knows of the log's failing.
type failure struct {
	failing time.Duration // since when the log fails, below zero while it does not
	failed  time.Duration // when it has last failed
	err     error
	unsaid  bool          // and it is appends that fail: that it can be read changes nothing
	reread  bool          // it has failed since it was read, so what was to be appended may be there
	asked   time.Duration // since when it owes an answer, below zero for none
}

// UnreachableError says that the log cannot be reached, so nothing was sent.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("not sent: the log that programs share the key by cannot be reached: %v", e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// unreachable returns what is wrong with the log, nil for nothing. h.mu is held.
func (h *Hub) unreachable() *UnreachableError {
	if h.failing >= 0 && h.now()-h.failed < slotPatience {
		return &UnreachableError{h.err}
	}
	if owes := h.now() - h.asked; h.asked >= 0 && owes >= slowAnswer {
		return &UnreachableError{fmt.Errorf("it has not answered for %v", owes.Round(10*time.Millisecond))}
	}
	return nil
}

// overdueError says that the log has not answered in time. It matches no error of a context: callers would take it for
// the end of their own.
type overdueError struct{ err error }

func (e *overdueError) Error() string {
	return fmt.Sprintf("it has not answered within %v: %v", exchangeTime, e.err)
}

// Is matches what the log's own error does.
func (e *overdueError) Is(target error) bool {
	return target != context.DeadlineExceeded && target != context.Canceled && errors.Is(e.err, target)
}

// ended returns the error of a caller whose context has ended.
func (h *Hub) ended(err error) error {
	if why := h.unreachable(); why != nil {
		return errors.Join(why, err)
	}
	return err
}

// works takes in that the log does not fail.
func (h *Hub) works() { h.failing, h.unsaid, h.err = -1, false, nil }

// fails takes in that the log failed.
func (h *Hub) fails(err error, read bool, before, after time.Duration) (wait time.Duration) {
	h.mu.Lock()
	if h.failing < 0 || before-h.failed >= slotPatience { // long ago is another failure
		h.failing = before
	}
	h.failed, h.err, h.reread, h.unsaid = after, err, true, h.unsaid || !read
	failing := after - h.failing
	if failing >= slotPatience {
		h.tellReaders(err)
		h.failOrders(&UnreachableError{err})
		waiting := len(h.waits)
		for _, q := range h.queues {
			waiting += q.WaitingLocked()
			q.FailLocked(&UnreachableError{err})
		}
		if waiting == 0 {
			h.outbox = nil // leases end by themselves
		}
	}
	tell := failing >= lookPatience && len(h.waits) > 0
	h.mu.Unlock()
	if tell {
		h.Follower.Unreachable(&UnreachableError{err})
	}
	return min(max(failing/4, 20*time.Millisecond), time.Second)
}
