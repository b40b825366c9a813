package service

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEventOrder(t *testing.T) {
	s := open()
	random := rand.New(rand.NewPCG(1, 2))
	var last time.Time
	happened := 0
	for range 500 {
		at := after(time.Duration(random.IntN(100)) * time.Second)
		s.At(at, func(told time.Time) {
			require.Equal(t, at, told)
			require.False(t, at.Before(last))
			last = at
			happened++
		})
	}
	cancelled := s.events.add(after(50*time.Second), rankOther, func(time.Time) { t.Error("it was cancelled") })
	s.events.cancel(cancelled)
	s.Advance(after(30 * time.Second))
	require.Less(t, happened, 500)
	s.Advance(after(100 * time.Second))
	require.Equal(t, 500, happened)
	s.events.cancel(cancelled) // twice changes nothing
}

func TestNestedEvents(t *testing.T) {
	s := open()
	var told []time.Duration
	note := func(at time.Time) { told = append(told, at.Sub(noon)) }
	s.At(after(2), func(at time.Time) { note(at); s.At(after(3), note) })
	s.At(after(4), note)
	s.Advance(after(10))
	require.Equal(t, []time.Duration{2, 3, 4}, told)
}
