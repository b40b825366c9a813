package slot

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(4, time.Minute, WithReserve(1))
		require.Equal(t, State{Free: 4, Background: 3}, q.State())

		comeBack(t, q) // with 4 slots: free after 57.06 s, 58.06 s, 59.06 s, 60.06 s
		require.Equal(t, State{NextBackground: held - 2*time.Second}, q.State())

		ctx, leave := context.WithCancel(t.Context())
		go q.Acquire(ctx, background)
		synctest.Wait()
		require.Equal(t, State{NextBackground: held - time.Second, Waiting: 1}, q.State())
		go q.Acquire(ctx, foreground)
		synctest.Wait()
		require.Equal(t, State{NextBackground: held, Waiting: 2}, q.State())
		leave()
		synctest.Wait()

		time.Sleep(held)
		q.Pause(time.Minute)
		require.Equal(t, State{Free: 4, NextBackground: time.Minute, Paused: time.Minute}, q.State())
		time.Sleep(time.Minute)
		require.Equal(t, State{Free: 4, Background: 1}, q.State(), "the probe")
		probe := take(t, q, foreground)
		require.Equal(t, State{Free: 3}, q.State())
		probe.Release(NotSent)
	})
}

func TestStateDuringProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(4, time.Minute)
		q.Pause(0)
		probe := take(t, q, foreground)
		go q.Acquire(t.Context(), background)
		synctest.Wait()
		require.Equal(t, State{Free: 3, Waiting: 1}, q.State())
		probe.Release(NotSent)
	})
}
