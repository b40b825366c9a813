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

// fate is what becomes of one order on its way.
type fate struct {
	pair    int           // of twenty
	wait    time.Duration // after the order before
	lost    bool          // no answer comes
	commit  bool          // it is carried out
	delay   time.Duration // so long after it was sent
	foreign bool          // and somebody else with the key buys the same
	theirs  time.Duration // so long after it was sent
}

type fateKey struct{}

// market is a shop whose orders meet their fates.
type market struct {
	shop
	mu    sync.Mutex
	owner map[ActivationID]int // which order was carried out; -1 for somebody else's
	count map[int]int          // how often each order was
}

func serviceOf(pair int) string { return fmt.Sprintf("service%d", pair%5) }
func countryOf(pair int) string { return string(rune('a'+pair/5)) + "x" }

func (m *market) carryOut(order int, f fate) shopActivation {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.sell(serviceOf(f.pair), countryOf(f.pair))
	m.owner[ActivationID(a.ID)] = order
	m.count[order]++
	return a
}

// ownerOf tells which order bought an activation.
func (m *market) ownerOf(a *Activation) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owner[a.ID]
}

// times tells how often an order was carried out.
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

// play lets a client order with the given fates, one after the other begun and
// many on their way, and gives how each ended.
func play(t *testing.T, fates []fate, latency func() time.Duration, opts ...Option) (*market, []ordered) {
	t.Helper()
	m := &market{owner: make(map[ActivationID]int), count: make(map[int]int)}
	m.pageSize = 20
	before := func(r *http.Request) (*http.Response, error) {
		time.Sleep(latency())
		i, ok := r.Context().Value(fateKey{}).(int)
		if r.Method != http.MethodPost || !ok {
			return nil, nil
		}
		f := fates[i]
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
	results := make([]ordered, len(fates))
	var group sync.WaitGroup
	for i, f := range fates {
		time.Sleep(f.wait)
		group.Go(func() {
			r := &results[i]
			r.got, r.err = c.CreateActivation(context.WithValue(t.Context(), fateKey{}, i), CreateActivationParams{ServiceID: serviceOf(f.pair), CountryID: countryOf(f.pair)})
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

// traffic draws fates for an order every 15 s on average, until so many answers
// are lost, every other one. About half of the lost orders are carried out, 2 s
// after they were sent on average.
func traffic(random *rand.Rand, lost int, foreign bool) []fate {
	var fates []fate
	for lost > 0 {
		f := fate{pair: random.IntN(20), wait: time.Duration(random.ExpFloat64() * float64(15*time.Second))}
		if f.lost = random.IntN(2) == 0; f.lost {
			lost--
			f.commit = random.IntN(2) == 0
			f.delay = time.Duration(random.ExpFloat64() * float64(2*time.Second))
			f.foreign = foreign && random.IntN(4) == 0
			f.theirs = time.Duration(random.ExpFloat64() * float64(2*time.Second))
		}
		fates = append(fates, f)
	}
	return fates
}

func steady() time.Duration { return 75 * time.Millisecond }

func TestThousandLostOrdersExclusiveKey(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second or more")
	}
	synctest.Test(t, func(t *testing.T) {
		fates := traffic(rand.New(rand.NewPCG(1, 2)), 1000, false)
		m, results := play(t, fates, steady, WithExclusiveKey())
		right, swapped, missed := 0, 0, 0
		given := make(map[ActivationID]bool)
		for i, r := range results {
			require.LessOrEqual(t, m.times(i), 1)
			if r.err == nil {
				require.False(t, given[r.got.ID], "a number is given once")
				given[r.got.ID] = true
			}
			switch {
			case !fates[i].lost:
				require.NoError(t, r.err)
				require.Equal(t, i, m.ownerOf(r.got))
			case r.err == nil && m.ownerOf(r.got) == i, r.err != nil && !fates[i].commit:
				right++
			case r.err == nil:
				swapped++
			default:
				missed++
			}
		}
		t.Logf("exclusive key: %d of 1000 right, %d got the number of another order of the same pair, %d missed; %d orders in all, %d looks", right, swapped, missed, len(fates), m.lists)
		require.GreaterOrEqual(t, right, 995)
	})
}

func TestThousandLostOrdersSharedKey(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second or more")
	}
	synctest.Test(t, func(t *testing.T) {
		fates := traffic(rand.New(rand.NewPCG(3, 4)), 1000, true)
		m, results := play(t, fates, steady)
		adopted, wrong, hidden, committed := 0, 0, 0, 0
		for i, r := range results {
			require.LessOrEqual(t, m.times(i), 1)
			if !fates[i].lost {
				continue
			}
			if r.err == nil {
				adopted++
			}
			if r.late || len(r.candidates) == 1 && m.ownerOf(r.candidates[0]) != i {
				wrong++
			}
			own := func(a *Activation) bool { return m.ownerOf(a) == i }
			if fates[i].commit {
				committed++
				if r.late {
					hidden++
				}
				require.True(t, slices.ContainsFunc(r.candidates, own), "what shows up late is not lost")
			}
		}
		t.Logf("shared key: %d of 1000 adopted; to adopt a single candidate would have been wrong %d times; %d of %d own numbers were not among the candidates at once", adopted, wrong, hidden, committed)
		require.Zero(t, adopted)
	})
}

// Whatever happens to orders, in whatever order.
func TestPurchaseInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		second := func(from, to int) *rapid.Generator[time.Duration] {
			return rapid.Custom(func(rt *rapid.T) time.Duration {
				return time.Duration(rapid.IntRange(from*1000, to*1000).Draw(rt, "ms")) * time.Millisecond
			})
		}
		fates := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) fate {
			return fate{
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
			for i := range fates {
				fates[i].foreign = false
			}
		}
		synctest.Test(t, func(t *testing.T) {
			m, results := play(t, fates, func() time.Duration { return latency }, opts...)
			given := make(map[ActivationID]bool)
			for i, r := range results {
				if m.times(i) > 1 {
					rt.Fatalf("order %d was carried out %d times", i, m.times(i))
				}
				if r.err == nil {
					if given[r.got.ID] {
						rt.Fatalf("activation %d was given twice", r.got.ID)
					}
					given[r.got.ID] = true
					owner := m.ownerOf(r.got)
					if owner < 0 || fates[owner].pair != fates[i].pair {
						rt.Fatalf("order %d was given activation %d of order %d", i, r.got.ID, owner)
					}
					if !exclusive && owner != i {
						rt.Fatalf("order %d adopted the number of order %d", i, owner)
					}
				} else if !errors.Is(r.err, ErrOutcomeUnknown) {
					rt.Fatalf("order %d: %v", i, r.err)
				}
				for _, a := range r.candidates {
					if owner := m.ownerOf(a); owner >= 0 && !fates[owner].lost && owner != i {
						rt.Fatalf("activation %d, which was given to order %d, is a candidate for order %d", a.ID, owner, i)
					}
				}
			}
		})
	})
}
