// Package poll decides which activation to look at next, and when, so that any
// number of waits share the few requests that a service allows. It is policy and
// nothing else: it reads no clock, sends nothing and knows nothing of HTTP. The
// caller asks [Policy.Peek] what to do, which changes nothing, tells [Policy.Commit]
// that it does it, and reports what it saw. The same reports in the same order make
// the same policy, so several programs can follow one.
//
// There are two kinds of looks. A single look shows one activation. A list shows
// a page of the history, many activations at once, but there are fewer of them.
// Each kind has a [Budget] of its own, and both are paced: see pace.go.
//
//   - The gain of a look at a wait is the expected number of arrivals since it was last
//     looked at, times the delay that the look saves. How often an SMS arrives at which
//     age is learned: see hazard.go. While nothing is known, all waits count by their
//     squared staleness.
//   - A list asks for the page with the largest sum of gains. A page that was left alone
//     wins in the end, so that nobody starves as all but the newest do when only page 1 is
//     read. What a list saves is half the time since the wait was last looked at.
//   - A single look saves the same, or the time until a list would show the wait, if that
//     is less.
//   - One wait has single looks alone, the first of them at once, unless these have
//     not shown it for a whole window of lists. From two waits on there are lists too.
//   - A list is a claim, a single look is the truth. No list puts off a wait's due turn:
//     after a single look at a wait, or its begin, no more than 2·n single looks pass
//     until the next at it, n being the number of waits at that time. While no turn is in
//     danger of being missed, single looks go by gain. The bound holds whatever lists show
//     and whatever fails.
//   - Where a list still shows as pending what a single look has found before, lists are
//     behind: they no longer count as looks, until one shows an SMS that soon after it was found.
//   - Where a list shows that there is an SMS but not its text, the next single look
//     fetches the text. A wait that its page does not show stays with single looks. When
//     lists show no pending activation at all, they are no longer asked.
//   - A wait is not over at its expiry, but when a single look that was sent after it has
//     shown it without an SMS. When such looks fail, they are repeated for a while.
//
// An index by gain is how restless bandits are played (Whittle 1988), here for polling
// under a limit; the hazard is estimated from interval-censored observations (Turnbull
// 1976). What is learned is a fixed number of figures for each policy, and
// [foundMemory] SMS at most.
//
// A look counts as soon as it is sent, whatever becomes of it: a slow answer does
// not stop the pacing, and an activation or a page that always fails has its turn and
// no more.
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
	hazard       *hazard
	turn         int           // single looks so far
	listMisses   int           // how often a list showed none of the waits that it should show
	found        []found       // SMS that single looks have found, the oldest first
	lag          time.Duration // how far behind lists are known to be at least; 0 for not at all
	loadsBuffer  []load
	turnsBuffer  []int
}

// found is an SMS that a single look had found at a moment.
type found struct {
	id int64
	at time.Time
}

const (
	// maxListMisses is how many lists have to show none of the waits that are on them,
	// and no list any, until lists are no longer asked.
	maxListMisses = 2
	// few is the number of waits up to which single looks are spread evenly.
	few = 10
	// unseen is how stale a wait counts that nobody has looked at yet: enough to be
	// looked at soon, not so much that those who wait already would starve.
	unseen = 30 * time.Second
	// onItsWay is how long a list counts as a look without having been answered.
	onItsWay = 3 * time.Second
	// grace is how much longer a wait lasts at most whose SMS is known to be there, or
	// whose last look has yet to succeed: the time in which single looks fetch a thousand texts.
	grace = 30 * time.Minute
	// lastLooks is how many last looks have to fail, and lastTime how much time has to
	// pass, until a wait ends without one.
	lastLooks = 5
	lastTime  = 2 * time.Minute
	// overdueSingle and overdueList are the least expected arrivals for which a wait counts
	// that is past its expiry: its end is to be seen, but not before many SMS.
	overdueSingle, overdueList = 0.02, 0.001
	// refutedFor is how long lists are not believed that a wait's SMS is there after a
	// single look has not found it.
	refutedFor = 30 * time.Second
	// doubled is the staleness in seconds at which a wait counts twice for a list.
	doubled = 800
	// foundMemory is how many found SMS are remembered.
	foundMemory = 64
)

