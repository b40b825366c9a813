package slot

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// mark is one slot that somebody else holds, as its program has said it.
type mark struct {
	id       uint64
	from     time.Duration // it counts from then on
	until    time.Duration // and until here, if it is not given back before
	returned bool
}

// Leases, holds and returns keep as many slots taken as there are marks whose time is not over, whatever their order.
func TestSlotsCountMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		const window = time.Minute
		hold := window + window/1000
		s := NewSlots(n, window)
		var marks []mark
		now := time.Duration(0)
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond
			d := time.Duration(rapid.IntRange(-40_000, 60_000).Draw(t, "for")) * time.Millisecond
			s.Reclaim(now)
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				id := uint64(i + 1)
				s.Lease(id, now, d)
				s.Lease(id, now, 2*d+time.Hour)
				marks = append(marks, mark{id, now, now + d + hold, false})
			case 2:
				s.Hold(now, d)
				marks = append(marks, mark{0, now, now + d + hold, true})
			default:
				outcome := rapid.SampledFrom([]Outcome{NotSent, Answered, NoAnswer, 0}).Draw(t, "outcome")
				if len(marks) == 0 {
					s.ReturnLease(99, outcome, now)
					continue
				}
				m := &marks[rapid.IntRange(0, len(marks)-1).Draw(t, "which")]
				s.ReturnLease(m.id, outcome, now)
				s.ReturnLease(m.id, outcome, now)
				switch {
				case m.returned || m.until <= now: // it has come back already
					continue
				case outcome == NotSent:
					m.until = now
				case outcome == Answered:
					m.until = now + hold
				default:
					m.until = now + hold + Linger
				}
				m.returned = true
			}
			taken := func(at time.Duration) (k int) {
				for _, m := range marks {
					if m.until > at {
						k++
					}
				}
				return k
			}
			s.Reclaim(now)
			require.Equal(t, n-taken(now), s.Free())
			for ahead := range n {
				require.Equal(t, s.Free() > ahead, s.Grants(ahead, now))
				at, ok := s.Next(ahead, now)
				require.True(t, ok, "all that is taken comes back of itself")
				require.Greater(t, n-taken(at), ahead)
				if at > now {
					require.LessOrEqual(t, n-taken(at-1), ahead)
				}
			}
			_, ok := s.Next(n, now)
			require.False(t, ok, "so many there are not")
			requireSame(t, s, now)
		}
	})
}

// requireSame takes what Taken says and makes other slots of it, which say the same ever after.
func requireSame(t require.TestingT, s *Slots, now time.Duration) {
	other := NewSlots(s.n, time.Minute)
	leases, back, closed, pause := s.Taken(now)
	for id, d := range leases {
		other.Lease(id, now, d)
	}
	for _, d := range back {
		other.Hold(now, d)
	}
	other.Close(now, closed)
	if pause >= 0 {
		other.Pause(now, pause)
	}
	for _, later := range []time.Duration{0, time.Second, 20 * time.Second, time.Minute, 3 * time.Minute} {
		for _, ahead := range []int{0, 1, s.n - 1} {
			want, ok := s.Next(ahead, now+later)
			got, also := other.Next(ahead, now+later)
			require.Equal(t, ok, also)
			if ok {
				require.Equal(t, max(want, now), max(got, now))
			}
		}
	}
}

func TestNewSlots(t *testing.T) {
	for _, test := range []struct {
		n            int
		window       time.Duration
		opts         []Option
		free, leaves int
		hold         time.Duration
	}{
		{80, 2 * time.Minute, nil, 80, 8, 120*time.Second + 120*time.Millisecond},
		{10, time.Minute, nil, 10, 1, 60*time.Second + 60*time.Millisecond},
		{0, -time.Second, nil, 1, 0, 0},
		{4, time.Second, []Option{WithReserve(9)}, 4, 3, time.Second + time.Millisecond},
		{4, time.Second, []Option{WithReserve(-1)}, 4, 0, time.Second + time.Millisecond},
	} {
		s := NewSlots(test.n, test.window, test.opts...)
		require.Equal(t, test.free, s.Free())
		require.Equal(t, test.leaves, s.Reserve())
		require.Equal(t, test.hold, s.Window())
	}
}

func TestClose(t *testing.T) {
	s := NewSlots(2, time.Minute)
	opens := 5*time.Second + 30*time.Second + s.Window()
	s.Close(5*time.Second, 30*time.Second)
	s.Close(5*time.Second, 20*time.Second) // it opens no earlier for that
	require.Equal(t, opens, s.Paused())
	require.False(t, s.Grants(0, opens-1))
	require.True(t, s.Grants(0, opens))
	require.False(t, s.Probing(), "nobody has to go alone")
	at, ok := s.Next(1, 6*time.Second)
	require.True(t, ok)
	require.Equal(t, opens, at)
	_, _, closed, pause := s.Taken(10 * time.Second)
	require.Equal(t, 25*time.Second, closed)
	require.Negative(t, pause)
}

