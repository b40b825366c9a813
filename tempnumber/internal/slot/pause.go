package slot

import "time"

// MaxPause is the longest time that one [Queue.Pause] closes a queue. A server
// that means more says so again to the probe, at the price of one request every
// five minutes; a header that is absurd, or a clock that is wrong, costs no more
// than that either.
const MaxPause = 5 * time.Minute

// Pause closes the queue because the server said so: nobody is granted a slot
// for d, which is cut to 0 … [MaxPause]. After that one caller goes, as a probe,
// and the others follow once the probe is answered and no further pause came.
// Slots that are already taken stay so. A pause never shortens an earlier one.
func (q *Queue) Pause(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	q.closure.close(now + min(max(d, 0), MaxPause))
	q.settle(now)
}

// closure is the part of a queue's state that pauses are about.
type closure struct {
	closed bool
	until  time.Duration // no probe before
	probe  *Slot         // the one on its way, or nil
}

func (c *closure) close(until time.Duration) {
	c.closed = true
	c.until = max(c.until, until)
	c.probe = nil // whatever its answer is, the news of the pause is newer
}

// lets tells whether a slot may be granted now, as far as pauses go.
func (c *closure) lets(now time.Duration) bool {
	return !c.closed || c.probe == nil && now >= c.until
}

// granted makes a slot that was granted in a closed queue the probe.
func (c *closure) granted(s *Slot) {
	if c.closed {
		c.probe = s
	}
}

// released opens the queue when the probe was answered. A probe that was not
// has told nothing, and the next caller becomes the probe.
func (c *closure) released(s *Slot, outcome Outcome) {
	if c.probe != s {
		return
	}
	c.probe = nil
	if outcome == Answered {
		c.closed = false
	}
}
