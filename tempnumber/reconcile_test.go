package tempnumber

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

var errLost = errors.New("connection reset by peer")

const never = time.Duration(-1)

func facebook() CreateActivationParams {
	return CreateActivationParams{ServiceID: "facebook", CountryID: "us"}
}

// lose returns a hook that loses the answers to orders. The shop carries each order out
// that long after it was sent, or never.
func lose(s *shop, carriedOutAfter time.Duration) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPost {
			return nil, nil
		}
		switch {
		case carriedOutAfter == 0:
			s.sell("facebook", "us")
		case carriedOutAfter > 0:
			time.AfterFunc(carriedOutAfter, func() { s.sell("facebook", "us") })
		}
		return nil, errLost
	}
}

// loseOrder places an order whose answer is lost, and returns its error.
func loseOrder(t *testing.T, c *Client) *OutcomeUnknownError {
	t.Helper()
	_, err := c.CreateActivation(t.Context(), facebook())
	var unknown *OutcomeUnknownError
	require.ErrorAs(t, err, &unknown)
	require.ErrorIs(t, err, ErrOutcomeUnknown)
	require.ErrorIs(t, err, errLost)
	return unknown
}

func idsOf(activations []*Activation) []ActivationID {
	ids := []ActivationID{}
	for _, a := range activations {
		ids = append(ids, a.ID)
	}
	return ids
}

func TestReconcileSchedule(t *testing.T) {
	for after, want := range map[time.Duration]time.Duration{
		0: 0, 4 * time.Second: 5 * time.Second, 6 * time.Second: 30 * time.Second, 29 * time.Second: 30 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &shop{}
			c := s.client(t, lose(s, after))
			unknown := loseOrder(t, c)
			start := time.Now()
			found, err := c.Reconcile(t.Context(), unknown)
			require.NoError(t, err)
			require.Equal(t, []ActivationID{1001}, idsOf(found))
			require.InDelta(t, want.Seconds(), time.Since(start).Seconds(), 0.1, "carried out after %v", after)
			require.Equal(t, 1, s.bought("facebook"))
		})
	}
}

func TestReconcileNoneYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, never))
		unknown := loseOrder(t, c)
		start := time.Now()
		found, err := c.Reconcile(t.Context(), unknown)
		require.Empty(t, found)
		require.ErrorIs(t, err, ErrNoneYet)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.NotErrorIs(t, err, errLost, "this read did not fail")
		require.InDelta(t, 30, time.Since(start).Seconds(), 0.1)
		require.Equal(t, 3, s.lists)
		var again *OutcomeUnknownError
		require.ErrorAs(t, err, &again)
		require.Equal(t, unknown.Intent, again.Intent)
		s.sell("facebook", "us")
		found, err = c.Reconcile(t.Context(), again)
		require.NoError(t, err)
		require.Len(t, found, 1)
	})
}

func TestLateOrderIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		events := &recorder{}
		s := &shop{}
		c := s.client(t, lose(s, time.Minute), WithObserver(events), WithLogger(newTestLog(&log)))
		unknown := loseOrder(t, c)
		_, err := c.Reconcile(t.Context(), unknown)
		require.ErrorIs(t, err, ErrNoneYet)
		time.Sleep(time.Minute)
		for range 2 {
			_, err = c.ActivationsPage(t.Context(), ListParams{})
			require.NoError(t, err)
		}
		require.Equal(t, []ActivationID{1001}, events.found)
		require.Equal(t, 1, strings.Count(log.String(), "level=WARN"))
		require.Contains(t, log.String(), "activation.id=1001")
		found, err := c.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1001}, idsOf(found))
	})
}

func TestReconcileCandidates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		losing := false
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if losing {
				return lose(s, never)(r)
			}
			return nil, nil
		})
		s.sell("facebook", "us") // long before
		time.Sleep(time.Minute)
		s.sell("facebook", "us") // just before, and seen
		_, err := c.Activation(t.Context(), 1002)
		require.NoError(t, err)
		losing = true
		unknown := loseOrder(t, c)
		losing = false
		a, err := c.CreateActivation(t.Context(), facebook()) // another order's
		require.NoError(t, err)
		require.EqualValues(t, 1003, a.ID)
		s.sell("telegram", "us")
		s.sell("facebook", "de")
		s.sell("facebook", "us") // 1006: the program reads a number that it knows from elsewhere
		_, err = c.Activation(t.Context(), 1006)
		require.NoError(t, err)
		_, err = c.Reconcile(t.Context(), unknown)
		require.ErrorIs(t, err, ErrNoneYet)
		s.sell("FaceBook", "US")
		found, err := c.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1007}, idsOf(found))
	})
}

