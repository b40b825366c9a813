package slot

import (
	"context"
	"flag"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var socketsFor = flag.Duration("sockets", 1500*time.Millisecond, "how long the test on real sockets sends")

// upTo150ms is one way through a network whose mood changes.
func upTo150ms() { <-time.After(rand.N(150 * time.Millisecond)) }

// clock is a server that takes down when a byte arrives, and answers with a byte.
type clock struct {
	net.Listener
	conns sync.WaitGroup

	mu       sync.Mutex
	arrivals []time.Time
}

func (c *clock) serve() {
	for {
		conn, err := c.Accept()
		if err != nil {
			return
		}
		c.conns.Go(func() {
			defer conn.Close()
			buf := make([]byte, 1)
			for {
				if _, err := conn.Read(buf); err != nil {
					return
				}
				upTo150ms()
				c.arrive()
				upTo150ms()
				if _, err := conn.Write(buf); err != nil {
					return
				}
			}
		})
	}
}

func (c *clock) arrive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.arrivals = append(c.arrivals, time.Now())
}

// The only test here in real time, because only the real clock and the real
// scheduler can prove it wrong. However slow the machine is, it must hold.
func TestLimitOnSockets(t *testing.T) {
	if testing.Short() {
		t.Skip("takes real time")
	}
	const n, window, callers = 20, time.Second, 64

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &clock{Listener: listener}
	server.conns.Go(server.serve)

	q := New(n, window)
	ctx, cancel := context.WithTimeout(t.Context(), *socketsFor)
	defer cancel()
	var sent atomic.Int64
	var everyone sync.WaitGroup
	for range callers {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		everyone.Go(func() {
			defer conn.Close()
			buf := make([]byte, 1)
			for {
				granted, err := q.Acquire(ctx, foreground)
				if err != nil {
					return
				}
				sent.Add(1)
				if _, err := conn.Write(buf); err != nil {
					t.Error(err)
				}
				if _, err := conn.Read(buf); err != nil {
					t.Error(err)
				}
				granted.Release(Answered)
			}
		})
	}
	everyone.Wait()
	require.NoError(t, listener.Close())
	server.conns.Wait()

	most := 0
	for i, from := 0, 0; i < len(server.arrivals); i++ {
		for server.arrivals[i].Sub(server.arrivals[from]) > window {
			from++
		}
		most = max(most, i-from+1)
	}
	t.Logf("%d requests, at most %d in a second", len(server.arrivals), most)
	require.LessOrEqual(t, most, n)
	require.Len(t, server.arrivals, int(sent.Load()))
	require.Equal(t, n, q.slots.free+len(q.slots.back), "a slot was lost")
}
