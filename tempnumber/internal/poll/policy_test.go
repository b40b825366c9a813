package poll

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// desk is where a story about a policy is told, second by second.
type desk struct {
	*Policy
	t     *testing.T
	start time.Time
	now   time.Time
}

func newDesk(t *testing.T) *desk {
	start := time.Unix(1_000_000_000, 0)
	return &desk{New(singles(), lists()), t, start, start}
}

// join adds waits that were seen right now.
func (d *desk) join(ids ...int64) {
	for _, id := range ids {
		d.Add(id, d.now, d.now, d.now.Add(lifetime))
	}
}

// from gives the ids between two, both included, in the order of counting there.
func from(a, b int64) []int64 {
	ids := []int64{a}
	for a != b {
		if a < b {
			a++
		} else {
			a--
		}
		ids = append(ids, a)
	}
	return ids
}

// next goes on to the next look.
func (d *desk) next() Look {
	d.t.Helper()
	for {
		l, again := d.Peek(d.now)
		if l != (Look{}) {
			require.Equal(d.t, d.now, l.Sent)
			d.Commit(l)
			d.Granted(l, d.now)
			return l
		}
		require.True(d.t, again.After(d.now), "nothing to do, and no time to come back")
		d.now = again
	}
}

// nextOf goes on to the next list, or the next single look; looks of the other
// kind are answered: still pending, or nothing.
func (d *desk) nextOf(list bool) Look {
	d.t.Helper()
	for {
		l := d.next()
		if l.IsList() == list {
			return l
		}
		d.Ended(l, d.now)
		if list {
			d.looked(l)
		}
	}
}

// show answers a list with pending activations, in this order.
func (d *desk) show(l Look, total int, ids ...int64) {
	page := Page{Number: l.Page, Size: l.Size, Sent: l.Sent, Total: total}
	for _, id := range ids {
		page.Items = append(page.Items, Item{ID: id})
	}
	d.Ended(l, d.now)
	d.Listed(page)
}

// looked answers a single look: nothing yet.
func (d *desk) looked(l Look) { d.Looked(l.ID, l.Sent, d.now, false) }

func (d *desk) second() float64 { return d.now.Sub(d.start).Seconds() }

func TestOneWait(t *testing.T) {
	d := newDesk(t)
	d.join(7)
	var sent []float64
	for range 4 {
		l := d.next()
		require.Equal(t, int64(7), l.ID)
		d.Ended(l, d.now)
		d.looked(l)
		sent = append(sent, d.second())
	}
	require.Zero(t, sent[0])
	require.InDelta(t, 0.9, sent[1], 0.1, "what is to spare goes early")
	require.InDelta(t, 2.8, sent[3], 0.1)
	for d.second() < 300 {
		l := d.next()
		require.False(t, l.IsList())
		d.Ended(l, d.now)
		d.looked(l)
	}
}

func TestOneWaitFailing(t *testing.T) {
	d := newDesk(t)
	d.join(7)
	var listed []float64
	for d.second() < 200 {
		l := d.next()
		if l.IsList() {
			listed = append(listed, d.second())
			d.show(l, 1, 7)
			continue
		}
		d.Ended(l, d.now) // by an error
	}
	require.Len(t, listed, 3)
	for i, at := range listed {
		require.InDelta(t, 60*(i+1), at, 2*float64(i+1), "a window of lists after it was last seen")
	}
}

func TestFirstLookAtOnce(t *testing.T) {
	d := newDesk(t)
	for id := range int64(36) {
		d.join(id + 1)
		l := d.next()
		d.Ended(l, d.now)
		require.Equal(t, id+1, l.ID)
		require.Zero(t, d.second())
		d.Remove(l.ID)
	}
	d.join(100)
	d.next()
	require.InDelta(t, 120.0/36, d.second(), 0.01, "the other half of the looks lasts until the first come back")
}

func TestJoinKeepsPace(t *testing.T) {
	d := newDesk(t)
	d.join(1)
	d.next()
	d.join(2)
	d.Remove(1)
	d.next()
	require.InDelta(t, 0.9, d.second(), 0.1)
}

