package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// scenario says what happens to one order.
type scenario struct {
	pair    int           // of twenty
	wait    time.Duration // after the order before
	lost    bool          // no answer comes
	commit  bool          // it is carried out
	delay   time.Duration // how long after it was sent
	foreign bool          // somebody else with the key buys the same
	theirs  time.Duration // how long after the order was sent
}

type scenarioKey struct{}

// market is a shop whose orders follow their scenarios.
type market struct {
	shop
	mu    sync.Mutex
	owner map[ActivationID]int // which order was carried out; -1 for somebody else's
	count map[int]int          // how often each order was
}

func serviceOf(pair int) string { return fmt.Sprintf("service%d", pair%5) }
func countryOf(pair int) string { return string(rune('a'+pair/5)) + "x" }

func (m *market) carryOut(order int, f scenario) shopActivation {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.sell(serviceOf(f.pair), countryOf(f.pair))
	m.owner[ActivationID(a.ID)] = order
	m.count[order]++
	return a
}

// ownerOf returns which order bought an activation.
func (m *market) ownerOf(a *Activation) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owner[a.ID]
}

// times returns how often an order was carried out.
func (m *market) times(order int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count[order]
}

// ordered is how one order ended.
type ordered struct {
	got        *Activation
	err        error
	candidates []*Activation
	late       bool // its own number was among them only a minute later
}

// runScenarios starts an order for each scenario, one after the other, with many in
// flight at once, and returns how each ended.
func runScenarios(t *testing.T, scenarios []scenario, latency func() time.Duration, opts ...Option) (*market, []ordered) {
	t.Helper()
	m := &market{owner: make(map[ActivationID]int), count: make(map[int]int)}
	m.pageSize = 20
	before := func(r *http.Request) (*http.Response, error) {
		time.Sleep(latency())
		i, ok := r.Context().Value(scenarioKey{}).(int)
		if r.Method != http.MethodPost || !ok {
			return nil, nil
		}
		f := scenarios[i]
		if f.foreign {
			time.AfterFunc(f.theirs, func() { m.carryOut(-1, f) })
		}
		if !f.lost {
			a := m.carryOut(i, f)
			time.Sleep(latency())
			return answerWith(200, body(a)), nil
		}
		if f.commit {
			time.AfterFunc(f.delay, func() { m.carryOut(i, f) })
		}
		time.Sleep(latency())
		return nil, errLost
	}
	c := m.client(t, before, opts...)
	results := make([]ordered, len(scenarios))
	var group sync.WaitGroup
	for i, f := range scenarios {
		time.Sleep(f.wait)
		group.Go(func() {
			r := &results[i]
			r.got, r.err = c.CreateActivation(context.WithValue(t.Context(), scenarioKey{}, i), CreateActivationParams{ServiceID: serviceOf(f.pair), CountryID: countryOf(f.pair)})
			var unknown *OutcomeUnknownError
			if errors.As(r.err, &unknown) && !c.buyer.exclusive {
				r.candidates, _ = c.Reconcile(t.Context(), unknown)
				if f.commit && !slices.ContainsFunc(r.candidates, func(a *Activation) bool { return m.ownerOf(a) == i }) {
					time.Sleep(time.Minute)
					r.candidates, _ = c.Reconcile(t.Context(), unknown)
					r.late = true
				}
			}
		})
	}
	group.Wait()
	return m, results
}

// traffic returns random scenarios with an order every 15 s on average, until lost
// answers are lost: every other one. About half of the lost orders are carried out, on
// average 2 s after they were sent.
func traffic(random *rand.Rand, lost int, foreign bool) []scenario {
	var scenarios []scenario
	for lost > 0 {
		f := scenario{pair: random.IntN(20), wait: time.Duration(random.ExpFloat64() * float64(15*time.Second))}
		if f.lost = random.IntN(2) == 0; f.lost {
			lost--
			f.commit = random.IntN(2) == 0
			f.delay = time.Duration(random.ExpFloat64() * float64(2*time.Second))
			f.foreign = foreign && random.IntN(4) == 0
			f.theirs = time.Duration(random.ExpFloat64() * float64(2*time.Second))
		}
		scenarios = append(scenarios, f)
	}
	return scenarios
}

func fixedLatency() time.Duration { return 75 * time.Millisecond }

