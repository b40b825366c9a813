package share

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

const (
	// ticketLife is how long a place in the line is kept whose slot is there, unless it is renewed.
	ticketLife = 10 * time.Second
	// waitLife is how long the waits of a program count that is not heard of.
	waitLife = 2 * time.Minute
	// stagger is how much later than the one before the programs try to send the next look.
	stagger = 15 * time.Millisecond
	// orderLife is how long orders count against caps.
	orderLife = 24 * time.Hour
)

// Limit is the limit of an endpoint.
type Limit struct {
	Requests int
	Window   time.Duration
}

// budget returns what looks may spend of the limit: a tenth is left to the programs' own calls, as limiters leave it too.
func (l Limit) budget() poll.Budget {
	return poll.Budget{Requests: l.Requests, Window: l.Window, Reserve: l.Requests / 10}
}

// State is what the entries of a log say together. It has no clock: moments count from
// a beginning of the caller's own. Each program works out its own State, and counts by
// its own limits what all of them hold.
type State struct {
	start time.Time
	lines map[string]*line

	single, list string // the endpoints of looks
	policy       *poll.Policy
	waits        map[int64]*awaited
	joined       []uint64       // programs that wait, in the order of joining
	each         map[uint64]int // how many activations each of them waits for
	heard        map[uint64]time.Duration
	sticky       uint64 // the program that sent the last look
	looks        map[uint64]poll.Look

	orders map[uint64]*order
	bought map[int64]*order // that count against a cap, by what they bought
	keeps  bool             // orders count for ever
	spent  int64            // what they cost that are no longer listed
}

// line is an endpoint: its slots and those who wait for one.
type line struct {
	slots   *slot.Slots
	tickets []ticket // first come first
}

type ticket struct {
	program uint64
	since   time.Duration
	renewed time.Duration
}

// awaited is an activation that programs wait for.
type awaited struct {
	by      []member
	since   time.Duration
	expires time.Duration
	told    bool // expires is what a single look said
}

// member is a program that waits, and the flags of its Wait.
type member struct {
	program uint64
	flags   Flags
}

func (a *awaited) special() bool {
	return slices.ContainsFunc(a.by, func(m member) bool { return m.flags&Special != 0 })
}

func (a *awaited) leave(program uint64) {
	a.by = slices.DeleteFunc(a.by, func(m member) bool { return m.program == program })
}

// waits reports whether a program waits for the activation.
func (a *awaited) waits(program uint64) bool {
	return a != nil && slices.ContainsFunc(a.by, func(m member) bool { return m.program == program })
}

// Shown is an activation as somebody saw it.
type Shown struct {
	Sent time.Duration
	List bool
	Data []byte
}

// NewState returns the state of an empty log. single and list name the endpoints of looks.
func NewState(start time.Time, limits map[string]Limit, single, list string) *State {
	s := &State{
		start: start, lines: make(map[string]*line), single: single, list: list,
		waits: make(map[int64]*awaited), each: make(map[uint64]int), heard: make(map[uint64]time.Duration), looks: make(map[uint64]poll.Look),
		orders: make(map[uint64]*order), bought: make(map[int64]*order),
	}
	for endpoint, limit := range limits {
		s.lines[endpoint] = &line{slots: slot.NewSlots(limit.Requests, limit.Window)}
	}
	s.policy = poll.New(limits[single].budget(), limits[list].budget())
	return s
}

func (s *State) time(at time.Duration) time.Time { return s.start.Add(at) }

// Close closes every endpoint from a moment on for d and a window, because what was
// held before is not known.
func (s *State) Close(at, d time.Duration) {
	for _, l := range s.lines {
		l.slots.Close(at, d)
	}
}

