package tempnumber

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slotCount is a limiter that limits nothing and counts everything.
type slotCount struct{ taken, released atomic.Int64 }

func (l *slotCount) Acquire(context.Context, SlotRequest) (Slot, error) {
	l.taken.Add(1)
	return countedEntry{l}, nil
}

func (l *slotCount) Pause(Endpoint, time.Duration) {}

type countedEntry struct{ count *slotCount }

func (e countedEntry) Release(Outcome) { e.count.released.Add(1) }

// net/http repeats a GET by itself when a reused connection breaks. The service would
// count that request although no slot was taken. Only real sockets show it.
func TestEveryRequestHasASlot(t *testing.T) {
	const callers, calls = 10, 50

	var arrivals atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if arrivals.Add(1)%5 != 0 {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"id": 1, "status": "smsRequested"}`))
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not an orderly end
		}
		_ = conn.Close()
	}))
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: callers}
	defer transport.CloseIdleConnections()

	var slots slotCount
	client, err := New(testKey,
		WithBaseURL(server.URL),
		WithHTTPClient(&http.Client{Transport: transport}),
		WithLimiter(&slots),
		WithRetry(RetryPolicy{MinDelay: time.Millisecond, MaxDelay: time.Millisecond}))
	require.NoError(t, err)

	var failed atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for i := range calls {
				var err error
				switch i % 10 {
				case 0:
					_, err = client.CreateActivation(t.Context(), CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
				case 5:
					err = client.RequestAnotherSMS(t.Context(), 1)
				default:
					_, err = client.Activation(t.Context(), 1)
				}
				if err != nil {
					failed.Add(1)
				}
			}
		})
	}
	group.Wait()

	t.Logf("%d calls, %d failed, %d slots, %d arrivals", callers*calls, failed.Load(), slots.taken.Load(), arrivals.Load())
	require.Greater(t, arrivals.Load(), int64(callers*calls), "no connection broke")
	require.Equal(t, slots.taken.Load(), arrivals.Load())
	require.Equal(t, slots.taken.Load(), slots.released.Load())
}
