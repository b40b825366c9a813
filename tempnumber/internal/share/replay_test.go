package share

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// begin is where the moments of the tests count from.
func begin() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func at(d time.Duration) time.Time { return begin().Add(d) }

func newState() *State { return NewState(begin(), limits(), "one", "page") }

// newPolicy is the policy of a state without waits.
func newPolicy() *poll.Policy {
	return poll.New(poll.Budget{Requests: 80, Window: 2 * time.Minute, Reserve: 8}, poll.Budget{Requests: 10, Window: time.Minute, Reserve: 1})
}

// The lives of what is in the log are figures that programs of other versions count on.
func TestLives(t *testing.T) {
	require.Equal(t, 10*time.Second, ticketLife)
	require.Equal(t, 2*time.Minute, waitLife)
	require.Equal(t, 15*time.Millisecond, stagger)
	require.Equal(t, 24*time.Hour, orderLife)
}

// What a fact does to slots is what package slot does for the same, at the moment of the entry.
func TestFactsOfSlots(t *testing.T) {
	const now = 7 * time.Second
	hold := Fact{Kind: Hold, Endpoint: "page", ID: 5, For: time.Minute}
	for name, test := range map[string]struct {
		facts []Fact
		want  func(s *slot.Slots)
	}{
		"hold":               {[]Fact{hold}, func(s *slot.Slots) { s.Lease(5, now, time.Minute) }},
		"hold twice":         {[]Fact{hold, hold}, func(s *slot.Slots) { s.Lease(5, now, time.Minute) }},
		"two of them":        {[]Fact{hold, {Kind: Hold, Endpoint: "page", ID: 6, For: time.Second}}, func(s *slot.Slots) { s.Lease(5, now, time.Minute); s.Lease(6, now, time.Second) }},
		"release":            {[]Fact{hold, {Kind: Release, Endpoint: "page", ID: 5, Outcome: int(slot.NoAnswer)}}, func(s *slot.Slots) { s.Lease(5, now, time.Minute); s.ReturnLease(5, slot.NoAnswer, now) }},
		"pause":              {[]Fact{{Kind: Pause, Endpoint: "page", For: time.Second}}, func(s *slot.Slots) { s.Pause(now, time.Second) }},
		"held":               {[]Fact{{Kind: Held, Endpoint: "page", For: time.Second}}, func(s *slot.Slots) { s.Hold(now, time.Second) }},
		"closed":             {[]Fact{{Kind: Closed, Endpoint: "page", For: time.Second}}, func(s *slot.Slots) { s.Close(now, time.Second) }},
		"of no limit":        {[]Fact{{Kind: Hold, Endpoint: "another", ID: 5, For: time.Minute}}, func(*slot.Slots) {}},
		"of a later version": {[]Fact{{Kind: 99, Endpoint: "page", ID: 5, For: time.Minute}}, func(*slot.Slots) {}},
	} {
		s, want := newState(), slot.NewSlots(10, time.Minute)
		s.Apply(1, test.facts, now)
		test.want(want)
		require.Equal(t, want, s.lines["page"].slots, name)
		require.Equal(t, slot.NewSlots(80, 2*time.Minute), s.lines["one"].slots, "an endpoint is no other")
	}
}

// A program with other limits counts by its own what all hold: it may be below zero.
func TestEachCountsByItsOwnLimits(t *testing.T) {
	wide, narrow := newState(), NewState(begin(), map[string]Limit{"page": {2, time.Minute}}, "one", "page")
	for id := range uint64(5) {
		for _, s := range []*State{wide, narrow} {
			s.Apply(1, []Fact{{Kind: Hold, Endpoint: "page", ID: id + 1, For: time.Minute}, {Kind: Hold, Endpoint: "one", ID: id + 1}}, 0)
		}
	}
	require.Equal(t, 5, wide.lines["page"].slots.Free())
	require.Equal(t, -3, narrow.lines["page"].slots.Free())
	require.False(t, narrow.lines["page"].slots.Grants(0, 0))
}

func TestSlotsComeBackBeforeTheNextFact(t *testing.T) {
	s := newState()
	s.Apply(1, []Fact{{Kind: Hold, Endpoint: "page", ID: 5, For: time.Second}}, 0)
	s.Apply(1, []Fact{{Kind: Release, Endpoint: "page", ID: 5, Outcome: int(slot.NoAnswer)}}, 2*time.Minute)
	require.Equal(t, 10, s.lines["page"].slots.Free(), "the lease was over before the release came")
}

