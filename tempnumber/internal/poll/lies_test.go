package poll

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
)

// TestBound holds the policy to what its package promises, whatever lists show: no
// turn is missed, nothing is lost, and an SMS is seen after so many single looks.
func TestBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		waits := rapid.IntRange(5, 300).Draw(t, "waits")
		silent := rapid.Float64Range(0, 0.9).Draw(t, "silent")
		s := &simulation{
			service: service{
				pageSize:    rapid.SampledFrom([]int{10, 50, 100}).Draw(t, "page"),
				oldestFirst: rapid.Bool().Draw(t, "oldest first"),
				hidePending: rapid.Bool().Draw(t, "hide pending"),
				hideTexts:   rapid.Bool().Draw(t, "hide texts"),
				neverOver:   rapid.Bool().Draw(t, "never over"),
				lies:        drawLies(t),
			},
			resumed: rapid.Bool().Draw(t, "resumed"),
			flaky:   rapid.SampledFrom([]int64{0, 0, 5}).Draw(t, "flaky"),
			seed:    rapid.Uint64().Draw(t, "seed"),
			waits:   waits,
		}
		mean := rapid.SampledFrom([]float64{5, 20, 120, 400}).Draw(t, "mean")
		s.delay = arrival.Share(1-silent, arrival.Exponential(mean), nil)
		s.run()
		require.Zero(t, s.missed, "turns missed")
		require.Zero(t, s.lost, "lost SMS")
		require.Zero(t, s.single.over+s.list.over, "requests over a limit")
		require.Empty(t, s.waiting)
		if s.flaky == 0 {
			for _, l := range s.latency {
				require.LessOrEqual(t, l, bound(waits))
			}
		}
	})
}

// bound is the time in which 2·n single looks, and the one that is there first, are
// sent and answered: as many windows as they fill, the last one whole.
func bound(waits int) time.Duration {
	share := singles().share()
	return time.Duration((2*waits)/share+1) * (singles().hold() + roundTrip)
}

func drawLies(t *rapid.T) (l lies) {
	for _, lie := range rapid.SliceOfNDistinct(rapid.IntRange(0, 8), 0, 3, rapid.ID).Draw(t, "lies") {
		switch lie {
		case 0:
			l.lag = rapid.SampledFrom([]time.Duration{5 * time.Second, time.Minute, time.Hour}).Draw(t, "lag")
		case 1:
			l.silent = true
		case 2:
			l.empty = true
		case 3:
			l.failing = true
		case 4:
			l.unreadable = rapid.Int64Range(2, 50).Draw(t, "unreadable")
		case 5:
			l.shuffled = true
		case 6:
			l.repeated = true
		case 7:
			l.miscounted = true
		case 8:
			l.strangers = rapid.IntRange(1, 5).Draw(t, "strangers")
		}
	}
	return l
}

// TestListsNeverShowSMS is the reported case: lists that never show an SMS, and among the
// waits some that never get one.
func TestListsNeverShowSMS(t *testing.T) {
	s := &simulation{service: service{pageSize: 100, lies: lies{silent: true}}, waits: 20, seed: 1}
	s.delay = func(r *rand.Rand, _ time.Duration) time.Duration {
		if len(s.activations) < 8 {
			return arrival.Never
		}
		return arrival.Exponential(20)(r, 0)
	}
	s.run()
	s.requireSafety(t)
	require.Len(t, s.latency, 12)
	require.LessOrEqual(t, p99(s.latency), 45.0)
}
