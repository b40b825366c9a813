package share

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

const (
	// timeToSend is how long a slot is good for: a request that is not on its way by then is not sent.
	timeToSend = 5 * time.Second
	// exchangeTime is how long one call of the log may take.
	exchangeTime = 5 * time.Second
	// slotPatience is how long the log may fail until those who wait for a slot are told,
	// lookPatience until waits are.
	slotPatience, lookPatience = 5 * time.Second, 30 * time.Second
	// flushTime is how long a caller waits until others know that its slot is given back.
	flushTime = 250 * time.Millisecond
	// slowAnswer is how long the log may take until that is the reason why a call has ended.
	slowAnswer = 250 * time.Millisecond
	// renewTicket and renewWaits are how often a program says that it is still there.
	renewTicket, renewWaits = ticketLife / 2, waitLife * 2 / 5
	// compactEvery is after how many entries the log is compacted.
	compactEvery = 1000
	// sayAtMost is how many facts go into one entry.
	sayAtMost = 2000
)

// Config is what a Hub is made of.
type Config struct {
	Open     func(name string) (sharing.Log, error)
	Key      string // the API key
	BaseURL  string
	Follower Follower
	Limits   map[string]Limit
	Single   string        // the endpoint of looks at one activation
	List     string        // and of looks at pages of the history
	Attempt  time.Duration // the longest that one request takes from its slot to the end of its answer
	Logger   *slog.Logger
}

// Coordinator is where a program's waits and orders learn what to do: a [Hub] for programs that share a log, an
// [Alone] for one that does not.
type Coordinator interface {
	// Join announces a wait. seen is how long ago its activation was seen, below zero for never; left is how
	// long its number lives; special says that the program itself has to judge whether an SMS is the one.
	Join(id int64, special bool, seen, left time.Duration)
	// Leave ends the program's wait for an activation.
	Leave(id int64)
	// Flush waits until others know what was said, but not for long.
	Flush()
	// Awaited reports whether a program is known to wait for an activation.
	Awaited(id int64) bool
	// Say takes in what the program has seen.
	Say(facts ...Fact)
	// Looked tells what a look has shown, and ends it.
	Looked(look poll.Look, s *LookSlot, facts []Fact)

	// Order writes an order down before it is sent, unless judge refuses it for what was ordered before. judge
	// may be called several times, the last time with all that there was. It returns the order's id.
	Order(ctx context.Context, pair string, amount int64, judge func(before []Ordered) error) (id uint64, err error)
	// Settle says what became of an order: what it cost and which activation it bought, zeros for nothing.
	Settle(id uint64, activation, amount int64)
	// Unknown says that nobody knows what an order bought.
	Unknown(id uint64)
	// Paid says what an activation really cost, 0 after it was refunded, if it was bought by an order that counts.
	Paid(activation, amount int64)
}

// Follower is told what the log shows, for the waits of its program. Its methods are
// called from one goroutine at a time, without any lock held, and must return quickly.
type Follower interface {
	// Show takes in activations that somebody saw, asked for at the given times.
	Show(seen []Sighting)
	// Expired ends waits whose time is over.
	Expired(ids []int64)
	// Send sends a look with its slot, and ends with Hub.Looked.
	Send(look poll.Look, s *LookSlot)
	// Unreachable says that the log has failed for long.
	Unreachable(err error)
}

// Sighting is an activation as somebody saw it.
type Sighting struct {
	Own  bool // the program itself has said so
	Sent time.Time
	List bool
	Data []byte
}

// LookSlot is the slot of a look.
type LookSlot struct {
	ID      uint64
	SendBy  time.Time
	Outcome slot.Outcome // of the request; not sent until it is known
	// Granted is not nil where the look has yet to get its slot, and is to be called when it has.
	Granted func()
}

