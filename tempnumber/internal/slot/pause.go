package slot

import "time"

// MaxPause is the longest time that one [Queue.Pause] closes a queue. A server
// that means more says so again to the probe, at the price of one request every
// five minutes; a header that is absurd, or a clock that is wrong, costs no more
// than that either.
const MaxPause = 5 * time.Minute

// Pause closes the queue because the server asked for it: nobody is granted a slot
// for d, which is cut to 0 … [MaxPause]. Then one caller goes as a probe. The others
// follow when the probe is answered and no further pause came. Slots that are
// already taken stay taken. A pause never shortens an earlier one.
func (q *Queue) Pause(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.share != nil {
		q.share.Pause(d)
		return
	}
	now := q.now()
	q.slots.Pause(now, d)
	q.dispatch(now)
}

// pauseState is what a queue knows about the pauses that the server asked for.
type pauseState struct {
	closed bool
	until  time.Duration // no probe before
	probe  uint64        // the slot of the one on its way, or 0
}

func (p *pauseState) close(until time.Duration) {
	p.closed = true
	p.until = max(p.until, until)
	p.probe = 0 // its answer is older than this pause
}

// probed opens the queue when the probe was answered. When it was not, the next caller becomes the probe.
func (p *pauseState) probed(outcome Outcome) {
	p.probe = 0
	if outcome == Answered {
		p.closed = false
	}
}
