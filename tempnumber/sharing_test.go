package tempnumber_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// programs returns a strict service and clients that stand for programs of one key, which share a log.
func programs(t *testing.T, n int, opts ...tempnumbertest.Option) (*tempnumbertest.Server, *sharingtest.Memory, []*tempnumber.Client) {
	t.Helper()
	opts = append([]tempnumbertest.Option{
		tempnumbertest.WithRefusedCounted(), tempnumbertest.WithPendingCap(0), tempnumbertest.WithBalance(100_000 * tempnumber.Dollar),
		tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}),
		tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }),
	}, opts...)
	server := tempnumbertest.NewServer(opts...)
	logs := &sharingtest.Memory{}
	clients := make([]*tempnumber.Client, n)
	for i := range clients {
		clients[i] = server.Client(t, tempnumber.WithSharing(logs))
	}
	return server, logs, clients
}

// withinLimits fails the test if the service refused a request for its rate, or saw more than a limit allows.
func withinLimits(t *testing.T, server *tempnumbertest.Server) {
	t.Helper()
	for endpoint, limit := range tempnumber.DefaultLimits() {
		require.LessOrEqual(t, server.MaxInWindow(endpoint), limit.Requests, endpoint)
	}
	for _, r := range server.Requests() {
		require.NotEqual(t, 429, r.Status)
	}
}

func TestProgramsShareLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, logs, clients := programs(t, 8)
		start := time.Now()
		var all sync.WaitGroup
		for _, client := range clients {
			for range 6 {
				all.Go(func() {
					_, err := client.Balance(t.Context())
					require.NoError(t, err)
				})
			}
		}
		all.Wait()
		withinLimits(t, server)
		require.Equal(t, 10, server.MaxInWindow(tempnumber.EndpointBalance))
		require.InDelta(t, 240, time.Since(start).Seconds(), 3, "48 requests at 10 a minute: four windows pass before the last")
		appends, _ := logs.Log(logs.Names()[0]).Appends()
		require.LessOrEqual(t, appends, 48*4)
		t.Log(appends, "appends for 48 requests")
	})
}

func TestProgramsShareWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 50
		server, logs, clients := programs(t, n)
		random := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		var late []time.Duration
		var all sync.WaitGroup
		for _, client := range clients {
			delay := time.Duration(random.ExpFloat64() * float64(20*time.Second))
			all.Go(func() {
				a, err := client.CreateActivation(t.Context(), facebookUS)
				require.NoError(t, err)
				var sms time.Time
				time.AfterFunc(delay, func() {
					mu.Lock()
					defer mu.Unlock()
					sms = time.Now()
					_ = server.DeliverSMS(a.ID, "Your code is "+codeOf(a.ID))
				})
				a, err = client.WaitSMS(t.Context(), a.ID)
				require.NoError(t, err)
				require.Equal(t, codeOf(a.ID), string(a.Code))
				mu.Lock()
				defer mu.Unlock()
				late = append(late, time.Since(sms))
			})
		}
		all.Wait()
		withinLimits(t, server)
		var sum time.Duration
		for _, l := range late {
			sum += l
		}
		appends, bytes := logs.Log(logs.Names()[0]).Appends()
		t.Logf("%v late on average, %d appends, %d bytes, %d requests", sum/n, appends, bytes, len(server.Requests()))
		require.Less(t, sum/n, 4*time.Second)
	})
}

func TestSharingUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, logs, clients := programs(t, 1)
		_, err := clients[0].Balance(t.Context())
		require.NoError(t, err)
		log := logs.Log(logs.Names()[0])
		log.Fail(errors.New("the disk is full"), false)
		start := time.Now()
		_, err = clients[0].Balance(t.Context())
		require.ErrorIs(t, err, tempnumber.ErrSharing)
		require.ErrorContains(t, err, "the disk is full")
		require.Less(t, time.Since(start), 7*time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = clients[0].Balance(ctx)
		require.ErrorIs(t, err, tempnumber.ErrSharing)
		require.Less(t, time.Since(start), 1100*time.Millisecond)

		start = time.Now()
		_, err = clients[0].WaitSMS(t.Context(), 7)
		require.ErrorIs(t, err, tempnumber.ErrSharing)
		require.Less(t, time.Since(start), 40*time.Second)
		require.Len(t, server.Requests(), 1, "nothing is sent")

		log.Fail(nil, false)
		_, err = clients[0].Balance(t.Context())
		require.NoError(t, err)
	})
}