func TestClose(t *testing.T) {
	s := newState()
	s.Close(3*time.Second, time.Minute)
	for endpoint, window := range map[string]time.Duration{"one": 2 * time.Minute, "page": time.Minute} {
		opens := 3*time.Second + time.Minute + window + window/1000
		require.False(t, s.lines[endpoint].slots.Grants(0, opens-1), endpoint)
		require.True(t, s.lines[endpoint].slots.Grants(0, opens), endpoint)
	}
}

func TestTickets(t *testing.T) {
	s := newState()
	l := s.lines["page"]
	s.Apply(1, []Fact{{Kind: Ticket, Endpoint: "page", Age: time.Second}}, 3*time.Second)
	s.Apply(2, []Fact{{Kind: Ticket, Endpoint: "page"}}, 3*time.Second)
	s.Apply(3, []Fact{{Kind: Ticket, Endpoint: "page"}}, 4*time.Second)
	s.Apply(1, []Fact{{Kind: Ticket, Endpoint: "page"}}, 5*time.Second)
	require.Equal(t, []ticket{
		{1, 2 * time.Second, 5 * time.Second}, {2, 3 * time.Second, 3 * time.Second}, {3, 4 * time.Second, 4 * time.Second},
	}, l.tickets, "who renews keeps its place")
	require.Equal(t, [4]int{0, 1, 2, 3}, [4]int{l.ahead(1), l.ahead(2), l.ahead(3), l.ahead(4)})

	s.Apply(2, []Fact{{Kind: Leave, Endpoint: "page"}}, 5*time.Second)
	s.Apply(2, []Fact{{Kind: Leave, Endpoint: "page"}}, 5*time.Second)
	require.Equal(t, [4]int{0, 2, 1, 2}, [4]int{l.ahead(1), l.ahead(2), l.ahead(3), l.ahead(4)})
	s.Apply(1, []Fact{{Kind: Hold, Endpoint: "page", ID: 1, For: time.Minute}}, 6*time.Second)
	require.Equal(t, []ticket{{3, 4 * time.Second, 4 * time.Second}}, l.tickets, "who has a slot stands in line no more")
	require.Empty(t, s.lines["one"].tickets)
}

// A place lapses ten seconds after it was renewed, or after the slot has come that it is for.
func TestTicketsLapse(t *testing.T) {
	s := newState()
	l := s.lines["page"]
	for id := range uint64(9) {
		s.Apply(9, []Fact{{Kind: Held, Endpoint: "page", ID: id + 1}}, 0) // back at 60.06 s
	}
	s.Apply(1, []Fact{{Kind: Ticket, Endpoint: "page"}}, 0)
	s.Apply(2, []Fact{{Kind: Ticket, Endpoint: "page"}}, 0)
	s.Advance(ticketLife - 1)
	require.Len(t, l.tickets, 2)
	s.Advance(ticketLife)
	require.Equal(t, []ticket{{2, 0, ticketLife}}, l.tickets, "one slot is free, so one place can lapse")
	s.Advance(2*ticketLife - 1)
	require.Len(t, l.tickets, 1)
	s.Apply(2, []Fact{{Kind: Ticket, Endpoint: "page"}}, 2*ticketLife-1)
	s.Advance(3*ticketLife - 2)
	require.Len(t, l.tickets, 1, "it was renewed")
	s.Advance(3*ticketLife - 1)
	require.Empty(t, l.tickets)
}

func TestHeard(t *testing.T) {
	s := newState()
	s.Apply(1, []Fact{{Kind: Alive}}, time.Second)
	s.Apply(2, []Fact{{Kind: Wait, Activation: 7, For: time.Hour}}, time.Second)
	s.Apply(3, []Fact{{Kind: Wait, Activation: 7, For: time.Hour}, {Kind: Wait, Activation: 8, For: time.Hour}}, 2*time.Second)
	require.Empty(t, s.Advance(time.Second+waitLife-1))
	require.Equal(t, map[uint64]time.Duration{1: time.Second, 2: time.Second, 3: 2 * time.Second}, s.heard)
	require.True(t, s.Waits(2, 7))
	require.Empty(t, s.Advance(time.Second+waitLife), "the number's time is not over")
	require.Equal(t, map[uint64]time.Duration{3: 2 * time.Second}, s.heard)
	require.False(t, s.Waits(2, 7))
	require.True(t, s.Waits(3, 7), "another waits for the same")
	require.Equal(t, []uint64{3}, s.joined)
	s.Apply(3, []Fact{{Kind: Alive}}, time.Minute)
	s.Advance(waitLife + 30*time.Second)
	require.True(t, s.Awaited(8), "it said that it is there")
	s.Advance(waitLife + time.Minute)
	require.False(t, s.Awaited(7) || s.Awaited(8))
	require.Empty(t, s.joined)
}

