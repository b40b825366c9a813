package tempnumbertest_test

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// balance asks for the balance, an endpoint of 10 requests in a minute, and reports
// whether it was answered.
func balance(t testing.TB, server *tempnumbertest.Server) bool {
	t.Helper()
	answer, body := call(t, server, "GET", "/user/balance", "")
	if answer.StatusCode != http.StatusOK {
		requireError(t, http.StatusTooManyRequests, "TooManyRequestsException", answer, body)
	}
	return answer.StatusCode == http.StatusOK
}

func TestRateLimitWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		for range 10 {
			require.True(t, balance(t, server))
			time.Sleep(time.Second)
		}
		// Ten requests came at 0, 1, … 9 s, and a window includes both of its ends.
		require.False(t, balance(t, server))
		time.Sleep(50 * time.Second)
		require.False(t, balance(t, server), "a whole minute after the first")
		require.Equal(t, 12, server.MaxInWindow(tempnumber.EndpointBalance), "the first and the last moment are in it")
		time.Sleep(time.Nanosecond)
		require.True(t, balance(t, server))
		require.False(t, balance(t, server))
		time.Sleep(time.Second)
		require.True(t, balance(t, server))
		require.Equal(t, 13, server.MaxInWindow(tempnumber.EndpointBalance))
	})
}

func TestRefusedCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithRefusedCounted())
		for range 10 {
			require.True(t, balance(t, server))
		}
		for range 12 {
			time.Sleep(6 * time.Second) // ten of these in a minute keep the door shut
			require.False(t, balance(t, server))
		}
		time.Sleep(time.Minute + 1)
		require.True(t, balance(t, server))
	})
}

func TestRateLimitPerEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}), tempnumbertest.WithPendingCap(0))
		requests := map[tempnumber.Endpoint]struct{ method, path, body string }{
			tempnumber.EndpointListActivations:  {"GET", "/activations", ""},
			tempnumber.EndpointCreateActivation: {"POST", "/activations", orderBody},
			tempnumber.EndpointGetActivation:    {"GET", "/activations/", ""},
			tempnumber.EndpointUpdateActivation: {"PUT", "/activations/", `{"status":"retry"}`},
			tempnumber.EndpointOffer:            {"GET", "/services/facebook/countries/us", ""},
			tempnumber.EndpointPricesByService:  {"GET", "/services/pricelistByService", ""},
			tempnumber.EndpointPricesByCountry:  {"GET", "/services/pricelistByCountry", ""},
			tempnumber.EndpointBalance:          {"GET", "/user/balance", ""},
		}
		limits := tempnumber.DefaultLimits()
		require.Len(t, requests, len(limits))
		for endpoint, r := range requests {
			for i := range limits[endpoint].Requests + 1 {
				path := r.path
				if path == "/activations/" {
					path += strconv.Itoa(12312 + i) // all activations together are one endpoint
				}
				answer, _ := call(t, server, r.method, path, r.body)
				require.Equal(t, i == limits[endpoint].Requests, answer.StatusCode == http.StatusTooManyRequests, "%s, request %d", endpoint, i)
			}
			require.Equal(t, limits[endpoint].Requests+1, server.MaxInWindow(endpoint))
		}
		require.Zero(t, server.MaxInWindow("GET /nothing"))
	})
}

func TestRetryAfterDialects(t *testing.T) {
	for name, c := range map[string]struct {
		dialect tempnumbertest.Dialect
		wait    func(http.Header) time.Duration
	}{
		"not at all": {tempnumbertest.Dialect{}, func(h http.Header) time.Duration {
			require.Empty(t, h.Get("Retry-After")+h.Get("X-RateLimit-Reset"))
			return time.Minute + 1
		}},
		"Retry-After": {tempnumbertest.Dialect{RetryAfter: true}, func(h http.Header) time.Duration {
			seconds, err := strconv.Atoi(h.Get("Retry-After"))
			require.NoError(t, err)
			require.Empty(t, h.Get("X-RateLimit-Reset"))
			return time.Duration(seconds) * time.Second
		}},
		"X-RateLimit-Reset": {tempnumbertest.Dialect{RateLimitReset: true}, func(h http.Header) time.Duration {
			reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
			require.NoError(t, err)
			require.Empty(t, h.Get("Retry-After"))
			return time.Until(time.Unix(reset, 0))
		}},
	} {
		for _, counted := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					options := []tempnumbertest.Option{tempnumbertest.WithDialect(c.dialect)}
					if counted {
						options = append(options, tempnumbertest.WithRefusedCounted())
					}
					server := tempnumbertest.NewServer(options...)
					for range 10 {
						require.True(t, balance(t, server))
						time.Sleep(300 * time.Millisecond)
					}
					answer, _ := call(t, server, "GET", "/user/balance", "")
					require.Equal(t, http.StatusTooManyRequests, answer.StatusCode)
					wait := c.wait(answer.Header)
					require.LessOrEqual(t, wait, 61*time.Second)
					time.Sleep(wait)
					require.True(t, balance(t, server), "who comes back then is let in")
				})
			})
		}
	}
}

func TestWithLimits(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithLimits(tempnumber.Limits{tempnumber.EndpointBalance: {Requests: 1, Window: time.Hour}}))
	require.True(t, balance(t, server))
	require.False(t, balance(t, server))
	for range 20 {
		callOK(t, server, "GET", "/activations", "")
	}
	require.Equal(t, 20, server.MaxInWindow(tempnumber.EndpointListActivations))

	server = tempnumbertest.NewServer(tempnumbertest.WithoutLimits())
	for range 100 {
		require.True(t, balance(t, server))
	}
}
