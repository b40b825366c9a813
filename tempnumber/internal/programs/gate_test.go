//go:build unix

package programs

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// gate stands before a server of TCP, so that it can be slow, silent or another one.
type gate struct {
	listener net.Listener
	mu       sync.Mutex
	to       string
	delay    time.Duration // of all that the server says
	conns    []net.Conn
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gate{listener: listener, to: to}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { g.pass(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		g.lead(to, 0)
		all.Wait()
	})
	return g
}

func (g *gate) url() string { return "redis://" + g.listener.Addr().String() + "/0" }

// lead lets connections go elsewhere from now on, and cuts those that there are.
func (g *gate) lead(to string, delay time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to, g.delay = to, delay
	for _, conn := range g.conns {
		_ = conn.Close()
	}
	g.conns = nil
}

func (g *gate) pass(conn net.Conn) {
	g.mu.Lock()
	to, delay := g.to, g.delay
	g.conns = append(g.conns, conn)
	g.mu.Unlock()
	defer conn.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	var back sync.WaitGroup
	back.Go(func() {
		defer conn.Close()
		b := make([]byte, 64<<10)
		for {
			n, err := server.Read(b)
			if err != nil {
				return
			}
			time.Sleep(delay)
			if _, err := conn.Write(b[:n]); err != nil {
				return
			}
		}
	})
	_, _ = io.Copy(server, conn)
	_ = server.Close()
	back.Wait()
}
