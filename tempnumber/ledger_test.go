package tempnumber

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// boughtAt is an activation as the history shows it.
func boughtAt(id ActivationID, when time.Time) *Activation {
	return &Activation{ID: id, ServiceID: "facebook", CountryID: "us", CreatedAt: when.Truncate(time.Second), ServerTime: time.Now()}
}

// exactClock is a clock that shows the same as the server's.
func exactClock() *serverClock {
	c := &serverClock{}
	c.hear(sourceActivation, time.Now())
	return c
}

func loseIn(l *ledger) *order {
	o := l.begin(facebook())
	o.departs()
	o.end(verdictUnknown, nil)
	return o
}

func TestWhatAnOrderMayHaveBought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock := newLedger(), exactClock()
		l.saw(boughtAt(10, time.Now()), clock)
		time.Sleep(time.Minute)
		o := loseIn(l)
		require.EqualValues(t, 10, o.intent.HighWater)
		sent := o.intent.SentAt
		for name, c := range map[string]struct {
			a    *Activation
			want bool
		}{
			"newer":                    {boughtAt(11, sent), true},
			"at the mark":              {boughtAt(10, sent), false},
			"below the mark":           {boughtAt(9, sent), false},
			"as the clock is allowed":  {boughtAt(11, sent.Add(-clockTolerance)), true},
			"before that":              {boughtAt(11, sent.Add(-clockTolerance-time.Second)), false},
			"much later":               {boughtAt(11, sent.Add(time.Hour)), true},
			"not told when":            {boughtAt(11, time.Time{}), true},
			"another service":          {&Activation{ID: 11, ServiceID: "telegram", CountryID: "us", CreatedAt: sent}, false},
			"another country":          {&Activation{ID: 11, ServiceID: "facebook", CountryID: "de", CreatedAt: sent}, false},
			"the same in another case": {&Activation{ID: 11, ServiceID: "Facebook", CountryID: "US", CreatedAt: sent}, true},
		} {
			require.Equal(t, c.want, len(l.offer(o.intent, clock, []*Activation{c.a})) == 1, name)
		}
	})
}

func TestALateNumberIsReportedOnceAndOnlyWhenNobodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock := newLedger(), exactClock()
		flying := l.begin(facebook())
		require.False(t, l.saw(boughtAt(1, time.Now()), clock), "an order on its way has its answer to come")
		flying.end(verdictUnknown, nil)
		require.True(t, l.saw(boughtAt(1, time.Now()), clock))
		require.False(t, l.saw(boughtAt(1, time.Now()), clock))
		require.False(t, l.saw(boughtAt(2, time.Now()), clock), "one report for one order")

		second := loseIn(l)
		found := l.seek(second.intent)
		require.False(t, l.saw(boughtAt(3, time.Now()), clock), "somebody looks")
		found()
		l.offer(second.intent, clock, []*Activation{boughtAt(4, time.Now())})
		require.False(t, l.saw(boughtAt(4, time.Now()), clock), "it was named already")
		l.named(5, true)
		require.False(t, l.saw(boughtAt(5, time.Now()), clock), "the program knows it")
		require.True(t, l.saw(boughtAt(6, time.Now()), clock))
		l.seek(Intent{})() // of another process
	})
}

func TestOrdersThatCannotBeToldApartGetOneNumberEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock := newLedger(), exactClock()
		l.sawNewest()
		var orders []*order
		for range 3 {
			orders = append(orders, loseIn(l))
			time.Sleep(10 * time.Second)
		}
		sent := func(i int) time.Time { return orders[i].sent }
		seen := []*Activation{boughtAt(3, sent(2)), boughtAt(2, sent(1).Add(2*time.Second))}

		given, sure, ours := l.award(orders[0].intent, clock, seen)
		require.Empty(t, given, "both were made after later orders")
		require.False(t, sure)
		require.True(t, ours)
		given, sure, _ = l.award(orders[1].intent, clock, seen)
		require.True(t, sure)
		require.Equal(t, []ActivationID{2}, idsOf(given))
		given, sure, _ = l.award(orders[1].intent, clock, seen)
		require.False(t, sure, "it has its number")
		require.Empty(t, given)
		given, _, _ = l.award(orders[2].intent, clock, seen)
		require.Equal(t, []ActivationID{3}, idsOf(given))
		id, ok := l.foundBefore(orders[2].intent)
		require.True(t, ok)
		require.EqualValues(t, 3, id)
		_, ok = l.foundBefore(orders[0].intent)
		require.False(t, ok)

		// One more than there are orders.
		given, sure, _ = l.award(orders[0].intent, clock, []*Activation{boughtAt(4, sent(0)), boughtAt(5, sent(0))})
		require.False(t, sure)
		require.Equal(t, []ActivationID{4, 5}, idsOf(given))
	})
}