func TestWaitsOfPrograms(t *testing.T) {
	s, want := newState(), newPolicy()
	same := func(why string) {
		t.Helper()
		require.Equal(t, want, s.policy, why)
	}
	s.Apply(1, []Fact{{Kind: Wait, Activation: 7, For: time.Hour, Age: 3 * time.Second}}, 5*time.Second)
	want.Add(7, at(5*time.Second), at(2*time.Second), at(5*time.Second+time.Hour))
	same("it was seen three seconds before")
	s.Apply(2, []Fact{{Kind: Wait, Activation: 7, For: time.Minute, Flags: Special}}, 6*time.Second)
	same("it is waited for already")
	s.Apply(2, []Fact{{Kind: Wait, Activation: 9, For: time.Minute, Flags: Failed}}, 7*time.Second)
	want.Add(9, at(7*time.Second), time.Time{}, at(67*time.Second))
	same("it was never seen")
	require.Equal(t, map[int64]*awaited{
		7: {by: []member{{1, 0}, {2, Special}}, since: 5 * time.Second, expires: 5*time.Second + time.Hour},
		9: {by: []member{{2, Failed}}, since: 7 * time.Second, expires: 67 * time.Second},
	}, s.waits)
	require.Equal(t, []uint64{1, 2}, s.joined)
	require.True(t, s.waits[7].special())
	require.False(t, s.waits[9].special())
	require.Equal(t, [5]bool{true, true, true, false, false}, [5]bool{s.Waits(1, 7), s.Waits(2, 7), s.Waits(2, 9), s.Waits(1, 9), s.Waits(1, 8)})
	require.Equal(t, [2]bool{true, false}, [2]bool{s.Awaited(9), s.Awaited(8)})

	s.Apply(1, []Fact{{Kind: End, Activation: 7}, {Kind: End, Activation: 8}}, 8*time.Second)
	same("another still waits for it")
	require.Equal(t, []uint64{2}, s.joined)
	s.Apply(2, []Fact{{Kind: End, Activation: 7}}, 8*time.Second)
	want.Remove(7)
	same("nobody does")
	require.False(t, s.Awaited(7))
	require.Equal(t, []uint64{2}, s.joined)

	s.Apply(2, []Fact{{Kind: Confirm, Activation: 9}}, 9*time.Second)
	want.Confirm(9)
	same("it is to be looked at before others")
}

// A wait ends when the policy says that the number's time is over: half an hour later where no look was possible.
func TestWaitsExpire(t *testing.T) {
	s, want := newState(), newPolicy()
	s.Apply(1, []Fact{{Kind: Wait, Activation: 7, For: time.Minute}, {Kind: Wait, Activation: 8, For: time.Hour}}, 0)
	want.Add(7, at(0), at(0), at(time.Minute))
	want.Add(8, at(0), at(0), at(time.Hour))
	var expired, wanted []int64
	for now := time.Duration(0); now < 40*time.Minute; now += time.Minute {
		s.Apply(1, []Fact{{Kind: Alive}}, now)
		expired = append(expired, s.Advance(now)...)
		wanted = append(wanted, want.Expired(at(now))...)
		require.Equal(t, wanted, expired)
		require.Equal(t, len(expired) == 0, s.Awaited(7))
	}
	require.Equal(t, []int64{7}, expired)
	require.Equal(t, []uint64{1}, s.joined)
	require.Equal(t, want, s.policy)
}

// pending returns a state in which program 1 waits for 7 and 8, and 2 for 9 as for one that may not be its SMS, and the policy for it.
func pending() (*State, *poll.Policy) {
	s, want := newState(), newPolicy()
	s.Apply(1, []Fact{{Kind: Wait, Activation: 7, For: time.Hour}, {Kind: Wait, Activation: 8, For: time.Hour}}, 0)
	s.Apply(2, []Fact{{Kind: Wait, Activation: 9, For: time.Hour, Flags: Special}}, 0)
	for id := int64(7); id <= 9; id++ {
		want.Add(id, at(0), at(0), at(time.Hour))
	}
	return s, want
}

