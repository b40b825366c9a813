package slot

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const held = 60*time.Second + 60*time.Millisecond // how long a slot of 1 minute is held

func TestOrderOfService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(3, time.Minute, WithReserve(1))
		slots := takeAll(t, q)

		served := make(chan int, 20)
		for i := range cap(served) {
			go func() {
				s, err := q.Acquire(t.Context(), i%2 == 1) // the odd ones in the background
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
					return
				}
				served <- i
				time.Sleep(time.Millisecond) // no two are served in the same moment
				s.Release(Answered)
			}()
			synctest.Wait()
		}
		for _, s := range slots {
			time.Sleep(time.Second)
			s.Release(Answered)
		}

		for _, want := range []int{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19} {
			require.Equal(t, want, <-served)
		}
		time.Sleep(2 * time.Minute)
		require.Equal(t, 3, q.State().Free)
	})
}

func TestReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(80, 2*time.Minute) // a reserve of 8
		for range 200 {
			go func() {
				for {
					s, err := q.Acquire(t.Context(), background)
					if err != nil {
						return
					}
					time.Sleep(150 * time.Millisecond)
					s.Release(Answered)
				}
			}()
		}
		for range 1000 {
			synctest.Wait()
			s := take(t, q, foreground)
			time.Sleep(150 * time.Millisecond)
			s.Release(Answered)
			time.Sleep(15 * time.Second)
		}
	})
}

func TestReserveDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			n    int
			opts []Option
			want int
		}{
			{80, nil, 8},
			{10, nil, 1},
			{3, nil, 0},
			{10, []Option{WithReserve(4)}, 4},
			{10, []Option{WithReserve(0)}, 0},
			{10, []Option{WithReserve(10)}, 9},
			{10, []Option{WithReserve(-1)}, 0},
		} {
			q := New(tc.n, time.Minute, tc.opts...)
			require.Equal(t, tc.n-tc.want, q.State().Background)
			for range tc.n - tc.want {
				take(t, q, background)
			}
			require.Zero(t, q.State().Background)
			require.Equal(t, tc.want, q.State().Free)
		}
	})
}

func TestReserveRefilledFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(3, time.Minute, WithReserve(1))
		for _, s := range takeAll(t, q) {
			s.Release(Answered)
			time.Sleep(time.Second)
		}
		require.Equal(t, held-2*time.Second, q.State().NextBackground, "the second slot to come back, not the first")
		require.Equal(t, held-2*time.Second, waited(t, q, background))
	})
}

// comeBack takes all slots and gives them back one second apart.
// Counted from the end of it three are free after 58.06 s, 59.06 s and 60.06 s.
func comeBack(t *testing.T, q *Queue) {
	t.Helper()
	for i, s := range takeAll(t, q) {
		if i > 0 {
			time.Sleep(time.Second)
		}
		s.Release(Answered)
	}
}

func TestLateError(t *testing.T) {
	const first = held - 2*time.Second
	for _, tc := range []struct {
		name       string
		background bool
		before     int // callers that wait in the foreground
		wait       time.Duration
	}{
		{"first in line", foreground, 0, first},
		{"second in line", foreground, 1, first + time.Second},
		{"third in line", foreground, 2, first + 2*time.Second},
		{"one round later", foreground, 3, first + held},
		{"three rounds later", foreground, 10, first + time.Second + 3*held},
		{"in the background, behind the reserve", background, 0, first + time.Second},
		{"in the background, behind others", background, 1, first + 2*time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := New(3, time.Minute, WithReserve(1))
				comeBack(t, q)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				for range tc.before {
					go q.Acquire(ctx, foreground)
				}
				synctest.Wait()

				began := time.Now()
				hopeless, cancel := context.WithTimeout(ctx, tc.wait)
				defer cancel()
				_, err := q.Acquire(hopeless, tc.background)
				var late *LateError
				require.ErrorAs(t, err, &late)
				require.Equal(t, tc.wait, late.Wait)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Zero(t, time.Since(began))
				require.Equal(t, tc.before, q.State().Waiting)

				hopeful, cancel := context.WithTimeout(ctx, tc.wait+1)
				defer cancel()
				go q.Acquire(hopeful, tc.background)
				synctest.Wait()
				require.Equal(t, tc.before+1, q.State().Waiting)
			})
		})
	}
}

func TestLateErrorInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(2, time.Minute)
		slots := takeAll(t, q)
		ctx, cancel := context.WithTimeout(t.Context(), held)
		defer cancel()
		_, err := q.Acquire(ctx, foreground)
		var late *LateError
		require.ErrorAs(t, err, &late)
		require.Equal(t, held, late.Wait)

		slots[0].Release(NoAnswer) // comes 20 s after the other one would
		_, err = q.Acquire(ctx, foreground)
		require.ErrorAs(t, err, &late)
		require.Equal(t, held, late.Wait)

		slots[1].Release(NoAnswer)
		_, err = q.Acquire(ctx, foreground)
		require.ErrorAs(t, err, &late)
		require.Equal(t, held+20*time.Second, late.Wait)
	})
}