// Hub connects a program with the log that it shares. It has a goroutine while somebody
// waits for a slot or an SMS, or something has yet to be said.
type Hub struct {
	Config
	log    sharing.Log
	sealer *Sealer
	self   uint64
	start  time.Time

	mu       sync.Mutex
	state    *State
	queues   map[string]*slot.Queue
	claims   map[uint64]claim // slots that are asked for
	got      []uint64         // of these, the ones that the log shows
	waits    map[int64]ownWait
	outbox   []Fact
	speaking bool          // a part of the outbox is on its way to the log
	flushed  chan struct{} // closed when the outbox has been said
	looks    int           // looks that are on their way
	lookAt   time.Duration // since when a look is due, below zero for none
	spoken   time.Duration // when the program was last heard of
	running  bool
	stale    bool // the log has more
	woken    chan struct{}
	requests []*request   // orders that wait to be written down
	readers  []chan error // who waits for the log to be read

	cursor    sharing.Cursor
	known     bool          // the log was read before
	logThen   time.Duration // the log's clock then
	localThen time.Duration // and the program's, afterwards
	unread    int           // entries that could not be read
	later     bool          // one was of a later format

	failing time.Duration // since when the log fails, below zero while it does not
	failed  time.Duration // when it has last failed
	err     error
	unsaid  bool          // and it is appends that fail: that it can be read changes nothing
	reread  bool          // it has failed since it was read, so what was to be appended may be there
	asked   time.Duration // since when it owes an answer, below zero for none
}

// ownWait is a wait of the program, as it was announced.
type ownWait struct {
	fact Fact
	at   time.Duration
}

// claim is a slot that is asked for.
type claim struct {
	endpoint string
	sendBy   time.Time
	look     *poll.Look
}

// NewHub opens the log and returns the hub of one program. It is an *UnreachableError when the log cannot be opened.
func NewHub(c Config) (*Hub, error) {
	sealer, err := NewSealer(c.Key, c.BaseURL)
	if err != nil {
		return nil, err
	}
	log, err := c.Open(sealer.Name())
	if err != nil {
		return nil, &UnreachableError{err}
	}
	h := &Hub{
		Config: c, log: log, sealer: sealer, self: rand.Uint64() | 1, start: time.Now(),
		queues: make(map[string]*slot.Queue), claims: make(map[uint64]claim),
		waits: make(map[int64]ownWait), flushed: make(chan struct{}), woken: make(chan struct{}, 1), failing: -1, lookAt: -1, asked: -1,
	}
	h.state = h.newState()
	for endpoint := range c.Limits {
		h.queues[endpoint] = slot.NewShared(h.state.lines[endpoint].slots, h.start, &h.mu, slot.Share{
			Line:   func() int { return h.state.lines[endpoint].ahead(h.self) },
			Wake:   h.wake,
			Return: func(id uint64, outcome slot.Outcome) { h.giveBack(endpoint, id, outcome) },
			Flush:  h.Flush,
			Pause:  func(d time.Duration) { h.say(Fact{Kind: Pause, Endpoint: endpoint, For: d}) },
			Ended:  h.ended,
		})
	}
	return h, nil
}

func (h *Hub) newState() *State { return NewState(h.start, h.Limits, h.Single, h.List) }

// lease is how long after its hold a request can at most be on its way.
func (h *Hub) lease() time.Duration {
	return timeToSend + max(h.Attempt, 30*time.Second) + slot.Linger
}

func (h *Hub) now() time.Duration { return time.Since(h.start) }

// UnreachableError says that the log cannot be reached, so nothing was sent.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("not sent: the log that programs share the key by cannot be reached: %v", e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// overdueError says that the log has not answered in time. It matches no error of a context: callers would take it for
// the end of their own.
type overdueError struct{ err error }

func (e *overdueError) Error() string {
	return fmt.Sprintf("it has not answered within %v: %v", exchangeTime, e.err)
}

// Is matches what the log's own error does.
func (e *overdueError) Is(target error) bool {
	return target != context.DeadlineExceeded && target != context.Canceled && errors.Is(e.err, target)
}

