package tempnumber

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheServersClockIsLearntFromItsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c serverClock
		now := time.Now()
		require.Equal(t, now.Add(-5*time.Minute), c.earliest(now), "nothing is known")
		c.hearDate(http.Header{})
		c.hearDate(http.Header{"Date": {"yesterday"}})
		require.Equal(t, now.Add(-5*time.Minute), c.earliest(now))
		c.hearDate(http.Header{"Date": {now.Add(time.Hour).UTC().Format(http.TimeFormat)}})
		require.Equal(t, now.Add(time.Hour-5*time.Second), c.earliest(now))
		c.hear(sourceActivation, now.Add(2*time.Hour))
		require.Equal(t, now.Add(2*time.Hour-5*time.Second), c.earliest(now), "the clock that stamps activations goes before")
		c.hearDate(http.Header{"Date": {now.Add(time.Hour).UTC().Format(http.TimeFormat)}})
		c.hear(sourceActivation, time.Time{})
		require.Equal(t, now.Add(2*time.Hour-5*time.Second), c.earliest(now))
	})
}

func TestAWordThatWasLongOnItsWayDoesNotBlurWhenThingsHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c serverClock
		start := time.Now()
		c.hear(sourceActivation, start)
		time.Sleep(20 * time.Second)
		c.hear(sourceActivation, start.Add(2*time.Second)) // 18 s on its way
		require.Equal(t, start.Add(time.Second), c.latest(start))
		require.Equal(t, start.Add(-23*time.Second), c.earliest(start), "but to be sure the last word counts")
		c.hear(sourceActivation, start.Add(-time.Hour)) // the clock was set back
		require.Equal(t, start.Add(time.Second), c.latest(start.Add(-time.Hour-20*time.Second)))
		require.Equal(t, time.Now(), c.latest(time.Time{}))
		var behind serverClock
		behind.hear(sourceDate, time.Now().Add(-time.Hour))
		require.Equal(t, time.Now().Add(time.Second), behind.latest(time.Now().Add(-time.Hour)))
		behind.hear(sourceActivation, time.Now().Add(-2*time.Hour))
		require.Equal(t, time.Now().Add(time.Second), behind.latest(time.Now().Add(-2*time.Hour)), "a better source, whatever it says")
	})
}

func TestTheLatestOfSomeMomentsBeforeAnother(t *testing.T) {
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
		require.Equal(t, c.want, lastBefore(c.moments, at(c.end)), c)
	}
}