func TestLateErrorWhileWaiting(t *testing.T) {
	for _, tc := range []struct {
		name       string
		background bool
		news       func(t *testing.T, q *Queue, inFlight *Slot)
		wait       time.Duration
	}{
		{"a pause", foreground, func(_ *testing.T, q *Queue, _ *Slot) { q.Pause(90 * time.Second) }, 90 * time.Second},
		{"a pause that ends with the deadline", foreground, func(_ *testing.T, q *Queue, _ *Slot) { q.Pause(held + 10*time.Second) }, held + 10*time.Second},
		{"no answer where one was hoped for", foreground, func(_ *testing.T, _ *Queue, s *Slot) { s.Release(NoAnswer) }, held + Linger},
		{"an answer that took long", foreground, func(_ *testing.T, _ *Queue, s *Slot) {
			time.Sleep(20 * time.Second)
			s.Release(Answered)
		}, held},
		{"a caller who goes first", background, func(t *testing.T, q *Queue, _ *Slot) { go q.Acquire(t.Context(), foreground) }, 2 * held},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := New(1, time.Minute)
				inFlight := take(t, q, foreground)
				ctx, cancel := context.WithTimeout(t.Context(), held+10*time.Second)
				defer cancel()
				var failed time.Time
				var err error
				go func() {
					_, err = q.Acquire(ctx, tc.background)
					failed = time.Now()
				}()
				synctest.Wait()
				require.Equal(t, 1, q.State().Waiting)

				tc.news(t, q, inFlight)
				known := time.Now()
				synctest.Wait()
				var late *LateError
				require.ErrorAs(t, err, &late)
				require.Equal(t, tc.wait, late.Wait)
				require.Zero(t, failed.Sub(known))
			})
		})
	}
}

func TestLateErrorLastFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		inFlight := take(t, q, foreground)
		ctx, cancel := context.WithTimeout(t.Context(), 3*held+time.Second)
		defer cancel()
		for range 3 { // whose slots come after 1, 2 and 3 times what a slot is held
			go q.Acquire(ctx, foreground)
			synctest.Wait()
		}
		require.Equal(t, 3, q.State().Waiting)

		time.Sleep(2 * time.Second)
		inFlight.Release(Answered) // all of them 2 s later than hoped
		synctest.Wait()
		require.Equal(t, 2, q.State().Waiting)
	})
}

func TestOrderWithLateTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		take(t, q, foreground).Release(Answered)
		served := make(chan string, 2)
		caller := func(name string) {
			if s, err := q.Acquire(t.Context(), foreground); err == nil {
				served <- name
				s.Release(NotSent)
			}
		}
		go caller("first")
		synctest.Wait()
		q.alarm.timer.Stop()
		time.Sleep(2 * held)
		go caller("second")
		require.Equal(t, "first", <-served)
		require.Equal(t, "second", <-served)
	})
}

func TestFarDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		take(t, q, foreground).Release(Answered)
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().AddDate(9000, 0, 0))
		defer cancel()
		time.Sleep(time.Second)
		_, err := q.Acquire(ctx, foreground)
		require.NoError(t, err)
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		take(t, q, foreground).Release(Answered)

		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := q.Acquire(ctx, foreground)
			ended <- err
		}()
		synctest.Wait()
		began, next := time.Now(), make(chan *Slot)
		go func() {
			s, _ := q.Acquire(t.Context(), foreground)
			next <- s
		}()
		synctest.Wait()

		time.Sleep(10 * time.Second)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		moved := <-next
		require.NotNil(t, moved)
		require.Equal(t, held, time.Since(began), "who stood behind moves up")
		moved.Release(NotSent)
		require.Equal(t, 1, q.State().Free)
	})
}

func TestCancelDuringGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		inFlight := take(t, q, foreground)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := q.Acquire(ctx, foreground)
			ended <- err
		}()
		synctest.Wait()

		q.mu.Lock() // keeps the caller in line while its slot comes
		cancel()
		q.giveBack(inFlight, NotSent, q.now())
		q.mu.Unlock()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Equal(t, 1, q.State().Free)
	})
}

func TestTimerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		take(t, q, foreground).Release(Answered)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		go q.Acquire(ctx, foreground)
		synctest.Wait()
		require.True(t, q.alarm.set)
		cancel()
		synctest.Wait()
		require.False(t, q.alarm.set)
		require.False(t, q.alarm.timer.Stop(), "the timer was left running")
	})
}

func TestComes(t *testing.T) {
	const now = time.Hour
	q := New(6, time.Minute)
	q.slots.free = 1
	q.slots.back = []time.Duration{now + 2*time.Second, now + held, now + held + 5*time.Second} // the last one lingers, and two are in flight
	var order []time.Duration
	for i := range q.slots.n {
		order = append(order, q.slots.comes(i, now)-now)
	}
	require.Equal(t, []time.Duration{0, 2 * time.Second, held, held, held, held + 5*time.Second}, order)
}
