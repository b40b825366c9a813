package cli

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestMockAllowsHosts(t *testing.T) {
	o := mockOptions{key: tempnumbertest.DefaultKey, balance: "100", lifetime: "20m", hosts: []string{"sms", "app.test"}}
	server, err := o.server()
	require.NoError(t, err)
	for host, want := range map[string]int{"sms:8025": 200, "app.test": 200, "127.0.0.1:8025": 200, "other:8025": 403} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil)
		r.Host = host
		w := httptest.NewRecorder()
		server.ControlHandler().ServeHTTP(w, r)
		require.Equal(t, want, w.Code, host)
		if want == 403 {
			require.Contains(t, w.Body.String(), "--allow-host")
		}
	}
}

// What the flags say stands after a reset, too.
func TestMockReset(t *testing.T) {
	o := mockOptions{key: tempnumbertest.DefaultKey, balance: "7", lifetime: "20m", latency: "5ms", autoSMS: "3s", text: "code {code}", dialect: []string{"iso-times"}}
	server, err := o.server()
	require.NoError(t, err)
	ask := func(method, path string) string {
		w := httptest.NewRecorder()
		server.ControlHandler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, nil))
		return w.Body.String()
	}
	before := ask(http.MethodGet, "/control/settings")
	for _, said := range []string{`"dialect":["iso-times"]`, `"latency":"5ms"`, `"auto_sms":[{"delay":"3s","text":"code {code}"}]`, `"balance":7`} {
		require.Contains(t, before, said)
	}
	ask(http.MethodDelete, "/control/auto-sms")
	server.SetLatency(0)
	require.NotEqual(t, before, ask(http.MethodGet, "/control/settings"))
	ask(http.MethodPost, "/control/reset")
	require.Equal(t, before, ask(http.MethodGet, "/control/settings"))
}

// A line says which rule refused a request and how to switch it off, and nothing of what
// was in the request.
func TestMockLog(t *testing.T) {
	var lines bytes.Buffer
	p := &program{console: newConsole(Env{Stderr: &lines, Getenv: func(string) string { return "" }}, false)}
	server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(1))
	handler := p.logRequests(server.ControlHandler())
	for range 2 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/activations?a=secret", strings.NewReader(`{"serviceId": "facebook", "countryId": "us"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Api-Key", tempnumbertest.DefaultKey)
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	require.Regexp(t, `POST /activations 200 .*\n.* POST /activations 429 \(cap of pending activations; off with --lenient, .*PUT /control/rules\) `, lines.String())
	for _, secret := range []string{"secret", "facebook", tempnumbertest.DefaultKey} {
		require.NotContains(t, lines.String(), secret)
	}
}

// pipes is a net.Listener whose connections are made in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, http.ErrServerClosed
	}
	return conn, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Who sends a header or a body slowly, or nothing, loses the connection.
func TestMockReadsForSoLong(t *testing.T) {
	for sent, want := range map[string]time.Duration{
		"GET / HT": 10 * time.Second,
		"POST /control/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{": time.Minute,
		"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n":                                   2 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			web, conns := webServer(tempnumbertest.NewServer().ControlHandler()), make(pipes)
			ended := make(chan error)
			go func() { ended <- web.Serve(conns) }()
			here, there := net.Pipe()
			conns <- there
			start := time.Now()
			go func() { _, _ = fmt.Fprint(here, sent) }()
			_, err := io.Copy(io.Discard, here)
			require.NoError(t, err, "closed by the server")
			require.InDelta(t, want.Seconds(), time.Since(start).Seconds(), 1, sent)
			require.NoError(t, here.Close())
			close(conns)
			require.Error(t, <-ended)
			require.NoError(t, web.Close())
		})
	}
}
