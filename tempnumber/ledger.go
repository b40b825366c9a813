package tempnumber

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

// ledger is what a client knows of the account's activations: which are spoken
// for, and which orders may still turn out to have bought one. It takes in every
// activation that any call of the client shows, and sends nothing itself.
type ledger struct {
	mu       sync.Mutex
	high     ActivationID // the highest id seen
	lastSent time.Time
	// newest tells that every activation above high is newer than the client: it has
	// bought something, or has seen the newest end of the history.
	newest bool
	orders map[*order]struct{} // on their way, or with an end that is not known
	// taken are the activations that belong to an order or that the program knows by
	// itself, and so are not what another order bought. An id is kept as long as the
	// client: an Intent may come back late.
	taken map[ActivationID]struct{}
	// offered are those that Reconcile named without being sure. To look at one of
	// them is not yet to take it.
	offered map[ActivationID]struct{}
	found   map[Intent]ActivationID // what Reconcile was sure of
	sms     map[ActivationID]uint64 // a mark of the SMS last seen, for telling it from the next one
	seed    maphash.Seed
}

func newLedger() *ledger {
	return &ledger{
		orders: make(map[*order]struct{}), taken: make(map[ActivationID]struct{}), offered: make(map[ActivationID]struct{}),
		found: make(map[Intent]ActivationID), sms: make(map[ActivationID]uint64), seed: maphash.MakeSeed(),
	}
}

// order is one order of a client, from its intent until it is known what became
// of it. Apart from intent its fields belong to the ledger and its lock.
type order struct {
	ledger   *ledger
	intent   Intent
	blind    bool          // it is not known which activations are older
	sent     time.Time     // when it was last sent, or began to wait for its turn
	aloft    chan struct{} // open while it may be on its way to the service, else nil
	unknown  bool          // it ended and nobody knows how
	since    time.Time     // when it did
	sought   int           // how many calls of Reconcile are looking for it
	reported bool          // what it may have bought was reported
}

// begin opens an order.
func (l *ledger) begin(params CreateActivationParams) *order {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Without the monotonic reading, which would be lost in a file, so that an
	// Intent that was stored equals the one that was given out.
	sent := time.Now().UTC().Round(0)
	if !sent.After(l.lastSent) {
		sent = l.lastSent.Add(1)
	}
	l.lastSent = sent
	o := &order{ledger: l, blind: !l.newest, sent: sent, intent: Intent{
		ServiceID: params.ServiceID, CountryID: params.CountryID, MaxPrice: params.MaxPrice, SentAt: sent, HighWater: l.high,
	}}
	l.orders[o] = struct{}{}
	return o
}

// departs says that the order may be on its way to the service from now on.
func (o *order) departs() {
	o.ledger.mu.Lock()
	defer o.ledger.mu.Unlock()
	o.sent, o.aloft = time.Now(), make(chan struct{})
}

// returns says that it is known to have done nothing, and may depart again.
func (o *order) returns() {
	o.ledger.mu.Lock()
	defer o.ledger.mu.Unlock()
	o.land()
}

// land closes aloft. The ledger's lock is held.
func (o *order) land() {
	if o.aloft != nil {
		close(o.aloft)
		o.aloft = nil
	}
}

// end closes the order, or leaves it open when its end is not known. bought is
// what it got, nil for nothing.
func (o *order) end(v verdict, bought *Activation) {
	l := o.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	defer o.land()
	if v == verdictUnknown {
		o.unknown, o.since = true, time.Now()
		return
	}
	delete(l.orders, o)
	if bought != nil {
		l.high, l.newest = max(l.high, bought.ID), true
		l.taken[bought.ID] = struct{}{}
	}
}

// saw takes in an activation that an answer showed. It tells whether this may be
// what an order bought that nobody is looking for any more, once for each order.
func (l *ledger) saw(a *Activation, clock *serverClock) (late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.high = max(l.high, a.ID)
	if a.Status.HasSMS() {
		l.sms[a.ID] = l.smsMark(a)
	} else if a.Status.Terminal() {
		delete(l.sms, a.ID)
	}
	for o := range l.orders {
		_, offered := l.offered[a.ID]
		if o.unknown && o.sought == 0 && !o.reported && !offered && l.mayBe(o.intent, clock.earliest(o.intent.SentAt), a) {
			o.reported, late = true, true
		}
	}
	return late
}

// sawNewest says that the newest end of the history was seen.
func (l *ledger) sawNewest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.newest = true
}

func (l *ledger) knowsNewest() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newest
}

// named says that the program called an activation by its id. With waits it
// takes it; without, it may only be looking at what Reconcile offered.
func (l *ledger) named(id ActivationID, waits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, offered := l.offered[id]; waits || !offered {
		l.taken[id] = struct{}{}
	}
}

// lastSMS gives the mark of the SMS that was last seen of an activation.
func (l *ledger) lastSMS(id ActivationID) (mark uint64, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	mark, known = l.sms[id]
	return mark, known
}

