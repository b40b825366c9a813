package tempnumber_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// crowd returns a server and a client for many waits at once. Both have every limit
// except that of orders.
func crowd(t *testing.T, opts ...tempnumbertest.Option) (*tempnumbertest.Server, *tempnumber.Client) {
	t.Helper()
	limits := tempnumber.DefaultLimits()
	delete(limits, tempnumber.EndpointCreateActivation)
	opts = append([]tempnumbertest.Option{
		tempnumbertest.WithLimits(limits), tempnumbertest.WithRefusedCounted(), tempnumbertest.WithPendingCap(0),
		tempnumbertest.WithBalance(1_000_000 * tempnumber.Dollar), tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}),
	}, opts...)
	server := tempnumbertest.NewServer(opts...)
	return server, server.Client(t, tempnumber.WithLimiter(tempnumber.NewLimiter(limits)))
}

// order rents n numbers and returns their ids.
func order(t *testing.T, client *tempnumber.Client, n int) []tempnumber.ActivationID {
	t.Helper()
	ids := make([]tempnumber.ActivationID, n)
	for i := range ids {
		a, err := client.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		ids[i] = a.ID
	}
	return ids
}

// neverThrottled fails the test if the server refused a request for its rate, or saw more than a limit allows.
func neverThrottled(t *testing.T, server *tempnumbertest.Server) {
	t.Helper()
	for endpoint, limit := range tempnumber.DefaultLimits() {
		if endpoint != tempnumber.EndpointCreateActivation {
			require.LessOrEqual(t, server.MaxInWindow(endpoint), limit.Requests, endpoint)
		}
	}
	for _, r := range server.Requests() {
		require.NotEqual(t, 429, r.Status)
	}
}

func codeOf(id tempnumber.ActivationID) string { return fmt.Sprintf("%06d", id) }

// waitForAll waits for all ids at once until the timeout, and ignores the results.
func waitForAll(t *testing.T, client *tempnumber.Client, ids []tempnumber.ActivationID, timeout time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() { _, _ = client.WaitSMS(ctx, id) })
	}
	wg.Wait()
}

func TestThousandWaits(t *testing.T) {
	const n = 1000
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		server, client := crowd(t, tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		ids := order(t, client, n)
		sms := map[tempnumber.ActivationID]bool{}
		for i, id := range ids {
			if i%5 == 0 {
				continue // every fifth gets no SMS
			}
			sms[id] = true
			time.AfterFunc(time.Duration(random.ExpFloat64()*float64(4*time.Minute))%(15*time.Minute), func() {
				_ = server.DeliverSMS(id, "Your code is "+codeOf(id))
			})
		}
		before := runtime.NumGoroutine()
		var wg sync.WaitGroup
		results := make([]error, n)
		for i, id := range ids {
			wg.Go(func() {
				a, err := client.WaitSMS(t.Context(), id)
				if err == nil && string(a.Code) != codeOf(id) {
					err = errors.New("the code of another activation")
				}
				results[i] = err
			})
		}
		time.Sleep(10 * time.Second)
		// A poll in flight has a goroutine, and so has its answer in the transport.
		require.Less(t, runtime.NumGoroutine()-before-n, 20, "a wait needs no goroutine besides the caller's")
		start := time.Now()
		_, err := client.Activation(t.Context(), ids[0])
		require.NoError(t, err)
		require.Less(t, time.Since(start), 250*time.Millisecond, "a direct call finds a free slot and takes one round trip")
		wg.Wait()
		for i, err := range results {
			if sms[ids[i]] {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, tempnumber.ErrExpired)
			}
		}
		neverThrottled(t, server)
	})
}