// Apply takes in what a program says at a moment, and returns the activations that it shows.
func (s *State) Apply(program uint64, facts []Fact, at time.Duration) (shown []Shown) {
	s.heard[program] = at
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case Hold, Release, Ticket, Leave, Pause, Held, Closed:
			if l := s.lines[f.Endpoint]; l != nil {
				l.apply(program, f, at)
			}
		case Wait:
			s.wait(program, f, at)
		case End:
			s.end(program, f.Activation)
		case Look:
			s.look(program, f, at)
		case Seen:
			s.seen(f, at)
		case Item:
			shown = append(shown, s.item(f, at))
		case Confirm:
			s.policy.Confirm(f.Activation)
		case Order, Settled:
			s.order(program, f, at)
		case Alive: // heard of, which is all
		}
	}
	return shown
}

func (l *line) apply(program uint64, f *Fact, at time.Duration) {
	l.slots.Reclaim(at)
	switch f.Kind {
	case Hold:
		l.leave(program)
		l.slots.Lease(f.ID, at, f.For)
	case Release:
		l.slots.ReturnLease(f.ID, slot.Outcome(f.Outcome), at)
	case Ticket:
		if i := l.place(program); i >= 0 {
			l.tickets[i].renewed = at
		} else {
			l.tickets = append(l.tickets, ticket{program, at - f.Age, at})
		}
	case Leave:
		l.leave(program)
	case Pause:
		l.slots.Pause(at, f.For)
	case Held:
		l.slots.Hold(at, f.For)
	case Closed:
		l.slots.Close(at, f.For)
	}
}

// place returns the place of a program in the line, -1 if it has none.
func (l *line) place(program uint64) int {
	return slices.IndexFunc(l.tickets, func(t ticket) bool { return t.program == program })
}

func (l *line) leave(program uint64) {
	if i := l.place(program); i >= 0 {
		l.tickets = slices.Delete(l.tickets, i, i+1)
	}
}

// ahead returns how many go before a program: all of the line if it has no place in it.
func (l *line) ahead(program uint64) int {
	if i := l.place(program); i >= 0 {
		return i
	}
	return len(l.tickets)
}

// Advance lets go of what has lapsed. It returns the activations that are no longer
// waited for because their time is over.
func (s *State) Advance(now time.Duration) (expired []int64) {
	for _, l := range s.lines {
		l.slots.Reclaim(now)
		for i := range l.tickets { // no place lapses while its slot has not come
			if !l.slots.Grants(i, now) {
				l.tickets[i].renewed = max(l.tickets[i].renewed, now)
			}
		}
		l.tickets = slices.DeleteFunc(l.tickets, func(t ticket) bool { return now-t.renewed >= ticketLife })
	}
	for _, program := range slices.Clone(s.joined) {
		if now-s.heard[program] >= waitLife {
			for _, id := range slices.Sorted(maps.Keys(s.waits)) {
				s.end(program, id)
			}
		}
	}
	maps.DeleteFunc(s.heard, func(_ uint64, at time.Duration) bool { return now-at >= waitLife })
	maps.DeleteFunc(s.looks, func(_ uint64, l poll.Look) bool { return now-l.Sent.Sub(s.start) >= waitLife })
	s.lapse(now)
	for _, id := range s.policy.Expired(s.time(now)) {
		expired = append(expired, id)
		s.drop(id)
	}
	return expired
}

func (s *State) wait(program uint64, f *Fact, at time.Duration) {
	a := s.waits[f.Activation]
	if a == nil {
		a = &awaited{since: at - f.Since, expires: at + f.For}
		s.waits[f.Activation] = a
		var seen time.Time
		if f.Flags&Failed == 0 { // it was seen
			seen = s.time(at - f.Age)
		}
		s.policy.Add(f.Activation, s.time(at), seen, s.time(a.expires))
	}
	if !a.waits(program) {
		if s.each[program]++; s.each[program] == 1 {
			s.joined = append(s.joined, program)
		}
	}
	a.leave(program)
	a.by = append(a.by, member{program, f.Flags})
}

// Waits reports whether a program waits for an activation.
func (s *State) Waits(program uint64, id int64) bool { return s.waits[id].waits(program) }