func TestThousandLostOrdersExclusiveKey(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	synctest.Test(t, func(t *testing.T) {
		scenarios := traffic(rand.New(rand.NewPCG(1, 2)), 1000, false)
		m, results := runScenarios(t, scenarios, fixedLatency, WithExclusiveKey())
		right, swapped, missed := 0, 0, 0
		returned := make(map[ActivationID]bool)
		for i, r := range results {
			require.LessOrEqual(t, m.times(i), 1)
			if r.err == nil {
				require.False(t, returned[r.got.ID], "a number is returned once")
				returned[r.got.ID] = true
			}
			switch {
			case !scenarios[i].lost:
				require.NoError(t, r.err)
				require.Equal(t, i, m.ownerOf(r.got))
			case r.err == nil && m.ownerOf(r.got) == i, r.err != nil && !scenarios[i].commit:
				right++
			case r.err == nil:
				swapped++
			default:
				missed++
			}
		}
		t.Logf("exclusive key: %d of 1000 right, %d got the number of another order of the same pair, %d missed; %d orders in all, %d list requests", right, swapped, missed, len(scenarios), m.lists)
		require.GreaterOrEqual(t, right, 995)
	})
}

func TestThousandLostOrdersSharedKey(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	synctest.Test(t, func(t *testing.T) {
		scenarios := traffic(rand.New(rand.NewPCG(3, 4)), 1000, true)
		m, results := runScenarios(t, scenarios, fixedLatency)
		adopted, wrong, hidden, committed := 0, 0, 0, 0
		for i, r := range results {
			require.LessOrEqual(t, m.times(i), 1)
			if !scenarios[i].lost {
				continue
			}
			if r.err == nil {
				adopted++
			}
			if r.late || len(r.candidates) == 1 && m.ownerOf(r.candidates[0]) != i {
				wrong++
			}
			own := func(a *Activation) bool { return m.ownerOf(a) == i }
			if scenarios[i].commit {
				committed++
				if r.late {
					hidden++
				}
				require.True(t, slices.ContainsFunc(r.candidates, own), "a late number is found")
			}
		}
		t.Logf("shared key: %d of 1000 adopted; to adopt a single candidate would have been wrong %d times; %d of %d own numbers were not among the candidates at once", adopted, wrong, hidden, committed)
		require.Zero(t, adopted)
	})
}

// TestPurchaseInvariants checks for random scenarios that no order is carried out twice
// and that no number is returned twice or to an order of another pair.
func TestPurchaseInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		second := func(from, to int) *rapid.Generator[time.Duration] {
			return rapid.Custom(func(rt *rapid.T) time.Duration {
				return time.Duration(rapid.IntRange(from*1000, to*1000).Draw(rt, "ms")) * time.Millisecond
			})
		}
		scenarios := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) scenario {
			return scenario{
				pair: rapid.IntRange(0, 2).Draw(rt, "pair"), wait: second(0, 4).Draw(rt, "wait"), lost: rapid.Bool().Draw(rt, "lost"),
				commit: rapid.Bool().Draw(rt, "commit"), delay: second(0, 60).Draw(rt, "delay"),
				foreign: rapid.IntRange(0, 3).Draw(rt, "foreign") == 0, theirs: second(0, 60).Draw(rt, "theirs"),
			}
		}), 1, 12).Draw(rt, "orders")
		exclusive := rapid.Bool().Draw(rt, "exclusive")
		latency := second(0, 2).Draw(rt, "latency")
		var opts []Option
		if exclusive {
			opts = append(opts, WithExclusiveKey())
			for i := range scenarios {
				scenarios[i].foreign = false
			}
		}
		synctest.Test(t, func(t *testing.T) {
			m, results := runScenarios(t, scenarios, func() time.Duration { return latency }, opts...)
			returned := make(map[ActivationID]bool)
			for i, r := range results {
				if m.times(i) > 1 {
					rt.Fatalf("order %d was carried out %d times", i, m.times(i))
				}
				if r.err == nil {
					if returned[r.got.ID] {
						rt.Fatalf("activation %d was returned twice", r.got.ID)
					}
					returned[r.got.ID] = true
					owner := m.ownerOf(r.got)
					if owner < 0 || scenarios[owner].pair != scenarios[i].pair {
						rt.Fatalf("order %d returned activation %d of order %d", i, r.got.ID, owner)
					}
					if !exclusive && owner != i {
						rt.Fatalf("order %d adopted the number of order %d", i, owner)
					}
				} else if !errors.Is(r.err, ErrOutcomeUnknown) {
					rt.Fatalf("order %d: %v", i, r.err)
				}
				for _, a := range r.candidates {
					if owner := m.ownerOf(a); owner >= 0 && !scenarios[owner].lost && owner != i {
						rt.Fatalf("activation %d, which order %d returned, is a candidate for order %d", a.ID, owner, i)
					}
				}
			}
		})
	})
}
