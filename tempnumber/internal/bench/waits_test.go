package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

const (
	smsAfter = 20 * time.Second // on average, exponentially distributed
	oneWay   = 75 * time.Millisecond
	poolTime = time.Hour // how long the workers of a pool go on ordering
	lifetime = 20 * time.Minute

	orderEvery = 1500 * time.Millisecond // the documented limit
)

// workload is how many waits there are at once, and whether each that has ended is
// followed by the next order, so that the history fills with finished activations.
type workload struct {
	waits  int
	pool   bool
	page   int           // the largest page that the service grants
	rounds int           // of a batch, one after the other
	delay  arrival.Delay // of the SMS; nil for smsAfter on average
	orders time.Duration // how long orders go on at the limit after the waits that begin at once
}

func (w workload) String() string {
	kind := "batch"
	if w.pool {
		kind = "pool"
	}
	return fmt.Sprintf("%s of %d", kind, w.waits)
}

// waiter waits for the SMS of one activation, and reports whether it saw it.
type waiter func(ctx context.Context, id tempnumber.ActivationID) bool

// strategy is a way to wait for many SMS.
type strategy struct {
	name string
	make func(shop *shop) waiter
}

func strategies() []strategy {
	return []strategy{
		{"this poller", together},
		{"loops, x/time/rate burst N", func(s *shop) waiter {
			return alone(s, rate.NewLimiter(rate.Every(120*time.Second/80), 80).Wait)
		}},
		{"loops, x/time/rate burst 1", func(s *shop) waiter {
			return alone(s, rate.NewLimiter(rate.Every(120*time.Second/80), 1).Wait)
		}},
		{"loops every 2 s", func(s *shop) waiter {
			return alone(s, func(context.Context) error { time.Sleep(2 * time.Second); return nil })
		}},
	}
}

// together waits with the client that ordered, whose waits share one poller.
func together(s *shop) waiter {
	return func(ctx context.Context, id tempnumber.ActivationID) bool {
		a, err := s.client.WaitSMS(ctx, id)
		return err == nil && a.Code == "05678"
	}
}

