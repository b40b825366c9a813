package poll

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
)

// crowd is a way to wait: so many at once, ordered together or one after the other.
type crowd struct {
	waits int
	pool  time.Duration
}

func (c crowd) String() string {
	if c.pool > 0 {
		return fmt.Sprintf("a pool of %d", c.waits)
	}
	return fmt.Sprintf("a batch of %d", c.waits)
}

// crowds are the batches and pools that the policy is made for. A pool goes on for
// longer than a number lives, so that whoever is forgotten is lost.
func crowds() []crowd {
	var all []crowd
	for _, waits := range []int{1, 10, 50, 200, 1000} {
		all = append(all, crowd{waits, 0})
		if waits < 200 || thorough {
			all = append(all, crowd{waits, 30 * time.Minute})
		}
	}
	return all
}

// requireSafety checks what must hold in every simulation.
func (s *simulation) requireSafety(t *testing.T) {
	t.Helper()
	require.Zero(t, s.single.over, "too many single looks")
	require.Zero(t, s.list.over, "too many lists")
	require.Zero(t, s.lost, "lost SMS")
	require.Zero(t, s.missed, "single looks later than promised")
	require.Empty(t, s.waiting)
	require.Len(t, s.latency, len(s.activations)-s.expired)
}

// The figures are those of the documented limits and pages of 100. The p99 of a batch
// of 1000, which are ten pages, is that of a poller which leaves the tenth
// list of the minute to the caller.
func TestLatency(t *testing.T) {
	const hour = time.Hour
	for _, c := range []struct {
		crowd
		runs      int
		mean, p99 float64 // in seconds, at most
	}{
		{crowd{1, 0}, 2000, 0.8, 2.2},
		{crowd{10, 0}, 200, 2.3, 6.1},
		{crowd{50, 0}, 40, 3.2, 6.4},
		{crowd{200, 0}, 10, 6.5, 12.6},
		{crowd{1000, 0}, 4, 31.5, 68},
		{crowd{50, hour}, 2, 3.8, 10},
		{crowd{200, hour}, 1, 16, 46},
		{crowd{1000, hour}, 1, 56, 105},
	} {
		if c.waits == 1000 && c.pool > 0 && !thorough {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			var latency []time.Duration
			for seed := range c.runs {
				s := &simulation{service: service{pageSize: 100}, waits: c.waits, pool: c.pool, seed: uint64(seed)}
				s.run()
				s.requireSafety(t)
				latency = append(latency, s.latency...)
			}
			t.Logf("mean %.2f s, p99 %.2f s", mean(latency), p99(latency))
			require.LessOrEqual(t, mean(latency), c.mean)
			require.LessOrEqual(t, p99(latency), c.p99)
		})
	}
}

func TestNoneLostPageSizes(t *testing.T) {
	for _, c := range crowds() {
		for _, pageSize := range []int{10, 50, 100} {
			for _, oldestFirst := range []bool{false, true} {
				if c.waits == 1000 && c.pool > 0 && (oldestFirst || pageSize == 50) {
					continue // half a million steps each, which the other cases cover
				}
				t.Run(fmt.Sprintf("%v, pages of %d, oldest first %v", c, pageSize, oldestFirst), func(t *testing.T) {
					t.Parallel()
					s := &simulation{service: service{pageSize: pageSize, oldestFirst: oldestFirst}, waits: c.waits, pool: c.pool}
					s.run()
					s.requireSafety(t)
					require.Zero(t, s.atLast, "seen by the last look only")
				})
			}
		}
	}
}

// TestWorkloads takes orders at the documented limit, 80 at once and then 40 a minute.
// The figures are for the median of many seeds; a few may lie a little above.
func TestWorkloads(t *testing.T) {
	for _, w := range arrival.Workloads() {
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			var means, p99s []float64
			runs := *seeds
			if w.Mean == 0 {
				runs = max(1, runs/3)
			}
			for seed := range runs {
				s := &simulation{service: service{pageSize: 100}, waits: 80, orders: 40 * time.Minute, delay: w.Delay, seed: uint64(1000 + seed)}
				s.run()
				s.requireSafety(t)
				means, p99s = append(means, mean(s.latency)), append(p99s, p99(s.latency))
			}
			slices.Sort(means)
			slices.Sort(p99s)
			middle := len(means) / 2
			t.Logf("mean %.2f s, p99 %.1f s", means[middle], p99s[middle])
			if w.Mean > 0 {
				require.LessOrEqual(t, means[middle], 1.05*w.Mean)
				require.LessOrEqual(t, p99s[middle], 1.05*w.P99)
			}
		})
	}
}

// seeds is how many times each workload is run.
var seeds = flag.Int("seeds", 3, "runs of each workload")

// What many clients do. It is here to show that the test above can fail.
func TestPageOneLoses(t *testing.T) {
	for _, c := range crowds()[8:] { // of 1000
		for _, pageSize := range []int{10, 50, 100} {
			t.Run(fmt.Sprintf("%v, pages of %d", c, pageSize), func(t *testing.T) {
				s := &simulation{service: service{pageSize: pageSize}, pageOne: true, waits: c.waits, pool: c.pool}
				s.run()
				t.Logf("%.0f %% lost, were it not for the last look", 100*float64(s.atLast)/float64(len(s.activations)))
				require.NotZero(t, s.atLast)
			})
		}
	}
}

func TestNoneLostListContents(t *testing.T) {
	for name, service := range map[string]service{
		"no texts":               {hideTexts: true},
		"no pending":             {hidePending: true},
		"no texts, no pending":   {hideTexts: true, hidePending: true},
		"no texts, oldest first": {hideTexts: true, oldestFirst: true},
	} {
		for _, c := range crowds() {
			if c.waits > 200 && service.hidePending {
				continue // more than single looks can get round to in the life of a number
			}
			t.Run(fmt.Sprintf("%s, %v", name, c), func(t *testing.T) {
				service.pageSize = 100
				s := &simulation{service: service, waits: c.waits, pool: c.pool}
				s.run()
				s.requireSafety(t)
				if service.hidePending {
					require.LessOrEqual(t, s.listed, 2*maxListMisses, "lists that show nothing are left alone")
				}
			})
		}
	}
}

func TestNoneLostFailures(t *testing.T) {
	for _, c := range crowds() {
		t.Run(c.String(), func(t *testing.T) {
			s := &simulation{service: service{pageSize: 50}, waits: c.waits, pool: c.pool, failing: 0.2}
			s.run()
			s.requireSafety(t)
		})
	}
}

func TestNoneLostResumed(t *testing.T) {
	for _, c := range crowds() {
		t.Run(c.String(), func(t *testing.T) {
			s := &simulation{service: service{pageSize: 50}, waits: c.waits, pool: c.pool, resumed: true}
			s.run()
			s.requireSafety(t)
		})
	}
}
