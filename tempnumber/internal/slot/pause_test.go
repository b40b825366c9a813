package slot

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// grant is when a caller got its slot.
type grant struct {
	at   time.Time
	slot *Slot
}

// crowd lets k callers wait, who keep what they get.
func crowd(t *testing.T, q *Queue, k int) chan grant {
	t.Helper()
	grants := make(chan grant, k)
	for range k {
		go func() {
			if s, err := q.Acquire(t.Context(), foreground); err == nil {
				grants <- grant{time.Now(), s}
			}
		}()
	}
	synctest.Wait()
	return grants
}

func TestPauseProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		q.Pause(7 * time.Second)
		grants := crowd(t, q, 5)

		time.Sleep(7*time.Second - 1)
		synctest.Wait()
		require.Empty(t, grants)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Len(t, grants, 1, "one probe")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, grants, 1, "nobody follows before the probe is answered")
		(<-grants).slot.Release(Answered)
		synctest.Wait()
		require.Len(t, grants, 4)
	})
}

func TestProbePausedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		q.Pause(time.Second)
		grants := crowd(t, q, 5)
		probe := <-grants
		q.Pause(10 * time.Second)
		probe.slot.Release(Answered)

		second := <-grants
		require.Equal(t, 10*time.Second, second.at.Sub(probe.at))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Empty(t, grants, "one again")
		second.slot.Release(Answered)
		synctest.Wait()
		require.Len(t, grants, 3)
	})
}

func TestProbeUnanswered(t *testing.T) {
	for _, outcome := range []Outcome{NotSent, NoAnswer} {
		synctest.Test(t, func(t *testing.T) {
			q := New(10, time.Minute)
			q.Pause(time.Second)
			grants := crowd(t, q, 5)
			for range 5 {
				probe := <-grants
				synctest.Wait()
				require.Empty(t, grants)
				probe.slot.Release(outcome)
			}
		})
	}
}

func TestPauseOlderAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		older := take(t, q, foreground)
		q.Pause(time.Second)
		grants := crowd(t, q, 5)
		older.Release(Answered)
		synctest.Wait()
		require.Empty(t, grants)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Len(t, grants, 1)
	})
}

func TestPauseDuringProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		q.Pause(time.Second)
		grants := crowd(t, q, 5)
		probe := <-grants
		q.Pause(time.Second) // an older call was answered only now
		require.Equal(t, time.Second, (<-grants).at.Sub(probe.at), "a new probe")
		probe.slot.Release(Answered)
		synctest.Wait()
		require.Empty(t, grants, "the old one does not count any more")
	})
}

func TestProbeNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		q.Pause(time.Second)
		time.Sleep(time.Second)
		probe := take(t, q, foreground)
		grants := crowd(t, q, 1)
		require.Empty(t, grants)
		probe.Release(NotSent)
		synctest.Wait()
		require.Len(t, grants, 1)
	})
}

func TestPauseClamped(t *testing.T) {
	for _, tc := range []struct {
		name        string
		told, pause time.Duration
	}{
		{"a minute", time.Minute, time.Minute},
		{"ten years", 10 * 365 * 24 * time.Hour, MaxPause},
		{"the longest there is", never, MaxPause},
		{"nothing", 0, 0},
		{"the past", -time.Hour, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := New(10, time.Minute)
				q.Pause(tc.told)
				require.Equal(t, tc.pause, q.State().Paused)
				require.Equal(t, tc.pause, q.State().NextBackground)
				require.Equal(t, tc.pause, waited(t, q, foreground))
			})
		})
	}
}

func TestPauseZero(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		q.Pause(0)
		require.Equal(t, 1, q.State().Background)
		grants := crowd(t, q, 5)
		require.Len(t, grants, 1)
		require.Zero(t, q.State().Background)
	})
}

func TestPauseNotShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(10, time.Minute)
		q.Pause(time.Minute)
		time.Sleep(time.Second)
		q.Pause(time.Second)
		require.Equal(t, 59*time.Second, waited(t, q, foreground))
	})
}

func TestPauseKeepsSlotTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1, time.Minute)
		s := take(t, q, foreground)
		q.Pause(10 * time.Second)
		s.Release(Answered)
		require.Equal(t, held, waited(t, q, foreground))
	})
}