func TestNoWaits(t *testing.T) {
	d := newDesk(t)
	d.join(7)
	d.Remove(7)
	l, again := d.Peek(d.now)
	require.Equal(t, Look{}, l)
	require.True(t, again.IsZero())
}

func TestListsFromTwoWaits(t *testing.T) {
	d := newDesk(t)
	d.join(1)
	d.next()
	d.join(2)
	l := d.nextOf(true)
	require.Equal(t, 1, l.Page)
	require.Equal(t, largestPage, l.Size)
	require.InDelta(t, 6, d.second(), 0, "what was just seen need not be listed at once")

	d = newDesk(t)
	d.Add(1, d.now, time.Time{}, d.now.Add(lifetime))
	d.Add(2, d.now, time.Time{}, d.now.Add(lifetime))
	require.True(t, d.next().IsList(), "what nobody has seen is listed at once")
	require.Zero(t, d.second())

	d = newDesk(t)
	d.join(1)
	d.Add(2, d.now, time.Time{}, d.now.Add(lifetime))
	require.True(t, d.next().IsList(), "the more so when something else was seen")
	require.Zero(t, d.second())
}

func TestListPageChoice(t *testing.T) {
	for name, c := range map[string]struct {
		seen map[int64]int // seconds ago
		page int
	}{
		"the fuller page":             {map[int64]int{30: 10, 29: 10, 15: 10}, 1},
		"the one left alone longer":   {map[int64]int{30: 10, 29: 10, 15: 15}, 2},
		"not by the sum of staleness": {map[int64]int{30: 10, 29: 10, 28: 10, 5: 18}, 3},
		"nor by the stalest":          {map[int64]int{30: 10, 29: 10, 28: 10, 5: 17}, 1},
		"the first among equals":      {map[int64]int{30: 10, 15: 10, 5: 10}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.join(30, 5)
			d.show(d.nextOf(true), 30, from(30, 21)...) // so it grants pages of 10
			d.Remove(30)
			d.Remove(5)
			d.now = d.list.due(d.now, false)
			d.hazard = newHazard() // nothing is known yet
			for id, ago := range c.seen {
				d.Add(id, d.now, d.now.Add(-time.Duration(ago)*time.Second), d.now.Add(lifetime))
				d.wait(id).index = int(id) - 1
			}
			l, _ := d.Peek(d.now)
			require.Equal(t, c.page, l.Page)
			require.Equal(t, 10, l.Size)
		})
	}
}

func TestSingleStalest(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2, 3)
	for id, seen := range map[int64]time.Duration{1: 2 * time.Minute, 2: 3 * time.Minute, 3: time.Minute} {
		d.wait(id).looked = d.now.Add(-seen)
	}
	for _, id := range []int64{2, 1, 3} {
		require.Equal(t, id, d.nextOf(false).ID)
	}
}

func TestSingleBeforeList(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 30)...)
	d.show(d.nextOf(true), 30, from(30, 21)...)
	d.now = d.list.due(d.now, false).Add(-time.Second) // the next list comes in a second, and shows page 2
	for _, id := range from(11, 20) {
		d.wait(id).looked = d.now.Add(-21 * time.Second)
	}
	d.wait(5).looked = d.now.Add(-20 * time.Second)
	l := d.nextOf(false)
	require.Equal(t, int64(5), l.ID)
	require.Equal(t, 2, d.nextOf(true).Page)
}

func TestPaceShare(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 50)...)
	sent := map[bool][]time.Time{}
	for d.second() < 600 {
		l := d.next()
		d.now = d.now.Add(roundTrip)
		d.Ended(l, d.now)
		sent[l.IsList()] = append(sent[l.IsList()], l.Sent)
	}
	for isList, share := range map[bool]int{false: 72, true: 9} {
		times, budget := sent[isList], singles()
		if isList {
			budget = lists()
		}
		for i := range times {
			if i > 0 {
				require.GreaterOrEqual(t, times[i].Sub(times[i-1]), budget.minInterval())
			}
			if i >= share {
				require.Greater(t, times[i].Sub(times[i-share]), budget.Window+roundTrip)
			}
		}
		require.InDelta(t, 600/budget.sustainedInterval().Seconds(), len(times), 3, "the share is used")
	}
}