func TestWaitsAreIndependent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t)
		ids := order(t, client, 6)
		broken, slow, cancelled, twice, late := ids[0], ids[1], ids[2], ids[3], ids[4]
		server.Fail(tempnumber.EndpointGetActivation, tempnumbertest.Fault{
			Hang: true, Only: func(r tempnumbertest.Request) bool { return strings.HasSuffix(r.Path, "/"+broken.String()) },
		})
		for _, id := range ids {
			time.AfterFunc(30*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
		}
		start := time.Now()
		took := func(id tempnumber.ActivationID, opts ...tempnumber.WaitOption) time.Duration {
			a, err := client.WaitSMS(t.Context(), id, opts...)
			require.NoError(t, err)
			require.Equal(t, codeOf(id), string(a.Code))
			return time.Since(start)
		}
		var wg sync.WaitGroup
		wg.Go(func() { took(broken) }) // by a list
		wg.Go(func() {
			require.GreaterOrEqual(t, took(slow, tempnumber.OnUpdate(func(*tempnumber.Activation) error {
				time.Sleep(10 * time.Minute)
				return nil
			})), 20*time.Minute)
		})
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := client.WaitSMS(ctx, cancelled)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, 5*time.Second, time.Since(start))
		})
		for range 2 { // two waits for one activation
			wg.Go(func() { require.Less(t, took(twice), 40*time.Second) })
		}
		wg.Go(func() {
			time.Sleep(25 * time.Second)
			require.Less(t, took(late), 40*time.Second)
		})
		wg.Wait()
		require.Less(t, took(ids[5]), time.Since(start)+time.Second, "a single wait sees an SMS that is there at once")
		neverThrottled(t, server)
	})
}

func TestPollerDialects(t *testing.T) {
	for name, dialect := range map[string]tempnumbertest.Dialect{
		"as documented":   {},
		"oldest first":    {OldestFirst: true},
		"small pages":     {MaxPageSize: 10},
		"no pending ones": {HidePending: true},
		"no messages":     {HideMessages: true},
		"oldest, small":   {OldestFirst: true, MaxPageSize: 10},
		"no useful list":  {HidePending: true, HideMessages: true, OldestFirst: true, MaxPageSize: 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := crowd(t, tempnumbertest.WithDialect(dialect))
				ids := order(t, client, 60)
				var wg sync.WaitGroup
				for i, id := range ids {
					time.AfterFunc(time.Duration(i*7%60)*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
					wg.Go(func() {
						a, err := client.WaitSMS(t.Context(), id)
						require.NoError(t, err)
						require.Equal(t, codeOf(id), string(a.Code))
					})
				}
				start := time.Now()
				wg.Wait()
				require.Less(t, time.Since(start), 5*time.Minute)
				neverThrottled(t, server)
			})
		})
	}
}

func TestWaitMemory(t *testing.T) {
	const n = 1000
	synctest.Test(t, func(t *testing.T) {
		_, client := crowd(t)
		ids := order(t, client, n)
		ctx, cancel := context.WithCancel(t.Context())
		heap := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.GC() // empties the pools
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		before := heap()
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() { _, _ = client.WaitSMS(ctx, id) })
		}
		time.Sleep(time.Minute)
		require.Less(t, (heap()-before)/n, int64(2<<10))
		cancel()
		wg.Wait()
	})
}

// slowLog is a slog.Handler that takes five minutes for each record about one activation.
type slowLog struct{ about tempnumber.ActivationID }

func (slowLog) Enabled(context.Context, slog.Level) bool { return true }
func (l slowLog) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l slowLog) WithGroup(string) slog.Handler          { return l }

func (l slowLog) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "activation" && a.Value.String() == l.about.String() {
			time.Sleep(5 * time.Minute)
		}
		return true
	})
	return nil
}

func TestSlowLogDelaysNoOtherWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		first := order(t, server.Client(t), 2)
		client := server.Client(t, tempnumber.WithLogger(slog.New(slowLog{about: first[0]})))
		for _, id := range first {
			time.AfterFunc(30*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
		}
		start := time.Now()
		var wg sync.WaitGroup
		for i, id := range first {
			wg.Go(func() {
				_, err := client.WaitSMS(t.Context(), id)
				require.NoError(t, err)
				if i > 0 {
					require.Less(t, time.Since(start), 40*time.Second)
				}
			})
		}
		wg.Wait()
	})
}

func TestSMSBeforeDeadlineIsReturned(t *testing.T) {
	for range 10 { // select chooses at random
		waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
			time.AfterFunc(10*time.Second, func() { _ = server.DeliverSMS(id, "Your code is 05678") })
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			a, err := client.WaitSMS(ctx, id, tempnumber.OnUpdate(func(a *tempnumber.Activation) error {
				time.Sleep(time.Minute)
				return nil
			}))
			require.NoError(t, err)
			require.Equal(t, tempnumber.Code("05678"), a.Code)
		})
	}
}

