// Package orders knows which order of a client bought which activation. It works on plain data (ids, pairs,
// times), sends nothing and knows nothing of HTTP.
//
// An order that costs money has no idempotency key. When its answer is lost, the account's history is the
// only witness: a Book holds what is needed to read it. A ServerClock compares the two clocks, Order and
// Range say how far the history has to be read, and a Flight lets many callers share one reading.
package orders

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Pair is one service in one country, in lower case: the service does not keep the case of ids everywhere.
type Pair struct{ Service, Country string }

// PairOf returns the pair of two ids.
func PairOf(service, country string) Pair {
	return Pair{strings.ToLower(service), strings.ToLower(country)}
}

// Activation is what matters of an activation here.
type Activation struct {
	ID        int64
	Pair      Pair
	CreatedAt time.Time // by the server's clock; zero when it did not say
	// Mark differs between two SMS of an activation, without their texts; 0 when there is none.
	Mark uint64
	// Waiting reports that it has no SMS and can still receive one.
	Waiting bool
}

// Key identifies an order, across processes too.
type Key struct {
	Pair      Pair
	SentAt    int64 // unix nanoseconds
	HighWater int64
}

// sent returns the time of the key.
func (k Key) sent() time.Time { return time.Unix(0, k.SentAt) }

// SettleTime is how long an order with an unknown outcome competes for the numbers of its pair when nobody
// looks for it: by then it has bought something, or nothing.
const SettleTime = 30 * time.Second

// keepFacts is how long facts about an activation are kept after the last news of it: longer than a number
// can live, which is 20 minutes in the vendor's newer product.
const keepFacts = time.Hour

// lastSeenFor is how long it is worth knowing when an activation was last seen.
const lastSeenFor = 30 * time.Second

// Book is what a client knows of the account's activations: which belong to whom, and which orders may still
// turn out to have bought one. It takes in every activation that any answer shows. The zero Book knows nothing.
type Book struct {
	mu       sync.Mutex
	high     int64 // the highest id seen
	ids      idOrder
	count    uint64 // of the activations heard of
	lastSent time.Time
	// newest reports that every activation above high is newer than the client: it has bought something, or
	// has seen the newest end of the history.
	newest   bool
	open     map[*Purchase]struct{} // orders in flight, or with an unknown outcome
	facts    recent[int64, facts]
	resolved recent[Key, int64] // what Reconcile was sure of
}

// idOrder learns whether newer activations have higher ids, which is not documented.
type idOrder struct {
	last       Activation // of those with a time, the one seen last
	ascending  int        // how often one that was made later had the higher id
	descending bool       // one that was made later had the lower id
}

// enoughIDs is how many steps, the first activation included, have to agree before ids count as ascending: nine
// random ids do not by chance.
const enoughIDs = 9

func (o *idOrder) learn(a Activation) {
	if a.CreatedAt.IsZero() {
		return
	}
	if made := a.CreatedAt.Compare(o.last.CreatedAt); made != 0 {
		if made == cmp.Compare(a.ID, o.last.ID) {
			o.ascending++
		} else {
			o.descending = true
		}
	}
	o.last = a
}

// separates reports whether an activation at or below an order's high-water mark is older than the order. Where
// the time is known it decides, until ids are known to ascend.
func (o *idOrder) separates(a Activation) bool {
	return !o.descending && (o.ascending >= enoughIDs || a.CreatedAt.IsZero())
}

// facts is what is known of one activation.
type facts struct {
	first uint64 // the book's count when it was first heard of
	// claimed reports that it belongs to an order, or that the program knows it by itself: no other order
	// bought it.
	claimed bool
	// suggested reports that Reconcile named it without being sure. Reading a suggested activation does not
	// claim it.
	suggested bool
	mark      uint64    // of the SMS last seen
	waiting   time.Time // when it was last seen without an SMS; zero when it has one, or ended
}

// Purchase is one order of a client, from its intent until it is known what became of it.
type Purchase struct {
	// Key and SentAt are set by Begin and do not change.
	Key    Key
	SentAt time.Time // UTC, without monotonic reading, so that it is the same after it was stored

	book *Book
	// The rest is guarded by the book's lock.
	noBaseline  bool          // it is not known which activations are older
	sent        time.Time     // when it was last sent, or began to wait for its turn
	known       uint64        // the book's count at that time: what was heard of by then, the order did not buy
	inFlight    chan struct{} // open while it may be on its way to the service, else nil
	unknown     bool          // it ended and nobody knows how
	ended       time.Time     // when it did
	reconciling int           // how many calls of Reconcile look for it
	reported    bool          // what it may have bought was reported
}

