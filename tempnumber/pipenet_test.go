package tempnumber

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// pipeNet is a network in memory, so that real HTTP runs in virtual time.
type pipeNet struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipeNet() *pipeNet { return &pipeNet{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipeNet) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipeNet) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipeNet) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func (p *pipeNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := wire()
	var err error
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
		err = errors.New("connection refused")
	case <-ctx.Done():
		err = ctx.Err()
	}
	_, _ = client.Close(), server.Close()
	return nil, err
}

// wire returns the two ends of a connection with a buffer, as sockets have. In a bare
// net.Pipe a write blocks until it is read. Two ends that close TLS at once would block
// each other while one holds a lock of the server, and virtual time would stop.
func wire() (client, server net.Conn) {
	client, clientFar := net.Pipe()
	serverFar, server := net.Pipe()
	carry(clientFar, serverFar)
	carry(serverFar, clientFar)
	return client, server
}

// carry copies from one end to the other, and then closes it. What the other end
// does not read is lost.
func carry(from, to net.Conn) {
	pieces := make(chan []byte, 1000)
	go func() {
		defer close(pieces)
		buffer := make([]byte, 4<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			pieces <- bytes.Clone(buffer[:n])
		}
	}()
	go func() {
		defer to.Close()
		for piece := range pieces {
			_, _ = to.Write(piece)
		}
	}()
}

const (
	http1 = "HTTP/1.1"
	http2 = "HTTP/2.0"
)

// pipeServer serves HTTPS by the given protocol on a network in memory. It returns
// the base URL and a transport that trusts it.
func pipeServer(t testing.TB, proto string, handler http.Handler) (string, *http.Transport, *pipeNet) {
	t.Helper()
	network := newPipeNet()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Proto != proto {
			t.Errorf("the request came by %s, not by %s", r.Proto, proto)
		}
		handler.ServeHTTP(w, r)
	}))
	require.NoError(t, server.Listener.Close())
	server.Listener = network
	server.EnableHTTP2 = proto == http2
	server.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	transport, _ := server.Client().Transport.(*http.Transport)
	transport.DialContext = network.dial
	t.Cleanup(transport.CloseIdleConnections)
	return server.URL, transport, network
}

type connKey struct{}

// hangUp closes the connection of a request without an answer.
func hangUp(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(*tls.Conn); ok {
		_ = conn.NetConn().Close()
	}
}

// proxied gives a transport a proxy in memory that sends answer to every CONNECT request.
func proxied(t testing.TB, transport *http.Transport, answer string) {
	t.Helper()
	transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.test:3128"})
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			if _, err := server.Read(make([]byte, 4096)); err == nil {
				_, _ = server.Write([]byte(answer))
			}
		}()
		return client, nil
	}
}

// serverCertificate is the one that the transports of pipeServer trust.
func serverCertificate(t testing.TB) tls.Certificate {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	require.NoError(t, server.Listener.Close())
	server.Listener = newPipeNet()
	server.StartTLS()
	defer server.Close()
	return server.TLS.Certificates[0]
}
