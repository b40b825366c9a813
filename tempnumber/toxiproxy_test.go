//go:build check

package tempnumber_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// badNetwork returns a server, a client, and a proxy between them that can break
// connections, all on real sockets.
func badNetwork(t *testing.T, timeout time.Duration) (*tempnumbertest.Server, *tempnumber.Client, *toxiproxy.Proxy) {
	t.Helper()
	server := tempnumbertest.NewServer(tempnumbertest.WithoutLimits())
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	upstream, err := url.Parse(server.URL(t))
	require.NoError(t, err)
	proxy := toxiproxy.NewProxy(api, "service", "127.0.0.1:0", upstream.Host)
	require.NoError(t, proxy.Start())
	t.Cleanup(proxy.Stop)
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL("http://"+proxy.Listen+upstream.Path),
		tempnumber.WithHTTPClient(&http.Client{Transport: transport}),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 2, MinDelay: time.Millisecond, AttemptTimeout: timeout}))
	require.NoError(t, err)
	return server, client, proxy
}

func TestOrdersOverBadNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	for name, c := range map[string]struct {
		toxic  string // empty if the proxy is down
		bought int
		err    error // nil for a success
	}{
		"the proxy is down":              {"", 0, nil},
		"reset before the answer":        {`{"name": "x", "type": "reset_peer", "stream": "downstream", "attributes": {"timeout": 0}}`, 1, tempnumber.ErrOutcomeUnknown},
		"the answer is cut":              {`{"name": "x", "type": "limit_data", "stream": "downstream", "attributes": {"bytes": 250}}`, 1, tempnumber.ErrOutcomeUnknown},
		"the answer never comes":         {`{"name": "x", "type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}}`, 1, tempnumber.ErrAttemptTimeout},
		"the order is cut":               {`{"name": "x", "type": "limit_data", "stream": "upstream", "attributes": {"bytes": 40}}`, 0, tempnumber.ErrOutcomeUnknown},
		"the order never arrives":        {`{"name": "x", "type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}`, 0, tempnumber.ErrAttemptTimeout},
		"everything comes byte by byte":  {`{"name": "x", "type": "slicer", "stream": "downstream", "attributes": {"average_size": 7, "size_variation": 3, "delay": 100}}`, 1, nil},
		"everything comes a little late": {`{"name": "x", "type": "latency", "stream": "downstream", "attributes": {"latency": 30, "jitter": 10}}`, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := 20 * time.Second // for a busy machine
			if errors.Is(c.err, tempnumber.ErrAttemptTimeout) {
				timeout = 5 * time.Second // the order must arrive before that
			}
			server, client, proxy := badNetwork(t, timeout)
			if c.toxic == "" {
				proxy.Stop()
			} else {
				_, err := proxy.Toxics.AddToxicJson(strings.NewReader(c.toxic))
				require.NoError(t, err)
			}
			_, err := client.CreateActivation(context.WithoutCancel(t.Context()), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
			require.Equal(t, c.bought > 0 && c.err == nil, err == nil, err)
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				require.ErrorIs(t, err, tempnumber.ErrOutcomeUnknown)
			} else if err != nil {
				var transport *tempnumber.TransportError
				require.True(t, errors.As(err, &transport) && transport.NotSent, err)
			}
			require.Len(t, server.Activations(), c.bought)
		})
	}
}
