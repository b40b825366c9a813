package slot

import "time"

// State is what a [Queue] looked like at one moment.
type State struct {
	// Free slots, whoever may take them.
	Free int
	// Background is how many slots background callers would be granted now,
	// without waiting.
	Background int
	// NextBackground is the time until a background caller that came now would
	// be granted a slot, at the soonest; 0 means now.
	NextBackground time.Duration
	// Waiting callers, in the foreground and in the background.
	Waiting int
	// Paused is how much longer a pause keeps the queue closed.
	Paused time.Duration
}

// State returns what the queue looks like now. It may have changed by the time
// the caller reads it.
func (q *Queue) State() State {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	q.slots.Reclaim(now)
	s := State{
		Free:           q.slots.free,
		NextBackground: q.slots.earliest(q.ahead(&q.background)+q.background.len, now) - now,
		Waiting:        q.foreground.len + q.background.len,
		Paused:         max(q.slots.Paused()-now, 0),
	}
	if q.foreground.len+q.background.len == 0 && q.slots.Grants(q.leaves(true), now) {
		s.Background = q.slots.free - q.slots.reserve
		if q.slots.pause.closed {
			s.Background = 1 // the probe
		}
	}
	return s
}