func TestSharedKeyCandidates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 0))
		first, second := loseOrder(t, c), loseOrder(t, c)
		s.sell("facebook", "us") // somebody else's
		for _, unknown := range []*OutcomeUnknownError{first, second, first} {
			found, err := c.Reconcile(t.Context(), unknown)
			require.NoError(t, err)
			require.Equal(t, []ActivationID{1001, 1002, 1003}, idsOf(found), "the oldest first")
		}
		_, err := c.Activation(t.Context(), 1002) // reading a candidate does not claim it
		require.NoError(t, err)
		found, err := c.Reconcile(t.Context(), first)
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1001, 1002, 1003}, idsOf(found))
	})
}

func TestSharedKeyNeverAdopts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 0))
		loseOrder(t, c)
		require.Zero(t, s.lists)
	})
}

func TestExclusiveKeyAdopts(t *testing.T) {
	for _, after := range []time.Duration{0, 3 * time.Second, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := &shop{}
			s.sell("facebook", "us") // an earlier process's, a moment ago
			c := s.client(t, lose(s, after), WithExclusiveKey())
			a, err := c.CreateActivation(t.Context(), facebook())
			require.NoError(t, err)
			require.EqualValues(t, 1002, a.ID)
			require.Equal(t, 2, s.bought("facebook"))
		})
	}
}

func TestExclusiveKeyNothingBought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, never), WithExclusiveKey())
		unknown := loseOrder(t, c)
		require.ErrorIs(t, unknown, ErrNoneYet)
	})
}

func TestAdoptRespectsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 10*time.Second), WithExclusiveKey())
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.CreateActivation(ctx, facebook())
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.ErrorIs(t, err, ErrNoneYet)
		require.ErrorIs(t, err, errLost)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.InDelta(t, 5, time.Since(start).Seconds(), 0.1, "the read at 30 s is after the deadline")
	})
}

func TestLostOrdersOfOnePair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 2*time.Second), WithExclusiveKey())
		var mu sync.Mutex
		got := make(map[ActivationID]bool)
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				a, err := c.CreateActivation(t.Context(), facebook())
				mu.Lock()
				defer mu.Unlock()
				if err == nil && !got[a.ID] {
					got[a.ID] = true
				}
			})
		}
		group.Wait()
		require.Len(t, got, 10)
		require.Equal(t, 10, s.bought("facebook"))
		require.LessOrEqual(t, s.lists, 6, "reads are shared")
	})
}

func TestMoreNumbersThanOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				s.sell("facebook", "us")
				s.sell("facebook", "us")
				return nil, errLost
			}
			return nil, nil
		}, WithExclusiveKey())
		unknown := loseOrder(t, c)
		found, err := c.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1001, 1002}, idsOf(found))
	})
}

func TestOrderWithoutBaseline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		s.sell("facebook", "us")
		refuse := true
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet && refuse {
				return answerWith(403, `{"errorName": "SomethingElse", "errorMessage": "not the history"}`), nil
			}
			refuse = false
			return lose(s, never)(r)
		}, WithExclusiveKey())
		unknown := loseOrder(t, c)
		found, err := c.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1001}, idsOf(found), "a candidate: it may have been there before")
	})
}