func TestLooks(t *testing.T) {
	s, want := pending()
	single := poll.Look{ID: 7, Sent: at(3 * time.Second)}
	list := poll.Look{Page: 1, Size: 100, Sent: at(4 * time.Second)}
	s.Apply(2, []Fact{{Kind: Look, ID: 50, Activation: 7}}, 3*time.Second)
	s.Apply(1, []Fact{{Kind: Look, ID: 51, Page: 1, Size: 100}}, 4*time.Second)
	for _, l := range []poll.Look{single, list} {
		want.Commit(l)
		want.Granted(l, l.Sent)
	}
	require.Equal(t, want, s.policy)
	require.Equal(t, map[uint64]poll.Look{50: single, 51: list}, s.looks)
	require.Equal(t, uint64(1), s.sticky)
	require.Equal(t, [2]string{"one", "page"}, [2]string{s.endpointOf(single), s.endpointOf(list)})

	s.Apply(2, []Fact{{Kind: Seen, ID: 50, Activation: 7}}, 5*time.Second)
	want.Ended(single, at(5*time.Second))
	require.Equal(t, want, s.policy, "a single look says by an item what it has shown")

	// The list shows that the SMS of 7 is there, and also of 9, but whether that is the one only its program can tell.
	s.Apply(1, []Fact{{Kind: Seen, ID: 51, Page: 1, Size: 100, Total: 3, Flags: List, Rows: []Row{{9, HasSMS}, {8, 0}, {7, HasSMS}, {3, HasSMS}}}}, 6*time.Second)
	want.Ended(list, at(6*time.Second))
	want.Listed(poll.Page{Sent: list.Sent, Number: 1, Size: 100, Total: 3, Items: []poll.Item{{ID: 9}, {ID: 8}, {ID: 7, Arrived: true}, {ID: 3, Arrived: true}}})
	require.Equal(t, want, s.policy)
	require.Empty(t, s.looks)
	require.True(t, s.Awaited(7), "its text is yet to come")
}

// Lists are behind where one does not show an SMS that was found before, for which nobody waits any more.
func TestListsThatAreBehind(t *testing.T) {
	for _, had := range []bool{false, true} {
		s, want := pending()
		s.Apply(1, []Fact{{Kind: Item, Activation: 7, Flags: HasSMS | HasText}}, time.Second)
		want.Looked(7, at(time.Second), at(time.Second), true)
		want.Remove(7)
		rows := []Row{{9, 0}, {8, 0}, {7, 0}}
		if had {
			rows[2].Flags = HadSMS
		}
		s.Apply(1, []Fact{{Kind: Seen, ID: 51, Page: 1, Size: 100, Total: 3, Flags: List, Rows: rows}}, 9*time.Second)
		want.Listed(poll.Page{Sent: at(9 * time.Second), Number: 1, Size: 100, Total: 3, Items: []poll.Item{{ID: 9}, {ID: 8}, {ID: 7, Arrived: had}}})
		require.Equal(t, want, s.policy, had)
	}
}

// A look whose beginning stood in a log that was lost is known by what its end says of it.
func TestEndOfUnknownLook(t *testing.T) {
	s, want := pending()
	seen := Fact{Kind: Seen, ID: 51, Age: time.Second, Page: 2, Size: 30, Total: 45, Flags: List, Rows: []Row{{8, 0}}}
	s.Apply(1, []Fact{seen}, 6*time.Second)
	want.Listed(poll.Page{Sent: at(5 * time.Second), Number: 2, Size: 30, Total: 45, Items: []poll.Item{{ID: 8}}})
	require.Equal(t, want, s.policy)

	seen.Flags |= Failed
	s.Apply(1, []Fact{seen}, 7*time.Second)
	require.Equal(t, want, s.policy, "nothing was shown")
	seen.Flags = List | Refused
	s.Apply(1, []Fact{seen}, 7*time.Second)
	want.Refused(poll.Look{Page: 2, Size: 30, Sent: at(6 * time.Second)})
	require.Equal(t, want, s.policy, "the service refused the size")
	s.Apply(1, []Fact{{Kind: Seen, ID: 52, Activation: 7}}, 7*time.Second)
	require.Equal(t, want, s.policy)
}

func TestLooksLapse(t *testing.T) {
	s, _ := pending()
	s.Apply(2, []Fact{{Kind: Look, ID: 50, Activation: 7}}, 3*time.Second)
	s.Advance(3*time.Second + waitLife - 1)
	require.Len(t, s.looks, 1)
	s.Advance(3*time.Second + waitLife)
	require.Empty(t, s.looks)
}

