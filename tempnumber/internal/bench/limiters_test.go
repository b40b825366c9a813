package bench

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// BenchmarkLimiters prints what becomes of the documented limits under the slot
// rule, and under what else programs use, as a table in Markdown.
func BenchmarkLimiters(b *testing.B) {
	for range b.N {
		table := limiterTable(b, 5)
		fmt.Fprintf(os.Stdout, "\n\n%s\n", table)
	}
}

// limiterTable lets every contestant send all it may, once for each seed.
func limiterTable(tb testing.TB, seeds int) string {
	tb.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "Most requests in any window, refused ones per 1000, and share of N/W that was served; %d × 24 hours (loops: %d × 1 hour).\n\n", seeds, seeds)
	table.WriteString("| limiter | each way |")
	for _, l := range limits() {
		fmt.Fprintf(&table, " %d in %.0f s |", l.n, l.window.Seconds())
	}
	table.WriteString(" a burst of N takes |\n|---|---|" + strings.Repeat("---|", len(limits())) + "---|\n")

	for _, c := range contestants() {
		bursts := make([]string, 0, len(limits()))
		for _, l := range limits() {
			bursts = append(bursts, fmt.Sprintf("%.0f s", c.burst(tb, l).Seconds()))
		}
		for _, w := range networks() {
			fmt.Fprintf(&table, "| %s | %s |", c.name, w.name)
			for _, l := range limits() {
				fmt.Fprintf(&table, " %s |", c.compete(tb, l, w, seeds))
			}
			fmt.Fprintf(&table, " %s |\n", strings.Join(bursts, ", "))
		}
	}
	return table.String()
}

// networks are those of the table: none, a steady one and a moody one.
func networks() []weather {
	const ms = time.Millisecond
	return []weather{
		{name: "0"},
		{name: "75 ms", oneWay: 75 * ms},
		{name: "75 ms + 0–2 s", oneWay: 75 * ms, jitter: 2 * time.Second},
	}
}

// result is one cell of the table.
type result struct {
	most     int     // requests in any window
	refused  float64 // per 1000 requests
	share    float64 // of N/W, in requests that were not refused
	requests int
}

func (r result) String() string {
	return fmt.Sprintf("%d, %.0f, %.1f %%", r.most, r.refused, 100*r.share)
}

func (c contestant) compete(tb testing.TB, l limit, w weather, seeds int) result {
	tb.Helper()
	var sum result
	var refused int
	for seed := range seeds {
		srv := &server{limit: l}
		virtually(tb, func(t *testing.T) {
			everyone := &world{weather: w, server: srv, limiter: c.limiter(l), callers: c.callers, span: c.span, seed: uint64(seed)}
			everyone.run(t)
		})
		sum.most = max(sum.most, srv.count.most)
		sum.share += srv.share() / float64(seeds)
		sum.requests += srv.count.requests
		refused += srv.count.refused
	}
	sum.refused = 1000 * float64(refused) / float64(sum.requests)
	return sum
}

// burst is how long n requests wait that come at once, after an hour of rest.
func (c contestant) burst(tb testing.TB, l limit) (took time.Duration) {
	tb.Helper()
	virtually(tb, func(t *testing.T) {
		lim := c.limiter(l)
		time.Sleep(time.Hour)
		began := time.Now()
		waits := make(chan time.Duration, l.n)
		var everyone sync.WaitGroup
		for range l.n {
			everyone.Go(func() {
				release, err := lim.acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				waits <- time.Since(began)
				release(slot.Answered)
			})
		}
		everyone.Wait()
		close(waits)
		for wait := range waits {
			took = max(took, wait)
		}
	})
	return took
}

func TestLimitersUnderJitter(t *testing.T) {
	l := limits()[1]
	moody := networks()[2]
	for i, c := range contestants() {
		c.span = 2 * time.Hour
		got := c.compete(t, l, moody, 1)
		if i == 0 {
			require.LessOrEqual(t, got.most, l.n, c.name)
			require.Zero(t, got.refused, c.name)
			require.Zero(t, c.burst(t, l), c.name)
			continue
		}
		require.Greater(t, got.most, l.n, c.name)
		require.Positive(t, got.refused, c.name)
	}
}