// stalling is a transport before which the program stands still now and then, as a stopped one does.
type stalling struct {
	next   http.RoundTripper
	random func() float64
}

func (s stalling) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.random() < 0.02 {
		time.Sleep(time.Duration(s.random() * float64(2*time.Minute)))
		r = r.WithContext(context.WithoutCancel(r.Context())) // no timer has run meanwhile
	}
	return s.next.RoundTrip(r)
}

// Eight programs ask as fast as they may, while the log loses its memory, its clock jumps, its answers get
// lost, and programs stand still between slot and request, begin, or are gone without a word.
func TestProgramsStayWithinLimitWhateverFails(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, 2}
	if thorough {
		seeds = append(seeds, 3, 4)
	}
	for _, seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			var mu sync.Mutex
			chance := func() float64 {
				mu.Lock()
				defer mu.Unlock()
				return random.Float64()
			}
			limits := tempnumber.Limits{tempnumber.EndpointBalance: {Requests: 20, Window: 2 * time.Second}}
			server := tempnumbertest.NewServer(tempnumbertest.WithLimits(limits), tempnumbertest.WithRefusedCounted(),
				tempnumbertest.WithLatency(func() time.Duration { return time.Duration(10+chance()*200) * time.Millisecond }))
			var logs sharingtest.Memory
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			var all sync.WaitGroup
			program := func(ctx context.Context) {
				client := server.Client(t, tempnumber.WithSharing(&logs), tempnumber.WithLimiter(tempnumber.NewLimiter(limits)),
					tempnumber.WithHTTPClient(&http.Client{Transport: stalling{server.Transport(), chance}}))
				for range 6 {
					all.Go(func() {
						for ctx.Err() == nil {
							if _, err := client.Balance(ctx); err != nil {
								time.Sleep(100 * time.Millisecond)
							}
						}
					})
				}
			}
			for range 7 {
				program(ctx)
			}
			all.Go(func() { // one that is replaced time and again
				for ctx.Err() == nil {
					life, end := context.WithTimeout(ctx, time.Duration(chance()*float64(time.Minute)))
					program(life)
					<-life.Done()
					end()
				}
			})
			time.Sleep(time.Second)
			log := logs.Log(logs.Names()[0])
			all.Go(func() {
				for ctx.Err() == nil {
					time.Sleep(time.Duration(chance() * float64(3*time.Minute)))
					switch n := chance(); {
					case n < 0.3:
						log.Forget()
					case n < 0.5:
						log.Skew(time.Duration((chance() - 0.3) * float64(5*time.Second)))
					default:
						log.Fail(errors.New("the answer is lost"), n < 0.8)
						time.Sleep(time.Duration(chance() * float64(4*time.Second)))
						log.Fail(nil, false)
					}
				}
			})
			all.Wait()
			time.Sleep(time.Minute) // a program may still be about to say something
			require.LessOrEqual(t, server.MaxInWindow(tempnumber.EndpointBalance), 20)
			require.Greater(t, len(server.Requests()), 1000)
			t.Log(len(server.Requests()), "requests")
		})
	}
}

func TestProgramsUseWhatTheLimitAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := tempnumber.Limits{tempnumber.EndpointBalance: {Requests: 20, Window: 2 * time.Second}}
		var mu sync.Mutex
		random := rand.New(rand.NewPCG(3, 7))
		server := tempnumbertest.NewServer(tempnumbertest.WithLimits(limits), tempnumbertest.WithRefusedCounted(),
			tempnumbertest.WithLatency(func() time.Duration {
				mu.Lock()
				defer mu.Unlock()
				return time.Duration(10+random.IntN(200)) * time.Millisecond
			}))
		var logs sharingtest.Memory
		start := time.Now()
		var all sync.WaitGroup
		for range 8 {
			client := server.Client(t, tempnumber.WithSharing(&logs), tempnumber.WithLimiter(tempnumber.NewLimiter(limits)))
			for range 6 {
				all.Go(func() {
					for time.Since(start) < 2*time.Minute {
						_, err := client.Balance(t.Context())
						require.NoError(t, err)
					}
				})
			}
		}
		all.Wait()
		require.LessOrEqual(t, server.MaxInWindow(tempnumber.EndpointBalance), 20)
		allowed := 20 / (2 + 0.002 + 0.22) * time.Since(start).Seconds()
		got := float64(len(server.Requests())) / allowed
		appends, _ := logs.Log(logs.Names()[0]).Appends()
		t.Logf("%.1f %% of what the slot rule allows, %.1f appends for each request", 100*got, float64(appends)/float64(len(server.Requests())))
		require.Greater(t, got, 0.95)
	})
}

func TestSlotsInLineGoInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, clients := programs(t, 4)
		for range 10 {
			_, err := clients[0].Balance(t.Context())
			require.NoError(t, err)
		}
		var mu sync.Mutex
		var order []int
		var all sync.WaitGroup
		for i, client := range clients {
			all.Go(func() {
				time.Sleep(time.Duration(i+1) * time.Second)
				_, err := client.Balance(t.Context())
				require.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
		}
		all.Wait()
		require.Equal(t, []int{0, 1, 2, 3}, order)
	})
}

func TestSharingTellsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, logs, clients := programs(t, 2)
		a, err := clients[0].CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		time.AfterFunc(10*time.Second, func() { _ = server.DeliverSMS(a.ID, "Your code is 90817") })
		var all sync.WaitGroup
		for _, client := range clients {
			all.Go(func() {
				got, err := client.WaitSMS(t.Context(), a.ID)
				require.NoError(t, err)
				require.Equal(t, "90817", string(got.Code))
				require.Equal(t, a.Phone, got.Phone, "of another's look too")
				require.Equal(t, a.CountryName, got.CountryName)
			})
		}
		all.Wait()
		require.NotContains(t, logs.Names()[0], tempnumbertest.DefaultKey)
		for _, data := range logs.Log(logs.Names()[0]).Data() {
			for _, secret := range []string{"90817", a.Phone.National(), tempnumbertest.DefaultKey, "facebook", "activations"} {
				require.NotContains(t, string(data), secret)
			}
		}
	})
}

// Entries that were made without the key are left out, and told of.
func TestSharedStatusTellsOfUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, logs, clients := programs(t, 1)
		_, err := clients[0].Balance(t.Context())
		require.NoError(t, err)
		log := logs.Log(logs.Names()[0])
		v, err := log.Read(t.Context(), sharing.Cursor{})
		require.NoError(t, err)
		for range 3 {
			_, err = log.Append(t.Context(), sharing.Append{After: v.Cursor(sharing.Cursor{}), Data: []byte("not sealed")})
			require.NoError(t, err)
		}
		status, err := clients[0].SharedStatus(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, status.Unread)
	})
}

func TestProgramsShareSpendingCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(0), tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}),
			tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		var logs sharingtest.Memory
		price := func() tempnumber.Amount {
			offer, err := server.Client(t).Offer(t.Context(), "facebook", "us")
			require.NoError(t, err)
			return offer.Price
		}()
		program := func() *tempnumber.Client {
			return server.Client(t, tempnumber.WithSharing(&logs), tempnumber.WithSpendingCap(5*price))
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		bought, refused := 0, 0
		for range 8 {
			all.Go(func() {
				client := program()
				for range 2 {
					_, err := client.CreateActivation(t.Context(), facebookUS)
					mu.Lock()
					if err == nil {
						bought++
					} else {
						require.ErrorIs(t, err, tempnumber.ErrSpendingCap)
						refused++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		require.Equal(t, [2]int{5, 11}, [2]int{bought, refused})

		time.Sleep(21 * time.Minute) // the numbers end, and the money is back
		another := program()
		for a, err := range another.Activations(t.Context(), tempnumber.ListParams{}) {
			require.NoError(t, err)
			require.Equal(t, tempnumber.StatusRefunded, a.Status)
		}
		_, err := program().CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err, "another program has seen the refunds")
	})
}

// The bound of an order whose answer is lost counts for all programs, until Reconcile finds what it bought.
func TestReconcileFreesSharedCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(0))
		var logs sharingtest.Memory
		offer, err := server.Client(t).Offer(t.Context(), "facebook", "us")
		require.NoError(t, err)
		program := func() *tempnumber.Client {
			return server.Client(t, tempnumber.WithSharing(&logs), tempnumber.WithSpendingCap(2*offer.Price), tempnumber.WithExclusiveKey())
		}
		one, two := program(), program()
		server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Times: 1, Drop: true, LateCommit: 40 * time.Second})
		dear := facebookUS
		dear.MaxPrice = 2 * offer.Price
		_, err = one.CreateActivation(t.Context(), dear)
		var unknown *tempnumber.OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		_, err = two.CreateActivation(t.Context(), facebookUS)
		require.ErrorIs(t, err, tempnumber.ErrSpendingCap)
		time.Sleep(time.Minute)
		_, err = one.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		_, err = two.CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		_, err = two.CreateActivation(t.Context(), facebookUS)
		require.ErrorIs(t, err, tempnumber.ErrSpendingCap, "what it bought has its price")
	})
}

func TestProgramsShareDeliveryGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(0),
			tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		var logs sharingtest.Memory
		var all sync.WaitGroup
		var mu sync.Mutex
		bought := 0
		for range 8 {
			all.Go(func() {
				client := server.Client(t, tempnumber.WithSharing(&logs), tempnumber.WithDeliveryGuard())
				if _, err := client.CreateActivation(t.Context(), facebookUS); err != nil {
					require.ErrorIs(t, err, tempnumber.ErrLowSuccessRate)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				bought++
			})
		}
		all.Wait()
		require.Equal(t, 4, bought, "of a pair without an SMS four numbers and no fifth, whoever orders")
	})
}

// Programs that share see an SMS about as soon as one program with all the waits.
func TestProgramsWaitAsOne(t *testing.T) {
	late := func(t *testing.T, programsOf int) (mean time.Duration) {
		const n, seeds = 18, 6
		for seed := range uint64(seeds) {
			synctest.Test(t, func(t *testing.T) {
				server, _, clients := programs(t, programsOf)
				random := rand.New(rand.NewPCG(seed, 2))
				var mu sync.Mutex
				var all sync.WaitGroup
				for i := range n {
					delay := time.Duration(random.ExpFloat64() * float64(8*time.Second))
					all.Go(func() {
						a, err := clients[i%programsOf].CreateActivation(t.Context(), facebookUS)
						require.NoError(t, err)
						sms := time.Now().Add(delay)
						time.AfterFunc(delay, func() { _ = server.DeliverSMS(a.ID, "Your code is "+codeOf(a.ID)) })
						_, err = clients[i%programsOf].WaitSMS(t.Context(), a.ID)
						require.NoError(t, err)
						mu.Lock()
						defer mu.Unlock()
						mean += time.Since(sms) / n / seeds
					})
				}
				all.Wait()
				withinLimits(t, server)
			})
		}
		return mean
	}
	one, many := late(t, 1), late(t, 18)
	t.Logf("18 waits in one program %v late, in 18 programs %v", one, many)
	require.Less(t, many, 3500*time.Millisecond)
	require.Less(t, many, one*5/4)
}

// A program may end as soon as its wait has. By then everything it has to say is in the log.
func TestProgramMayEndAfterItsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, logs, clients := programs(t, 1)
		a, err := clients[0].CreateActivation(t.Context(), facebookUS)
		require.NoError(t, err)
		time.AfterFunc(20*time.Second, func() { _ = server.DeliverSMS(a.ID, "Your code is 90817") })
		_, err = clients[0].WaitSMS(t.Context(), a.ID)
		require.NoError(t, err)
		appends, _ := logs.Log(logs.Names()[0]).Appends()
		time.Sleep(time.Minute)
		later, _ := logs.Log(logs.Names()[0]).Appends()
		require.Equal(t, appends, later)
		status, err := clients[0].SharedStatus(t.Context())
		require.NoError(t, err)
		require.Empty(t, status.Waits)
	})
}

// The log's clock jumps ahead while a program does not look. What others did before is no older for that.
func TestClockOfLogJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, logs, clients := programs(t, 2)
		_, err := clients[1].Balance(t.Context())
		require.NoError(t, err)
		for range 9 {
			_, err := clients[0].Balance(t.Context())
			require.NoError(t, err)
		}
		logs.Log(logs.Names()[0]).Skew(2 * time.Minute)
		start := time.Now()
		_, err = clients[1].Balance(t.Context())
		require.NoError(t, err)
		require.Greater(t, time.Since(start), 55*time.Second)
		withinLimits(t, server)
	})
}
