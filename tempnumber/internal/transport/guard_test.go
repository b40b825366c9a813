package transport

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A program may stand still after every check. So the connection itself refuses the first byte of a request
// that is late; on a kept connection as on a new one, over HTTP/1.1 and HTTP/2.
func TestGuardRefusesLateRequest(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var requests atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
		server.EnableHTTP2 = http2
		server.StartTLS()
		defer server.Close()
		plain := server.Client().Transport.(*http.Transport).Clone()
		plain.ForceAttemptHTTP2 = http2
		stall := time.Duration(0)
		plain.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			time.Sleep(stall)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
		key, err := NewKey("offline-key")
		require.NoError(t, err)
		transport := New(&http.Client{Transport: plain}, nil, key, "", 10*time.Second, true)
		send := func(sendBy time.Time) Answer {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			require.NoError(t, err)
			return transport.Send(t.Context(), req, nil, sendBy, Limits{1000, 1000}, false, func(*http.Response) {})
		}
		require.NoError(t, send(time.Now().Add(time.Minute)).Err)
		require.NoError(t, send(time.Now().Add(time.Minute)).Err, "a request that was sent does not hold others back")
		require.NoError(t, send(time.Time{}).Err)
		require.EqualValues(t, 3, requests.Load())

		late := send(time.Now().Add(-time.Second))
		require.ErrorIs(t, late.Err, ErrLate)
		require.True(t, late.NotSent)

		transport.Client.CloseIdleConnections()
		transport = New(&http.Client{Transport: plain.Clone()}, nil, key, "", 10*time.Second, true) // without a connection
		stall = 300 * time.Millisecond
		late = send(time.Now().Add(100 * time.Millisecond))
		require.ErrorIs(t, late.Err, ErrLate)
		require.Equal(t, !http2, late.NotSent, "what else is written to a connection that is shared is not known")
		require.EqualValues(t, 3, requests.Load(), "nothing arrived")
		transport.Client.CloseIdleConnections()
	}
}
