package transport

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// An answer that is longer than it says must not put an SMS onto the standard logger.
func TestTailOfAnswerIsNotLogged(t *testing.T) {
	for host, kept := range map[string]bool{"service.test": false, "127.0.0.1": true} {
		t.Run(host, func(t *testing.T) {
			var logged lockedBuilder
			defer log.SetOutput(log.Writer())
			log.SetOutput(&logged)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				in := bufio.NewReader(conn)
				_, _ = http.ReadRequest(in)
				_, _ = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}Your code is 5678")
				_, _ = io.Copy(io.Discard, in) // until the client has closed it
			}()
			defer listener.Close()
			base := &url.URL{Scheme: "http", Host: host}
			client := New(nil, base, Key{}, "", 0, false).Client
			client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
			}
			response, err := client.Get(base.String())
			require.NoError(t, err)
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, "{}", string(text))
			<-closed
			require.Equal(t, kept, strings.Contains(logged.String(), "5678"), "only to this machine connections are kept")
		})
	}
}

// Over HTTP/2 answers are apart, so its connections are kept, to other machines too.
func TestKeptConnections(t *testing.T) {
	for overHTTP2, want := range map[bool]int32{true: 1, false: 3} {
		var connections atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
		server.EnableHTTP2 = overHTTP2
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		}
		server.StartTLS()
		base := &url.URL{Scheme: "https", Host: "example.com"} // the server's certificate is for it
		client := New(nil, base, Key{}, "", 0, false).Client
		transport := client.Transport.(*http.Transport)
		transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
		}
		for range 3 {
			response, err := client.Get(base.String())
			require.NoError(t, err)
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, overHTTP2, string(text) == "HTTP/2.0")
		}
		require.Equal(t, want, connections.Load())
		transport.CloseIdleConnections()
		server.Close()
	}
}

type lockedBuilder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuilder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuilder) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