func TestItems(t *testing.T) {
	const now = 9 * time.Second
	for name, test := range map[string]struct {
		item    Fact
		want    func(p *poll.Policy)
		ended   bool
		expires time.Duration // of the wait afterwards
		told    bool
	}{
		"a single look without an SMS": {
			Fact{Activation: 7, Age: time.Second}, func(p *poll.Policy) { p.Looked(7, at(8*time.Second), at(now), false) }, false, time.Hour, false,
		},
		"with one": {
			Fact{Activation: 7, Age: time.Second, Flags: HasSMS},
			func(p *poll.Policy) { p.Looked(7, at(8*time.Second), at(now), true); p.Remove(7) }, true, 0, false,
		},
		"a list with an SMS but its text": {Fact{Activation: 7, Flags: List | HasSMS}, func(*poll.Policy) {}, false, time.Hour, false},
		"a list with the text":            {Fact{Activation: 7, Flags: List | HasSMS | HasText}, func(p *poll.Policy) { p.Remove(7) }, true, 0, false},
		"a list with a text and no SMS":   {Fact{Activation: 7, Flags: List | HasText}, func(*poll.Policy) {}, false, time.Hour, false},
		"an SMS that may not be the one": {
			Fact{Activation: 9, Flags: HasSMS | HasText}, func(p *poll.Policy) { p.Looked(9, at(now), at(now), false) }, false, time.Hour, false,
		},
		"nobody waits for it": {
			Fact{Activation: 6, Flags: HasSMS | HasText, For: time.Minute}, func(p *poll.Policy) { p.Looked(6, at(now), at(now), false) }, false, 0, false,
		},
		"a single look with the time that is left": {
			Fact{Activation: 8, For: time.Minute},
			func(p *poll.Policy) { p.Looked(8, at(now), at(now), false); p.Expire(8, at(now+time.Minute), at(now)) }, false, now + time.Minute, true,
		},
		"a list with it": {
			Fact{Activation: 8, Flags: List, For: time.Minute}, func(p *poll.Policy) { p.Expire(8, at(now+time.Minute), at(now)) }, false, now + time.Minute, false,
		},
		"a single look after the end": {
			Fact{Activation: 8, For: -time.Second},
			func(p *poll.Policy) { p.Looked(8, at(now), at(now), false); p.Expire(8, at(now), at(now)) }, false, now, true,
		},
		"a list after the end": {Fact{Activation: 8, Flags: List, For: -time.Second}, func(p *poll.Policy) { p.Expire(8, at(now), at(now)) }, false, now, false},
	} {
		s, want := pending()
		test.item.Kind, test.item.Data = Item, []byte(name)
		shown := s.Apply(2, []Fact{{Kind: Alive}, test.item}, now)
		test.want(want)
		require.Equal(t, want, s.policy, name)
		require.Equal(t, []Shown{{Sent: now - test.item.Age, List: test.item.Flags&List != 0, Data: []byte(name)}}, shown, name)
		a := s.waits[test.item.Activation]
		switch {
		case test.ended:
			require.Nil(t, a, name)
			require.Equal(t, []uint64{1, 2}, s.joined, "who waits for another still waits")
		case a != nil:
			require.Equal(t, [2]any{test.expires, test.told}, [2]any{a.expires, a.told}, name)
		}
	}
}

// What a single look says of the time that is left counts more than what lists say.
func TestListDoesNotCorrectSingleLook(t *testing.T) {
	s, want := pending()
	s.Apply(1, []Fact{{Kind: Item, Activation: 7, For: time.Minute}}, 0)
	want.Looked(7, at(0), at(0), false)
	want.Expire(7, at(time.Minute), at(0))
	for _, left := range []time.Duration{time.Second, -time.Second} {
		s.Apply(1, []Fact{{Kind: Item, Activation: 7, For: left, Flags: List}}, time.Second)
		require.Equal(t, want, s.policy)
		require.Equal(t, time.Minute, s.waits[7].expires)
	}
	s.Apply(1, []Fact{{Kind: Item, Activation: 7, For: 2 * time.Minute}}, time.Second)
	require.Equal(t, time.Second+2*time.Minute, s.waits[7].expires, "another single look does")
}

