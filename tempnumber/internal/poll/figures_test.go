package poll

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// figure is how long it may take to see an SMS, in seconds.
type figure struct{ mean, p99 float64 }

// TestWaitsAreAsFastAsPromised holds the policy to its figures, on pages of 100,
// without a lost SMS or a request too many. The simulation is the same in every
// run, so the figures are as well.
func TestWaitsAreAsFastAsPromised(t *testing.T) {
	for _, c := range []struct {
		waits int
		pool  bool
		runs  int
		most  figure
	}{
		{1, false, 2000, figure{0.9, 1.7}},
		{10, false, 200, figure{2.6, 6.3}},
		{50, false, 40, figure{3.2, 6.4}},
		{200, false, 10, figure{6.5, 12.6}},
		{1000, false, 4, figure{32, 67.5}},
		{50, true, 1, figure{3.8, 10}},
		{200, true, 1, figure{16.5, 50}},
		{1000, true, 1, figure{55.5, 190}},
	} {
		t.Run(fmt.Sprintf("%d waits, pool %v", c.waits, c.pool), func(t *testing.T) {
			var latency []time.Duration
			for seed := range c.runs {
				s := &simulation{service: service{pageSize: 100}, waits: c.waits, pool: c.pool, seed: uint64(seed)}
				s.run()
				require.Zero(t, s.lost)
				require.Zero(t, s.single.over+s.list.over)
				latency = append(latency, s.latency...)
			}
			require.LessOrEqual(t, mean(latency), c.most.mean)
			require.LessOrEqual(t, p99(latency), c.most.p99)
		})
	}
}

// TestNothingIsLostWhateverTheHistoryShows runs pools over every kind of history.
// A poller that reads page 1 alone loses what has slipped to other pages.
func TestNothingIsLostWhateverTheHistoryShows(t *testing.T) {
	run := func(waits, pageSize int, change func(*simulation)) *simulation {
		s := &simulation{service: service{pageSize: pageSize}, waits: waits, pool: true, seed: 7}
		change(s)
		s.run()
		require.Zero(t, s.single.over+s.list.over)
		return s
	}
	histories := map[string]func(*simulation){
		"newest first":      func(*simulation) {},
		"oldest first":      func(s *simulation) { s.oldestFirst = true },
		"no pending ones":   func(s *simulation) { s.hidePending = true },
		"no texts":          func(s *simulation) { s.hideTexts = true },
		"one in five fails": func(s *simulation) { s.failing = 5 },
		"resumed":           func(s *simulation) { s.resumed = true },
	}
	for name, change := range histories {
		for _, pageSize := range []int{10, 50, 100} {
			for _, waits := range []int{2, 10, 50} {
				require.Zero(t, run(waits, pageSize, change).lost, "%s, %d waits, pages of %d", name, waits, pageSize)
			}
		}
	}
	require.Zero(t, run(200, 100, histories["newest first"]).lost)
	require.NotZero(t, run(200, 10, func(s *simulation) { s.pageOne = true }).lost, "a poller that reads page 1 alone")
}
