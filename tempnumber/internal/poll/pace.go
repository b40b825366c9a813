package poll

import (
	"slices"
	"time"
)

// Budget is how many looks of a kind may be sent: so many requests in any
// window, of which a reserve is left to others.
type Budget struct {
	Requests int
	Window   time.Duration
	Reserve  int
}

// share is how many looks may be sent in a window.
func (b Budget) share() int { return max(1, b.Requests-b.Reserve) }

// minInterval is the time between looks at the pace of the whole budget, the fastest there is.
func (b Budget) minInterval() time.Duration { return b.Window / time.Duration(max(1, b.Requests)) }

// sustainedInterval is the time between looks at the pace that can be kept for ever.
func (b Budget) sustainedInterval() time.Duration { return b.Window / time.Duration(b.share()) }

// hold is how long a look counts after its answer: a window, and what clocks may
// run apart meanwhile.
func (b Budget) hold() time.Duration { return b.Window + b.Window/1000 }

// pace distributes the looks of a kind in time. There are two ways:
//
//   - Even, for few waits: what is left is spread over the time until more comes
//     back, so that there is no hole. What is to spare beyond that goes early, because
//     the SMS for a new number comes soon or not at all.
//   - Otherwise looks go at the smallest interval, and at the sustained one when the
//     share of a window is all but spent. Many waits gain more by this: most of what
//     they see comes by lists, and many SMS come early.
type pace struct {
	budget     Budget
	spent      []spending // looks that still count, in the order in which they were decided on
	queued     bool       // the newest has yet to get its slot
	idleSince  time.Time  // what a first look would show is known since then; zero when it is not
	burstFirst bool       // the next look keeps no distance, while half of the share is left
}

// spending is one look: when it was decided on, when it was sent, and until when
// it counts.
type spending struct{ decided, sent, back time.Time }

const (
	// allButSpent is how many looks are left when the pace becomes sustained.
	allButSpent = 1
	// evenly is the interval of the even pace, in sustained intervals: what is
	// between is the room for round trips.
	evenly = 1.2
	// spareTime is the part of a window in which about two thirds of what is to spare are used.
	spareTime = 0.15
)

// due returns when the next look may be sent.
func (p *pace) due(now time.Time, even bool) time.Time {
	backs := make([]time.Time, 0, 128)
	for _, s := range p.spent {
		if now.Before(s.back) {
			backs = append(backs, s.back)
		}
	}
	n := len(backs)
	if n == 0 {
		return p.idleSince.Add(p.budget.minInterval())
	}
	if p.burstFirst && n < p.budget.share()/2 {
		return now
	}
	left := p.budget.share() - n
	gap := p.budget.minInterval()
	switch {
	case even:
		gap = p.evenGap(now, backs)
	case left <= allButSpent:
		gap = p.budget.sustainedInterval()
	}
	due := p.spent[len(p.spent)-1].sent.Add(gap)
	if left <= 0 {
		due = later(due, slices.MinFunc(backs, time.Time.Compare))
	}
	return due
}

// evenGap returns the time between looks that spreads what is left. backs is when
// more comes back.
func (p *pace) evenGap(now time.Time, backs []time.Time) time.Duration {
	slices.SortFunc(backs, time.Time.Compare)
	left := float64(p.budget.share() - len(backs))
	slow := 1 / (evenly * p.budget.sustainedInterval().Seconds())
	spare, lasts := left, slow
	for i, back := range backs {
		until := back.Sub(now).Seconds()
		spare = min(spare, left+float64(i)-until*slow)
		if left+float64(i) > 0 { // without, there is none before more comes back
			lasts = min(lasts, (left+float64(i))/until)
		}
	}
	rate := lasts
	if spare > 0 {
		rate = slow + spare/(spareTime*p.budget.Window.Seconds())
	}
	return time.Duration(float64(time.Second) / rate)
}

// spend decides on a look. It is taken as sent until it is granted.
func (p *pace) spend(now time.Time) {
	p.spent = slices.DeleteFunc(p.spent, func(s spending) bool { return !now.Before(s.back) })
	p.spent = append(p.spent, spending{now, now, now.Add(p.budget.hold())})
	p.queued, p.burstFirst = true, false
}

// granted sends the look that was decided on at the given time.
func (p *pace) granted(decided, now time.Time) {
	p.queued = false
	if s := p.find(decided); s != nil {
		s.sent, s.back = now, now.Add(p.budget.hold())
	}
}

// ended moves the end of what a look costs to a window after its answer, which
// is what a limiter that knows no more than that has to assume.
func (p *pace) ended(decided, now time.Time) {
	if s := p.find(decided); s != nil {
		s.back = now.Add(p.budget.hold())
	}
}

func (p *pace) find(decided time.Time) *spending {
	for i := range p.spent {
		if p.spent[i].decided.Equal(decided) {
			return &p.spent[i]
		}
	}
	return nil
}
