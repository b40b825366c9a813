// Package bench holds what the client promises about limits and waits against a
// strict server in virtual time: on short spans in `go test`, in full and beside
// what else people do in `make bench`.
package bench

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// limit is a documented limit: n requests in any window.
type limit struct {
	n      int
	window time.Duration
}

// limits are the three that the service documents, each for several endpoints.
func limits() []limit {
	return []limit{{80, 2 * time.Minute}, {10, time.Minute}, {3, time.Minute}}
}

// server counts what arrives as strictly as any server could: a closed window
// never holds more than n requests, whatever its alignment. A request that would
// be one too many is refused, and a refused one does not count against the next.
type server struct {
	limit

	mu       sync.Mutex
	arrived  []time.Time // in the window that ends with the last arrival, refused ones too
	accepted []time.Time // in the same window
	count    count
}

// count is what a server has seen.
type count struct {
	requests    int // all of them
	refused     int
	most        int // requests in any window, refused ones too
	over        int // requests that were one too many, refused ones counted
	first, last time.Time
}

func (s *server) arrive(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived = append(within(s.arrived, now, s.window), now)
	s.accepted = within(s.accepted, now, s.window)

	c := &s.count
	if c.requests == 0 {
		c.first = now
	}
	c.requests++
	c.last = now
	c.most = max(c.most, len(s.arrived))
	if len(s.arrived) > s.n {
		c.over++
	}
	if len(s.accepted) == s.n {
		c.refused++
	} else {
		s.accepted = append(s.accepted, now)
	}
}

// within drops the moments that are out of the closed window that ends now.
func within(log []time.Time, now time.Time, window time.Duration) []time.Time {
	out := 0
	for out < len(log) && now.Sub(log[out]) > window {
		out++
	}
	return append(log[:0], log[out:]...)
}

// share is the part of what the limit allows that was made use of. The first n
// come in one burst and say nothing about the rate.
func (s *server) share() float64 {
	c := s.count
	allowed := c.last.Sub(c.first).Seconds() * float64(s.n) / s.window.Seconds()
	return float64(c.requests-c.refused-s.n) / allowed
}

// limiter is what a caller asks before each request. It is told the outcome.
type limiter interface {
	acquire(ctx context.Context) (release func(slot.Outcome), err error)
}

// slots is the limiter of this project.
type slots struct{ *slot.Queue }

func (s slots) acquire(ctx context.Context) (func(slot.Outcome), error) {
	granted, err := s.Acquire(ctx, false)
	if err != nil {
		return nil, err
	}
	return granted.Release, nil
}

// weather is what happens to requests on their way.
type weather struct {
	name   string
	oneWay time.Duration // what every way takes at least
	jitter time.Duration // and at most so much more
	drift  float64       // by how much the server's clock is slow
	chaos  bool          // callers leave, dials fail, requests get stuck
}

func (w weather) way(rng *rand.Rand) time.Duration {
	return w.oneWay + upTo(rng, w.jitter)
}

func upTo(rng *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(d) + 1))
}

// world is a server and callers who want more than it allows.
type world struct {
	weather
	server  *server
	limiter limiter
	callers int
	span    time.Duration
	seed    uint64
	start   time.Time
}

// run returns when the span is over and nothing is on its way any more.
func (w *world) run(t *testing.T) {
	t.Helper()
	w.start = time.Now()
	// Not a deadline: a caller who has one is turned away long before it.
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(w.span, cancel)
	var callers sync.WaitGroup
	for i := range w.callers {
		callers.Go(func() {
			rng := rand.New(rand.NewPCG(w.seed, uint64(i)))
			for ctx.Err() == nil {
				w.call(ctx, rng)
			}
		})
	}
	callers.Wait()
	time.Sleep(time.Hour)
}

// call is one request, sent or not.
func (w *world) call(ctx context.Context, rng *rand.Rand) {
	if !w.chaos {
		w.send(ctx, rng)
		return
	}
	const patience = 10 * time.Second
	switch luck := rng.Float64(); {
	case luck < 0.05: // leaves the line
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer time.AfterFunc(upTo(rng, w.server.window), cancel).Stop()
		w.send(ctx, rng)
	case luck < 0.10: // has a deadline
		ctx, cancel := context.WithTimeout(ctx, upTo(rng, 2*w.server.window))
		defer cancel()
		w.send(ctx, rng)
	case luck < 0.15: // finds no connection
		if release, err := w.limiter.acquire(ctx); err == nil {
			time.Sleep(upTo(rng, time.Second))
			release(slot.NotSent)
		}
	case luck < 0.16: // gets stuck: arrives at any time or never, and has no answer
		if release, err := w.limiter.acquire(ctx); err == nil {
			if rng.IntN(2) == 0 {
				w.arriveIn(upTo(rng, patience+slot.Linger))
			}
			time.Sleep(patience)
			release(slot.NoAnswer)
		}
	case luck < 0.20: // is cancelled in flight
		if release, err := w.limiter.acquire(ctx); err == nil {
			w.arriveIn(w.way(rng))
			time.Sleep(upTo(rng, w.oneWay))
			release(slot.NoAnswer)
		}
	default:
		w.send(ctx, rng)
	}
}

// send is one request that is answered.
func (w *world) send(ctx context.Context, rng *rand.Rand) {
	release, err := w.limiter.acquire(ctx)
	if err != nil {
		return
	}
	time.Sleep(w.way(rng))
	w.arrive()
	time.Sleep(w.way(rng))
	release(slot.Answered)
}

func (w *world) arriveIn(d time.Duration) {
	time.AfterFunc(d, w.arrive)
}

func (w *world) arrive() {
	passed := time.Since(w.start)
	w.server.arrive(w.start.Add(passed - time.Duration(float64(passed)*w.drift)))
}

// virtually runs f in virtual time, which testing/synctest gives to tests only:
// in a benchmark the test is made for it.
func virtually(tb testing.TB, f func(t *testing.T)) {
	tb.Helper()
	if t, ok := tb.(*testing.T); ok {
		synctest.Test(t, f)
		return
	}
	every := func(string, string) (bool, error) { return true, nil }
	test := testing.InternalTest{Name: tb.Name(), F: func(t *testing.T) { synctest.Test(t, f) }}
	if !testing.RunTests(every, []testing.InternalTest{test}) {
		tb.FailNow()
	}
}