func TestOrders(t *testing.T) {
	s := newState()
	s.Apply(1, []Fact{{Kind: Order, ID: 5, Pair: "a/us", Amount: 30, Age: time.Minute}}, time.Hour)
	s.Apply(2, []Fact{{Kind: Order, ID: 5, Pair: "b/us", Amount: 90}}, time.Hour+time.Second)
	s.Apply(2, []Fact{{Kind: Settled, ID: 6, Activation: 7, Amount: 20}}, time.Hour)
	require.Equal(t, []Ordered{{Pair: "a/us", Amount: 30, Age: 2 * time.Minute}}, s.ordered(time.Hour+time.Minute),
		"the first that is told of an order counts, and one that nobody has told of cannot be over")

	s.Apply(1, []Fact{{Kind: Settled, ID: 5, Age: time.Second, Activation: 7, Amount: 20}}, time.Hour)
	require.Equal(t, []Ordered{{Pair: "a/us", Amount: 20, Activation: 7, Settled: true, Age: time.Minute, Ended: time.Second}}, s.ordered(time.Hour))
	s.Apply(1, []Fact{{Kind: Settled, ID: 5, Outcome: Unknown}}, time.Hour)
	require.Equal(t, []Ordered{{Pair: "a/us", Settled: true, Unknown: true, Age: time.Minute}}, s.ordered(time.Hour))

	s.Advance(time.Hour - time.Minute + orderLife - 1)
	require.Len(t, s.ordered(0), 1)
	s.Advance(time.Hour - time.Minute + orderLife)
	require.Empty(t, s.ordered(0))
}

func TestOrdersLapseOneByOne(t *testing.T) {
	s := newState()
	for id := range uint64(40) {
		s.Apply(1, []Fact{{Kind: Order, ID: id + 1}}, time.Duration(id)*time.Minute)
	}
	for id := range 40 {
		s.Advance(orderLife + time.Duration(id)*time.Minute - 1)
		require.Len(t, s.orders, 40-id)
	}
}

// Orders that count against a cap are told their real price, and a refund is the last word. Those of a pair, which
// count for the delivery rate, cost nothing.
func TestOrdersArePaid(t *testing.T) {
	s := newState()
	s.Apply(1, []Fact{{Kind: Order, ID: 5, Amount: 30}, {Kind: Order, ID: 6, Pair: "a/us"}}, 0)
	s.Apply(1, []Fact{{Kind: Settled, ID: 5, Activation: 7, Amount: 30}, {Kind: Settled, ID: 6, Activation: 7}}, 0)
	for _, c := range []struct {
		activation, amount int64
		news               bool
	}{{8, 1, false}, {7, 30, false}, {7, 20, true}, {7, 20, false}, {7, 0, true}, {7, 20, false}} {
		f, news := s.paid(c.activation, c.amount)
		require.Equal(t, c.news, news, c)
		if news {
			require.Equal(t, Fact{Kind: Settled, ID: 5, Activation: 7, Amount: c.amount}, f)
			s.Apply(1, []Fact{f}, time.Minute)
			require.Equal(t, c.amount, s.orders[5].amount)
		}
	}
	require.Zero(t, s.orders[6].amount)
	s.Apply(1, []Fact{{Kind: Order, ID: 7, Pair: "a/us", Age: time.Minute}, {Kind: Settled, ID: 7, Activation: 7}}, 0)
	s.Advance(orderLife - time.Minute)
	require.Contains(t, s.bought, int64(7), "that of a pair is another one")
	s.Advance(orderLife)
	require.Empty(t, s.bought)
}

// What a program alone has spent counts for ever.
func TestSpendingIsKept(t *testing.T) {
	s := newState()
	s.keeps = true
	s.Apply(1, []Fact{{Kind: Order, ID: 5, Amount: 30}, {Kind: Order, ID: 6, Amount: 3}}, 0)
	require.Equal(t, []Ordered{{Amount: 33, Settled: true, Age: orderLife}}, s.ordered(orderLife))
	require.Empty(t, s.orders)
}

