package slot

import "time"

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
	// SendBy is when the request has to be on its way: later the slot is no longer good for
	// it. It is zero where that does not matter.
	SendBy   time.Time
	queue    *Queue
	id       uint64
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
	q.giveBack(s, outcome, q.now())
	q.mu.Unlock()
	if q.share != nil {
		q.share.Flush()
	}
}

func (q *Queue) giveBack(s *Slot, outcome Outcome, now time.Duration) {
	if s.released {
		return
	}
	s.released = true
	if q.share != nil {
		q.share.Return(s.id, outcome)
		return
	}
	q.slots.Return(s.id, outcome, now)
	if q.alarm.set || q.foreground.len+q.background.len > 0 {
		q.dispatch(now)
	}
}