func TestHistoryLearned(t *testing.T) {
	d := newDesk(t)
	d.join(from(81, 110)...) // the newest of 110
	l := d.nextOf(true)
	d.show(l, 110, from(1, 10)...) // oldest first, and not more than 10
	l = d.nextOf(true)
	require.Equal(t, 10, l.Size)
	require.Contains(t, []int{9, 10, 11}, l.Page, "the waits are at the other end")
}

func TestFirstListPageOne(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 500)...)
	for _, id := range from(1, 50) {
		long := d.now.Add(-time.Hour)
		d.wait(id).looked, d.wait(id).seen = long, long
	}
	l := d.nextOf(true)
	require.Equal(t, 1, l.Page, "only there it shows what size is granted")
	d.show(l, 500, from(500, 451)...)
	l = d.nextOf(true)
	require.Equal(t, 10, l.Page)
	require.Equal(t, 50, l.Size)
}

func TestPageSizeRefused(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2)
	for _, size := range []int{100, 50, 25, 12, 10} {
		l := d.nextOf(true)
		require.Equal(t, size, l.Size)
		d.Refused(l)
	}
	for range 100 {
		require.False(t, d.next().IsList(), "no size is granted")
	}
}

func TestPlacesMove(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 10)...)
	d.show(d.nextOf(true), 10, from(10, 1)...)
	d.history.size = 10
	d.join(from(11, 25)...) // now the first ten are on pages 2 and 3
	require.Equal(t, []int{3, 3, 3, 3, 3, 2, 2, 2, 2, 2}, d.pages()[:10])

	// Somebody else ordered 40 more in between.
	l := d.nextOf(true)
	d.show(l, 65, from(165, 156)...)
	require.Equal(t, []int{7, 7, 7, 7, 7, 6, 6, 6, 6, 6}, d.pages()[:10])
}

func TestPlaceLost(t *testing.T) {
	d := newDesk(t)
	d.join(150, 151)
	d.history.read, d.history.size, d.history.total = true, 10, 100
	d.wait(150).index, d.wait(150).newer = 39, false // page 7
	d.wait(151).index, d.wait(151).newer = 40, false // page 6
	d.show(Look{Page: 6, Size: 10, Sent: d.now}, 100, from(141, 132)...)
	require.Equal(t, []int{1, 1}, d.pages(), "they are newer than what is there")
	d.show(Look{Page: 1, Size: 10, Sent: d.now}, 100, from(199, 190)...)
	require.Equal(t, []int{2, 2}, d.pages(), "and older than that")
}

func TestPlaceUnknown(t *testing.T) {
	d := newDesk(t)
	d.join(40, 1000)
	d.show(d.nextOf(true), 35, 1000, 999, 998, 997, 996, 995, 994, 993, 992, 991)
	d.Remove(1000)
	d.hazard = newHazard()
	d.join(1001, 41) // two, so that there are lists
	l := d.nextOf(true)
	for l.Page == 1 {
		d.show(l, 36, 1001, 1000, 999, 998, 997, 996, 995, 994, 993, 992)
		l = d.nextOf(true)
	}
	require.Equal(t, 2, l.Page)
	d.show(l, 36, 990, 989, 988, 987, 986, 985, 984, 983, 982, 981)
	l = d.nextOf(true)
	for l.Page == 1 {
		d.show(l, 36, 1001, 1000, 999, 998, 997, 996, 995, 994, 993, 992)
		l = d.nextOf(true)
	}
	require.Equal(t, 3, l.Page)
	d.show(l, 36, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40)
	require.False(t, d.wait(40).absent)
	require.Equal(t, 3, d.pages()[0])
}