// Looks leave the reserve free, and a slot for each program in line.
func TestNext(t *testing.T) {
	s, want := pending()
	look, _ := want.Peek(at(20 * time.Second))
	require.True(t, look.IsList(), "the oldest wait is 20 s old, and a list shows all three")
	got, again := s.Next(20 * time.Second)
	require.Equal(t, look, got)
	require.Equal(t, 80*time.Second, again)

	for id := range uint64(8) { // two are free, and one is the reserve
		s.Apply(1, []Fact{{Kind: Held, Endpoint: "page", ID: id + 1}}, 20*time.Second)
	}
	got, _ = s.Next(20 * time.Second)
	require.Equal(t, look, got)
	s.Apply(3, []Fact{{Kind: Ticket, Endpoint: "page"}}, 20*time.Second)
	single, _ := want.PeekOf(at(20*time.Second), false, true)
	require.False(t, single.IsList())
	got, again = s.Next(20 * time.Second)
	require.Equal(t, single, got, "the free slot is for the one in line")
	require.Equal(t, 80*time.Second, again, "the slot of a list comes after more than a minute")
	got, _ = s.Next(20*time.Second + 60*time.Second + 60*time.Millisecond)
	require.True(t, got.IsList(), "slots have come back, which nobody has noticed yet")

	// No slot at all: the moment is the one of the first slot that may be a look's.
	s, _ = pending()
	for id := range uint64(72) {
		s.Apply(1, []Fact{{Kind: Held, Endpoint: "one", ID: id + 1, For: -2*time.Minute + 10*time.Second + 480*time.Millisecond}}, 0)
	}
	for id := range uint64(9) {
		s.Apply(1, []Fact{{Kind: Held, Endpoint: "page", ID: id + 1, For: -30 * time.Second}}, 0)
	}
	got, again = s.Next(10 * time.Second)
	require.Equal(t, poll.Look{}, got)
	require.Equal(t, 10*time.Second+600*time.Millisecond, again)
	got, again = s.Next(10*time.Second + 599999*time.Microsecond)
	require.Equal(t, poll.Look{}, got)
	require.Equal(t, 10*time.Second+600999*time.Microsecond, again, "it is not asked for more often than once a millisecond")
	got, _ = s.Next(10*time.Second + 600*time.Millisecond)
	require.Equal(t, s.single, s.endpointOf(got))
	require.NotEqual(t, poll.Look{}, got)
}

func TestNextIsPaced(t *testing.T) {
	s, want := pending()
	for _, endpoint := range []int64{7, 8} {
		l := poll.Look{ID: endpoint, Sent: at(time.Second)}
		s.Apply(1, []Fact{{Kind: Look, ID: uint64(endpoint), Activation: endpoint}}, time.Second)
		want.Commit(l)
		want.Granted(l, l.Sent)
	}
	for now := time.Second; now < 3*time.Second; now += 100 * time.Millisecond {
		look, next := want.Peek(at(now))
		got, again := s.Next(now)
		require.Equal(t, look, got)
		if look == (poll.Look{}) {
			require.Equal(t, next.Sub(begin()), again)
		}
	}
	look, again := newState().Next(time.Second)
	require.Equal(t, poll.Look{}, look, "nobody waits")
	require.Equal(t, 61*time.Second, again)
}

// Without limits looks are paced by nothing but the policy.
func TestNextWithoutLimits(t *testing.T) {
	s := NewState(begin(), nil, "one", "page")
	s.Apply(1, []Fact{{Kind: Wait, Activation: 7, For: time.Hour}}, 0)
	look, _ := s.Next(time.Minute)
	require.NotEqual(t, poll.Look{}, look)
}

func TestTurnsWithoutTheLast(t *testing.T) {
	s, _ := pending()
	require.Equal(t, [3]time.Duration{0, 15 * time.Millisecond, 30 * time.Millisecond}, [3]time.Duration{s.Turn(1), s.Turn(2), s.Turn(3)}, "nobody has sent a look")
	s.Apply(2, []Fact{{Kind: Look, ID: 50, Activation: 7}}, 0)
	require.Equal(t, [3]time.Duration{15 * time.Millisecond, 0, 30 * time.Millisecond}, [3]time.Duration{s.Turn(1), s.Turn(2), s.Turn(3)})
	s.Apply(2, []Fact{{Kind: End, Activation: 9}}, 0)
	require.Equal(t, [2]time.Duration{0, 15 * time.Millisecond}, [2]time.Duration{s.Turn(1), s.Turn(2)}, "who sent the last one waits no more")
}

func TestStatusOfState(t *testing.T) {
	s, _ := pending()
	s.Apply(0, []Fact{{Kind: Held, Endpoint: "page"}}, 3*time.Second) // of a snapshot
	s.Apply(3, []Fact{{Kind: Ticket, Endpoint: "page"}, {Kind: Pause, Endpoint: "one", For: time.Minute}, {Kind: Wait, Activation: 7, For: time.Minute}}, 3*time.Second)
	s.Apply(2, []Fact{{Kind: Wait, Activation: 5, For: time.Minute}}, 3*time.Second)
	since, left := 5*time.Second, time.Hour-5*time.Second
	require.Equal(t, &sharing.Status{
		Programs: []sharing.Program{
			{ID: "0000000000000002", Self: true, Heard: 2 * time.Second, Waits: 2},
			{ID: "0000000000000003", Heard: 2 * time.Second, Waits: 1, InLine: true},
			{ID: "0000000000000001", Heard: 5 * time.Second, Waits: 2},
		},
		Limits: []sharing.Limit{{Endpoint: "one", Free: 80, Next: 58 * time.Second, Closed: 58 * time.Second}, {Endpoint: "page", Free: 9, Line: 1}},
		Waits: []sharing.Wait{
			{Activation: 7, Since: since, Left: left, Programs: 2},
			{Activation: 8, Since: since, Left: left, Programs: 1},
			{Activation: 9, Since: since, Left: left, Programs: 1},
			{Activation: 5, Since: 2 * time.Second, Left: 58 * time.Second, Programs: 1},
		},
	}, s.status(2, 5*time.Second))

	s = newState()
	for id := range uint64(12) {
		s.Apply(1, []Fact{{Kind: Hold, Endpoint: "page", ID: id + 1, For: -10 * time.Second}}, 0)
	}
	require.Equal(t, sharing.Limit{Endpoint: "page", InFlight: 12, Next: 50*time.Second + 60*time.Millisecond}, s.status(1, 0).Limits[1], "others hold more than this program's limit has")
}

