package orders

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServerClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c ServerClock
		now := time.Now()
		require.Equal(t, now.Add(-15*time.Minute), c.Earliest(now), "nothing is known")
		c.Learn(SourceDate, time.Time{})
		require.Equal(t, now.Add(-15*time.Minute), c.Earliest(now))
		c.Learn(SourceDate, now.Add(time.Hour))
		require.Equal(t, now.Add(time.Hour-5*time.Second), c.Earliest(now))
		c.Learn(SourceActivation, now.Add(2*time.Hour))
		require.Equal(t, now.Add(2*time.Hour-5*time.Second), c.Earliest(now), "timestamps of activations take precedence")
		c.Learn(SourceDate, now.Add(time.Hour))
		c.Learn(SourceActivation, time.Time{})
		require.Equal(t, now.Add(2*time.Hour-5*time.Second), c.Earliest(now))
	})
}

func TestServerClockStaleTimestamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c ServerClock
		start := time.Now()
		c.Learn(SourceActivation, start)
		time.Sleep(20 * time.Second)
		c.Learn(SourceActivation, start.Add(2*time.Second)) // 18 s in transit
		require.Equal(t, start.Add(time.Second), c.Latest(start))
		require.Equal(t, start.Add(-23*time.Second), c.Earliest(start), "the latest timestamp bounds it from below")
		c.Learn(SourceActivation, start.Add(-time.Hour)) // the clock was set back
		require.Equal(t, start.Add(time.Second), c.Latest(start.Add(-time.Hour-20*time.Second)))
		require.Equal(t, time.Now(), c.Latest(time.Time{}))
		var behind ServerClock
		behind.Learn(SourceDate, time.Now().Add(-time.Hour))
		require.Equal(t, time.Now().Add(time.Second), behind.Latest(time.Now().Add(-time.Hour)))
		behind.Learn(SourceActivation, time.Now().Add(-2*time.Hour))
		require.Equal(t, time.Now().Add(time.Second), behind.Latest(time.Now().Add(-2*time.Hour)), "a better source wins")
	})
}

func TestLatestSentBefore(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	for _, c := range []struct {
		moments []time.Time
		end     int
		want    int
	}{
		{nil, 5, -1},
		{[]time.Time{{}}, 5, -1},
		{[]time.Time{at(1), at(3), at(2)}, 5, 1},
		{[]time.Time{at(1), at(5), at(2)}, 5, 1},
		{[]time.Time{at(1), at(6), at(2)}, 5, 2},
		{[]time.Time{at(6), at(1), at(7)}, 5, 1},
		{[]time.Time{at(8), at(6), at(7)}, 5, 1},
		{[]time.Time{{}, at(6), {}, at(2)}, 5, 3},
	} {
		require.Equal(t, c.want, latestSentBefore(c.moments, at(c.end)), c)
	}
}

func TestLateTimestampIsNoClockThatWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for late, want := range map[time.Duration]time.Duration{59 * time.Second: 0, time.Minute: 0, time.Minute + time.Second: -time.Minute - time.Second} {
			var c ServerClock
			c.Learn(SourceActivation, time.Now())
			c.Learn(SourceActivation, time.Now().Add(-late))
			require.Equal(t, want, c.closest, late)
		}
		var c ServerClock
		c.Learn(SourceActivation, time.Now().Add(-time.Second))
		c.Learn(SourceActivation, time.Now())
		require.Zero(t, c.closest, "the one that was on its way for the shortest time")
		c.Learn(SourceDate, time.Now().Add(time.Hour))
		require.Zero(t, c.closest, "a source that is worse does not count")
	})
}