func TestListWithoutTexts(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2, 3)
	l := d.nextOf(true)
	d.Ended(l, d.now)
	d.Listed(Page{Number: 1, Size: 100, Sent: l.Sent, Total: 3, Items: []Item{{ID: 3}, {ID: 2, Arrived: true}, {ID: 1}}})
	d.wait(1).looked = d.now.Add(-time.Minute)
	l = d.nextOf(false)
	require.Equal(t, int64(2), l.ID, "the text is fetched first")
	d.wait(1).looked = d.now
	tried := []int64{d.nextOf(false).ID, d.nextOf(false).ID, d.nextOf(false).ID}
	require.ElementsMatch(t, []int64{1, 2, 3}, tried, "then everyone has a turn")

	d.now = d.start.Add(lifetime)
	d.looked(Look{ID: 1, Sent: d.now})
	d.looked(Look{ID: 3, Sent: d.now})
	require.Equal(t, []int64{1, 3}, d.Expired(d.now), "an SMS that is there can still be fetched")
	require.Equal(t, int64(2), d.nextOf(false).ID)

	d.looked(Look{ID: 2, Sent: d.now}) // the list was wrong
	d.Listed(Page{Number: 1, Size: 100, Sent: d.now, Total: 3, Items: []Item{{ID: 2, Arrived: true}}})
	require.Equal(t, []int64{2}, d.Expired(d.now))
}

func TestListMissesWait(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2, 3)
	d.show(d.nextOf(true), 2, 3, 1)
	require.True(t, d.wait(2).absent)
	require.Equal(t, []bool{false, true, false}, []bool{d.untilListed(d.now)[0] > 7, d.untilListed(d.now)[1] > 7, d.untilListed(d.now)[2] > 7})
	require.Equal(t, int64(2), d.nextOf(false).ID, "no list will show it")
	for range 5 {
		d.show(d.nextOf(true), 2, 3, 1) // lists go on for the others
	}
}

func TestListsWithoutPending(t *testing.T) {
	d := newDesk(t)
	d.join(11, 12, 13)
	for range maxListMisses {
		d.show(d.nextOf(true), 10, from(10, 1)...)
	}
	for range 100 {
		require.False(t, d.next().IsList())
	}

	d.Remove(11)
	d.Remove(12)
	d.Remove(13)
	d.now = d.now.Add(time.Hour)
	d.join(14, 15)
	require.True(t, d.nextOf(true).IsList(), "another chance with the next waits")
}

func TestLastLook(t *testing.T) {
	d := newDesk(t)
	d.Add(1, d.now, d.now, d.now.Add(2*time.Second))
	for d.second() < 2 {
		l := d.next()
		d.Ended(l, d.now)
		if d.second() < 2 {
			d.looked(l)
		}
	}
	require.Empty(t, d.Expired(d.now), "the last look failed")
	l := d.next()
	require.Equal(t, int64(1), l.ID)
	d.Ended(l, d.now)
	d.looked(l)
	require.Equal(t, []int64{1}, d.Expired(d.now))
}

func TestLastLookFails(t *testing.T) {
	d := newDesk(t)
	d.Add(1, d.now, d.now, d.now.Add(2*time.Second))
	looks := 0
	for len(d.Expired(d.now)) == 0 {
		l, again := d.Peek(d.now)
		if l == (Look{}) {
			d.now = again
			continue
		}
		looks++
		d.Commit(l)
		d.Granted(l, d.now)
		d.Ended(l, d.now)
	}
	require.InDelta(t, 122, d.second(), 0.1, "so long it is tried again")
	require.Greater(t, looks, 60)
}

func TestLastLookConfirmsExpiry(t *testing.T) {
	d := newDesk(t)
	d.join(1)
	d.now = d.now.Add(time.Minute)
	d.looked(Look{ID: 1, Sent: d.now})
	d.Expire(1, d.now.Add(-time.Second), d.now)
	require.Empty(t, d.Expired(d.now), "one odd answer ends nothing")

	d.now = d.now.Add(time.Second)
	d.looked(Look{ID: 1, Sent: d.now})
	d.Expire(1, d.start.Add(lifetime), d.now)
	require.Empty(t, d.Expired(d.now), "the next one did not confirm it")

	d.Expire(1, d.now.Add(-time.Second), d.now)
	d.now = d.now.Add(time.Second)
	d.looked(Look{ID: 1, Sent: d.now})
	d.Expire(1, d.now.Add(-time.Second), d.now)
	require.Equal(t, []int64{1}, d.Expired(d.now), "and this one does")
}