// unreachable returns what is wrong with the log, nil for nothing. h.mu is held.
func (h *Hub) unreachable() *UnreachableError {
	if h.failing >= 0 && h.now()-h.failed < slotPatience {
		return &UnreachableError{h.err}
	}
	if owes := h.now() - h.asked; h.asked >= 0 && owes >= slowAnswer {
		return &UnreachableError{fmt.Errorf("it has not answered for %v", owes.Round(10*time.Millisecond))}
	}
	return nil
}

// Queue returns the queue of those in the program who wait for a slot of an endpoint, in the line of all programs.
// When a context ends there while the log fails or does not answer, the error is an *UnreachableError and the context's.
func (h *Hub) Queue(endpoint string) *slot.Queue { return h.queues[endpoint] }

// ended returns the error of a caller whose context has ended.
func (h *Hub) ended(err error) error {
	if why := h.unreachable(); why != nil {
		return errors.Join(why, err)
	}
	return err
}

// Say tells all programs something, soon.
func (h *Hub) Say(facts ...Fact) {
	if len(facts) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.say(facts...)
}

func (h *Hub) say(facts ...Fact) {
	for i := range facts {
		if facts[i].Ended { // all programs see for themselves that it ends all waits for the activation
			h.forget(facts[i].Activation)
		}
	}
	h.outbox = append(h.outbox, facts...)
	h.wake()
}

func (h *Hub) giveBack(endpoint string, id uint64, outcome slot.Outcome) {
	h.say(Fact{Kind: Release, Endpoint: endpoint, ID: id, Outcome: int(outcome)})
}

// said reports whether everything has been said. What the last looks of a program show it says too, because others
// wait for it.
func (h *Hub) said() bool { return len(h.outbox) == 0 && (len(h.waits) > 0 || h.looks == 0) }

// Flush waits until what was said is in the log, but not for long. The program may end right after it: what its
// looks have shown must be in the log by then, and their slots be given back.
func (h *Hub) Flush() {
	h.mu.Lock()
	flushed, said := h.flushed, h.said() && !h.speaking
	h.mu.Unlock()
	if said {
		return
	}
	timer := time.NewTimer(flushTime)
	defer timer.Stop()
	select {
	case <-flushed:
	case <-timer.C:
	}
}

// Join announces a wait. seen is how long ago its activation was seen, below zero for never.
func (h *Hub) Join(id int64, special bool, seen, left time.Duration) {
	f := waitFact(id, special, seen, left)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waits[id] = ownWait{f, h.now()}
	h.outbox = append(h.outbox, f)
	h.wake()
}

func waitFact(id int64, special bool, seen, left time.Duration) Fact {
	f := Fact{Kind: Wait, Activation: id, For: left, Age: max(seen, 0)}
	if special {
		f.Flags |= Special
	}
	if seen < 0 {
		f.Flags |= Failed
	}
	return f
}

// Leave ends the program's wait for an activation, and lets the others know soon.
func (h *Hub) Leave(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, waits := h.waits[id]; !waits {
		return
	}
	h.forget(id)
	if h.state.Waits(h.self, id) {
		h.outbox = append(h.outbox, Fact{Kind: End, Activation: id})
	}
	h.wake()
}

// forget drops a wait of the program, also one that was not announced yet.
func (h *Hub) forget(id int64) {
	delete(h.waits, id)
	h.outbox = slices.DeleteFunc(h.outbox, func(f Fact) bool { return f.Kind == Wait && f.Activation == id })
}

// Awaited reports whether a program is known to wait for an activation.
func (h *Hub) Awaited(id int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Awaited(id)
}

// Looked tells what a look has shown, and gives its slot back.
func (h *Hub) Looked(look poll.Look, s *LookSlot, facts []Fact) {
	h.mu.Lock()
	h.looks--
	release := Fact{Kind: Release, Endpoint: h.state.endpointOf(look), ID: s.ID, Outcome: int(s.Outcome)}
	h.say(append([]Fact{release}, facts...)...)
	h.mu.Unlock()
}

