// Package poll decides which activation to look at next, and when, so that any
// number of waits share the few requests that a service allows. It is policy and
// nothing else: it reads no clock, sends nothing and knows nothing of HTTP. The
// caller asks [Policy.Next] what to do, does it, and reports what it saw.
//
// There are two kinds of looks. A single look shows one activation. A list shows
// a page of the history, many activations at once, but there are fewer of them.
// Each kind has a [Budget] of its own, and both are paced: see pace.go.
//
//   - One wait has single looks alone, the first of them at once, unless these have
//     not shown it for a whole window of lists. From two waits on there are lists too.
//   - A list asks for the page with the largest sum of squared staleness over
//     the waits on it. Staleness is the time since a wait was last looked for. A page of
//     many wins over a page of few, and a page that was left alone wins in the end, so
//     that nobody starves as all but the newest do when only page 1 is read.
//   - A single look goes to the stalest wait, weighted by what it gains: the
//     time until the page of that wait would be listed anyway, or the time until single
//     looks would come round to it, which is about half its staleness.
//   - Where a list shows that there is an SMS but not its text, that is a hint, and
//     the next single look fetches the text.
//   - A wait that its page does not show stays with single looks. When lists show no
//     pending activation at all, they are no longer asked.
//   - A wait ends at its expiry, without a look. One whose SMS is known to be there
//     has time left to get the text.
//
// A look counts as soon as it is sent, whatever becomes of it: a slow answer does
// not stop the pacing, and an activation or a page that always fails has its turn and
// no more. Among equals the one goes first that was really seen longest ago.
//
// Which page a wait is on is worked out from what lists have shown: see history.go.
package poll

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Look is something to look at: an activation, or a page of the history. The
// zero Look is none.
type Look struct {
	ID   int64     // of the activation, for a single look
	Page int       // from 1 on, for a list
	Size int       // the page size to ask for, for a list
	Sent time.Time // when it was decided on: what it shows is no older
}

// IsList reports whether the look is a list.
func (l Look) IsList() bool { return l.Page > 0 }

// Policy is what is known about the waits and the history. It is made by [New]
// and is not safe for concurrent use.
type Policy struct {
	single, list pace
	waits        []*wait // by id, ascending
	history      history
	listMisses   int // how often a list showed none of the waits that it should show
}

// maxListMisses is how many lists have to show none of the waits that are on them,
// and no list any, until lists are no longer asked.
const maxListMisses = 2

// unseen is how stale a wait counts that nobody has looked at yet: enough to be
// looked at soon, not so much that those who wait already would starve.
const unseen = 30 * time.Second

// grace is how much longer a wait lasts whose SMS is known to be there: the time in
// which single looks fetch a thousand texts.
const grace = 30 * time.Minute

// wait is one activation that is waited for.
type wait struct {
	id         int64
	expires    time.Time
	joined     time.Time
	seen       time.Time // when the last look was sent that showed it
	asked      time.Time // when the last look for it was sent, whatever became of it
	smsListed  time.Time // when the list was sent that showed that its SMS is there; zero for not yet
	needsFetch bool      // its text was not asked for since
	absent     bool      // the last list that should have shown it did not
	index      int       // its place in the history, counted from the oldest, or the newest that it can be
	newer      bool      // than any list so far: index is a guess
}

// awaited reports whether a list can tell something about the wait.
func (w *wait) awaited() bool { return w.smsListed.IsZero() }

// ends is when the wait ends in vain.
func (w *wait) ends() time.Time {
	if w.awaited() {
		return w.expires
	}
	return w.expires.Add(grace)
}

// New returns a policy for the given budgets, without any waits.
func New(single, list Budget) *Policy {
	return &Policy{single: pace{budget: single}, list: pace{budget: list}, history: history{size: largestPage}}
}

// Add begins a wait. seen is when the activation was last seen, such as when it
// was ordered; the zero time means never. A wait that is there already is left as
// it is.
func (p *Policy) Add(id int64, now, seen, expires time.Time) {
	i, found := p.find(id)
	if found {
		return
	}
	p.single.burstFirst = p.single.burstFirst || len(p.waits) == 0
	if seen.IsZero() {
		seen = now.Add(-unseen)
		p.list.idleSince = time.Time{}
	} else if len(p.waits) == 0 {
		p.list.idleSince = seen
	}
	w := &wait{id: id, expires: expires, joined: now, seen: seen, asked: seen, newer: id > p.history.newest}
	w.index = p.history.total - 1
	if w.newer {
		p.history.append(w)
		// Waits need not begin in the order in which their activations were made.
		for _, above := range p.waits[i:] {
			w.index = min(w.index, above.index)
			above.index++
		}
	}
	p.waits = slices.Insert(p.waits, i, w)
}

// Expire moves the expiry of a wait, as an answer told it.
func (p *Policy) Expire(id int64, expires time.Time) {
	if w := p.wait(id); w != nil {
		w.expires = expires
	}
}

// Remove ends a wait.
func (p *Policy) Remove(id int64) {
	if i, found := p.find(id); found {
		p.waits = slices.Delete(p.waits, i, i+1)
		p.rested()
	}
}

// Expired ends the waits whose time is over, and returns their ids.
func (p *Policy) Expired(now time.Time) []int64 {
	var ids []int64
	p.waits = slices.DeleteFunc(p.waits, func(w *wait) bool {
		over := !now.Before(w.ends())
		if over {
			ids = append(ids, w.id)
		}
		return over
	})
	p.rested()
	return ids
}

// rested lets lists be tried again once all waits are gone.
func (p *Policy) rested() {
	if len(p.waits) == 0 {
		p.listMisses = 0
	}
}