// Begin opens an order. No two orders of a book have the same SentAt.
func (b *Book) Begin(pair Pair) *Purchase {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := time.Now().UTC().Round(0)
	if !sent.After(b.lastSent) {
		sent = b.lastSent.Add(1)
	}
	b.lastSent = sent
	p := &Purchase{Key: Key{pair, sent.UnixNano(), b.high}, SentAt: sent, book: b, noBaseline: !b.newest, sent: sent, known: b.count}
	if b.open == nil {
		b.open = make(map[*Purchase]struct{})
	}
	b.open[p] = struct{}{}
	return p
}

// MarkSent records that the order may be on its way to the service from now on.
func (p *Purchase) MarkSent() {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.sent, p.known, p.inFlight = time.Now(), p.book.count, make(chan struct{})
}

// MarkNotDone records that the attempt had no effect. The order may be sent again.
func (p *Purchase) MarkNotDone() {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.settleInFlight()
}

// settleInFlight ends the attempt. The book's lock is held.
func (p *Purchase) settleInFlight() {
	if p.inFlight != nil {
		close(p.inFlight)
		p.inFlight = nil
	}
}

// Finish closes the order with what it bought, 0 for nothing.
func (p *Purchase) Finish(bought int64) {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.settleInFlight()
	delete(p.book.open, p)
	if bought != 0 {
		p.book.high, p.book.newest = max(p.book.high, bought), true
		p.book.change(bought, func(f *facts) { f.claimed = true })
	}
}

// FinishUnknown leaves the order open: nobody knows what became of it.
func (p *Purchase) FinishUnknown() {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.settleInFlight()
	p.unknown, p.ended = true, time.Now()
}

// change changes the facts of an activation. b.mu is held.
func (b *Book) change(id int64, set func(*facts)) {
	f, known := b.facts.get(id)
	if !known {
		b.count++
		f.first = b.count
	}
	set(&f)
	b.facts.set(id, f)
}

// KnownBefore reports whether an activation was known before an order was sent, so that the order did not buy it.
func (b *Book) KnownBefore(p *Purchase, id int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, known := b.facts.get(id)
	return known && f.first <= p.known
}

// Observe takes in an activation that an answer showed. It reports whether this may be what an order bought
// that nobody is looking for any more, once for each order.
func (b *Book) Observe(a Activation, clock *ServerClock) (late bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.high = max(b.high, a.ID)
	b.ids.learn(a)
	f, _ := b.facts.get(a.ID)
	for p := range b.open {
		if p.unknown && p.reconciling == 0 && !p.reported && !f.suggested && b.remembers(p.Key) &&
			b.isCandidate(p, p.Key, clock.Earliest(p.SentAt), a) {
			p.reported, late = true, true
		}
	}
	b.change(a.ID, func(f *facts) {
		f.waiting = time.Time{}
		if a.Waiting {
			f.waiting = time.Now()
		}
		if a.Mark != 0 || !a.Waiting {
			f.mark = a.Mark
		}
	})
	return late
}

// SawNewest records that the newest end of the history was seen.
func (b *Book) SawNewest() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.newest = true
}

// KnowsNewest reports whether every activation above the highest id seen is newer than the client.
func (b *Book) KnowsNewest() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.newest
}

// Claim records that the program named an activation by its id. Waiting for it claims it, reading it only
// when it was not suggested.
func (b *Book) Claim(id int64, waits bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.change(id, func(f *facts) { f.claimed = f.claimed || waits || !f.suggested })
}

// LastMark returns the mark of the SMS that was last seen of an activation.
func (b *Book) LastMark(id int64) (mark uint64, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, _ := b.facts.get(id)
	return f.mark, f.mark != 0
}

// LastSeen returns when an activation was last seen waiting for its SMS, zero when that is not known or long
// ago.
func (b *Book) LastSeen(id int64) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, _ := b.facts.get(id)
	if time.Since(f.waiting) > lastSeenFor {
		return time.Time{}
	}
	return f.waiting
}

// isCandidate reports whether an order may have bought an activation: it is of the pair, belongs to nobody, was
// not known when the order was sent, and was made since, by the server's clock. p is nil for an order that the
// client did not send. b.mu is held.
func (b *Book) isCandidate(p *Purchase, key Key, since time.Time, a Activation) bool {
	f, known := b.facts.get(a.ID)
	if a.Pair != key.Pair || f.claimed || known && p != nil && f.first <= p.known {
		return false
	}
	if a.ID <= key.HighWater && b.ids.separates(a) {
		return false
	}
	return a.CreatedAt.IsZero() || !a.CreatedAt.Before(since)
}

