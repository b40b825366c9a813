package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// ErrLate says that a request was not sent because its time to be sent was over: the program had stood still.
var ErrLate = errors.New("not sent in time, because the program stood still")

// isLate reports whether it is too late to send. The clock that is set counts as well as the monotonic one,
// which stands still while the machine sleeps.
func isLate(sendBy time.Time) bool {
	if sendBy.IsZero() {
		return false
	}
	now := time.Now()
	return !now.Before(sendBy) || !now.Round(0).Before(sendBy.Round(0))
}

// guard returns a transport that writes no request after its time, on the connections that it makes. A program
// may stand still at any moment, between a check and the sending too, so the check is where the bytes go.
func guard(plain *http.Transport) *http.Transport {
	guarded := plain.Clone()
	if plain.DialContext == nil && plain.TLSClientConfig == nil && plain.DialTLSContext == nil {
		guarded.ForceAttemptHTTP2 = true // as without a dialer of one's own
	}
	dial := guarded.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	guarded.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &guardedConn{Conn: conn, pending: make(map[*sendTracker]bool)}, nil
	}
	return guarded
}

// guardedConn is a connection that refuses to write the first byte of a request that is late.
type guardedConn struct {
	net.Conn
	mu      sync.Mutex
	pending map[*sendTracker]bool // requests that are not written yet; true for one that shares the connection with others
}

// Write writes, unless the time of a request that waits to be written is over: then the connection is of no more use.
func (c *guardedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	for t, shares := range c.pending {
		if !isLate(t.sendBy) {
			continue
		}
		c.mu.Unlock()
		if !shares {
			t.mu.Lock()
			t.late = true
			t.mu.Unlock()
		}
		return 0, ErrLate
	}
	for t, shares := range c.pending {
		if !shares {
			delete(c.pending, t) // its first byte is on its way
		}
	}
	c.mu.Unlock()
	return c.Conn.Write(b)
}

// guard holds a connection back until the request was written to it.
func (t *sendTracker) guard(conn net.Conn) {
	shares := false
	if overTLS, ok := conn.(*tls.Conn); ok {
		shares = overTLS.ConnectionState().NegotiatedProtocol == "h2"
		conn = overTLS.NetConn()
	}
	guarded, ok := conn.(*guardedConn)
	if !ok {
		return
	}
	t.mu.Lock()
	t.conn = guarded
	t.mu.Unlock()
	guarded.mu.Lock()
	guarded.pending[t] = shares
	guarded.mu.Unlock()
}

// unguard ends it. A request over HTTP/1.1 says that it was written before its bytes leave net/http's buffer, so
// only the end of the attempt, or its first byte, counts for it.
func (t *sendTracker) unguard(ended bool) {
	t.mu.Lock()
	conn := t.conn
	t.mu.Unlock()
	if conn != nil {
		conn.mu.Lock()
		if ended || conn.pending[t] {
			delete(conn.pending, t)
		}
		conn.mu.Unlock()
	}
}