func TestConfirm(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 20)...)
	d.now = d.now.Add(time.Minute)
	for range 3 {
		d.nextOf(false)
	}
	d.Confirm(17)
	require.Equal(t, int64(17), d.nextOf(false).ID)
	require.NotEqual(t, int64(17), d.nextOf(false).ID)
}

func TestPeekChangesNothing(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 30)...)
	for d.second() < 60 {
		first, again := d.Peek(d.now)
		for range 3 {
			l, a := d.Peek(d.now)
			require.Equal(t, first, l)
			require.Equal(t, again, a)
		}
		d.Peek(d.now.Add(time.Hour))
		l := d.next()
		if first != (Look{}) {
			require.Equal(t, first, l)
		}
		d.Ended(l, d.now)
	}
}

func TestListsBehind(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2, 3)
	d.now = d.now.Add(10 * time.Second)
	d.Looked(2, d.now, d.now, true)
	d.Remove(2)
	seen := d.wait(1).seen
	d.now = d.now.Add(time.Second)
	d.show(Look{Page: 1, Size: 100, Sent: d.now}, 3, 3, 2, 1) // 2 still as pending
	require.Equal(t, time.Second, d.lag)
	require.Equal(t, seen, d.wait(1).seen, "what is behind is no look")
	require.True(t, math.IsInf(d.untilListed(d.now)[0], 1))

	fresh := Page{Number: 1, Size: 100, Sent: d.now.Add(time.Second), Total: 3, Items: []Item{{ID: 3}, {ID: 2, Arrived: true}, {ID: 1}}}
	d.Listed(fresh)
	require.Equal(t, time.Second, d.lag, "it may be behind for less than two seconds")
	d.Looked(3, d.now, d.now.Add(500*time.Millisecond), true)
	d.Remove(3)
	fresh.Items[0].Arrived = true
	d.Listed(fresh)
	require.Zero(t, d.lag)
	require.Equal(t, fresh.Sent, d.wait(1).seen)
}

func TestFailingWait(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2, 3, 4)
	d.listMisses = maxListMisses
	turns := map[int64]int{}
	for range 100 {
		l := d.next()
		turns[l.ID]++
		d.Ended(l, d.now)
		if l.ID != 2 {
			d.looked(l)
		}
	}
	for id := range int64(4) {
		require.InDelta(t, 25, turns[id+1], 1)
	}
}

func TestFailingPage(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 20)...)
	d.history.read, d.history.size = true, 10
	pages := map[int]int{}
	for range 40 {
		l := d.nextOf(true)
		pages[l.Page]++
		if l.Page == 1 {
			d.Ended(l, d.now)
		} else {
			d.show(l, 20, from(10, 1)...)
		}
	}
	require.InDelta(t, 20, pages[1], 2)
	require.InDelta(t, 20, pages[2], 2)
}

func TestFailingLists(t *testing.T) {
	d := newDesk(t)
	d.join(from(1, 20)...)
	turns := map[int64]int{}
	for range 20 * 5 {
		l := d.nextOf(false)
		turns[l.ID]++
		d.Ended(l, d.now)
		d.looked(l)
	}
	require.Len(t, turns, 20)
	for id, n := range turns {
		require.InDelta(t, 5, n, 2, "wait %d", id)
	}
}

func TestJoinAndLeave(t *testing.T) {
	times := func(disturb func(d *desk, i int)) []float64 {
		d := newDesk(t)
		d.join(from(1, 20)...)
		var sent []float64
		for i := range 60 {
			disturb(d, i)
			l := d.next()
			d.Ended(l, d.now)
			d.looked(l)
			sent = append(sent, d.second())
		}
		return sent
	}
	calm := times(func(*desk, int) {})
	disturbed := times(func(d *desk, i int) {
		d.join(int64(100 + i))
		d.Remove(int64(95 + i))
		d.Remove(12345)
		d.join(3) // it is there already
	})
	require.Equal(t, calm, disturbed, "the pace is the same")
}

