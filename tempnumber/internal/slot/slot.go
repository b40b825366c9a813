package slot

import (
	"slices"
	"time"
)

// Outcome is what became of the request that a slot was taken for.
type Outcome int

const (
	// NotSent says that no byte of the request can have reached the server (it
	// was refused before it was sent, or no connection came about). The slot is
	// free at once.
	NotSent Outcome = iota + 1
	// Answered says that the first byte of an answer is here, whatever the answer
	// says. The slot is free again after W + ε.
	Answered
	// NoAnswer says that the request may have reached the server, or may still
	// reach it (a timeout, a reset, a call cancelled in flight). The slot is free again
	// after W + ε and the linger time.
	NoAnswer
)

// Slot is the right to send one request.
type Slot struct {
	queue    *Queue
	released bool // guarded by queue.mu
}

// Release returns the slot to its queue. Call it once, as soon as the outcome is
// known; later calls do nothing. An outcome that is none of the constants counts
// as [NoAnswer], which holds the slot longest.
//
// When the answer asked for a pause, call [Queue.Pause] before Release: an answered
// probe opens the queue.
func (s *Slot) Release(outcome Outcome) {
	q := s.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(s, outcome, q.now())
}

func (q *Queue) release(s *Slot, outcome Outcome, now time.Duration) {
	if s.released {
		return
	}
	s.released = true
	switch outcome {
	case NotSent:
		q.free++
	case Answered:
		q.holdUntil(now + q.hold)
	default:
		q.holdUntil(now + q.hold + q.linger)
	}
	if q.pause.probe == s {
		q.pause.probed(outcome)
	}
	if q.alarm.set || q.foreground.len+q.background.len > 0 {
		q.dispatch(now)
	}
}

// holdUntil inserts a moment so that all stay ascending. Only slots that linger
// stand behind it, so the search from the end is short.
func (q *Queue) holdUntil(at time.Duration) {
	i := len(q.back)
	for i > 0 && q.back[i-1] > at {
		i--
	}
	q.back = slices.Insert(q.back, i, at)
}