// wait is one activation that is waited for.
type wait struct {
	id         int64
	expires    time.Time
	joined     time.Time
	born       time.Time // its age counts from here
	seen       time.Time // when the last look was sent that showed it
	looked     time.Time // when the last single look at it was sent, whatever became of it
	listed     time.Time // when the last list for it was sent, whatever became of it
	due        int       // the turn of the single look that it has at the latest
	lastFrom   time.Time // when its expiry was known to be over: a last look is sent no earlier
	failed     int       // last looks that were sent and have not shown it
	smsListed  time.Time // when the list was sent that showed that its SMS is there; zero for not yet
	refuted    time.Time // when a single look was sent that showed that such a list was wrong
	index      int       // its place in the history, counted from the oldest, or the newest that it can be
	newer      bool      // than any list so far: index is a guess
	over       bool      // a last look has shown it
	needsFetch bool      // a single look at it goes before all others
	absent     bool      // the last list that should have shown it did not
}

// awaited reports whether a list can show something new about the wait.
func (w *wait) awaited() bool { return w.smsListed.IsZero() }

// ended reports whether the wait ends in vain.
func (w *wait) ended(now time.Time) bool {
	late := now.Sub(w.expires)
	switch {
	case late < 0:
		return false
	case late >= grace:
		return true
	}
	return w.awaited() && (w.over || w.failed >= lastLooks && late >= lastTime)
}

// wakes returns when the wait changes or ends of itself.
func (w *wait) wakes(now time.Time) time.Time {
	late := now.Sub(w.expires)
	switch {
	case late < 0:
		return w.expires
	case late < lastTime:
		return w.expires.Add(lastTime)
	}
	return w.expires.Add(grace)
}

// asked returns when the wait was last looked at, as far as gains go. A list counts
// while it is on its way, and later if it has shown the wait.
func (w *wait) asked(now time.Time) time.Time {
	asked := later(w.looked, w.seen)
	if !w.absent && now.Sub(w.listed) < onItsWay {
		asked = later(asked, w.listed)
	}
	return asked
}

// New returns a policy for the given budgets, without any waits.
func New(single, list Budget) *Policy {
	return &Policy{single: pace{budget: single}, list: pace{budget: list}, history: history{size: largestPage}, hazard: newHazard()}
}

// Add begins a wait. seen is when the activation was last seen, such as when it
// was ordered; the zero time means never. A wait that is there already is left as
// it is.
func (p *Policy) Add(id int64, now, seen, expires time.Time) {
	i, there := p.find(id)
	if there {
		return
	}
	p.found = slices.DeleteFunc(p.found, func(f found) bool { return f.id == id })
	p.single.burstFirst = p.single.burstFirst || len(p.waits) == 0
	if seen.IsZero() {
		seen = now.Add(-unseen)
		p.list.idleSince = time.Time{}
	} else if len(p.waits) == 0 {
		p.list.idleSince = seen
	}
	w := &wait{
		id: id, expires: expires, lastFrom: expires, joined: now, born: seen, seen: seen, looked: seen, listed: seen,
		newer: id > p.history.newest, index: p.history.total - 1,
	}
	if w.newer {
		p.history.append(w)
		// Waits need not begin in the order in which their activations were made.
		for _, above := range p.waits[i:] {
			w.index = min(w.index, above.index)
			above.index++
		}
	}
	p.waits = slices.Insert(p.waits, i, w)
	w.due = p.turn + 2*len(p.waits)
}

// Expire moves the expiry of a wait, as an answer told it that came now.
func (p *Policy) Expire(id int64, expires, now time.Time) {
	w := p.wait(id)
	switch {
	case w == nil:
	case expires.After(now):
		w.expires, w.lastFrom, w.over, w.failed = expires, expires, false, 0
	case w.expires.After(now): // it may be wrong: a last look has to confirm it
		w.expires, w.lastFrom = expires, now
	}
}

// Confirm asks for a single look at a wait before all others, because an answer said
// something that must not be taken from one answer alone.
func (p *Policy) Confirm(id int64) {
	if w := p.wait(id); w != nil {
		w.needsFetch = true
	}
}

// Remove ends a wait.
func (p *Policy) Remove(id int64) {
	if i, there := p.find(id); there {
		p.waits = slices.Delete(p.waits, i, i+1)
		p.hazard.forget()
		p.rested()
	}
}

