package transport

import (
	"bufio"
	"context"
	"errors"
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
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
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

// Requests share a connection. Each order has one of its own, of which the server is told nothing, unless the
// transport is somebody's own.
func TestOrdersConnectApart(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%v %s %s", r.Close, r.Header.Get("X-Api-Key"), r.Header.Get("User-Agent"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	base, err := ParseBaseURL(server.URL, false)
	require.NoError(t, err)
	key, err := NewKey("secret-key-1")
	require.NoError(t, err)
	plain := &http.Transport{}
	defer plain.CloseIdleConnections()
	for _, c := range []struct {
		own  *http.Client
		want int32
	}{{nil, 3}, {&http.Client{Transport: plain}, 3}, {&http.Client{Transport: wrapped{plain}}, 1}} {
		connections.Store(0)
		transport := New(c.own, base, key, "agent", time.Minute, false)
		for _, order := range []bool{false, true, false, true} {
			method := http.MethodGet
			if order {
				method = http.MethodPost
			}
			request, err := http.NewRequest(method, server.URL, nil)
			require.NoError(t, err)
			begun := 0
			a := transport.Send(t.Context(), request, nil, time.Time{}, Limits{100, 100}, order, func(*http.Response) { begun++ })
			require.NoError(t, a.Err)
			require.Equal(t, "false secret-key-1 agent", string(a.Body))
			require.Equal(t, 1, begun)
			require.Same(t, request, a.Response.Request, "the one without the key")
			require.Empty(t, request.Header)
		}
		require.Equal(t, c.want, connections.Load())
		if alone, ok := transport.alone().Transport.(*http.Transport); ok {
			require.Equal(t, -1, alone.MaxIdleConnsPerHost, "nor is one left for a moment, for another order to find")
		}
		transport.Client.CloseIdleConnections()
	}
}

// wrapped is a transport of somebody's own.
type wrapped struct{ http.RoundTripper }

func TestAnswersOfSend(t *testing.T) {
	key, err := NewKey("secret-key-1")
	require.NoError(t, err)
	var answer func(*http.Request) (*http.Response, error)
	transport := New(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) { return answer(r) })}, &url.URL{}, key, "agent", time.Second, true)
	send := func(ctx context.Context, sendBy time.Time) Answer {
		request, err := http.NewRequest(http.MethodGet, "https://host/path", nil)
		require.NoError(t, err)
		return transport.Send(ctx, request, nil, sendBy, Limits{4, 2}, false, func(*http.Response) {})
	}
	reply := func(status int, body io.Reader) func(*http.Request) (*http.Response, error) {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(body)}, nil
		}
	}
	for _, c := range []struct {
		status int
		body   string
		err    error
	}{{200, "1234", nil}, {299, "12345", ErrTooLarge}, {300, "12", nil}, {404, "123", ErrTooLarge}, {101, "12345", nil}} {
		answer = reply(c.status, strings.NewReader(c.body))
		a := send(t.Context(), time.Time{})
		require.ErrorIs(t, a.Err, c.err)
		require.False(t, a.NotSent)
		want := c.body
		if c.err != nil || c.status == 101 { // which has no body
			want = ""
		}
		require.Equal(t, want, string(a.Body), c)
	}

	answer = reply(200, iotest.ErrReader(errors.New("reset secret-key-1")))
	a := send(t.Context(), time.Time{})
	require.EqualError(t, a.Err, "reset [REDACTED]")
	require.NotNil(t, a.Response)
	require.Nil(t, a.Body)

	answer = func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	transport.timeout = time.Millisecond
	a = send(t.Context(), time.Time{})
	require.ErrorIs(t, a.Err, deadline.ErrAttempt)
	require.Nil(t, a.Response)

	answer = nil // it must not be asked
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, Answer{NotSent: true, Err: context.Canceled}, send(ended, time.Time{}))
	transport.timeout = time.Hour
	require.Equal(t, Answer{NotSent: true, Err: ErrLate}, send(t.Context(), time.Now().Add(-time.Second)))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
