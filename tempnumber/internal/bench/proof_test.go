package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// weathers are those that the slot rule has to stand.
func weathers() []weather {
	const ms = time.Millisecond
	return []weather{
		{name: "no latency"},
		{name: "no latency and a server clock 0.09 % slow", drift: 0.0009},
		{name: "150 ms round trip", oneWay: 75 * ms},
		{name: "jitter", oneWay: 75 * ms, jitter: 2 * time.Second},
		{name: "no latency and chaos", chaos: true},
		{name: "jitter and chaos", oneWay: 75 * ms, jitter: 2 * time.Second, chaos: true},
	}
}

// prove sends as much as the slot rule lets through, and fails when one request
// too many arrives or a slot is lost.
func prove(tb testing.TB, l limit, w weather, span time.Duration, seed uint64) *server {
	tb.Helper()
	srv := &server{limit: l}
	virtually(tb, func(t *testing.T) {
		q := slot.New(l.n, l.window)
		everyone := &world{weather: w, server: srv, limiter: slots{q}, callers: 200, span: span, seed: seed}
		everyone.run(t)
		require.Equal(t, l.n, q.State().Free, "slots were lost")
		require.Zero(t, q.State().Waiting)
	})
	require.LessOrEqual(tb, srv.count.most, l.n, "too many in one window")
	require.Zero(tb, srv.count.over)
	require.Zero(tb, srv.count.refused)
	return srv
}

// requireShare fails when the slot rule made too little use of the limit. In
// chaos the share depends on the luck of the callers.
func requireShare(tb testing.TB, w weather, srv *server) {
	tb.Helper()
	switch {
	case w.chaos:
	case w.jitter > 0:
		require.GreaterOrEqual(tb, srv.share(), 0.96)
	default:
		require.GreaterOrEqual(tb, srv.share(), 0.994)
	}
}

func TestSlotRuleSafe(t *testing.T) {
	for _, l := range limits() {
		for _, w := range weathers() {
			t.Run(fmt.Sprintf("%d in %v, %s", l.n, l.window, w.name), func(t *testing.T) {
				prove(t, l, w, 2*time.Hour, 1)
			})
		}
	}
}

func TestSlotRuleThroughput(t *testing.T) {
	for _, l := range limits() {
		for _, w := range weathers() {
			if w.chaos {
				continue
			}
			t.Run(fmt.Sprintf("%d in %v, %s", l.n, l.window, w.name), func(t *testing.T) {
				requireShare(t, w, prove(t, l, w, 12*time.Hour, 1))
			})
		}
	}
}

// BenchmarkSlotRule is both over a day, another day each time.
func BenchmarkSlotRule(b *testing.B) {
	for _, l := range limits() {
		for _, w := range weathers() {
			b.Run(fmt.Sprintf("%d in %v, %s", l.n, l.window, w.name), func(b *testing.B) {
				var srv *server
				for seed := range b.N {
					srv = prove(b, l, w, 24*time.Hour, uint64(seed))
					requireShare(b, w, srv)
				}
				b.ReportMetric(float64(srv.count.most), "most/window")
				b.ReportMetric(float64(srv.count.over), "over")
				b.ReportMetric(100*srv.share(), "%-of-N/W")
			})
		}
	}
}
