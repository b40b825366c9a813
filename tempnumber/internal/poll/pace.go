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

// minInterval is the pace of the whole budget, the fastest there is.
func (b Budget) minInterval() time.Duration { return b.Window / time.Duration(max(1, b.Requests)) }

// sustainedInterval is the pace that can be kept for ever.
func (b Budget) sustainedInterval() time.Duration { return b.Window / time.Duration(b.share()) }

// pace spreads the looks of a kind in time; they never go in a burst. After a
// rest they go at the minInterval pace, because the SMS for a number that was just ordered
// comes soon or not at all. When the share of a window is all but spent, they go at
// the sustainedInterval pace.
type pace struct {
	budget     Budget
	spent      []spending // looks that are still paid for, in the order in which they were decided on
	queued     bool       // the newest has yet to get its slot
	idleSince  time.Time  // what a first look would show is known since then; zero when it is not
	burstFirst bool       // the next look keeps no distance, while half of the share is left
}

// spending is one look: when it was decided on, when it was sent, and until when
// it is paid for.
type spending struct{ decided, sent, back time.Time }

// allButSpent is how many looks are left when the pace becomes sustainedInterval: enough
// that the slowest round trips do not make it minInterval again.
const allButSpent = 3

// due says when the next look may be sent.
func (p *pace) due(now time.Time) time.Time {
	p.spent = slices.DeleteFunc(p.spent, func(s spending) bool { return !now.Before(s.back) })
	gap, n := p.budget.minInterval(), len(p.spent)
	if n == 0 {
		return p.idleSince.Add(gap)
	}
	if p.burstFirst && n < p.budget.share()/2 {
		return now
	}
	if n >= p.budget.share()-allButSpent {
		gap = p.budget.sustainedInterval()
	}
	due := p.spent[n-1].sent.Add(gap)
	if n >= p.budget.share() {
		first := slices.MinFunc(p.spent, func(a, b spending) int { return a.back.Compare(b.back) })
		due = later(due, first.back)
	}
	return due
}

// spend decides on a look. It is taken as sent until it is granted.
func (p *pace) spend(now time.Time) {
	p.spent = append(p.spent, spending{now, now, now.Add(p.hold())})
	p.queued, p.burstFirst = true, false
}

// granted sends the look that was decided on at the given time.
func (p *pace) granted(decided, now time.Time) {
	p.queued = false
	if s := p.find(decided); s != nil {
		s.sent, s.back = now, now.Add(p.hold())
	}
}

// ended moves the end of what a look costs to a window after its answer, which
// is what a limiter that knows no more than that has to assume.
func (p *pace) ended(decided, now time.Time) {
	if s := p.find(decided); s != nil {
		s.back = now.Add(p.hold())
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

// hold is a window and what clocks may run apart meanwhile.
func (p *pace) hold() time.Duration { return p.budget.Window + p.budget.Window/1000 }