// remembers reports whether all claims since an order are still known. b.mu is held.
func (b *Book) remembers(key Key) bool { return !key.sent().Before(b.facts.forgotten) }

// InFlight returns channels that are closed when the attempts of a pair that are on their way now end.
func (b *Book) InFlight(pair Pair) []<-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ends []<-chan struct{}
	for p := range b.open {
		if p.inFlight != nil && p.Key.Pair == pair {
			ends = append(ends, p.inFlight)
		}
	}
	return ends
}

// Reconciling records that a caller looks for what an order bought, until it calls the function returned.
func (b *Book) Reconciling(key Key) (end func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.purchase(key)
	if p == nil {
		return func() {}
	}
	p.reconciling++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		p.reconciling--
	}
}

// purchase returns the open order of a key, nil when the client has none. b.mu is held.
func (b *Book) purchase(key Key) *Purchase {
	for p := range b.open {
		if p.Key == key {
			return p
		}
	}
	return nil
}

// Resolved returns what an earlier call of Attribute was sure of.
func (b *Book) Resolved(key Key) (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.resolved.get(key)
}

// candidates returns those of the activations seen that an order may have bought, the oldest first. b.mu is held.
func (b *Book) candidates(key Key, clock *ServerClock, seen []Activation) []Activation {
	var may []Activation
	p, since := b.purchase(key), clock.Earliest(key.sent())
	for _, a := range seen {
		if b.isCandidate(p, key, since, a) {
			may = append(may, a)
		}
	}
	slices.SortFunc(may, func(a, b Activation) int { return cmp.Compare(a.ID, b.ID) })
	return may
}

// Suggest returns the ids that an order may have bought, the oldest first, and decides nothing.
func (b *Book) Suggest(key Key, clock *ServerClock, seen []Activation) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.suggest(b.candidates(key, clock, seen))
}

// suggest remembers what is named without being sure. b.mu is held.
func (b *Book) suggest(may []Activation) (ids []int64) {
	for _, a := range may {
		b.change(a.ID, func(f *facts) { f.suggested = true })
		ids = append(ids, a.ID)
	}
	return ids
}

// Attribute decides what an order bought, where nobody else uses the key, so that everything new on the
// account belongs to an order of this client. Of several orders of one pair with unknown outcomes, the one
// sent last before a number was made most likely bought it. If it is another, each still gets one number of
// the right kind, and none is given twice.
//
// It returns nothing when nothing is this order's. It returns all candidates and decides nothing when there
// are more of them than orders, when the order was sent without knowing what was there before, or when so
// much time has passed that claims were forgotten. ours reports whether this client sent the order.
func (b *Book) Attribute(key Key, clock *ServerClock, seen []Activation) (ids []int64, sure, ours bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	mine := b.purchase(key)
	may := b.candidates(key, clock, seen)
	competing := b.competing(key)
	if len(may) > len(competing)+1 || mine != nil && mine.noBaseline || !b.remembers(key) {
		return b.suggest(may), false, mine != nil
	}
	sent := []time.Time{key.sent()}
	if mine != nil {
		sent[0] = mine.sent
	}
	for _, p := range competing {
		sent = append(sent, p.sent)
	}
	for _, a := range may {
		i := latestSentBefore(sent, clock.Latest(a.CreatedAt))
		if i > 0 {
			sent[i] = time.Time{} // it has its number
			continue
		}
		b.change(a.ID, func(f *facts) { f.claimed = true })
		b.resolved.set(key, a.ID)
		delete(b.open, mine)
		return []int64{a.ID}, true, mine != nil
	}
	return nil, false, mine != nil
}

// latestSentBefore returns the index of the latest time that is not after end, or else of the earliest of
// all. Zero times do not count; without any it returns -1.
func latestSentBefore(times []time.Time, end time.Time) int {
	best := -1
	for i, t := range times {
		if t.IsZero() {
			continue
		}
		late := t.After(end)
		if best < 0 || late && t.Before(times[best]) || !late && (times[best].After(end) || t.After(times[best])) {
			best = i
		}
	}
	return best
}

// competing returns the other orders that may have bought what an order may have bought. One that ended long
// ago, and that nobody looks for, no longer competes. b.mu is held.
func (b *Book) competing(key Key) []*Purchase {
	var others []*Purchase
	for p := range b.open {
		recent := p.reconciling > 0 || time.Since(p.ended) <= SettleTime
		if p.unknown && recent && p.Key != key && p.Key.Pair == key.Pair {
			others = append(others, p)
		}
	}
	return others
}