func TestReconcileWaitsForOrdersInFlight(t *testing.T) {
	for _, answered := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &shop{}
			slow := make(chan struct{})
			orders := 0
			c := s.client(t, func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPost {
					return nil, nil
				}
				if orders++; orders == 1 {
					return nil, errLost
				}
				resp := s.answer(r)
				<-slow
				if answered {
					return resp, nil
				}
				return nil, errLost
			})
			unknown := loseOrder(t, c)
			go func() { _, _ = c.CreateActivation(t.Context(), facebook()) }()
			synctest.Wait()
			var found []*Activation
			var err error
			done := make(chan struct{})
			go func() {
				found, err = c.Reconcile(t.Context(), unknown)
				close(done)
			}()
			time.Sleep(time.Second)
			select {
			case <-done:
				t.Fatal("the number may be the other order's")
			default:
			}
			close(slow)
			<-done
			if answered {
				require.ErrorIs(t, err, ErrNoneYet)
				return
			}
			require.NoError(t, err)
			require.Len(t, found, 1)
		})
	}
}

// An order is on its way until its attempt surely did nothing, or until it is known what it did: only then may others
// take what they see for theirs.
func TestAttemptsInFlight(t *testing.T) {
	for name, tt := range map[string]struct {
		answer   func(*http.Request) (*http.Response, error)
		inFlight bool
	}{
		"bought":   {reply(200, `{"activationId": 7}`), true},
		"lost":     {breakOff(errLost), true},
		"trouble":  {reply(500, ""), true},
		"refused":  {refuse(404, "NoNumbers"), false},
		"throttle": {refuse(429, "TooManyRequests"), false},
	} {
		t.Run(name, func(t *testing.T) {
			var c *Client
			attempts := 0
			c = (&script{t: t, answers: []func(*http.Request) (*http.Response, error){tt.answer}}).client(
				WithRetry(RetryPolicy{MaxAttempts: 1}), WithObserver(observerFunc(func(e Event) {
					if e.Kind == EventAttempt {
						attempts++
						require.Equal(t, tt.inFlight, len(c.buyer.book.InFlight(orders.PairOf("facebook", "us"))) == 1)
					}
				})))
			_, _ = c.CreateActivation(t.Context(), facebook())
			require.Equal(t, 1, attempts)
		})
	}
}

func TestReconcileClockSkew(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 300 * 24 * time.Hour} {
		for _, noUTC := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := &shop{ahead: ahead, noUTC: noUTC}
				s.sell("facebook", "us")
				time.Sleep(20 * time.Second)
				c := s.client(t, lose(s, 0))
				unknown := loseOrder(t, c)
				found, err := c.Reconcile(t.Context(), unknown)
				require.NoError(t, err)
				require.Equal(t, []ActivationID{1002}, idsOf(found), "the older one was made 20 s before")
			})
		}
	}
}

func TestReconcileReadsNewestPages(t *testing.T) {
	for name, c := range map[string]struct {
		shop  *shop
		lists int
	}{
		"newest first":               {&shop{}, 1},
		"newest first, small pages":  {&shop{pageSize: 10}, 1},
		"oldest first":               {&shop{oldestFirst: true}, 2},
		"oldest first, small pages":  {&shop{oldestFirst: true, pageSize: 10}, 2},
		"by the second, newest last": {&shop{oldestFirst: true, shuffled: true}, 2},
		"by the second":              {&shop{shuffled: true, pageSize: 10}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.shop
				for i := range 251 {
					s.sell("facebook", "us")
					if i%3 == 0 {
						time.Sleep(10 * time.Second)
					}
				}
				time.Sleep(10 * time.Second)
				client := s.client(t, lose(s, 0))
				unknown := loseOrder(t, client)
				found, err := client.Reconcile(t.Context(), unknown)
				require.NoError(t, err)
				require.Equal(t, []ActivationID{1252}, idsOf(found))
				require.Equal(t, c.lists, s.lists)
			})
		})
	}
}

func TestReconcileStoredIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		var stored []byte
		first := s.client(t, lose(s, 0), WithPurchaseHook(func(_ context.Context, in Intent) error {
			var err error
			stored, err = json.Marshal(in)
			return err
		}))
		unknown := loseOrder(t, first)
		require.JSONEq(t, `{"service_id": "facebook", "country_id": "us", "max_price": 0, "sent_at": "2000-01-01T00:00:00Z", "high_water": 0}`, string(stored))
		time.Sleep(time.Hour)
		s.sell("facebook", "us") // known to the new process
		var intent Intent
		require.NoError(t, json.Unmarshal(stored, &intent))
		require.Equal(t, unknown.Intent, intent)
		second := s.client(t, nil, WithExclusiveKey())
		_, err := second.Activation(t.Context(), 1002)
		require.NoError(t, err)
		found, err := second.Reconcile(t.Context(), &OutcomeUnknownError{Intent: intent})
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1001}, idsOf(found))
		found, err = second.Reconcile(t.Context(), &OutcomeUnknownError{Intent: intent})
		require.NoError(t, err)
		require.Equal(t, []ActivationID{1001}, idsOf(found), "the answer stays the same")
	})
}

func TestIntentsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, never))
		first, second := loseOrder(t, c), loseOrder(t, c)
		require.NotEqual(t, first.Intent, second.Intent, "although no time has passed")
	})
}

func TestReconcileUnreadableHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		status := 401
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet {
				return answerWith(status, ""), nil
			}
			return lose(s, 0)(r)
		}, WithRetry(RetryPolicy{MaxAttempts: 1}))
		unknown := loseOrder(t, c)
		start := time.Now()
		_, err := c.Reconcile(t.Context(), unknown)
		require.ErrorIs(t, err, ErrUnauthorized)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.Less(t, time.Since(start), time.Second, "a refused key is not retried")
		status = 500
		_, err = c.Reconcile(t.Context(), unknown)
		require.ErrorIs(t, err, ErrUnavailable)
		require.InDelta(t, 30, time.Since(start).Seconds(), 0.1, "a 500 is retried")
	})
}

func TestReconcileInvalidIntent(t *testing.T) {
	c := (&shop{}).client(t, nil)
	for name, unknown := range map[string]*OutcomeUnknownError{
		"nil": nil, "empty": {}, "no time": {Intent: Intent{ServiceID: "facebook", CountryID: "us"}},
		"no country": {Intent: Intent{ServiceID: "facebook", SentAt: time.Now()}},
		"below zero": {Intent: Intent{ServiceID: "facebook", CountryID: "us", SentAt: time.Now(), HighWater: -1}},
	} {
		_, err := c.Reconcile(t.Context(), unknown)
		require.ErrorIs(t, err, ErrInvalidInput, name)
	}
}

func TestPurchaseHook(t *testing.T) {
	s := &shop{}
	var intents []Intent
	stop := errors.New("the disk is full")
	var result error
	c := s.client(t, nil, WithPurchaseHook(func(_ context.Context, in Intent) error {
		intents = append(intents, in)
		return result
	}))
	_, err := c.CreateActivation(t.Context(), CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: Dollar})
	require.NoError(t, err)
	resp, err := c.Raw().NewActivationWithBody(t.Context(), "application/json", strings.NewReader(`{"serviceId": "telegram", "countryId": "de", "expectedPrice": "0.25", "new": 1}`))
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Len(t, intents, 2)
	require.Equal(t, Dollar, intents[0].MaxPrice)
	require.Equal(t, "telegram", intents[1].ServiceID)
	require.Equal(t, 25*Cent, intents[1].MaxPrice)
	require.EqualValues(t, 1001, intents[1].HighWater)
	result = stop
	_, err = c.CreateActivation(t.Context(), facebook())
	require.ErrorIs(t, err, stop)
	require.NotErrorIs(t, err, ErrOutcomeUnknown)
	require.Zero(t, s.bought("facebook")-1)
}

func TestRawOrderInvalidBody(t *testing.T) {
	s := &shop{}
	c := s.client(t, nil)
	for _, body := range []string{"", "facebook", `[]`, `{"serviceId": "facebook"}`, `{"serviceId": "a/b", "countryId": "us"}`, `{"serviceId": "a", "countryId": "us", "expectedPrice": "x"}`} {
		_, err := c.Raw().NewActivationWithBody(t.Context(), "application/json", strings.NewReader(body))
		require.ErrorIs(t, err, ErrInvalidInput, body)
	}
	require.Empty(t, s.sold)
}

// recorder keeps the activations that a client reports as found.
type recorder struct {
	mu    sync.Mutex
	found []ActivationID
}

func (r *recorder) Observe(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Kind == EventFound {
		r.found = append(r.found, e.ActivationID)
	}
}