// smsMark tells two SMS of one activation apart without keeping their texts.
func (l *ledger) smsMark(a *Activation) uint64 {
	return maphash.Comparable(l.seed, [3]string{string(a.Status), a.Message, string(a.Code)})
}

// mayBe tells whether an order may have bought an activation. l.mu is held.
func (l *ledger) mayBe(in Intent, since time.Time, a *Activation) bool {
	_, taken := l.taken[a.ID]
	return !taken && a.ID > in.HighWater && pairOf(a) == in.pair() && (a.CreatedAt.IsZero() || !a.CreatedAt.Before(since))
}

// aloft gives the ends of the attempts that are on their way for a pair now.
func (l *ledger) aloft(p pair) []<-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ends []<-chan struct{}
	for o := range l.orders {
		if o.aloft != nil && o.intent.pair() == p {
			ends = append(ends, o.aloft)
		}
	}
	return ends
}

// seek says that Reconcile looks for what an order bought; the function it gives says that it has ended.
func (l *ledger) seek(in Intent) func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.orderOf(in)
	if o == nil {
		return func() {}
	}
	o.sought++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		o.sought--
	}
}

// orderOf finds the open order of an intent, nil when the client has none. l.mu is held.
func (l *ledger) orderOf(in Intent) *order {
	for o := range l.orders {
		if o.intent == in {
			return o
		}
	}
	return nil
}

// foundBefore gives what an earlier Reconcile was sure of.
func (l *ledger) foundBefore(in Intent) (ActivationID, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, ok := l.found[in]
	return id, ok
}

// candidates gives those of the activations seen that an order may have bought,
// the oldest first. l.mu is held.
func (l *ledger) candidates(in Intent, since time.Time, seen []*Activation) []*Activation {
	var may []*Activation
	for _, a := range seen {
		if l.mayBe(in, since, a) {
			may = append(may, a)
		}
	}
	slices.SortFunc(may, func(a, b *Activation) int { return cmp.Compare(a.ID, b.ID) })
	return may
}

// offer gives what an order may have bought, without deciding anything.
func (l *ledger) offer(in Intent, clock *serverClock, seen []*Activation) []*Activation {
	l.mu.Lock()
	defer l.mu.Unlock()
	may := l.candidates(in, clock.earliest(in.SentAt), seen)
	l.offers(may)
	return may
}

// offers keeps in mind what was named without being sure. l.mu is held.
func (l *ledger) offers(may []*Activation) {
	for _, a := range may {
		l.offered[a.ID] = struct{}{}
	}
}

// award decides what an order bought, where nobody else uses the key, so that
// everything new on the account belongs to an order of this client. Of several
// orders of one pair whose ends are all unknown, the one that was sent last before
// a number was made is the likeliest to have bought it. If it is another, then
// each still gets one number of the right kind, and none is given twice.
//
// It gives nil when nothing is this order's. When there are more numbers than
// orders, or when the order was sent without knowing what was there before, it
// gives them all and decides nothing. ours tells whether this client sent the order.
func (l *ledger) award(in Intent, clock *serverClock, seen []*Activation) (given []*Activation, sure, ours bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	mine := l.orderOf(in)
	may := l.candidates(in, clock.earliest(in.SentAt), seen)
	rivals := l.rivals(in)
	if len(may) > len(rivals)+1 || mine != nil && mine.blind {
		l.offers(may)
		return may, false, mine != nil
	}
	sent := []time.Time{in.SentAt}
	if mine != nil {
		sent[0] = mine.sent
	}
	for _, o := range rivals {
		sent = append(sent, o.sent)
	}
	for _, a := range may {
		i := lastBefore(sent, clock.latest(a.CreatedAt))
		if i > 0 {
			sent[i] = time.Time{} // it has its number
			continue
		}
		l.taken[a.ID] = struct{}{}
		l.found[in] = a.ID
		delete(l.orders, mine)
		return []*Activation{a}, true, mine != nil
	}
	return nil, false, mine != nil
}

// lastBefore finds the latest of some moments that is not after a given one, or
// else the first of all. Zero moments do not count.
func lastBefore(moments []time.Time, end time.Time) int {
	best := -1
	for i, m := range moments {
		switch {
		case m.IsZero():
		case best < 0, !m.After(end) && (moments[best].After(end) || m.After(moments[best])), m.After(end) && m.Before(moments[best]):
			best = i
		}
	}
	return best
}

// rivals gives the other orders that may have bought what an order may have
// bought. One that ended long ago, and that nobody looks for, has bought something
// by now, or nothing. l.mu is held.
func (l *ledger) rivals(in Intent) []*order {
	var rivals []*order
	for o := range l.orders {
		recent := o.sought > 0 || time.Since(o.since) <= lastLook
		if o.unknown && recent && o.intent != in && o.intent.pair() == in.pair() {
			rivals = append(rivals, o)
		}
	}
	return rivals
}