// wake lets run decide anew, and starts it. h.mu is held.
func (h *Hub) wake() {
	if !h.running {
		h.running = true
		go h.run()
		return
	}
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// step is what run does next.
type step struct {
	fence  uint8
	test   bool
	facts  []Fact
	claims map[uint64]claim
	spoken bool // the facts are from the outbox
	read   bool
}

// run talks to the log until nobody waits any more.
func (h *Hub) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	watch := false // a Wait is under way
	watched := make(chan bool, 1)
	for {
		h.mu.Lock()
		if h.idle() {
			h.running = false
			if !h.reread { // who comes later may have better luck
				h.works()
			}
			h.mu.Unlock()
			return
		}
		s, next, expired := h.decide(h.now())
		cursor := h.cursor
		h.mu.Unlock()
		if len(expired) > 0 {
			h.Follower.Expired(expired)
		}
		if s == nil && len(expired) > 0 {
			continue // perhaps nobody waits any more
		}
		if s != nil {
			if wait := h.carryOut(ctx, s); wait > 0 {
				sleep(ctx, wait)
			}
			continue
		}
		if !watch {
			watch = true
			watching.Go(func() {
				err := h.log.Wait(ctx, cursor)
				if err != nil {
					sleep(ctx, time.Second)
				}
				h.mu.Lock()
				h.stale = h.stale || h.cursor == cursor
				h.mu.Unlock()
				watched <- true
			})
		}
		timer.Reset(max(next-h.now(), 0))
		select {
		case <-h.woken:
		case <-watched:
			watch = false
		case <-timer.C:
		}
		timer.Stop()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// idle reports whether there is nothing to do. h.mu is held, as in all below but carryOut.
func (h *Hub) idle() bool {
	if len(h.outbox) > 0 || len(h.waits) > 0 || len(h.readers) > 0 || len(h.requests) > 0 {
		return false
	}
	for endpoint, q := range h.queues {
		if q.WaitingLocked() > 0 || h.state.lines[endpoint].place(h.self) >= 0 && h.failing < 0 {
			return false
		}
	}
	return true
}

// decide returns what to say to the log now, or nil and when to decide again, and what
// has expired.
func (h *Hub) decide(now time.Duration) (s *step, next time.Duration, expired []int64) {
	next = now + time.Minute
	if h.reread || h.stale || h.cursor.Epoch == "" || len(h.readers) > 0 {
		h.stale = false
		return &step{read: true}, 0, nil
	}
	ids := h.state.Advance(now)
	expired = slices.DeleteFunc(ids, func(id int64) bool { _, waits := h.waits[id]; return !waits })
	for _, id := range expired {
		delete(h.waits, id)
	}
	if len(h.outbox) == 0 {
		for id, w := range h.waits {
			if !h.state.Waits(h.self, id) {
				f := w.fact
				f.For, f.Age = f.For-(now-w.at), f.Age+now-w.at
				h.outbox = append(h.outbox, f)
			}
		}
		if len(h.waits) > 0 && now-h.spoken >= renewWaits {
			h.outbox = append(h.outbox, Fact{Kind: Alive})
		}
	}
	if n := min(len(h.outbox), sayAtMost); n > 0 {
		s = &step{spoken: true}
		// A pause moves the fence, so that nobody takes a slot without knowing of it.
		switch i := slices.IndexFunc(h.outbox[:n], func(f Fact) bool { return f.Kind == Pause }); {
		case i == 0:
			n, s.fence = 1, fence(h.outbox[0].Endpoint)
		case i > 0:
			n = i
		}
		s.facts = slices.Clone(h.outbox[:n])
		h.outbox, h.speaking = h.outbox[n:], true
		return s, 0, expired
	}
	if s := h.order(); s != nil {
		return s, 0, expired
	}
	for endpoint, q := range h.queues {
		s, at := h.queue(endpoint, q, now)
		if s != nil {
			return s, 0, expired
		}
		next = min(next, at)
	}
	if len(h.waits) > 0 {
		s, at := h.look(now)
		if s != nil {
			return s, 0, expired
		}
		next = min(next, at, h.spoken+renewWaits)
	}
	h.works() // as far as is known: there is nothing to say
	return nil, next, expired
}

// queue serves those who wait for a slot.
func (h *Hub) queue(endpoint string, q *slot.Queue, now time.Duration) (s *step, next time.Duration) {
	next = now + time.Minute
	l, waiting := h.state.lines[endpoint], q.WaitingLocked()
	placed := l.place(h.self) >= 0
	if waiting == 0 {
		if placed {
			return &step{facts: []Fact{{Kind: Leave, Endpoint: endpoint}}}, 0
		}
		return nil, next
	}
	if k := q.GrantableLocked(now); k > 0 {
		s = &step{fence: fence(endpoint), test: true, claims: make(map[uint64]claim, k)}
		for range k {
			id := rand.Uint64() | 1
			s.claims[id] = claim{endpoint: endpoint, sendBy: time.Now().Add(timeToSend)}
			s.facts = append(s.facts, Fact{Kind: Hold, Endpoint: endpoint, ID: id, For: h.lease()})
		}
		return s, 0
	}
	renew := now
	if placed {
		renew = l.tickets[l.place(h.self)].renewed + renewTicket
	}
	if now >= renew {
		s = &step{facts: []Fact{{Kind: Ticket, Endpoint: endpoint}}}
		if !placed {
			s.fence, s.test = fence(endpoint), true
			h.tell(endpoint, waiting, now)
		}
		return s, 0
	}
	if at, ok := l.slots.Next(l.ahead(h.self), now); ok {
		next = max(at, now+time.Millisecond)
	}
	return nil, min(next, renew)
}

// tell logs why the program waits.
func (h *Hub) tell(endpoint string, waiting int, now time.Duration) {
	l := h.state.lines[endpoint]
	attrs := []any{"endpoint", endpoint, "calls", waiting, "programs_ahead", len(l.tickets), "free", max(l.slots.Free(), 0)}
	if until := l.slots.Paused(); until > now {
		attrs = append(attrs, "closed_for", (until - now).Round(time.Millisecond))
	}
	if at, ok := l.slots.Next(l.ahead(h.self), now); ok {
		attrs = append(attrs, "next_slot_in", (at - now).Round(time.Millisecond))
	}
	h.Logger.Debug("tempnumber: waits for a slot of the limit that programs share", attrs...)
}

// look sends the next look, if it is the program's turn.
func (h *Hub) look(now time.Duration) (s *step, next time.Duration) {
	look, again := h.state.Next(now)
	if look == (poll.Look{}) {
		h.lookAt = -1
		return nil, max(again, now+time.Millisecond)
	}
	if h.lookAt < 0 {
		h.lookAt = now
	}
	if turn := h.lookAt + h.state.Turn(h.self); now < turn {
		return nil, turn
	}
	endpoint, id := h.state.endpointOf(look), rand.Uint64()|1
	return &step{
		fence: fence(endpoint), test: true,
		claims: map[uint64]claim{id: {endpoint: endpoint, sendBy: time.Now().Add(timeToSend), look: &look}},
		facts: []Fact{
			{Kind: Hold, Endpoint: endpoint, ID: id, For: h.lease()},
			{Kind: Look, ID: id, Activation: look.ID, Page: look.Page, Size: look.Size},
		},
	}, 0
}

// fence returns the fence of an endpoint's slots. Two that have the same one cost a conflict now and then.
func fence(endpoint string) uint8 {
	f := fnv.New32a()
	_, _ = f.Write([]byte(endpoint))
	return uint8(f.Sum32()%254) + 1
}

// snapshotFence stands in for a fence in what a snapshot is sealed with.
const snapshotFence = 255

// carryOut says something to the log and takes in its answer. It returns how long to
// wait before the next try, after a failure.
func (h *Hub) carryOut(ctx context.Context, s *step) (wait time.Duration) {
	h.mu.Lock()
	cursor := h.cursor
	for id, c := range s.claims {
		h.claims[id] = c
	}
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	var view sharing.View
	var err error
	before := h.now()
	h.mu.Lock()
	h.asked = before
	h.mu.Unlock()
	if s.read {
		view, err = h.log.Read(ctx, cursor)
	} else {
		data := h.sealer.seal(cursor.Epoch, s.fence, message{h.self, s.facts}.encode())
		view, err = h.log.Append(ctx, sharing.Append{After: cursor, Fence: s.fence, Test: s.test, Data: data})
	}
	after := h.now()
	h.mu.Lock()
	h.asked = -1
	if s.spoken {
		h.speaking = false
		if !view.Appended {
			h.outbox = append(s.facts, h.outbox...)
		}
	}
	if err != nil {
		h.mu.Unlock()
		if ctx.Err() != nil {
			err = &overdueError{err}
		}
		return h.fails(err, s.read, before, after)
	}
	if h.reread = false; !s.read || !h.unsaid {
		h.works()
	}
	seen := h.take(view, before, after)
	if view.Appended {
		h.spoken = after
	}
	if h.said() {
		close(h.flushed)
		h.flushed = make(chan struct{})
	}
	h.tellReaders(nil)
	h.written()
	looks := h.grant()
	clear(h.claims) // what the log does not show was refused; if it comes late it is given back unused
	for _, q := range h.queues {
		q.ChangedLocked(h.now())
	}
	snapshot := h.snapshot(view)
	h.mu.Unlock()

	if len(seen) > 0 {
		h.Follower.Show(seen)
	}
	for _, l := range looks {
		h.Follower.Send(*l.look, l.slot)
	}
	if snapshot != nil {
		_ = h.log.Compact(ctx, *snapshot) // another will try
	}
	return 0
}

// works takes in that the log does not fail.
func (h *Hub) works() { h.failing, h.unsaid, h.err = -1, false, nil }

// fails takes in that the log failed.
func (h *Hub) fails(err error, read bool, before, after time.Duration) (wait time.Duration) {
	h.mu.Lock()
	if h.failing < 0 || before-h.failed >= slotPatience { // long ago is another failure
		h.failing = before
	}
	h.failed, h.err, h.reread, h.unsaid = after, err, true, h.unsaid || !read
	failing := after - h.failing
	if failing >= slotPatience {
		h.tellReaders(err)
		h.failOrders(&UnreachableError{err})
		waiting := len(h.waits)
		for _, q := range h.queues {
			waiting += q.WaitingLocked()
			q.FailLocked(&UnreachableError{err})
		}
		if waiting == 0 {
			h.outbox = nil // leases end by themselves
		}
	}
	tell := failing >= lookPatience && len(h.waits) > 0
	h.mu.Unlock()
	if tell {
		h.Follower.Unreachable(&UnreachableError{err})
	}
	return min(max(failing/4, 20*time.Millisecond), time.Second)
}

func (h *Hub) tellReaders(err error) {
	for _, r := range h.readers {
		r <- err
	}
	h.readers = nil
}

// take takes in what the log shows. before and after are when it was asked and when the
// answer was there. What the log's clock and the program's own say of the time between
// two answers must agree: where the log's went faster, as much is taken off the age of
// what is new, so that a slot is free only when both say so.
func (h *Hub) take(v sharing.View, before, after time.Duration) (seen []Sighting) {
	excess := time.Duration(0)
	switch {
	case v.Epoch.ID != h.cursor.Epoch:
		h.replace(h.newState())
		switch age := max(v.Now-v.Epoch.Began, 0); {
		case !v.Epoch.New:
			h.state.Close(after-age, h.lease())
			if age < h.lease() {
				h.Logger.Warn("tempnumber: the log that programs share the key by is empty, or was lost; nothing is sent until no request of before can count any more")
			}
		case h.known: // new to others, and something was lost all the same
			h.state.Close(after, h.lease())
		}
	case h.known:
		excess = max(0, v.Now-h.logThen-(before-h.localThen))
	}
	at := func(at time.Duration) time.Duration { return after - max(0, v.Now-at-excess) }
	if v.Snapshot != nil {
		h.replaceBy(v, at(v.Snapshot.At))
	}
	for _, e := range v.Entries {
		m, err := h.open(v.Epoch.ID, e)
		now := at(e.At)
		if err != nil {
			h.notRead(err, now)
			continue
		}
		for _, s := range h.state.Apply(m.program, m.facts, now) {
			seen = append(seen, Sighting{Own: m.program == h.self, Sent: h.start.Add(s.Sent), List: s.List, Data: s.Data})
		}
		for _, f := range m.facts {
			switch {
			case f.Kind == Look:
				h.lookAt = -1
			case f.Kind == Wait && m.program == h.self:
				if _, waits := h.waits[f.Activation]; !waits { // it ended meanwhile
					h.say(Fact{Kind: End, Activation: f.Activation})
				}
			case f.Kind != Hold || m.program != h.self:
			case h.claims[f.ID].endpoint != "":
				h.got = append(h.got, f.ID)
			default: // it was given up
				h.giveBack(f.Endpoint, f.ID, slot.NotSent)
			}
		}
	}
	h.cursor, h.known, h.logThen, h.localThen = v.Cursor(h.cursor), true, v.Now, after
	return seen
}

// notRead takes in that an entry cannot be read. Anybody can write one without the key, so it says nothing. But one of
// a later format is another program's, and what it holds is not known.
func (h *Hub) notRead(err error, at time.Duration) {
	if h.unread++; !errors.Is(err, errLater) {
		return
	}
	if !h.later {
		h.later = true
		h.Logger.Warn("tempnumber: a program of a later version shares the key, and what it sends is not known here; nothing is sent beside it until this program is brought up to date")
	}
	h.state.Close(at, h.lease())
}

func (h *Hub) open(epoch string, e sharing.Entry) (message, error) {
	data, err := h.sealer.open(epoch, e.Fence, e.Data)
	if err != nil {
		return message{}, err
	}
	return decodeMessage(data)
}

// replace lets everything go by another state.
func (h *Hub) replace(s *State) {
	h.state = s
	h.lookAt = -1
	for endpoint, q := range h.queues {
		q.ReplaceLocked(s.lines[endpoint].slots)
	}
}

// replaceBy begins anew with a snapshot. One that cannot be read closes everything.
func (h *Hub) replaceBy(v sharing.View, at time.Duration) {
	closed := !v.Epoch.New && v.Epoch.ID != h.cursor.Epoch
	state := h.newState()
	messages, err := h.openSnapshot(v)
	if err != nil {
		h.unread++
		state.Close(h.now(), h.lease())
	}
	for _, m := range messages {
		state.Apply(m.program, m.facts, at)
	}
	if closed {
		state.Close(at-max(v.Snapshot.At-v.Epoch.Began, 0), h.lease())
	}
	h.replace(state)
}

// grant hands out the slots that the log shows as the program's.
func (h *Hub) grant() (looks []looking) {
	for _, id := range h.got {
		c := h.claims[id]
		switch {
		case !time.Now().Before(c.sendBy): // it took too long
			h.giveBack(c.endpoint, id, slot.NotSent)
		case c.look != nil:
			h.looks++
			looks = append(looks, looking{c.look, &LookSlot{ID: id, SendBy: c.sendBy, Outcome: slot.NotSent}})
		case !h.queues[c.endpoint].GrantLocked(id, c.sendBy):
			h.giveBack(c.endpoint, id, slot.NotSent)
		}
	}
	h.got = h.got[:0]
	return looks
}

type looking struct {
	look *poll.Look
	slot *LookSlot
}
