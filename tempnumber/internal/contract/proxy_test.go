package contract_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// violations is where Prism says, as a proxy, what of a request or of its answer is not as the document says.
const violations = "Sl-Violations"

// TestProxyFindsNoViolation sends every operation, right and refused, through a proxy that somebody else wrote and
// that holds requests and answers against the corrected document.
func TestProxyFindsNoViolation(t *testing.T) {
	proxy, box := os.Getenv("TEMPNUMBER_CONTRACT_PROXY"), os.Getenv("TEMPNUMBER_CONTRACT_BOX")
	if proxy == "" || box == "" {
		t.Skip("TEMPNUMBER_CONTRACT_PROXY and TEMPNUMBER_CONTRACT_BOX name no proxy and the service behind it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	service, err := control.NewClient(box)
	require.NoError(t, err)
	watched := &watching{t: t, next: http.DefaultTransport}
	as := func(key string) *tempnumber.Client {
		client, err := tempnumber.New(key,
			tempnumber.WithBaseURL(proxy),
			tempnumber.WithHTTPClient(&http.Client{Transport: watched}),
			tempnumber.WithLimiter(tempnumber.NewLimiter(tempnumber.Limits{})),
			tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
		require.NoError(t, err)
		return client
	}
	client := as(tempnumbertest.DefaultKey)
	rent := func(t *testing.T) tempnumber.ActivationID {
		t.Helper()
		a, err := client.CreateActivation(ctx, order())
		require.NoError(t, err)
		return a.ID
	}

	t.Run("every operation succeeds", func(t *testing.T) {
		id := rent(t)
		require.NoError(t, service.DeliverSMS(ctx, id, "Your code is 05678"))
		for operation, call := range calls(id) {
			require.NoError(t, call(ctx, client), operation)
		}
	})
	t.Run("without the right key", func(t *testing.T) {
		for operation, call := range calls(rent(t)) {
			require.ErrorIs(t, call(ctx, as("another-key")), tempnumber.ErrUnauthorized, operation)
		}
	})
	t.Run("over the rate limit", func(t *testing.T) {
		id := rent(t)
		require.NoError(t, service.Fail(ctx, control.Fault{Status: http.StatusTooManyRequests, Name: "TooManyRequestsException"}))
		for operation, call := range calls(id) {
			require.ErrorIs(t, call(ctx, client), tempnumber.ErrRateLimited, operation)
		}
		require.NoError(t, service.ClearFaults(ctx))
	})
	t.Run("what is not allowed", func(t *testing.T) {
		id := rent(t)
		require.ErrorIs(t, client.RequestAnotherSMS(ctx, id), tempnumber.ErrBadState)
		_, err := client.Activation(ctx, 1)
		require.ErrorIs(t, err, tempnumber.ErrNotFound)
		require.NoError(t, service.Forget(ctx, id))
		_, err = client.Activation(ctx, id)
		require.ErrorIs(t, err, tempnumber.ErrGone)
		_, err = client.Offer(ctx, "facebook", "atlantis")
		require.ErrorIs(t, err, tempnumber.ErrInvalidRequest)
		dear := order()
		dear.MaxPrice = tempnumber.Cent
		_, err = client.CreateActivation(ctx, dear)
		require.ErrorIs(t, err, tempnumber.ErrPriceChanged)
		require.NoError(t, service.SetBalance(ctx, 0))
		_, err = client.CreateActivation(ctx, order())
		require.ErrorIs(t, err, tempnumber.ErrInsufficientFunds)
		require.NoError(t, service.SetBalance(ctx, 100*tempnumber.Dollar))
	})
	t.Run("a wrong answer would be found", func(t *testing.T) {
		require.NoError(t, service.Fail(ctx, control.Fault{Endpoint: tempnumber.EndpointBalance, Status: http.StatusOK, Body: `{"balance": true}`, Times: 1}))
		watched.expected = true
		_, err := client.Balance(ctx)
		require.Error(t, err)
		require.False(t, watched.expected, "the proxy saw nothing wrong")
	})
}

// watching fails the test when the proxy found a violation, but for one that is expected.
type watching struct {
	t        *testing.T
	next     http.RoundTripper
	expected bool
}

func (w *watching) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch found := resp.Header.Get(violations); {
	case found != "" && w.expected:
		w.expected = false
	case found != "":
		w.t.Errorf("%d to %s %s: %s", resp.StatusCode, req.Method, req.URL.Path, found)
	}
	return resp, nil
}
