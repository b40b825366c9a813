package orders

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func facebook() Pair { return PairOf("facebook", "us") }

// boughtAt returns an activation as the history shows it.
func boughtAt(id int64, when time.Time) Activation {
	return Activation{ID: id, Pair: facebook(), CreatedAt: when.Truncate(time.Second), Waiting: true}
}

func made(id, second int) Activation {
	a := Activation{ID: int64(id), Waiting: true}
	if second > 0 {
		a.CreatedAt = time.Unix(int64(second), 0)
	}
	return a
}

func idsOf(activations []Activation) []int64 {
	ids := []int64{}
	for _, a := range activations {
		ids = append(ids, a.ID)
	}
	return ids
}

// exactClock returns a clock without an offset.
func exactClock() *ServerClock {
	c := &ServerClock{}
	c.Learn(SourceActivation, time.Now())
	return c
}

// lose begins an order whose answer is lost.
func lose(b *Book) *Purchase {
	p := b.Begin(facebook())
	p.MarkSent()
	p.FinishUnknown()
	return p
}

func TestCandidates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		b.Observe(boughtAt(10, time.Now()), clock)
		time.Sleep(time.Minute)
		o := lose(b)
		require.EqualValues(t, 10, o.Key.HighWater)
		sent := o.SentAt
		for name, c := range map[string]struct {
			a    Activation
			want bool
		}{
			"newer":                    {boughtAt(11, sent), true},
			"known before":             {boughtAt(10, sent), false},
			"below the mark":           {boughtAt(9, sent), true},
			"below it, without a time": {boughtAt(9, time.Time{}), false},
			"within the tolerance":     {boughtAt(11, sent.Add(-clockTolerance)), true},
			"before the tolerance":     {boughtAt(11, sent.Add(-clockTolerance-time.Second)), false},
			"much later":               {boughtAt(11, sent.Add(time.Hour)), true},
			"no creation time":         {boughtAt(11, time.Time{}), true},
			"another service":          {Activation{ID: 11, Pair: PairOf("telegram", "us"), CreatedAt: sent}, false},
			"another country":          {Activation{ID: 11, Pair: PairOf("facebook", "de"), CreatedAt: sent}, false},
			"the same in another case": {Activation{ID: 11, Pair: PairOf("Facebook", "US"), CreatedAt: sent}, true},
		} {
			require.Equal(t, c.want, len(b.Suggest(o.Key, clock, []Activation{c.a})) == 1, name)
		}
	})
}

func TestHighWaterCountsWhereIDsAscend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			id   func(i int) int64
			want bool // an id below the mark is a candidate
		}{
			"ascending":  {func(i int) int64 { return int64(100 + i) }, false},
			"descending": {func(i int) int64 { return int64(100 - i) }, true},
			"mixed":      {func(i int) int64 { return int64(100 + i*37%19) }, true},
		} {
			b, clock := &Book{}, exactClock()
			for i := range 12 {
				b.Observe(boughtAt(c.id(i), time.Now()), clock)
				time.Sleep(time.Second)
			}
			o := lose(b)
			below := boughtAt(50, time.Now())
			require.Equal(t, c.want, len(b.Suggest(o.Key, clock, []Activation{below})) == 1, name)
			require.Len(t, b.Suggest(o.Key, clock, []Activation{boughtAt(150, time.Now())}), 1, name)
			below.CreatedAt = time.Time{}
			require.Equal(t, c.want, len(b.Suggest(o.Key, clock, []Activation{below})) == 1, name+", without a time")
		}
	})
}

func TestClaim(t *testing.T) {
	b, clock := &Book{}, exactClock()
	o := lose(b)
	candidate := func(id int64) bool { return len(b.Suggest(o.Key, clock, []Activation{boughtAt(id, time.Time{})})) == 1 }
	require.True(t, candidate(1))
	b.Claim(1, false)
	require.True(t, candidate(1), "reading a suggested activation does not claim it")
	b.Claim(1, true)
	require.False(t, candidate(1), "waiting for it does")
	b.Claim(2, false)
	require.False(t, candidate(2), "the program knew it by itself")
	b.Claim(2, false)
	require.False(t, candidate(2))
}

func TestEnoughIDsMustAscend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{enoughIDs - 1, enoughIDs} {
			b, clock := &Book{}, exactClock()
			for i := range n {
				b.Observe(boughtAt(int64(100+i), time.Now()), clock)
				time.Sleep(time.Second)
			}
			b.Observe(boughtAt(int64(100+n-1), time.Now().Add(-time.Second)), clock) // again: nothing new
			o := lose(b)
			require.Equal(t, n < enoughIDs, len(b.Suggest(o.Key, clock, []Activation{boughtAt(50, time.Now())})) == 1, n)
		}
		// Seen from the newest to the oldest, as a page shows them, they ascend as well.
		b, clock := &Book{}, exactClock()
		for i := range enoughIDs + 1 {
			b.Observe(boughtAt(int64(100-i), time.Now().Add(-time.Duration(i)*time.Second)), clock)
		}
		o := lose(b)
		require.Empty(t, b.Suggest(o.Key, clock, []Activation{boughtAt(50, time.Now())}))
	})
}