// alone waits as programs do that know nothing of each other: each in a loop of its
// own, once for every turn that it gets, until the SMS is there or the number's time is over.
func alone(s *shop, turn func(context.Context) error) waiter {
	raw := &http.Client{Transport: s}
	return func(ctx context.Context, id tempnumber.ActivationID) bool {
		for end := time.Now().Add(lifetime); time.Now().Before(end); {
			if turn(ctx) != nil {
				return false
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://box/activations/"+id.String(), nil)
			if err != nil {
				return false
			}
			req.Header.Set("X-Api-Key", tempnumbertest.DefaultKey)
			resp, err := raw.Do(req)
			if err != nil {
				return false
			}
			var a gen.ActivationData
			err = json.NewDecoder(resp.Body).Decode(&a)
			_ = resp.Body.Close()
			if err == nil && tempnumber.Status(a.Status).HasSMS() {
				return true
			}
		}
		return false
	}
}

// score is what came of a workload.
type score struct {
	latency []time.Duration // from the SMS at the service to the program that has it
	blind   time.Duration   // the longest time in which nothing was heard of a wait
	lost    int             // SMS that came and were not seen
	refused int             // 429
	over    int             // requests beyond a limit in the fullest window
}

func (s score) String() string {
	if len(s.latency) == 0 {
		return fmt.Sprintf("–, %d lost, %d", s.lost, s.refused)
	}
	return fmt.Sprintf("%.2f / %.1f, %.0f, %d, %d", s.mean(), s.p99(), s.blind.Seconds(), s.lost, s.refused)
}

// mean is the mean latency in seconds.
func (s score) mean() float64 {
	var sum time.Duration
	for _, l := range s.latency {
		sum += l
	}
	return sum.Seconds() / float64(len(s.latency))
}

// p99 is the latency in seconds that one in a hundred exceeds.
func (s score) p99() float64 {
	slices.Sort(s.latency)
	return s.latency[len(s.latency)*99/100].Seconds()
}

// run puts a strategy to work on a strict service in virtual time.
func (s strategy) run(tb testing.TB, w workload, seed uint64) (result score) {
	tb.Helper()
	virtually(tb, func(t *testing.T) {
		if w.delay == nil {
			w.delay = arrival.Exponential(smsAfter.Seconds())
		}
		shop := newShop(t, w.page, w.delay, seed)
		wait := s.make(shop)
		var mu sync.Mutex
		one := func() {
			id, sms := shop.order(t.Context(), t)
			seen := wait(t.Context(), id)
			shop.done(id)
			mu.Lock()
			defer mu.Unlock()
			if late := time.Since(sms); !seen && late > 0 {
				result.lost++
			} else if seen {
				result.latency = append(result.latency, late)
			}
		}
		for range max(1, w.rounds) {
			start := time.Now()
			var all sync.WaitGroup
			for range w.waits {
				all.Go(func() {
					one()
					for w.pool && time.Since(start) < poolTime {
						one()
					}
				})
			}
			for range int(w.orders / orderEvery) {
				time.Sleep(orderEvery)
				all.Go(one)
			}
			all.Wait()
			time.Sleep(5 * time.Minute) // so that the next round finds all limits unused
		}
		result.refused, result.blind = shop.refused, shop.blind
		for _, endpoint := range []tempnumber.Endpoint{tempnumber.EndpointGetActivation, tempnumber.EndpointListActivations} {
			result.over += max(0, shop.server.MaxInWindow(endpoint)-tempnumber.DefaultLimits()[endpoint].Requests)
		}
	})
	return result
}

func BenchmarkWaits(b *testing.B) {
	for range b.N {
		fmt.Fprintf(os.Stdout, "\n\n%s\n", waitTable(b))
	}
}

// waitTable lets every strategy do every workload.
func waitTable(tb testing.TB) string {
	tb.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "Seconds from the SMS to the program, mean / p99, then the longest time in which nothing was heard of a wait, SMS lost and requests refused. SMS after %v on average, %v each way; a pool orders for an hour, and for this poller it is the median of %d seeds.\n\n", smsAfter, oneWay, len(seeds()))
	table.WriteString("| workload | page |")
	for _, s := range strategies() {
		table.WriteString(" " + s.name + " |")
	}
	table.WriteString("\n|---|---|" + strings.Repeat("---|", len(strategies())) + "\n")
	for _, pool := range []bool{false, true} {
		for _, waits := range []int{1, 10, 50, 200, 1000} {
			for _, page := range []int{100, 50, 10} {
				w := workload{waits: waits, pool: pool, page: page, rounds: 1}
				if !pool {
					w.rounds = max(1, 2000/waits)
				}
				fmt.Fprintf(&table, "| %v | %d |", w, page)
				for i, s := range strategies() {
					cell := "as above" // loops never ask for a page
					switch {
					case i == 0 && pool:
						cell = s.median(tb, w, seeds())
					case i == 0 || page == 100:
						cell = s.run(tb, w, uint64(waits)).String()
					}
					fmt.Fprintf(&table, " %s |", cell)
				}
				table.WriteString("\n")
			}
		}
	}
	return table.String()
}

// TestWaitsSafe is the safety of the table, on less.
func TestWaitsSafe(t *testing.T) {
	workloads := []workload{
		{waits: 1, page: 100, rounds: 20},
		{waits: 10, page: 10, rounds: 5},
		{waits: 50, page: 50, rounds: 2},
		{waits: 50, pool: true, page: 10},
		{waits: 80, page: 100, orders: 5 * time.Minute, delay: arrival.Share(0.3, arrival.Exponential(20), nil)},
	}
	if thorough {
		workloads = append(workloads, workload{waits: 200, page: 100, rounds: 1}, workload{waits: 100, pool: true, page: 50})
	}
	for _, w := range workloads {
		got := strategies()[0].run(t, w, 3)
		require.NotEmpty(t, got.latency)
		require.Zero(t, got.lost, w)
		require.Zero(t, got.refused, w)
		require.Zero(t, got.over, w)
	}
	require.NotZero(t, strategies()[3].run(t, workload{waits: 50, page: 100, rounds: 1}, 3).refused, "the service refuses those who do not keep its limits")
}
