package tempnumber

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSightingsAreKeptForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sightings
		require.Zero(t, s.of(1))
		s.note(1)
		first := time.Now()
		time.Sleep(recently)
		s.note(2)
		require.Equal(t, first, s.of(1))
		time.Sleep(time.Second)
		s.note(3)
		require.Zero(t, s.of(1), "too long ago")
		require.Equal(t, first.Add(recently), s.of(2), "the older half")
		s.forget(2)
		s.forget(3)
		require.Zero(t, s.of(2))
		require.Zero(t, s.of(3))
	})
}

func TestSightingsDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sightings
		for id := range ActivationID(10_000) {
			s.note(id + 1)
			time.Sleep(time.Second)
		}
		require.Less(t, len(s.younger)+len(s.older), 3*int(recently/time.Second))
	})
}

func TestOnlyWhatWaitsForAnSMSIsRemembered(t *testing.T) {
	c, err := New(testKey)
	require.NoError(t, err)
	for id, status := range map[ActivationID]Status{1: StatusSMSReceived, 2: StatusRefunded, 3: StatusError} {
		c.poller.saw(&Activation{ID: id, Status: status})
		require.Zero(t, c.poller.recent.of(id), status)
	}
	c.poller.saw(&Activation{ID: 4, Status: StatusSMSRequested})
	require.NotZero(t, c.poller.recent.of(4))
}