func TestKnownBefore(t *testing.T) {
	b, clock := &Book{}, exactClock()
	b.Observe(boughtAt(1, time.Now()), clock)
	p := b.Begin(facebook())
	b.Observe(boughtAt(2, time.Now()), clock)
	p.MarkSent()
	b.Observe(boughtAt(3, time.Now()), clock)
	require.True(t, b.KnownBefore(p, 1))
	require.True(t, b.KnownBefore(p, 2), "heard of while the order waited for its turn")
	require.False(t, b.KnownBefore(p, 3))
	require.False(t, b.KnownBefore(p, 4))
}

func TestLateNumberIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		inFlight := b.Begin(facebook())
		require.False(t, b.Observe(boughtAt(1, time.Now()), clock), "the answer of an order in flight is still to come")
		inFlight.FinishUnknown()
		require.True(t, b.Observe(boughtAt(1, time.Now()), clock))
		require.False(t, b.Observe(boughtAt(1, time.Now()), clock))
		require.False(t, b.Observe(boughtAt(2, time.Now()), clock), "one report for one order")

		second := lose(b)
		found := b.Reconciling(second.Key)
		require.False(t, b.Observe(boughtAt(3, time.Now()), clock), "it is being reconciled")
		found()
		b.Suggest(second.Key, clock, []Activation{boughtAt(4, time.Now())})
		require.False(t, b.Observe(boughtAt(4, time.Now()), clock), "it was suggested before")
		b.Claim(5, true)
		require.False(t, b.Observe(boughtAt(5, time.Now()), clock), "the program knows it")
		require.True(t, b.Observe(boughtAt(6, time.Now()), clock))
		b.Reconciling(Key{})() // of another process
	})
}

func TestCompetingOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		b.SawNewest()
		var orders []*Purchase
		for range 3 {
			orders = append(orders, lose(b))
			time.Sleep(10 * time.Second)
		}
		sent := func(i int) time.Time { return orders[i].sent }
		seen := []Activation{boughtAt(3, sent(2)), boughtAt(2, sent(1).Add(2*time.Second))}

		ids, sure, ours := b.Attribute(orders[0].Key, clock, seen)
		require.Empty(t, ids, "both were made after later orders")
		require.False(t, sure)
		require.True(t, ours)
		ids, sure, _ = b.Attribute(orders[1].Key, clock, seen)
		require.True(t, sure)
		require.Equal(t, []int64{2}, ids)
		ids, sure, _ = b.Attribute(orders[1].Key, clock, seen)
		require.False(t, sure, "it has its number")
		require.Empty(t, ids)
		ids, _, _ = b.Attribute(orders[2].Key, clock, seen)
		require.Equal(t, []int64{3}, ids)
		id, ok := b.Resolved(orders[2].Key)
		require.True(t, ok)
		require.EqualValues(t, 3, id)
		_, ok = b.Resolved(orders[0].Key)
		require.False(t, ok)

		// One more than there are orders.
		ids, sure, _ = b.Attribute(orders[0].Key, clock, []Activation{boughtAt(4, sent(0)), boughtAt(5, sent(0))})
		require.False(t, sure)
		require.Equal(t, []int64{4, 5}, ids)
	})
}

func TestLaterOrderMayAskFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		b.SawNewest()
		first := lose(b)
		time.Sleep(10 * time.Second)
		second := lose(b)
		seen := []Activation{boughtAt(1, first.sent), boughtAt(2, second.sent)}
		ids, sure, _ := b.Attribute(second.Key, clock, seen)
		require.True(t, sure)
		require.Equal(t, []int64{2}, ids)
		ids, sure, _ = b.Attribute(first.Key, clock, seen)
		require.True(t, sure)
		require.Equal(t, []int64{1}, ids)
	})
}

func TestOrdersCompeteBySendTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		b.SawNewest()
		queued := b.Begin(facebook()) // it waits for its slot
		time.Sleep(time.Second)
		quick := lose(b)
		time.Sleep(2 * time.Second)
		queued.MarkSent()
		queued.FinishUnknown()
		ids, sure, _ := b.Attribute(queued.Key, clock, []Activation{boughtAt(2, time.Now())})
		require.True(t, sure)
		require.Equal(t, []int64{2}, ids)
		ids, sure, _ = b.Attribute(quick.Key, clock, []Activation{boughtAt(1, quick.sent)})
		require.True(t, sure)
		require.Equal(t, []int64{1}, ids)
	})
}

func TestOverlappingOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		b.SawNewest()
		first := lose(b)
		time.Sleep(3 * time.Second) // so near that either number may be either order's
		second := lose(b)
		seen := []Activation{boughtAt(1, first.sent), boughtAt(2, second.sent)}
		ids, sure, _ := b.Attribute(second.Key, clock, seen)
		require.True(t, sure)
		require.Equal(t, []int64{2}, ids)
	})
}

