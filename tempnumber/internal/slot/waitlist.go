package slot

import "time"

// waiter is a caller in a list. Its slot or its error is set before ready is
// closed, both under the queue's lock.
type waiter struct {
	background bool
	deadline   time.Duration // never without one
	ready      chan struct{}
	slot       *Slot
	err        error

	list       *waitList // nil once it has left its list
	prev, next *waiter
}

// waitList is a list of waiters, first come first.
type waitList struct {
	first, last *waiter
	len         int
}

func (l *waitList) push(w *waiter) {
	w.list, w.prev = l, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	l.len++
}

// remove takes a waiter out of the list. Its next pointer stays, so that a loop
// over the list can remove the waiter it stands at.
func (l *waitList) remove(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.list = nil
	l.len--
}