func TestSeenSMSOutlivesExpiry(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		var wg sync.WaitGroup
		wg.Go(func() {
			a, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(*tempnumber.Activation) error {
				time.Sleep(20 * time.Minute)
				return nil
			}))
			require.NoError(t, err)
			require.Equal(t, tempnumber.Code("05678"), a.Code)
		})
		time.Sleep(10 * time.Second)
		require.NoError(t, server.DeliverSMS(id, "Your code is 05678"))
		prev, err := client.Activation(t.Context(), id)
		require.NoError(t, err)
		_, err = client.WaitSMS(t.Context(), id, tempnumber.After(prev)) // no other SMS was requested
		require.ErrorIs(t, err, tempnumber.ErrExpired)
		wg.Wait()
	}, tempnumbertest.WithLifetime(7*time.Minute))
}

func TestSlowAnswersKeepPace(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.WaitSMS(ctx, id)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var last time.Time
		polls := 0
		for _, r := range server.Requests() {
			if r.Endpoint == tempnumber.EndpointGetActivation {
				if polls++; polls > 1 {
					require.LessOrEqual(t, r.At.Sub(last), 2200*time.Millisecond)
				}
				last = r.At
			}
		}
		require.Greater(t, polls, 30)
		time.Sleep(time.Minute) // the last polls end after the waits
	}, tempnumbertest.WithLatency(func() time.Duration { return 6 * time.Second }))
}

func TestUpdatesOfManyWaits(t *testing.T) {
	const n = 30
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t, tempnumbertest.WithSetupTime(20*time.Second, 20*time.Second))
		ids := order(t, client, n)
		all := []tempnumber.Status{tempnumber.StatusNumberRequested, tempnumber.StatusNumberReceived, tempnumber.StatusSMSRequested, tempnumber.StatusSMSReceived}
		var wg sync.WaitGroup
		for i, id := range ids {
			time.AfterFunc(60*time.Second+time.Duration(i)*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
			wg.Go(func() {
				var seen []tempnumber.Status
				_, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(a *tempnumber.Activation) error {
					seen = append(seen, a.Status)
					return nil
				}))
				require.NoError(t, err)
				require.Equal(t, all, seen)
			})
		}
		wg.Wait()
	})
}

func TestWaitForMissingActivation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t)
		ids := order(t, client, 3)
		var wg sync.WaitGroup
		for _, id := range ids {
			time.AfterFunc(30*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
			wg.Go(func() {
				_, err := client.WaitSMS(t.Context(), id)
				require.NoError(t, err)
			})
		}
		start := time.Now()
		_, err := client.WaitSMS(t.Context(), ids[2]+1000)
		require.ErrorIs(t, err, tempnumber.ErrNotFound)
		require.Less(t, time.Since(start), 20*time.Second)
		wg.Wait()
		require.Less(t, time.Since(start), 40*time.Second)
	})
}

func TestWaitLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		server := tempnumbertest.NewServer()
		client := server.Client(t, tempnumber.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		a, err := client.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		time.AfterFunc(10*time.Second, func() { _ = server.DeliverSMS(a.ID, "Your code is 05678") })
		a, err = client.WaitSMS(t.Context(), a.ID)
		require.NoError(t, err)

		time.Sleep(time.Minute) // nothing is in flight any more
		synctest.Wait()
		logged := log.String()
		for _, line := range []string{
			`msg="tempnumber: a wait begins" activation=` + a.ID.String(),
			`msg="tempnumber: a wait sees a new status" activation.id=` + a.ID.String() + " activation.status=smsRequested",
			`msg="tempnumber: a wait sees a new status" activation.id=` + a.ID.String() + " activation.status=smsReceived",
			`msg="tempnumber: a wait ends" activation=` + a.ID.String() + " polls=",
		} {
			at := strings.Index(logged, line)
			require.GreaterOrEqual(t, at, 0, line)
			logged = logged[at:]
		}
		for _, secret := range []string{"05678", "Your code", a.Phone.E164()[1:], tempnumbertest.DefaultKey} {
			require.NotContains(t, log.String(), secret)
		}
	})
}

// pollEvents is an Observer that records the events of polls.
type pollEvents struct {
	mu   sync.Mutex
	seen []tempnumber.Event
}

func (p *pollEvents) Observe(e tempnumber.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Kind == tempnumber.EventPoll {
		p.seen = append(p.seen, e)
	}
}

func TestObserverSeesPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		observer := new(pollEvents)
		server := tempnumbertest.NewServer(tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		client := server.Client(t, tempnumber.WithObserver(observer))
		var wg sync.WaitGroup
		for _, id := range order(t, client, 3) {
			time.AfterFunc(30*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
			wg.Go(func() { _, _ = client.WaitSMS(t.Context(), id) })
		}
		wg.Wait()
		time.Sleep(time.Minute) // the last poll may still be in flight
		synctest.Wait()
		requests := 0
		for _, r := range server.Requests() {
			if r.Method == http.MethodGet {
				requests++
			}
		}
		require.Len(t, observer.seen, requests)
		for _, e := range observer.seen {
			require.Equal(t, e.Endpoint == tempnumber.EndpointListActivations, e.ActivationID == 0)
			require.LessOrEqual(t, e.Duration, 150*time.Millisecond)
		}
	})
}

// pollsOf returns the times at which the server was asked for an activation.
func pollsOf(server *tempnumbertest.Server, id tempnumber.ActivationID) []time.Time {
	var at []time.Time
	for _, r := range server.Requests() {
		if r.Endpoint == tempnumber.EndpointGetActivation && strings.HasSuffix(r.Path, "/"+id.String()) {
			at = append(at, r.At)
		}
	}
	return at
}

// listsOf returns the queries of the list requests that the server received.
func listsOf(server *tempnumbertest.Server) []string {
	var queries []string
	for _, r := range server.Requests() {
		if r.Endpoint == tempnumber.EndpointListActivations {
			queries = append(queries, r.Query)
		}
	}
	return queries
}

func TestEndedWaitIsNotPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t)
		ids := order(t, client, 3)
		cancelled, seen, other := ids[0], ids[1], ids[2]
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		require.NoError(t, server.DeliverSMS(seen, "Your code is 05678"))
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = client.WaitSMS(ctx, cancelled) })
		wg.Go(func() { // its caller is slow to take the SMS
			_, err := client.WaitSMS(t.Context(), seen, tempnumber.OnUpdate(func(*tempnumber.Activation) error {
				time.Sleep(10 * time.Minute)
				return nil
			}))
			require.NoError(t, err)
		})
		wg.Go(func() { _, _ = client.WaitSMS(t.Context(), other) })
		wg.Wait()
		for _, at := range pollsOf(server, cancelled) {
			require.LessOrEqual(t, at.Sub(start), 30*time.Second)
		}
		require.LessOrEqual(t, len(pollsOf(server, seen)), 1)
		require.Greater(t, len(pollsOf(server, other)), 500)
	})
}

func TestPollerFallbackPageSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t)
		server.Fail(tempnumber.EndpointListActivations, tempnumbertest.Fault{
			Status: 400, Only: func(r tempnumbertest.Request) bool { return strings.Contains(r.Query, "limit=100") },
		})
		var wg sync.WaitGroup
		for _, id := range order(t, client, 40) {
			time.AfterFunc(30*time.Second, func() { _ = server.DeliverSMS(id, "Your code is "+codeOf(id)) })
			wg.Go(func() {
				_, err := client.WaitSMS(t.Context(), id)
				require.NoError(t, err)
			})
		}
		start := time.Now()
		wg.Wait()
		require.Less(t, time.Since(start), 40*time.Second)
		require.Contains(t, listsOf(server)[0], "limit=100")
		for _, query := range listsOf(server)[1:] {
			require.Contains(t, query, "limit=50")
		}
	})
}

func TestUnlistedSMSIsFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t, tempnumbertest.WithDialect(tempnumbertest.Dialect{HideMessages: true}))
		ids := order(t, client, 60)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for _, id := range append(ids[:37:37], ids[38:]...) {
			wg.Go(func() { _, _ = client.WaitSMS(ctx, id) })
		}
		time.AfterFunc(time.Minute, func() { _ = server.DeliverSMS(ids[37], "Your code is 05678") })
		start := time.Now()
		a, err := client.WaitSMS(t.Context(), ids[37])
		require.NoError(t, err)
		require.Equal(t, tempnumber.Code("05678"), a.Code)
		require.Less(t, time.Since(start), 71*time.Second, "one list and one poll, not a poll for each of sixty")
		cancel()
		wg.Wait()
	})
}

func TestPollingWithoutLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := crowd(t)
		server.Fail(tempnumber.EndpointListActivations, tempnumbertest.Fault{Status: 503})
		ids := order(t, client, 20)
		waitForAll(t, client, ids, 10*time.Minute)
		for _, id := range ids {
			require.InDelta(t, 360/20, len(pollsOf(server, id)), 4, "polls of %v", id)
		}
	})
}

func TestNewOrdersAreNotListed(t *testing.T) {
	for name, fresh := range map[string]bool{"just ordered": true, "from an earlier process": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := crowd(t)
				ids := order(t, client, 20)
				if !fresh {
					client = server.Client(t)
				}
				waitForAll(t, client, ids, 5*time.Second)
				require.Equal(t, fresh, len(listsOf(server)) == 0)
			})
		})
	}
}

// flakyLimiter is a Limiter that fails the first background requests.
type flakyLimiter struct {
	tempnumber.Limiter
	mu     sync.Mutex
	refuse int
}

func (l *flakyLimiter) Acquire(ctx context.Context, r tempnumber.SlotRequest) (tempnumber.Slot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Background && l.refuse > 0 {
		l.refuse--
		return nil, errors.New("the limiter is out of reach")
	}
	return l.Limiter.Acquire(ctx, r)
}

func TestPollWithoutSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		client := server.Client(t, tempnumber.WithLimiter(&flakyLimiter{Limiter: tempnumber.NewLimiter(nil), refuse: 5}))
		a, err := client.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		require.NoError(t, server.DeliverSMS(a.ID, "Your code is 05678"))
		start := time.Now()
		_, err = client.WaitSMS(t.Context(), a.ID)
		require.NoError(t, err)
		require.Less(t, time.Since(start), 10*time.Second)
	})
}

// slotWaits is an Observer that records how long requests waited for their slots.
type slotWaits struct {
	mu      sync.Mutex
	longest time.Duration
	n       int
}

func (s *slotWaits) Observe(e tempnumber.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Kind == tempnumber.EventSlot {
		s.n++
		s.longest = max(s.longest, e.Duration)
	}
}

// A poll chooses its activation when it has a slot, not when it begins to wait for one.
func TestPollsDoNotQueueForSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		observer := new(slotWaits)
		server := tempnumbertest.NewServer(tempnumbertest.WithLatency(func() time.Duration { return 2 * time.Second }))
		client := server.Client(t, tempnumber.WithObserver(observer))
		ids := order(t, client, 10)
		waitForAll(t, client, ids, 10*time.Minute)
		time.Sleep(time.Minute) // the last polls end after the waits
		synctest.Wait()
		require.Greater(t, observer.n, 400)
		require.Zero(t, observer.longest)
	})
}

func TestSlowCallbackMissesNoUpdate(t *testing.T) {
	waiting(t, func(t *testing.T, server *tempnumbertest.Server, client *tempnumber.Client, id tempnumber.ActivationID) {
		time.AfterFunc(60*time.Second, func() { _ = server.DeliverSMS(id, "Your code is 05678") })
		var seen []tempnumber.Status
		_, err := client.WaitSMS(t.Context(), id, tempnumber.OnUpdate(func(a *tempnumber.Activation) error {
			seen = append(seen, a.Status)
			time.Sleep(5 * time.Minute)
			return nil
		}))
		require.NoError(t, err)
		require.Equal(t, []tempnumber.Status{tempnumber.StatusNumberRequested, tempnumber.StatusNumberReceived, tempnumber.StatusSMSRequested, tempnumber.StatusSMSReceived}, seen)
	}, tempnumbertest.WithSetupTime(10*time.Second, 10*time.Second))
}

// slowNetwork is a network that takes its time, and lets go of a request that is cancelled.
type slowNetwork struct{ http.RoundTripper }

func (s slowNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	timer := time.NewTimer(150 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.RoundTripper.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// TestNothingOutlivesTheLastWait ends the bubble in the moment in which the last wait
// ends: time stands still from there on, so whatever still waited for it would show.
func TestNothingOutlivesTheLastWait(t *testing.T) {
	for i := range 40 {
		synctest.Test(t, func(t *testing.T) {
			server, orders := crowd(t)
			ids := order(t, orders, 1+i%4)
			client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithHTTPClient(&http.Client{Transport: slowNetwork{server.Transport()}}))
			require.NoError(t, err)
			waitForAll(t, client, ids, 5*time.Second+time.Duration(i)*37*time.Millisecond)
		})
	}
}
