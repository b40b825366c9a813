package slot

import "time"

// waiter is a caller in line. Its slot or its error is set before settled is
// closed, both under the queue's lock.
type waiter struct {
	background bool
	deadline   time.Duration // never without one
	settled    chan struct{}
	slot       *Slot
	err        error

	line       *line // nil once it is out of the line
	prev, next *waiter
}

// line is a list of waiters, first come first.
type line struct {
	first, last *waiter
	len         int
}

func (l *line) push(w *waiter) {
	w.line, w.prev = l, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	l.len++
}

// remove takes a waiter out, wherever it stands. Its next stays, for whoever
// walks along the line.
func (l *line) remove(w *waiter) {
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
	w.line = nil
	l.len--
}