// Next returns the next look, to be sent as soon as it has a slot, or the time when to
// ask again, which is also the time when the next wait expires. Without waits it
// returns neither. While a look waits for its slot there is no other of its kind.
func (p *Policy) Next(now time.Time) (Look, time.Time) {
	if len(p.waits) == 0 {
		return Look{}, time.Time{}
	}
	again := p.waits[0].ends()
	for _, w := range p.waits {
		again = earlier(again, w.ends())
	}
	if p.lists(now) && !p.list.queued {
		due := p.list.due(now)
		if !due.After(now) {
			return p.nextList(now), time.Time{}
		}
		again = earlier(again, due)
	}
	if !p.single.queued {
		due := p.single.due(now)
		if !due.After(now) {
			return p.nextSingle(now), time.Time{}
		}
		again = earlier(again, due)
	}
	return Look{}, again
}

// lists reports whether a list is worth asking for.
func (p *Policy) lists(now time.Time) bool {
	return p.listMisses < maxListMisses && slices.ContainsFunc(p.waits, (*wait).awaited) &&
		(len(p.waits) > 1 || now.Sub(p.waits[0].seen) >= p.list.budget.Window)
}

// nextList takes the page with the largest sum of squared staleness.
func (p *Policy) nextList(now time.Time) Look {
	pages := p.pages()
	page := heaviest(p.loads(now, pages), 0).page
	for i, w := range p.waits {
		if pages[i] == page && w.awaited() {
			w.asked = now
		}
	}
	p.list.spend(now)
	return Look{Page: page, Size: p.history.size, Sent: now}
}

// nextSingle takes the wait that gains most by a look: first an SMS that is known
// to be there, or a wait that only single looks can see and that was left alone for
// a whole window; then the largest product of staleness and of the time that is saved.
func (p *Policy) nextSingle(now time.Time) Look {
	var best *wait
	var most float64
	until := p.untilListed(now)
	for i, w := range p.waits {
		stale := now.Sub(w.asked).Seconds()
		gain := stale * min(until[i], stale/2)
		if w.needsFetch || w.absent && now.Sub(w.asked) >= p.single.budget.Window {
			gain = math.Inf(1)
		}
		if best == nil || gain > most || gain == most && w.seen.Before(best.seen) {
			best, most = w, gain
		}
	}
	best.asked, best.needsFetch = now, false
	p.single.spend(now)
	return Look{ID: best.id, Sent: now}
}

// untilListed returns for each wait in how many seconds a list would show it. It
// simulates the coming lists.
func (p *Policy) untilListed(now time.Time) []float64 {
	pages := p.pages()
	until := make([]float64, len(p.waits))
	turn := make(map[int]float64)
	t, gap := p.list.due(now).Sub(now).Seconds(), p.list.budget.sustainedInterval().Seconds()
	if p.lists(now) {
		loads := p.loads(now, pages)
		for range loads {
			next := heaviest(loads, t)
			if _, again := turn[next.page]; !again {
				turn[next.page] = t
			}
			next.listed(t)
			t += gap
		}
	}
	for i, w := range p.waits {
		at, listed := turn[pages[i]]
		if !listed || w.absent || !w.awaited() {
			at = math.Inf(1) // not in any time worth counting
		}
		until[i] = at
	}
	return until
}

// load is what waits for a page: how many, and the sums of their staleness and of its squares.
type load struct {
	page                  int
	waits, stale, squared float64
}

// at is the sum of squared staleness in t seconds.
func (l *load) at(t float64) float64 { return l.squared + 2*t*l.stale + t*t*l.waits }

// listed says that the page is listed in t seconds.
func (l *load) listed(t float64) { l.stale, l.squared = -t*l.waits, t*t*l.waits }

// loads returns the pages that lists could find something on.
func (p *Policy) loads(now time.Time, pages []int) []*load {
	var loads []*load
	of := make(map[int]*load)
	for i, w := range p.waits {
		if !w.awaited() {
			continue
		}
		l := of[pages[i]]
		if l == nil {
			l = &load{page: pages[i]}
			of[l.page], loads = l, append(loads, l)
		}
		stale := now.Sub(w.asked).Seconds()
		l.waits, l.stale, l.squared = l.waits+1, l.stale+stale, l.squared+stale*stale
	}
	return loads
}

// heaviest returns the page that will be listed in t seconds: of equals the one with the lowest number.
func heaviest(loads []*load, t float64) *load {
	return slices.MaxFunc(loads, func(a, b *load) int {
		return cmp.Or(cmp.Compare(a.at(t), b.at(t)), cmp.Compare(b.page, a.page))
	})
}

// Granted records that a look has its slot and is sent now: its pace counts from here.
func (p *Policy) Granted(l Look, now time.Time) { p.pace(l).granted(l.Sent, now) }

// Ended records that the answer to a look is in, whatever it was: the request counts
// against the limit until a window from now.
func (p *Policy) Ended(l Look, now time.Time) { p.pace(l).ended(l.Sent, now) }

func (p *Policy) pace(l Look) *pace {
	if l.IsList() {
		return &p.list
	}
	return &p.single
}

// Looked records that a single look showed its activation, still without what is
// waited for.
func (p *Policy) Looked(l Look) {
	if w := p.wait(l.ID); w != nil {
		w.seen = later(w.seen, l.Sent)
		if !l.Sent.Before(w.smsListed) {
			w.smsListed, w.needsFetch = time.Time{}, false
		}
	}
}

func (p *Policy) wait(id int64) *wait {
	if i, found := p.find(id); found {
		return p.waits[i]
	}
	return nil
}

func (p *Policy) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(p.waits, id, func(w *wait, id int64) int { return cmp.Compare(w.id, id) })
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
