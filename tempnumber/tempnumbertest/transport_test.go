package tempnumbertest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// request makes a request for the balance with the right key.
func request(ctx context.Context, t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://tempnumber.invalid/user/balance", http.NoBody)
	require.NoError(t, err)
	r.Header.Set("x-api-key", tempnumbertest.DefaultKey)
	return r
}

func TestTransportAnswer(t *testing.T) {
	server := tempnumbertest.NewServer()
	r := request(t.Context(), t)
	answer, err := server.Transport().RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, "200 OK", answer.Status)
	require.Same(t, r, answer.Request)
	require.Equal(t, int64(len(`{"balance":100,"review_balance":0}`)), answer.ContentLength)
	_, err = http.ParseTime(answer.Header.Get("Date"))
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"balance":100,"review_balance":0}`, string(body))
	require.Empty(t, r.RequestURI, "the request is left as it was")
	require.Equal(t, "tempnumber.invalid", r.URL.Host)
}

func TestTransportInvalidRequest(t *testing.T) {
	server := tempnumbertest.NewServer()
	for name, spoil := range map[string]func(*http.Request){
		"no URL":                     func(r *http.Request) { r.URL = nil },
		"no host":                    func(r *http.Request) { r.URL.Host = "" },
		"another scheme":             func(r *http.Request) { r.URL.Scheme = "ftp" },
		"a line break in a header":   func(r *http.Request) { r.Header.Set("x-api-key", "secret\n") },
		"a body of another length":   func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("short")), 10 },
		"a body that cannot be read": func(r *http.Request) { r.Body = io.NopCloser(failing{}) },
	} {
		r := request(t.Context(), t)
		spoil(r)
		closed := &closing{Reader: r.Body}
		r.Body = closed
		_, err := server.Transport().RoundTrip(r)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "secret")
		require.True(t, closed.closed, name)
	}
	require.Empty(t, server.Requests())
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("unreadable") }

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestTransportCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithLatency(func() time.Duration { return time.Minute }))
		reason := errors.New("changed my mind")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(reason) })
		began := time.Now()
		_, err := server.Transport().RoundTrip(request(ctx, t))
		require.ErrorIs(t, err, reason)
		require.Equal(t, began.Add(time.Second), time.Now())
		synctest.Wait()
		require.Empty(t, server.Requests())
		time.Sleep(time.Minute)
		require.Len(t, server.Requests(), 1, "it was on its way and arrives")

		_, err = server.Transport().RoundTrip(request(ctx, t))
		require.ErrorIs(t, err, reason)
		time.Sleep(time.Hour)
		require.Len(t, server.Requests(), 1, "this one was never sent")
	})
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		way := 0 * time.Second
		server := tempnumbertest.NewServer(tempnumbertest.WithLatency(func() time.Duration { way += time.Second; return way }))
		began := time.Now()
		require.True(t, balance(t, server))
		require.Equal(t, began.Add(3*time.Second), time.Now())
		require.Equal(t, began.Add(time.Second), server.Requests()[0].At)
	})
}

func TestTransportStreamsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{SlowBody: time.Second})
		began := time.Now()
		answer, err := server.Transport().RoundTrip(request(t.Context(), t))
		require.NoError(t, err)
		defer answer.Body.Close()
		require.Equal(t, began, time.Now(), "the header does not wait for the body")
		first := make([]byte, 100)
		n, err := answer.Body.Read(first)
		require.NoError(t, err)
		require.Equal(t, "{", string(first[:n]))
		rest, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Len(t, rest, len(`{"balance":100,"review_balance":0}`)-1)
		require.Equal(t, began.Add(time.Duration(answer.ContentLength)*time.Second), time.Now())
	})
}

func TestTransportBodyContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{SlowBody: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		answer, err := server.Transport().RoundTrip(request(ctx, t))
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, `{"b`, string(body))
	})
}

func TestTransportCloseBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goroutines := runtime.NumGoroutine()
		server := tempnumbertest.NewServer()
		server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{SlowBody: time.Hour})
		answer, err := server.Transport().RoundTrip(request(t.Context(), t))
		require.NoError(t, err)
		_, err = answer.Body.Read(make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.NoError(t, answer.Body.Close())
		_, err = answer.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		synctest.Wait()
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
	})
}

func TestTransportTrace(t *testing.T) {
	server := tempnumbertest.NewServer()
	traced := func() (*http.Request, *bytes.Buffer) {
		var told bytes.Buffer
		tell := func(what string) func() { return func() { told.WriteString(what + " ") } }
		trace := &httptrace.ClientTrace{
			GetConn:              func(host string) { told.WriteString(host + " ") },
			ConnectDone:          func(_, _ string, err error) { told.WriteString(err.Error()) },
			TLSHandshakeDone:     func(tls.ConnectionState, error) { tell("secure") },
			GotConn:              func(httptrace.GotConnInfo) { told.WriteString("connected ") },
			WroteHeaders:         tell("headers"),
			WroteRequest:         func(httptrace.WroteRequestInfo) { told.WriteString("sent ") },
			GotFirstResponseByte: tell("answered"),
		}
		return request(httptrace.WithClientTrace(t.Context(), trace), t), &told
	}
	r, told := traced()
	answer, err := server.Transport().RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, "tempnumber.invalid connected headers sent answered ", told.String())

	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Drop: true, Times: 1})
	r, told = traced()
	_, err = server.Transport().RoundTrip(r)
	require.Error(t, err)
	require.Equal(t, "tempnumber.invalid connected headers sent ", told.String())

	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Refuse: true, Times: 1})
	r, told = traced()
	_, err = server.Transport().RoundTrip(r)
	require.Error(t, err)
	require.Equal(t, "tempnumber.invalid dial tcp: connect: connection refused", told.String())
	require.Len(t, server.Requests(), 2, "the last one never came")
}
