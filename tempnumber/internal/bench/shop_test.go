package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// shop is a strict service that knows when every SMS comes, counts the requests that
// it refuses for their rate, and how long waits were left without an answer about them.
type shop struct {
	server *tempnumbertest.Server
	client *tempnumber.Client

	mu      sync.Mutex
	random  *rand.Rand
	sms     map[tempnumber.ActivationID]time.Time
	refused int
	shown   map[tempnumber.ActivationID]time.Time // when an answer last showed what is waited for
	blind   time.Duration                         // the longest time without such an answer
}

func newShop(tb testing.TB, page int, delay arrival.Delay, seed uint64) *shop {
	tb.Helper()
	start := time.Now()
	limits := tempnumber.DefaultLimits()
	delete(limits, tempnumber.EndpointCreateActivation) // orders are not what is measured
	s := &shop{
		random: rand.New(rand.NewPCG(seed, 5)),
		sms:    make(map[tempnumber.ActivationID]time.Time), shown: make(map[tempnumber.ActivationID]time.Time),
	}
	s.server = tempnumbertest.NewServer(
		tempnumbertest.WithLimits(limits), tempnumbertest.WithPendingCap(0), tempnumbertest.WithHistoryCap(1_000_000),
		tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}), tempnumbertest.WithBalance(1_000_000*tempnumber.Dollar),
		tempnumbertest.WithDialect(tempnumbertest.Dialect{MaxPageSize: page}), tempnumbertest.WithRequestLog(0),
		tempnumbertest.WithLatency(func() time.Duration { return oneWay }), tempnumbertest.WithLifetime(lifetime),
	)
	s.server.AutoDeliverFunc(func(a tempnumbertest.Activation) (time.Duration, string, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		after := delay(s.random, time.Since(start))
		if after >= lifetime {
			after = arrival.Never // it would come when the number is gone
		}
		s.sms[a.ID], s.shown[a.ID] = time.Now().Add(after), time.Now()
		return after, "Your code is 05678", after < lifetime
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
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if resp.StatusCode == http.StatusTooManyRequests {
		s.refused++
	}
	if resp.StatusCode != http.StatusOK || r.Method != http.MethodGet {
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer struct {
		ID          tempnumber.ActivationID
		Activations []struct{ ID tempnumber.ActivationID }
	}
	if err != nil || json.Unmarshal(body, &answer) != nil {
		return resp, err
	}
	s.see(answer.ID)
	for _, a := range answer.Activations {
		s.see(a.ID)
	}
	return resp, nil
}

// see takes down that something was heard of an activation, if it is waited for.
func (s *shop) see(id tempnumber.ActivationID) {
	if last, waiting := s.shown[id]; waiting {
		s.blind = max(s.blind, time.Since(last))
		s.shown[id] = time.Now()
	}
}

// done says that a wait has ended.
func (s *shop) done(id tempnumber.ActivationID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(id)
	delete(s.shown, id)
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
