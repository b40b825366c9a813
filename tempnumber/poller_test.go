package tempnumber_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

// crowd is a server and a client for many waits at once: orders are not limited,
// everything else is, on both sides.
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

// order rents n numbers.
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

// neverThrottled fails when the server refused a request for its rate, or let more through than a limit allows.
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

func TestAThousandWaitsShareTheLimitsAndLoseNothing(t *testing.T) {
	const n = 1000
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		server, client := crowd(t, tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		ids := order(t, client, n)
		sms := map[tempnumber.ActivationID]bool{}
		for i, id := range ids {
			if i%5 == 0 {
				continue // nobody texts every fifth
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
					err = errors.New("another's code")
				}
				results[i] = err
			})
		}
		time.Sleep(10 * time.Second)
		// A look in flight has a goroutine, and so has its answer in the transport.
		require.Less(t, runtime.NumGoroutine()-before-n, 20, "waits have no goroutine besides the callers' own")
		start := time.Now()
		_, err := client.Activation(t.Context(), ids[0])
		require.NoError(t, err)
		require.Less(t, time.Since(start), 250*time.Millisecond, "a call of the program itself finds a slot: it takes its round trip")
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

func TestWaitsDoNotDisturbEachOther(t *testing.T) {
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
		require.Less(t, took(ids[5]), time.Since(start)+time.Second, "an SMS that is there is seen at once by a wait that is alone")
		neverThrottled(t, server)
	})
}

func TestHistoriesThatShowLessAreLearned(t *testing.T) {
	for name, dialect := range map[string]tempnumbertest.Dialect{
		"as documented":      {},
		"oldest first":       {OldestFirst: true},
		"small pages":        {MaxPageSize: 10},
		"no pending ones":    {HidePending: true},
		"no messages":        {HideMessages: true},
		"oldest, small":      {OldestFirst: true, MaxPageSize: 10},
		"nothing of any use": {HidePending: true, HideMessages: true, OldestFirst: true, MaxPageSize: 10},
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

func TestAWaitCostsLittleMemory(t *testing.T) {
	const n = 1000
	synctest.Test(t, func(t *testing.T) {
		_, client := crowd(t)
		ids := order(t, client, n)
		ctx, cancel := context.WithCancel(t.Context())
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() { _, _ = client.WaitSMS(ctx, id) })
		}
		time.Sleep(time.Minute)
		runtime.GC()
		runtime.ReadMemStats(&after)
		require.Less(t, (int64(after.HeapAlloc)-int64(before.HeapAlloc))/n, int64(4<<10))
		cancel()
		wg.Wait()
	})
}