// During a pause one request goes when it is over, and the others when that one was answered.
func TestPauseOfLeases(t *testing.T) {
	for _, test := range []struct {
		name  string
		end   func(s *Slots)
		opens bool
	}{
		{"answered", func(s *Slots) { s.ReturnLease(7, Answered, 31*time.Second) }, true},
		{"not sent", func(s *Slots) { s.ReturnLease(7, NotSent, 31*time.Second) }, false},
		{"no answer", func(s *Slots) { s.ReturnLease(7, NoAnswer, 31*time.Second) }, false},
		{"another was answered", func(s *Slots) { s.ReturnLease(5, Answered, 31*time.Second) }, false},
		{"its program has died", func(s *Slots) { s.Reclaim(30*time.Second + time.Second + s.Window()) }, false},
		{"another pause came", func(s *Slots) { s.Pause(31*time.Second, 0) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := NewSlots(4, time.Minute)
			s.Lease(5, 0, 10*time.Minute)
			s.Pause(0, 30*time.Second)
			s.Pause(0, 10*time.Second)
			require.True(t, s.Probing())
			require.False(t, s.Grants(0, 30*time.Second-1))
			require.True(t, s.Grants(0, 30*time.Second))
			_, _, _, pause := s.Taken(20 * time.Second)
			require.Equal(t, 10*time.Second, pause)
			_, _, _, pause = s.Taken(50 * time.Second)
			require.Zero(t, pause, "over, but nobody has been answered yet")
			at, ok := s.Next(0, 0)
			require.True(t, ok)
			require.Equal(t, 30*time.Second, at)
			s.Lease(7, 30*time.Second, time.Second)
			s.Lease(8, 30*time.Second, time.Second) // of one that did not know of the pause: no second probe
			require.False(t, s.Grants(0, 31*time.Second))
			_, ok = s.Next(0, 31*time.Second)
			require.False(t, ok, "that takes an answer")
			test.end(s)
			require.Equal(t, !test.opens, s.Probing())
			s.Reclaim(3 * time.Minute)
			require.True(t, s.Grants(0, 3*time.Minute), "whatever became of it, the next may go")
			at, ok = s.Next(0, 3*time.Minute)
			require.True(t, ok)
			require.Equal(t, 3*time.Minute, at)
		})
	}
	s := NewSlots(4, time.Minute)
	s.Pause(0, time.Hour)
	require.Equal(t, 5*time.Minute, s.Paused(), "no longer than the longest")
	s.Pause(6*time.Minute, -time.Hour)
	require.Equal(t, 6*time.Minute, s.Paused())
}

// What is free again first is known from leases and from what was given back together.
func TestNextOfLeases(t *testing.T) {
	s := NewSlots(4, time.Minute)
	s.Hold(0, -time.Minute+10*time.Second)     // back at 10.06 s
	s.Lease(1, 0, -time.Minute+20*time.Second) // at 20.06 s
	s.Hold(0, -time.Minute+30*time.Second)     // at 30.06 s
	s.Lease(2, 0, -time.Minute+5*time.Second)  // at 5.06 s
	s.Lease(3, 0, -time.Minute+10*time.Second) // at 10.06 s, one more than there are
	for ahead, want := range []int{10, 10, 20, 30} {
		at, ok := s.Next(ahead, 0)
		require.True(t, ok)
		require.Equal(t, time.Duration(want)*time.Second+60*time.Millisecond, at, "%d", ahead)
	}
	require.Equal(t, -1, s.Free())
	_, ok := s.Next(4, 0)
	require.False(t, ok)
	s.Take(9) // without an end of its own
	_, ok = s.Next(3, 0)
	require.False(t, ok)
	var ends []time.Duration
	for _, l := range s.leases {
		ends = append(ends, l.until)
	}
	require.True(t, slices.IsSorted(ends))
}

// shared returns a queue whose slots others decide on, with a line of others before it.
func shared(n int) (q *Queue, line *int, mu *sync.Mutex) {
	line, mu = new(int), new(sync.Mutex)
	return NewShared(NewSlots(n, time.Minute), time.Now(), mu, Share{Line: func() int { return *line }, Wake: func() {}, Return: func(uint64, Outcome) {}, Flush: func() {}, Ended: func(err error) error { return err }}), line, mu
}

// wait lets callers wait.
func wait(t *testing.T, q *Queue, callers int) (got chan *Slot) {
	t.Helper()
	got = make(chan *Slot, callers)
	for range callers {
		go func() {
			s, _ := q.Acquire(t.Context(), false)
			got <- s
		}()
	}
	synctest.Wait()
	return got
}

func TestSharedQueue(t *testing.T) { synctest.Test(t, testSharedQueue) }

func testSharedQueue(t *testing.T) {
	q, line, mu := shared(5)
	got := wait(t, q, 4)
	mu.Lock()
	defer mu.Unlock()
	for others, want := range []int{4, 4, 3, 2, 1, 0, 0} {
		*line = others
		require.Equal(t, want, q.GrantableLocked(0), "%d others go first", others)
	}
	*line = 0
	q.slots.Hold(0, 0)
	q.slots.Hold(0, 0)
	require.Equal(t, 3, q.GrantableLocked(0))
	require.Equal(t, 4, q.GrantableLocked(q.slots.Window()), "they are back")
	q.slots.Pause(0, 0)
	for others, want := range []int{1, 0, 0} {
		*line = others
		require.Equal(t, want, q.GrantableLocked(0), "one goes alone")
	}
	sendBy := time.Now().Add(time.Minute)
	require.True(t, q.GrantLocked(77, sendBy))
	s := <-got
	require.Equal(t, sendBy, s.SendBy)
	require.EqualValues(t, 77, s.id)
	require.Equal(t, 3, q.WaitingLocked())
	q.FailLocked(context.Canceled)
	for range 3 {
		require.Nil(t, <-got)
	}
	require.Zero(t, q.WaitingLocked())
	require.False(t, q.GrantLocked(78, sendBy), "nobody waits")
}