// A snapshot says all that still matters, by durations from its moment on.
func TestSnapshot(t *testing.T) {
	require.Empty(t, newState().snapshot(0))
	require.Empty(t, newState().snapshot(time.Hour), "what nobody has closed is not closed")

	s, _ := pending()
	for program, endpoint := range map[uint64]string{5: "one", 6: "page"} {
		s.Apply(program, []Fact{{Kind: Hold, Endpoint: endpoint, ID: program, For: time.Minute}, {Kind: Hold, Endpoint: endpoint, ID: 10 * program, For: 2 * time.Minute}}, time.Second)
		s.Apply(program, []Fact{{Kind: Release, Endpoint: endpoint, ID: program, Outcome: int(slot.Answered)}}, 2*time.Second)
		s.Apply(program, []Fact{{Kind: Hold, Endpoint: endpoint, ID: 100 * program, For: time.Minute}}, 2*time.Second)
		s.Apply(program, []Fact{{Kind: Release, Endpoint: endpoint, ID: 100 * program, Outcome: int(slot.NoAnswer)}}, 2*time.Second)
	}
	s.Apply(5, []Fact{{Kind: Pause, Endpoint: "one", For: 3 * time.Second}, {Kind: Closed, Endpoint: "page", For: 5 * time.Second}}, 3*time.Second)
	s.Apply(4, []Fact{{Kind: Ticket, Endpoint: "one"}}, 3*time.Second)
	s.Apply(3, []Fact{{Kind: Ticket, Endpoint: "one"}, {Kind: Ticket, Endpoint: "page", Age: time.Second}, {Kind: Wait, Activation: 7, For: time.Minute, Flags: Failed}}, 4*time.Second)
	s.Apply(3, []Fact{
		{Kind: Wait, Activation: 5, For: time.Minute},
		{Kind: Order, ID: 70, Pair: "a/us", Amount: 30, Age: time.Hour},
		{Kind: Order, ID: 71, Pair: "b/us", Amount: 40},
		{Kind: Settled, ID: 70, Outcome: 2, Activation: 9, Amount: 20},
	}, 4*time.Second)

	// The pause is over, but the request that finds out has yet to be sent.
	const now = 6 * time.Second
	messages := s.snapshot(now)
	newcomer := newState()
	for _, m := range messages {
		require.NotEmpty(t, m.facts)
		newcomer.Apply(m.program, m.facts, now)
	}
	for endpoint, l := range s.lines {
		require.Equal(t, l.slots, newcomer.lines[endpoint].slots, endpoint)
		for i, ticket := range l.tickets {
			ticket.renewed = now
			require.Equal(t, ticket, newcomer.lines[endpoint].tickets[i])
		}
		require.Len(t, newcomer.lines[endpoint].tickets, len(l.tickets))
	}
	require.Equal(t, s.waits, newcomer.waits)
	require.Equal(t, s.joined, newcomer.joined)
	require.Equal(t, s.orders, newcomer.orders)
	require.Equal(t, s.status(0, now).Limits, newcomer.status(0, now).Limits)
	want := newPolicy()
	for id := int64(7); id <= 9; id++ {
		want.Add(id, at(now), at(0), at(time.Hour))
	}
	want.Add(5, at(now), at(4*time.Second), at(4*time.Second+time.Minute))
	require.Equal(t, want, newcomer.policy, "it begins with what the waits were announced with")
	programs := 0
	for i, m := range messages {
		if i == 0 || messages[i-1].program != m.program {
			programs++
		}
	}
	require.Len(t, messages, programs, "what a program says stands in one message")
}