// Expired ends the waits whose time is over, and returns their ids.
func (p *Policy) Expired(now time.Time) []int64 {
	var ids []int64
	p.waits = slices.DeleteFunc(p.waits, func(w *wait) bool {
		over := w.ended(now)
		if over {
			ids = append(ids, w.id)
			p.hazard.forget()
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

// Peek returns the next look, to be sent as soon as it has a slot, or the time when to
// ask again, which is no later than the time when the next wait ends. Without waits it
// returns neither. While a look waits for its slot there is no other of its kind.
// Peek changes nothing.
func (p *Policy) Peek(now time.Time) (Look, time.Time) { return p.PeekOf(now, true, true) }

// PeekOf is Peek for lists or single looks alone, where there is no slot for the others.
func (p *Policy) PeekOf(now time.Time, lists, singles bool) (Look, time.Time) {
	if len(p.waits) == 0 {
		return Look{}, time.Time{}
	}
	again := p.waits[0].wakes(now)
	for _, w := range p.waits {
		again = earlier(again, w.wakes(now))
	}
	if lists && p.lists(now) && !p.list.queued {
		due := p.list.due(now, false)
		if !due.After(now) {
			return Look{Page: heaviest(p.loads(now, p.pages()), 0).page, Size: p.history.size, Sent: now}, time.Time{}
		}
		again = earlier(again, due)
	}
	if singles && !p.single.queued {
		due := p.single.due(now, len(p.waits) <= few)
		if !due.After(now) {
			return Look{ID: p.nextSingle(now).id, Sent: now}, time.Time{}
		}
		again = earlier(again, due)
	}
	return Look{}, again
}

// Commit takes in that a look which Peek returned is going to be sent, by this
// program or by another.
func (p *Policy) Commit(l Look) {
	p.pace(l).spend(l.Sent)
	if l.IsList() {
		pages := p.pages()
		for i, w := range p.waits {
			if pages[i] == l.Page {
				w.listed = l.Sent
			}
		}
		return
	}
	p.turn++
	if w := p.wait(l.ID); w != nil {
		w.looked, w.needsFetch, w.due = l.Sent, false, p.turn+2*len(p.waits)
		if !l.Sent.Before(w.lastFrom) {
			w.failed++ // until it is answered
		}
	}
}

// lists reports whether a list is worth asking for.
func (p *Policy) lists(now time.Time) bool {
	return p.listMisses < maxListMisses && slices.ContainsFunc(p.waits, (*wait).awaited) &&
		(len(p.waits) > 1 || now.Sub(p.waits[0].seen) >= p.list.budget.Window)
}

// nextSingle returns the wait whose turn must not be put off any more, or whose SMS
// is known to be there, or else the one that gains most by a look.
func (p *Policy) nextSingle(now time.Time) *wait {
	if w := p.dueNow(); w != nil {
		return w
	}
	var best *wait
	var most float64
	until := p.untilListed(now)
	for i, w := range p.waits {
		asked := w.asked(now)
		stale := now.Sub(asked).Seconds()
		gain := p.arrivals(w, asked, now, overdueSingle) * min(until[i], stale/2)
		if w.needsFetch {
			gain = math.Inf(1)
		}
		if best == nil || gain > most || gain == most && w.looked.Before(best.looked) {
			best, most = w, gain
		}
	}
	return best
}

// dueNow returns the wait with the earliest due turn if some turn would be missed
// otherwise: when for some k as many as k waits are due within the next k turns.
func (p *Policy) dueNow() *wait {
	n := len(p.waits)
	p.turnsBuffer = append(p.turnsBuffer[:0], make([]int, n+1)...)
	first := p.waits[0]
	for _, w := range p.waits {
		if in := max(1, w.due-p.turn); in <= n {
			p.turnsBuffer[in]++
		}
		if w.due < first.due || w.due == first.due && w.looked.Before(first.looked) {
			first = w
		}
	}
	sum := 0
	for k := 1; k <= n; k++ {
		if sum += p.turnsBuffer[k]; sum >= k {
			return first
		}
	}
	return nil
}

// arrivals returns how many SMS are expected for a wait between two moments, and no
// less than so many if it is past its expiry.
func (p *Policy) arrivals(w *wait, from, to time.Time, overdue float64) float64 {
	n := p.hazard.between(from.Sub(w.born).Seconds(), to.Sub(w.born).Seconds())
	if !to.Before(w.expires) {
		n = max(n, overdue)
	}
	return n
}

// untilListed returns for each wait in how many seconds a list would show it. It
// simulates the coming lists.
func (p *Policy) untilListed(now time.Time) []float64 {
	until, pages := make([]float64, len(p.waits)), p.pages()
	var loads []load
	if p.lists(now) && p.lag == 0 {
		loads = p.loads(now, pages)
	}
	t, gap := p.list.due(now, false).Sub(now).Seconds(), p.list.budget.sustainedInterval().Seconds()
	for range loads {
		next := heaviest(loads, t)
		next.turn = min(next.turn, t)
		next.listed(t)
		t += gap
	}
	for i, w := range p.waits {
		until[i] = math.Inf(1) // not in any time worth counting
		for len(loads) > 1 && loads[0].page != pages[i] && loads[1].page == pages[i] {
			loads = loads[1:] // pages go along with the waits
		}
		if !w.absent && w.awaited() && len(loads) > 0 && loads[0].page == pages[i] {
			until[i] = loads[0].turn
		}
	}
	return until
}

// load is what a list of a page gains. The gain of a wait is its expected arrivals
// times its staleness; in a short time both grow in proportion, so in t seconds it is
// the rate of arrival times the square of the staleness then. A wait that is staler
// counts a little more than that, or a page with few waits would be put off too long.
type load struct {
	page                        int
	rate, stale, squared, cubed float64 // sums of the rate, times the staleness, its square, its cube
	turn                        float64 // in how many seconds the page is listed first
}

// at is the gain in t seconds.
func (l *load) at(t float64) float64 {
	squared := l.squared + 2*t*l.stale + t*t*l.rate
	cubed := l.cubed + 3*t*l.squared + 3*t*t*l.stale + t*t*t*l.rate
	return squared + cubed/doubled
}

// listed says that the page is listed in t seconds.
func (l *load) listed(t float64) {
	l.stale, l.squared, l.cubed = -t*l.rate, t*t*l.rate, -t*t*t*l.rate
}

// loads returns the pages that lists could find something on, in the order of the waits.
func (p *Policy) loads(now time.Time, pages []int) []load {
	loads := p.loadsBuffer[:0]
	for i, w := range p.waits {
		if !w.awaited() {
			continue
		}
		if n := len(loads); n == 0 || loads[n-1].page != pages[i] {
			loads = append(loads, load{page: pages[i], turn: math.Inf(1)})
		}
		asked := later(w.asked(now), w.listed)
		stale := max(now.Sub(asked), time.Millisecond).Seconds()
		arrivals := p.arrivals(w, asked, now, overdueList)
		l := &loads[len(loads)-1]
		l.rate, l.stale = l.rate+arrivals/stale, l.stale+arrivals
		l.squared, l.cubed = l.squared+arrivals*stale, l.cubed+arrivals*stale*stale
	}
	p.loadsBuffer = loads
	return loads
}

// heaviest returns the page that gains most in t seconds: of equals the one with the lowest number.
func heaviest(loads []load, t float64) *load {
	best := &loads[0]
	most := best.at(t)
	for i := range loads {
		l := &loads[i]
		if gain := l.at(t); gain > most || gain == most && l.page < best.page {
			best, most = l, gain
		}
	}
	return best
}

// Granted takes in that a look has its slot and is sent now: its pace counts from here.
func (p *Policy) Granted(l Look, now time.Time) { p.pace(l).granted(l.Sent, now) }

// Ended takes in that the answer to a look has come, whatever it was: the request
// counts against the limit until a window from now.
func (p *Policy) Ended(l Look, now time.Time) { p.pace(l).ended(l.Sent, now) }

func (p *Policy) pace(l Look) *pace {
	if l.IsList() {
		return &p.list
	}
	return &p.single
}

// Looked takes in an answer about one activation that was asked for at one moment and
// came at another, by a single look or by anybody else: whether what is waited for is there.
func (p *Policy) Looked(id int64, sent, now time.Time, arrived bool) {
	if arrived {
		p.found = append(p.found, found{id, now})
		p.found = p.found[max(0, len(p.found)-foundMemory):]
	}
	w := p.wait(id)
	if w == nil {
		return
	}
	p.learn(w, sent, arrived)
	p.hazard.update()
	if arrived {
		return
	}
	if !sent.Before(w.smsListed) {
		if !w.awaited() {
			w.refuted = sent
		}
		w.smsListed, w.needsFetch = time.Time{}, false
	}
	if !sent.Before(w.lastFrom) {
		w.over = true
	}
}

// learn takes from a look what it says about the time in which an SMS comes.
func (p *Policy) learn(w *wait, sent time.Time, arrived bool) {
	from, to := w.seen.Sub(w.born).Seconds(), sent.Sub(w.born).Seconds()
	switch {
	case !w.awaited() || to < from:
	case arrived:
		p.hazard.arrive(from, to)
	default:
		p.hazard.wait(from, to)
	}
	if !arrived {
		w.seen = later(w.seen, sent)
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