func TestOldOrderCompetesOnlyWhileReconciling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &Book{}
		old := lose(b)
		in := lose(b).Key
		count := func() int {
			b.mu.Lock()
			defer b.mu.Unlock()
			return len(b.competing(in))
		}
		require.Equal(t, 1, count())
		time.Sleep(SettleTime)
		require.Equal(t, 1, count())
		time.Sleep(time.Second)
		require.Zero(t, count())
		end := b.Reconciling(old.Key)
		require.Equal(t, 1, count())
		end()
		require.Zero(t, count())
		b.Begin(facebook())
		require.Zero(t, count(), "the answer of an order in flight is still to come")
		b.Begin(PairOf("facebook", "de")).FinishUnknown()
		require.Zero(t, count(), "another pair")
	})
}

func TestInFlight(t *testing.T) {
	b := &Book{}
	p := facebook()
	o := b.Begin(facebook())
	require.Empty(t, b.InFlight(p), "it waits for its slot")
	o.MarkSent()
	require.Len(t, b.InFlight(p), 1)
	require.Empty(t, b.InFlight(PairOf("facebook", "de")))
	first := b.InFlight(p)[0]
	o.MarkNotDone()
	<-first
	require.Empty(t, b.InFlight(p))
	o.MarkSent()
	second := b.InFlight(p)[0]
	o.Finish(7)
	<-second
	require.Empty(t, b.InFlight(p))
	require.Empty(t, b.open)
	require.EqualValues(t, 7, b.high)
	require.True(t, b.newest)
	next := b.Begin(facebook())
	next.Finish(0)
	require.Empty(t, b.open)
	require.False(t, next.noBaseline)
}

func TestLastMark(t *testing.T) {
	b, clock := &Book{}, &ServerClock{}
	_, known := b.LastMark(1)
	require.False(t, known)
	b.Observe(Activation{ID: 1, Mark: 7}, clock)
	mark, known := b.LastMark(1)
	require.True(t, known)
	require.EqualValues(t, 7, mark)
	b.Observe(Activation{ID: 1, Waiting: true}, clock) // another SMS was asked for
	again, _ := b.LastMark(1)
	require.Equal(t, mark, again)
	b.Observe(Activation{ID: 1, Mark: 8}, clock)
	again, _ = b.LastMark(1)
	require.NotEqual(t, mark, again)
	b.Observe(Activation{ID: 1}, clock)
	_, known = b.LastMark(1)
	require.False(t, known)
}

func TestLastSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, &ServerClock{}
		require.Zero(t, b.LastSeen(1))
		b.Observe(Activation{ID: 1, Waiting: true}, clock)
		first := time.Now()
		time.Sleep(lastSeenFor)
		require.Equal(t, first, b.LastSeen(1))
		b.Observe(Activation{ID: 2, Waiting: true}, clock)
		time.Sleep(time.Second)
		require.Zero(t, b.LastSeen(1), "too long ago")
		require.Equal(t, first.Add(lastSeenFor), b.LastSeen(2))
		b.Observe(Activation{ID: 2, Mark: 1}, clock)
		require.Zero(t, b.LastSeen(2), "it has its SMS")
		b.Observe(Activation{ID: 3}, clock)
		require.Zero(t, b.LastSeen(3), "it has ended")
	})
}

func TestFactsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		for range 10_000 {
			p := b.Begin(facebook())
			p.MarkSent()
			p.Finish(b.high + 1)
			b.Observe(boughtAt(b.high, time.Now()), clock)
			time.Sleep(time.Second)
		}
		require.LessOrEqual(t, len(b.facts.young)+len(b.facts.old), 2*int(keepFacts/time.Second)+2)
		require.Empty(t, b.open)
	})
}

func TestAttributeAfterForgottenClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, clock := &Book{}, exactClock()
		b.SawNewest()
		lost := lose(b)
		other := b.Begin(facebook())
		other.MarkSent()
		other.Finish(1) // claimed
		seen := []Activation{boughtAt(1, time.Now())}
		ids, _, _ := b.Attribute(lost.Key, clock, seen)
		require.Empty(t, ids, "it belongs to the other order")
		for range 3 { // other activations come and go until the claim is forgotten
			time.Sleep(keepFacts + time.Second)
			b.Observe(Activation{ID: 50, Pair: PairOf("telegram", "us"), Waiting: true}, clock)
		}
		require.False(t, b.Observe(seen[0], clock), "a forgotten claim is not reported")
		ids, sure, ours := b.Attribute(lost.Key, clock, seen)
		require.Equal(t, []int64{1}, ids)
		require.False(t, sure)
		require.True(t, ours)
	})
}

func TestRecentKeepsAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recent[int, int]
		r.set(1, 1)
		time.Sleep(keepFacts)
		r.set(2, 2) // of the same generation
		time.Sleep(time.Nanosecond)
		r.set(3, 3) // of the next one
		require.Zero(t, r.forgotten, "nothing is forgotten yet")
		for key := range 3 {
			_, ok := r.get(key + 1)
			require.True(t, ok, key+1)
		}
		began := r.begun
		time.Sleep(keepFacts + 1)
		r.set(4, 4)
		require.Equal(t, began, r.forgotten)
		_, ok := r.get(2)
		require.False(t, ok)
		_, ok = r.get(3)
		require.True(t, ok)
	})
}
