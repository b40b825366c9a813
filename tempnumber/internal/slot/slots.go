package slot

import (
	"slices"
	"time"
)

// Slots is the slot rule as plain data: which of n slots are taken, until when, and
// whether the server asked for a pause. It has no clock, no lock and no callers; the
// moments that it is given count from any beginning, and must not go back. A [Queue]
// decides by one for the callers of a process, and programs that share a key each
// decide by one that they fill from what all of them have written down.
type Slots struct {
	n       int           // slots there are
	reserve int           // of them, left to the foreground
	hold    time.Duration // W + ε
	linger  time.Duration

	free   int             // below zero while others hold more than there are
	back   []time.Duration // when slots that were given back are free again, ascending
	leases []lease         // slots in flight that come back by themselves, by their end
	opens  time.Duration   // no slot is granted before, whatever was given back
	pause  pauseState
}

// lease is a slot whose holder may die without giving it back.
type lease struct {
	id    uint64
	until time.Duration
}

// NewSlots returns the rule for n requests in any window of the given length. All slots
// are free. An n below 1 counts as 1, a negative window as 0.
func NewSlots(n int, window time.Duration, opts ...Option) *Slots {
	n, window = max(n, 1), max(window, 0)
	s := &Slots{
		n:       n,
		reserve: n / 10,
		hold:    window + window/1000,
		linger:  Linger,
		free:    n,
		back:    make([]time.Duration, 0, n),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.reserve = min(max(s.reserve, 0), n-1)
	return s
}

// Reclaim frees the slots whose time has come.
func (s *Slots) Reclaim(now time.Duration) {
	due := 0
	for due < len(s.back) && s.back[due] <= now {
		due++
	}
	s.back = slices.Delete(s.back, 0, due)
	s.free += due
	for len(s.leases) > 0 && s.leases[0].until <= now {
		if s.pause.probe == s.leases[0].id {
			s.pause.probed(NoAnswer)
		}
		s.leases = slices.Delete(s.leases, 0, 1)
		s.free++
	}
}

// Grants reports whether a caller may have a slot now that has to leave so many free:
// those of others that go before it, and the reserve. During a pause only one may go.
func (s *Slots) Grants(leaves int, now time.Duration) bool {
	return s.free > leaves && now >= s.opens && (!s.pause.closed || s.pause.probe == 0 && now >= s.pause.until)
}

// Probing reports whether one caller has to go alone, because the server asked for a pause.
func (s *Slots) Probing() bool { return s.pause.closed }

// Take takes a slot until Return. ids are above zero, and no two slots have the same.
func (s *Slots) Take(id uint64) {
	s.free--
	if s.pause.closed && s.pause.probe == 0 {
		s.pause.probe = id
	}
}

// Lease takes a slot until Return, or until so long after now that its request cannot
// be on its way any more, and a window after that. A lease that there is already stays.
func (s *Slots) Lease(id uint64, now, d time.Duration) {
	if slices.ContainsFunc(s.leases, func(l lease) bool { return l.id == id }) {
		return
	}
	s.Take(id)
	l := lease{id, now + d + s.hold}
	at, _ := slices.BinarySearchFunc(s.leases, l, func(a, b lease) int { return int(min(max(a.until-b.until, -1), 1)) })
	s.leases = slices.Insert(s.leases, at, l)
}

// Return gives a slot back that was taken by Take.
func (s *Slots) Return(id uint64, outcome Outcome, now time.Duration) {
	switch outcome {
	case NotSent:
		s.free++
	case Answered:
		s.holdUntil(now + s.hold)
	default:
		s.holdUntil(now + s.hold + s.linger)
	}
	if s.pause.probe == id {
		s.pause.probed(outcome)
	}
}

// ReturnLease gives a slot back that was taken by Lease. One that has come back already
// stays as it is.
func (s *Slots) ReturnLease(id uint64, outcome Outcome, now time.Duration) {
	at := slices.IndexFunc(s.leases, func(l lease) bool { return l.id == id })
	if at < 0 {
		return
	}
	s.leases = slices.Delete(s.leases, at, at+1)
	s.Return(id, outcome, now)
}

// holdUntil inserts a moment so that all stay ascending. Only slots that linger
// stand behind it, so the search from the end is short.
func (s *Slots) holdUntil(at time.Duration) {
	i := len(s.back)
	for i > 0 && s.back[i-1] > at {
		i--
	}
	s.back = slices.Insert(s.back, i, at)
}

// Pause closes for d, cut to 0 … [MaxPause].
func (s *Slots) Pause(now, d time.Duration) { s.pause.close(now + min(max(d, 0), MaxPause)) }

// Close grants nothing for d and a window, because what was held is not known.
func (s *Slots) Close(now, d time.Duration) { s.opens = max(s.opens, now+d+s.hold) }

// Next returns when a slot is granted to a caller with so many before it if nothing
// else happens. It is false while that takes an answer to a request in flight; leases
// end by themselves.
func (s *Slots) Next(ahead int, now time.Duration) (at time.Duration, ok bool) {
	if s.pause.probe != 0 {
		return 0, false
	}
	missing := ahead + 1 - s.free
	at = now
	switch {
	case missing <= 0:
	case len(s.leases) == 0:
		if missing > len(s.back) {
			return 0, false
		}
		at = s.back[missing-1]
	case missing > len(s.back)+len(s.leases):
		return 0, false
	default:
		at = s.merged(missing - 1)
	}
	return max(at, s.pause.until, s.opens), true
}

// merged returns when the slot i comes back, of those given back and the leases.
func (s *Slots) merged(i int) time.Duration {
	b, l := 0, 0
	for {
		var at time.Duration
		if l == len(s.leases) || b < len(s.back) && s.back[b] <= s.leases[l].until {
			at, b = s.back[b], b+1
		} else {
			at, l = s.leases[l].until, l+1
		}
		if i == 0 {
			return at
		}
		i--
	}
}

// Free returns how many slots are free now, whoever may take them.
func (s *Slots) Free() int { return s.free }

// Reserve returns how many slots a background caller has to leave free.
func (s *Slots) Reserve() int { return s.reserve }

// Paused returns until when the slots are closed, by a pause or because what was held is not known.
func (s *Slots) Paused() time.Duration { return max(s.pause.until, s.opens) }

// earliest returns the soonest moment at which a caller gets its slot when k other
// slots have to come before. It takes all calls in flight as answered now, and
// those to come as answered when they are sent.
//
// With all n slots in the order in which they come, the n+1st to come is the
// first one again, W + ε later, and so on round and round. A slot that lingers
// may come after the first has come twice; to count it as if it came with the
// first keeps the order and errs to the early side.
func (s *Slots) earliest(k int, now time.Duration) time.Duration {
	at := min(s.comes(k%s.n, now), s.comes(0, now)+s.hold)
	return max(at, s.pause.until, s.opens) + time.Duration(k/s.n)*s.hold
}

// comes returns when slot i comes, in the order of coming: the free ones first, then
// the held ones. Those in flight count as given back now.
func (s *Slots) comes(i int, now time.Duration) time.Duration {
	if i < s.free {
		return now
	}
	i -= s.free
	answeredNow := now + s.hold
	if i < len(s.back) && s.back[i] <= answeredNow {
		return s.back[i]
	}
	inFlight := s.n - s.free - len(s.back)
	if i -= inFlight; i >= 0 && s.back[i] > answeredNow {
		return s.back[i]
	}
	return answeredNow
}

// Hold takes a slot that was given back elsewhere, until d and a window after now.
func (s *Slots) Hold(now, d time.Duration) {
	s.free--
	s.holdUntil(now + d + s.hold)
}

// Window returns W + ε.
func (s *Slots) Window() time.Duration { return s.hold }

// Taken returns how the slots stand at a moment, in durations from then on, a window less:
// leases by their ids, slots that were given back, and the closing. pause is below zero
// when there is none, and has no window taken off.
func (s *Slots) Taken(now time.Duration) (leases map[uint64]time.Duration, back []time.Duration, closed, pause time.Duration) {
	leases = make(map[uint64]time.Duration, len(s.leases))
	for _, l := range s.leases {
		leases[l.id] = l.until - s.hold - now
	}
	for _, at := range s.back {
		back = append(back, at-s.hold-now)
	}
	pause = -1
	if s.pause.closed {
		pause = max(s.pause.until-now, 0)
	}
	return leases, back, s.opens - s.hold - now, pause
}
