package bench

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// shop is a strict service that knows when every SMS comes, and counts the
// requests that it refuses for their rate.
type shop struct {
	server *tempnumbertest.Server
	client *tempnumber.Client

	mu      sync.Mutex
	random  *rand.Rand
	sms     map[tempnumber.ActivationID]time.Time
	refused int
}

func newShop(tb testing.TB, page int, seed uint64) *shop {
	tb.Helper()
	limits := tempnumber.DefaultLimits()
	delete(limits, tempnumber.EndpointCreateActivation) // orders are not what is measured
	s := &shop{random: rand.New(rand.NewPCG(seed, 5)), sms: make(map[tempnumber.ActivationID]time.Time)}
	s.server = tempnumbertest.NewServer(
		tempnumbertest.WithLimits(limits), tempnumbertest.WithPendingCap(0), tempnumbertest.WithHistoryCap(1_000_000),
		tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}), tempnumbertest.WithBalance(1_000_000*tempnumber.Dollar),
		tempnumbertest.WithDialect(tempnumbertest.Dialect{MaxPageSize: page}), tempnumbertest.WithRequestLog(0),
		tempnumbertest.WithLatency(func() time.Duration { return oneWay }), tempnumbertest.WithLifetime(lifetime),
	)
	s.server.AutoDeliverFunc(func(a tempnumbertest.Activation) (time.Duration, string, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		after := time.Duration(s.random.ExpFloat64() * float64(smsAfter))
		s.sms[a.ID] = time.Now().Add(after)
		return after, "Your code is 05678", true
	})
	var err error
	s.client, err = tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithHTTPClient(&http.Client{Transport: s}),
		tempnumber.WithLimiter(tempnumber.NewLimiter(limits)))
	require.NoError(tb, err)
	return s
}

// RoundTrip reaches the server.
func (s *shop) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.server.Transport().RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		s.mu.Lock()
		s.refused++
		s.mu.Unlock()
	}
	return resp, err
}

// order rents a number and returns when its SMS comes.
func (s *shop) order(ctx context.Context, tb testing.TB) (tempnumber.ActivationID, time.Time) {
	tb.Helper()
	a, err := s.client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	if err != nil {
		tb.Errorf("no number: %v", err)
		return 0, time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.ID, s.sms[a.ID]
}