func TestListOlderThanWait(t *testing.T) {
	d := newDesk(t)
	d.join(1, 2)
	l := d.nextOf(true)
	d.now = d.now.Add(roundTrip)
	d.join(3)
	d.show(l, 2, 2, 1)
	require.False(t, d.wait(3).absent)
	require.Equal(t, 2, d.wait(3).index)
}

func TestLookWaitsForSlot(t *testing.T) {
	for _, list := range []bool{false, true} {
		d := newDesk(t)
		d.join(from(1, 11)...)
		var queued Look // somebody else has taken all the slots of its kind
		for d.second() < 20 {
			l, again := d.Peek(d.now)
			switch {
			case l == Look{}:
				d.now = again
			case l.IsList() == list:
				require.Zero(t, queued)
				d.Commit(l)
				queued = l
			default:
				d.Commit(l)
				d.Granted(l, d.now)
			}
		}
		d.Granted(queued, d.now)
		granted, minInterval := d.now, singles().minInterval()
		if list {
			minInterval = lists().minInterval()
		}
		d.nextOf(list)
		require.Equal(t, minInterval, d.now.Sub(granted), "the pace counts from when the look was sent")
	}
}

func TestLookHangs(t *testing.T) {
	d := newDesk(t)
	d.join(1)
	hanging := d.next()
	last := d.now
	for d.second() < 240 {
		l := d.next()
		require.Less(t, d.now.Sub(last), 15*time.Second)
		last = d.now
		d.Ended(l, d.now)
		if d.second() > 30 && hanging != (Look{}) {
			d.Ended(hanging, d.now)
			hanging = Look{}
		}
	}
}

// longestGap returns the longest time between two looks, each answered after a round
// trip, at a wait that nobody texts.
func longestGap(d *desk, waits int, span time.Duration) time.Duration {
	d.join(from(1, int64(waits))...)
	var longest time.Duration
	last := d.now
	for d.now.Sub(d.start) < span {
		l, again := d.Peek(d.now)
		if l == (Look{}) {
			d.now = again
			continue
		}
		if !l.IsList() {
			longest, last = max(longest, d.now.Sub(last)), d.now
		}
		d.Commit(l)
		d.Granted(l, d.now)
		d.now = d.now.Add(roundTrip)
		d.Ended(l, d.now)
		if !l.IsList() {
			d.looked(l)
		}
	}
	return longest
}

func TestNeverBlind(t *testing.T) {
	for _, waits := range []int{1, 2, 10} {
		longest := longestGap(newDesk(t), waits, lifetime)
		t.Logf("%d waits: no single look for %v", waits, longest)
		require.LessOrEqual(t, longest, 2200*time.Millisecond)
	}
}

func TestNeverBlindAfterOthers(t *testing.T) {
	for after := range 12 {
		d := newDesk(t)
		longestGap(d, 1, time.Duration(after)*10*time.Second)
		d.Remove(1)
		d.start = d.now
		require.LessOrEqual(t, longestGap(d, 1, lifetime/2), 2500*time.Millisecond)
	}
}

// Of two pages that gain the same by arrivals times staleness the staler one goes first, and what a page gains in a
// while is what it would gain then.
func TestStalerPageGainsMore(t *testing.T) {
	page := func(stale, arrivals float64) *load {
		return &load{rate: arrivals / stale, stale: arrivals, squared: arrivals * stale, cubed: arrivals * stale * stale}
	}
	young, old := page(10, 4), page(40, 1)
	require.Greater(t, old.at(0), young.at(0))
	require.InDelta(t, 40*(1+10.0/doubled), young.at(0), 1e-9)
	later := page(30, 12) // the same rate 20 seconds later
	require.InDelta(t, later.at(0), young.at(20), 1e-9)
	young.listed(20)
	require.InDelta(t, 0, young.at(20), 1e-9)
	require.InDelta(t, page(5, 2).at(0), young.at(25), 1e-9)
}
