package slot

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	foreground = false
	background = true
)

// take acquires a slot that is expected to be there.
func take(t *testing.T, q *Queue, background bool) *Slot {
	t.Helper()
	began := time.Now()
	s, err := q.Acquire(t.Context(), background)
	require.NoError(t, err)
	require.Zero(t, time.Since(began), "the slot had to be waited for")
	return s
}

func takeAll(t *testing.T, q *Queue) []*Slot {
	t.Helper()
	slots := make([]*Slot, q.slots.n)
	for i := range slots {
		slots[i] = take(t, q, foreground)
	}
	return slots
}

func releaseAll(slots []*Slot, outcome Outcome) {
	for _, s := range slots {
		s.Release(outcome)
	}
}

// waited acquires a slot, releases it as not sent and returns how long it took to come.
func waited(t *testing.T, q *Queue, background bool) time.Duration {
	t.Helper()
	began := time.Now()
	s, err := q.Acquire(t.Context(), background)
	require.NoError(t, err)
	s.Release(NotSent)
	return time.Since(began)
}

func TestBurstAfterIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(80, 2*time.Minute)
		releaseAll(takeAll(t, q), Answered)
		time.Sleep(time.Hour)
		releaseAll(takeAll(t, q), Answered)
	})
}

func TestReleaseOutcomes(t *testing.T) {
	const roundTrip = 300 * time.Millisecond
	for _, tc := range []struct {
		name    string
		outcome Outcome
		opts    []Option
		held    time.Duration
	}{
		{"not sent, at once", NotSent, nil, 0},
		{"answered, a window later", Answered, nil, 60*time.Second + 60*time.Millisecond},
		{"no answer, longer", NoAnswer, nil, 80*time.Second + 60*time.Millisecond},
		{"no answer, with a linger of its own", NoAnswer, []Option{WithLinger(time.Second)}, 61*time.Second + 60*time.Millisecond},
		{"unknown outcome, as if no answer", 0, nil, 80*time.Second + 60*time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := New(1, time.Minute, tc.opts...)
				s := take(t, q, foreground)
				time.Sleep(roundTrip)
				s.Release(tc.outcome)
				require.Equal(t, tc.held, waited(t, q, foreground))
			})
		})
	}
}

func TestReleaseTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(2, time.Minute)
		s := take(t, q, foreground)
		s.Release(Answered)
		s.Release(NotSent)
		s.Release(Answered)
		require.Equal(t, 1, q.State().Free)
		time.Sleep(2 * time.Minute)
		require.Equal(t, 2, q.State().Free)
	})
}

func TestLingerOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(2, time.Minute)
		slots := takeAll(t, q)
		slots[0].Release(NoAnswer)
		time.Sleep(time.Second)
		slots[1].Release(Answered)
		require.Equal(t, 60*time.Second+60*time.Millisecond, waited(t, q, foreground))
		take(t, q, foreground)
		require.Equal(t, 19*time.Second, waited(t, q, foreground))
	})
}

func TestAcquireEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		q := New(1, time.Minute)
		_, err := q.Acquire(ctx, foreground)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, q.State().Free)
	})
}

func TestNewOddSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(0, -time.Second, WithLinger(-time.Second), WithReserve(5))
		take(t, q, background).Release(NoAnswer)
		take(t, q, background)
	})
}