func TestTheLaterOfTwoOrdersMayAskFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock := newLedger(), exactClock()
		l.sawNewest()
		first := loseIn(l)
		time.Sleep(10 * time.Second)
		second := loseIn(l)
		seen := []*Activation{boughtAt(1, first.sent), boughtAt(2, second.sent)}
		given, sure, _ := l.award(second.intent, clock, seen)
		require.True(t, sure)
		require.Equal(t, []ActivationID{2}, idsOf(given))
		given, sure, _ = l.award(first.intent, clock, seen)
		require.True(t, sure)
		require.Equal(t, []ActivationID{1}, idsOf(given))
	})
}

func TestOrdersAreToldApartByWhenTheyWereSentNotByWhenTheyBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock := newLedger(), exactClock()
		l.sawNewest()
		queued := l.begin(facebook()) // it waits for its slot
		time.Sleep(time.Second)
		quick := loseIn(l)
		time.Sleep(2 * time.Second)
		queued.departs()
		queued.end(verdictUnknown, nil)
		given, sure, _ := l.award(queued.intent, clock, []*Activation{boughtAt(2, time.Now())})
		require.True(t, sure)
		require.Equal(t, []ActivationID{2}, idsOf(given))
		given, sure, _ = l.award(quick.intent, clock, []*Activation{boughtAt(1, quick.sent)})
		require.True(t, sure)
		require.Equal(t, []ActivationID{1}, idsOf(given))
	})
}

func TestTheNumberOfAnotherOrderDoesNotHideOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, clock := newLedger(), exactClock()
		l.sawNewest()
		first := loseIn(l)
		time.Sleep(3 * time.Second) // so near that either number may be either order's
		second := loseIn(l)
		seen := []*Activation{boughtAt(1, first.sent), boughtAt(2, second.sent)}
		given, sure, _ := l.award(second.intent, clock, seen)
		require.True(t, sure)
		require.Equal(t, []ActivationID{2}, idsOf(given))
	})
}

func TestAnOrderThatEndedLongAgoIsNoRivalUnlessSomebodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		old := loseIn(l)
		in := loseIn(l).intent
		count := func() int {
			l.mu.Lock()
			defer l.mu.Unlock()
			return len(l.rivals(in))
		}
		require.Equal(t, 1, count())
		time.Sleep(lastLook)
		require.Equal(t, 1, count())
		time.Sleep(time.Second)
		require.Zero(t, count())
		end := l.seek(old.intent)
		require.Equal(t, 1, count())
		end()
		require.Zero(t, count())
		l.begin(facebook())
		require.Zero(t, count(), "one on its way has its answer to come")
		l.begin(CreateActivationParams{ServiceID: "facebook", CountryID: "de"}).end(verdictUnknown, nil)
		require.Zero(t, count(), "another pair")
	})
}

func TestAnOrderIsAloftFromItsDepartureToItsEnd(t *testing.T) {
	l := newLedger()
	p := facebook().pair()
	o := l.begin(facebook())
	require.Empty(t, l.aloft(p), "it waits for its slot")
	o.departs()
	require.Len(t, l.aloft(p), 1)
	require.Empty(t, l.aloft(pairNamed("facebook", "de")))
	first := l.aloft(p)[0]
	o.returns()
	<-first
	require.Empty(t, l.aloft(p))
	o.departs()
	second := l.aloft(p)[0]
	o.end(verdictDone, boughtAt(7, time.Time{}))
	<-second
	require.Empty(t, l.aloft(p))
	require.Empty(t, l.orders)
	require.EqualValues(t, 7, l.high)
	require.True(t, l.newest)
	next := l.begin(facebook())
	next.end(verdictRefused, nil)
	require.Empty(t, l.orders)
	require.False(t, next.blind)
}

func TestTheMarkOfAnSMSIsKeptUntilTheActivationHasEnded(t *testing.T) {
	l, clock := newLedger(), &serverClock{}
	a := &Activation{ID: 1, Status: StatusSMSReceived, Message: "Code 1", Code: "1"}
	_, known := l.lastSMS(1)
	require.False(t, known)
	l.saw(a, clock)
	mark, known := l.lastSMS(1)
	require.True(t, known)
	require.Equal(t, l.smsMark(a), mark)
	l.saw(&Activation{ID: 1, Status: StatusRetryRequested}, clock)
	again, _ := l.lastSMS(1)
	require.Equal(t, mark, again)
	l.saw(&Activation{ID: 1, Status: StatusRetryReceived, Message: "Code 1", Code: "1"}, clock)
	again, _ = l.lastSMS(1)
	require.NotEqual(t, mark, again)
	l.saw(&Activation{ID: 1, Status: StatusError}, clock)
	_, known = l.lastSMS(1)
	require.False(t, known)
}