// Awaited reports whether anybody waits for an activation.
func (s *State) Awaited(id int64) bool { return s.waits[id] != nil }

func (s *State) end(program uint64, id int64) {
	if !s.Waits(program, id) {
		return
	}
	a := s.waits[id]
	a.leave(program)
	s.left(program)
	if len(a.by) == 0 {
		s.policy.Remove(id)
		delete(s.waits, id)
	}
}

// drop ends all waits for an activation, which the policy has let go of.
func (s *State) drop(id int64) {
	if a := s.waits[id]; a != nil {
		for _, m := range a.by {
			s.left(m.program)
		}
		delete(s.waits, id)
	}
}

// left takes in that a program waits for one activation less. Who waits for none is no longer among those that have joined.
func (s *State) left(program uint64) {
	if s.each[program]--; s.each[program] == 0 {
		delete(s.each, program)
		s.joined = slices.DeleteFunc(s.joined, func(p uint64) bool { return p == program })
	}
}

func (s *State) look(program uint64, f *Fact, at time.Duration) {
	l := poll.Look{ID: f.Activation, Page: f.Page, Size: f.Size, Sent: s.time(at)}
	s.sticky = program
	s.commit(f.ID, l)
	s.policy.Granted(l, l.Sent)
}

// commit takes in that a look is going to be sent, as soon as it has its slot.
func (s *State) commit(id uint64, l poll.Look) {
	s.looks[id] = l
	s.policy.Commit(l)
}

// seen takes in the end of a look, and what a list showed.
func (s *State) seen(f *Fact, at time.Duration) {
	l, known := s.looks[f.ID]
	if known {
		delete(s.looks, f.ID)
		s.policy.Ended(l, s.time(at))
	} else {
		l = poll.Look{ID: f.Activation, Page: f.Page, Size: f.Size, Sent: s.time(at - f.Age)}
	}
	refused, listed := f.Flags&Refused != 0, f.Flags&(List|Failed) == List
	switch {
	case refused:
		s.policy.Refused(l)
	case listed:
		page := poll.Page{Sent: l.Sent, Number: f.Page, Size: f.Size, Total: f.Total}
		for _, r := range f.Rows {
			arrived := r.Flags&HadSMS != 0
			if a := s.waits[r.Activation]; a != nil {
				arrived = r.Flags&HasSMS != 0 && !a.special()
			}
			page.Items = append(page.Items, poll.Item{ID: r.Activation, Arrived: arrived})
		}
		s.policy.Listed(page)
	}
}

// item takes in an activation. What shows an SMS with its text ends the waits for it.
func (s *State) item(f *Fact, at time.Duration) Shown {
	list, sent := f.Flags&List != 0, at-f.Age
	a := s.waits[f.Activation]
	plain := a != nil && !a.special()
	arrived := f.Flags&HasSMS != 0 && plain
	if !list {
		s.policy.Looked(f.Activation, s.time(sent), s.time(at), arrived)
	}
	ends := arrived && (!list || f.Flags&HasText != 0)
	timed := a != nil && f.For != 0 && !(list && a.told)
	switch {
	case ends:
		s.policy.Remove(f.Activation)
		s.drop(f.Activation)
	case timed: // below zero: its time is over
		a.expires, a.told = at+max(f.For, 0), !list
		s.policy.Expire(f.Activation, s.time(a.expires), s.time(at))
	}
	return Shown{Sent: sent, List: list, Data: f.Data}
}

// Next returns the look that is to be sent next, or the moment to ask again. Looks
// leave the reserve free, and a slot for each program in the line.
func (s *State) Next(now time.Duration) (look poll.Look, again time.Duration) {
	again = now + time.Minute
	granted := func(endpoint string) bool {
		l := s.lines[endpoint]
		if l == nil {
			return true
		}
		l.slots.Reclaim(now)
		leaves := l.slots.Reserve() + len(l.tickets)
		if l.slots.Grants(leaves, now) {
			return true
		}
		if at, ok := l.slots.Next(leaves, now); ok {
			again = min(again, max(at, now+time.Millisecond))
		}
		return false
	}
	look, at := s.policy.PeekOf(s.time(now), granted(s.list), granted(s.single))
	if look == (poll.Look{}) && !at.IsZero() {
		again = min(again, at.Sub(s.start))
	}
	return look, again
}

func (s *State) endpointOf(l poll.Look) string {
	if l.IsList() {
		return s.list
	}
	return s.single
}

// Turn returns how much later than the first a program tries to send the next look:
// who has sent the last one goes first, and the others follow in the order of joining.
func (s *State) Turn(program uint64) time.Duration {
	turn := time.Duration(0)
	if slices.Contains(s.joined, s.sticky) {
		if program == s.sticky {
			return 0
		}
		turn = stagger
	}
	for _, p := range s.joined {
		switch p {
		case program:
			return turn
		case s.sticky:
		default:
			turn += stagger
		}
	}
	return turn
}

// snapshot returns what says the same as all entries so far, as messages of one moment.
func (s *State) snapshot(at time.Duration) []message {
	byProgram := make(map[uint64][]Fact)
	var held []Fact
	add := func(program uint64, f Fact) { byProgram[program] = append(byProgram[program], f) }
	for _, endpoint := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[endpoint]
		l.slots.Reclaim(at)
		leases, back, closed, pause := l.slots.Taken(at)
		for id, d := range leases {
			held = append(held, Fact{Kind: Hold, Endpoint: endpoint, ID: id, For: d})
		}
		for _, d := range back {
			held = append(held, Fact{Kind: Held, Endpoint: endpoint, For: d})
		}
		if closed > -l.slots.Window() {
			held = append(held, Fact{Kind: Closed, Endpoint: endpoint, For: closed})
		}
		if pause >= 0 {
			held = append(held, Fact{Kind: Pause, Endpoint: endpoint, For: pause})
		}
	}
	for _, endpoint := range slices.Sorted(maps.Keys(s.lines)) {
		for i, t := range s.lines[endpoint].tickets {
			// The order of the line is the order of the messages, so each has one of its own.
			held = append(held, Fact{Kind: Ticket, Endpoint: endpoint, ID: t.program, Age: at - t.since, Size: i})
		}
	}
	messages := []message{}
	for _, f := range held {
		program := uint64(0)
		if f.Kind == Ticket {
			program, f.ID, f.Size = f.ID, 0, 0
		}
		if n := len(messages); n > 0 && messages[n-1].program == program {
			messages[n-1].facts = append(messages[n-1].facts, f)
		} else {
			messages = append(messages, message{program: program, facts: []Fact{f}})
		}
	}
	ids := slices.SortedFunc(maps.Keys(s.waits), func(a, b int64) int {
		return cmp.Or(cmp.Compare(s.waits[a].since, s.waits[b].since), cmp.Compare(a, b))
	})
	for _, id := range ids {
		a := s.waits[id]
		for _, m := range a.by {
			add(m.program, Fact{Kind: Wait, Activation: id, For: a.expires - at, Flags: m.flags, Age: at - a.since, Since: at - a.since})
		}
	}
	for id, o := range s.orders {
		add(o.program, Fact{Kind: Order, ID: id, Age: at - o.at, Pair: o.pair, Amount: o.amount})
		if o.settled {
			add(o.program, Fact{Kind: Settled, ID: id, Age: at - o.ended, Outcome: o.outcome, Activation: o.activation, Amount: o.amount})
		}
	}
	for _, program := range append(slices.Clone(s.joined), slices.Sorted(maps.Keys(byProgram))...) {
		if facts := byProgram[program]; facts != nil {
			messages = append(messages, message{program: program, facts: facts})
			delete(byProgram, program)
		}
	}
	return messages
}
