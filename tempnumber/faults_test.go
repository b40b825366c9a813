package tempnumber

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// attemptLimit bounds an attempt in the matrix of faults.
const attemptLimit = 3 * time.Second

// fault is a failure of an order's request or of its answer.
type fault struct {
	name string
	// handle serves an order; buy carries it out.
	handle func(w http.ResponseWriter, r *http.Request, buy func() shopActivation)
	// network, if set, breaks the connection to the server.
	network func(t *testing.T, transport *http.Transport, network *pipeNet)
	only    string // the only protocol that has it; empty for both
	bought  int    // the orders that one call carries out
	want    faultEnd
	errs    []error // further errors that the error matches
}

// faultEnd is how a call ends.
type faultEnd string

const (
	endNotSent faultEnd = "not sent" // after all attempts of the policy
	endRefused faultEnd = "refused"
	endUnknown faultEnd = "unknown"
)

func drainBody(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

func body(a shopActivation) string {
	var b bytes.Buffer
	write(&b, a)
	return b.String()
}

func abort() { panic(http.ErrAbortHandler) }

// afterCommit returns a handler that carries the order out and then sends the given answer.
func afterCommit(status int, contentType, text string) func(http.ResponseWriter, *http.Request, func() shopActivation) {
	return func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
		drainBody(r)
		buy()
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "https://elsewhere.test/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func writeSlowly(w http.ResponseWriter, r *http.Request, text string) {
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	for i := range len(text) {
		_, _ = io.WriteString(w, text[i:i+1])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			return
		}
	}
}

func faults() []fault {
	const page = "<html><body>It works</body></html>"
	return []fault{
		// Before there is a connection.
		{name: "connection refused", want: endNotSent, network: func(_ *testing.T, transport *http.Transport, _ *pipeNet) {
			transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("connection refused")
			}
		}},
		{name: "dial hangs", want: endNotSent, errs: []error{ErrAttemptTimeout}, network: func(_ *testing.T, transport *http.Transport, _ *pipeNet) {
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		}},
		{name: "garbage instead of TLS", want: endNotSent, network: func(_ *testing.T, transport *http.Transport, _ *pipeNet) {
			transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() {
					_, _ = server.Read(make([]byte, 1024))
					_, _ = io.WriteString(server, "SSH-2.0-OpenSSH_9.6\r\n\r\n")
					_ = server.Close()
				}()
				return client, nil
			}
		}},
		{name: "TLS handshake hangs", want: endNotSent, errs: []error{ErrAttemptTimeout}, network: func(t *testing.T, transport *http.Transport, _ *pipeNet) {
			transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				t.Cleanup(func() { _ = server.Close() })
				go func() { _, _ = io.Copy(io.Discard, server) }()
				return client, nil
			}
		}},
		{name: "wrong certificate", want: endNotSent, network: func(_ *testing.T, transport *http.Transport, _ *pipeNet) {
			transport.TLSClientConfig.ServerName = "elsewhere.test"
		}},
		{name: "proxy refuses the tunnel", want: endNotSent, network: func(t *testing.T, transport *http.Transport, _ *pipeNet) {
			proxied(t, transport, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
		}},
		{name: "proxy hangs up", want: endNotSent, network: func(t *testing.T, transport *http.Transport, _ *pipeNet) {
			proxied(t, transport, "")
		}},

		// Refused by the service itself.
		{name: "402 of the service", want: endRefused, errs: []error{ErrInsufficientFunds}, handle: func(w http.ResponseWriter, _ *http.Request, _ func() shopActivation) {
			w.WriteHeader(402)
			_, _ = io.WriteString(w, `{"errorName": "paymentRequired", "errorMessage": "no"}`)
		}},

		// With a connection, and not carried out.
		{name: "hang up before anything is read", want: endUnknown, handle: func(_ http.ResponseWriter, r *http.Request, _ func() shopActivation) {
			hangUp(r)
			abort()
		}},
		{name: "hang up after the headers", want: endUnknown, handle: func(_ http.ResponseWriter, r *http.Request, _ func() shopActivation) {
			_, _ = r.Body.Read(make([]byte, 1))
			hangUp(r)
			abort()
		}},
		{name: "no answer", want: endUnknown, errs: []error{ErrAttemptTimeout}, handle: func(_ http.ResponseWriter, r *http.Request, _ func() shopActivation) {
			select {
			case <-r.Context().Done():
			case <-time.After(attemptLimit + time.Second): // HTTP/1.1 reports no disconnect while the body is unread
			}
			abort()
		}},

		// Carried out.
		{name: "hang up after the commit", bought: 1, want: endUnknown, handle: func(_ http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			buy()
			hangUp(r)
			abort()
		}},
		{name: "stream aborted after the commit", bought: 1, want: endUnknown, handle: func(_ http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			buy()
			abort()
		}},
		{name: "no answer after the commit", bought: 1, want: endUnknown, errs: []error{ErrAttemptTimeout}, handle: func(_ http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			buy()
			<-r.Context().Done()
			abort()
		}},
		{name: "slow headers", bought: 1, want: endUnknown, errs: []error{ErrAttemptTimeout}, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			a := buy()
			for range 10 { // each one looks like progress
				w.WriteHeader(http.StatusEarlyHints)
				_ = http.NewResponseController(w).Flush()
				select {
				case <-time.After(time.Second):
				case <-r.Context().Done():
					abort()
				}
			}
			write(w, a)
		}},
		{name: "slow body", bought: 1, want: endUnknown, errs: []error{ErrAttemptTimeout, ErrInvalidResponse}, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			writeSlowly(w, r, body(buy()))
		}},
		{name: "cut body", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			text := body(buy())
			w.Header().Set("Content-Length", strconv.Itoa(len(text)))
			_, _ = io.WriteString(w, text[:len(text)/2])
			_ = http.NewResponseController(w).Flush()
			hangUp(r)
			abort()
		}},
		{name: "cut body in chunks", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			_, _ = io.WriteString(w, body(buy())) // all of it, but no final chunk
			_ = http.NewResponseController(w).Flush()
			abort()
		}},
		{name: "not gzip", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			buy()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "not gzip")
		}},
		{name: "gzip with a wrong checksum", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			var packed bytes.Buffer
			zip := gzip.NewWriter(&packed)
			_, _ = io.WriteString(zip, body(buy()))
			_ = zip.Close()
			packed.Bytes()[packed.Len()-6] ^= 1
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		}},
		{name: "oversized headers", bought: 1, want: endUnknown, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			w.Header().Set("X-Long", strings.Repeat("x", 80<<10))
			write(w, buy())
		}},
		{name: "200 with a page", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(200, "text/html", page)},
		{name: "200 with nothing", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(200, "application/json", "")},
		{name: "200 with null", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(200, "application/json", "null")},
		{name: "200 without an id", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(200, "application/json", `{"status": "smsRequested"}`)},
		{name: "200 with trailing data", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(200, "application/json", `{"id": 1001} {"id": 1002}`)},
		{name: "200 above the size limit", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(200, "application/json", strings.Repeat(" ", 4<<20)+`{"id": 1001}`)},
		{name: "204", bought: 1, want: endUnknown, errs: []error{ErrInvalidResponse}, handle: afterCommit(204, "application/json", "")},
		{name: "500", bought: 1, want: endUnknown, errs: []error{ErrUnavailable}, handle: afterCommit(500, "application/json", `{}`)},
		{name: "502 with a page", bought: 1, want: endUnknown, errs: []error{ErrUnavailable}, handle: afterCommit(502, "text/html", page)},
		{name: "503 of the service", bought: 1, want: endUnknown, errs: []error{ErrUnavailable}, handle: afterCommit(503, "application/json", `{"errorName": "ServiceUnavailableException", "errorMessage": "no"}`)},
		{name: "503 with the name of a rate limit", bought: 1, want: endUnknown, errs: []error{ErrRateLimited}, handle: afterCommit(503, "application/json", `{"errorName": "TooManyRequestsException", "errorMessage": "no"}`)},
		{name: "504 with a page", bought: 1, want: endUnknown, errs: []error{ErrUnavailable}, handle: afterCommit(504, "text/html", page)},
		{name: "404 with a page", bought: 1, want: endUnknown, handle: afterCommit(404, "text/html", page)},
		{name: "408 with a page", bought: 1, want: endUnknown, handle: afterCommit(408, "text/html", page)},
		{name: "429 with a page", bought: 1, want: endUnknown, errs: []error{ErrRateLimited}, handle: afterCommit(429, "text/html", page)},
		{name: "307", bought: 1, want: endUnknown, handle: afterCommit(307, "text/html", page)},
		{name: "308", bought: 1, want: endUnknown, handle: afterCommit(308, "text/html", page)},
		{name: "101 switching protocols", only: http1, bought: 1, want: endUnknown, handle: func(w http.ResponseWriter, r *http.Request, buy func() shopActivation) {
			drainBody(r)
			buy()
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			// Nothing follows, and reading it has no time limit.
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			_, _ = io.Copy(io.Discard, conn)
		}},
	}
}

// run places one order that meets the fault. It returns how many numbers were
// bought, how long it took, and its error.
func (f fault) run(t *testing.T, proto string, opts ...Option) (bought int, took time.Duration, err error) {
	t.Helper()
	s := &shop{}
	c := f.client(t, proto, s, opts...)
	start := time.Now()
	_, err = c.CreateActivation(t.Context(), facebook())
	return s.bought("facebook"), time.Since(start), err
}

// client returns a client of the shop whose orders meet the fault.
func (f fault) client(t *testing.T, proto string, s *shop, opts ...Option) *Client {
	t.Helper()
	url, transport, network := pipeServer(t, proto, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			s.ServeHTTP(w, r)
			return
		}
		f.handle(w, r, func() shopActivation { return s.sell("facebook", "us") })
	}))
	transport.MaxResponseHeaderBytes = 64 << 10 // as in the client's own transport
	if f.network != nil {
		f.network(t, transport, network)
	}
	opts = append([]Option{
		WithBaseURL(url), WithHTTPClient(&http.Client{Transport: transport}),
		WithRetry(RetryPolicy{MaxAttempts: 3, MinDelay: time.Millisecond, MaxDelay: time.Millisecond, AttemptTimeout: attemptLimit}),
	}, opts...)
	c, err := New(testKey, opts...)
	require.NoError(t, err)
	return c
}

func (f fault) protocols() []string {
	if f.only != "" {
		return []string{f.only}
	}
	return []string{http1, http2}
}

func TestFaultsNeverBuyTwice(t *testing.T) {
	for _, f := range faults() {
		for _, proto := range f.protocols() {
			t.Run(f.name+" by "+proto, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					slots := &countingLimiter{}
					bought, took, err := f.run(t, proto, WithLimiter(slots))
					require.Error(t, err)
					require.Equal(t, f.bought, bought)
					require.Equal(t, f.want == endUnknown, errors.Is(err, ErrOutcomeUnknown), err)
					var unknown *OutcomeUnknownError
					require.Equal(t, f.want == endUnknown, errors.As(err, &unknown))
					for _, target := range f.errs {
						require.ErrorIs(t, err, target)
					}
					require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller set no deadline")
					require.NotErrorIs(t, err, context.Canceled)
					var transport *TransportError
					attempts := 1
					if f.want == endNotSent {
						attempts = 3
						require.ErrorAs(t, err, &transport)
						require.True(t, transport.NotSent)
					}
					require.Len(t, slots.released, attempts)
					require.LessOrEqual(t, took, time.Duration(attempts)*(attemptLimit+10*time.Millisecond))
					t.Logf("| %s | %s | %s | %d |", f.name, proto, f.want, bought)
				})
			})
		}
	}
}

func TestFaultsRespectDeadline(t *testing.T) {
	for _, f := range faults() {
		for _, proto := range f.protocols() {
			t.Run(f.name+" by "+proto, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &shop{}
					c := f.client(t, proto, s)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					start := time.Now()
					_, err := c.CreateActivation(ctx, facebook())
					require.Error(t, err)
					require.LessOrEqual(t, time.Since(start), time.Second+50*time.Millisecond)
					require.Equal(t, f.want == endUnknown, errors.Is(err, ErrOutcomeUnknown), err)
					require.LessOrEqual(t, s.bought("facebook"), 1)
				})
			})
		}
	}
}

func TestReconcileAfterFaults(t *testing.T) {
	for _, f := range faults() {
		for _, proto := range f.protocols() {
			t.Run(f.name+" by "+proto, func(t *testing.T) {
				if f.bought == 0 {
					t.Skip("nothing is bought")
				}
				synctest.Test(t, func(t *testing.T) {
					s := &shop{}
					c := f.client(t, proto, s)
					_, err := c.CreateActivation(t.Context(), facebook())
					var unknown *OutcomeUnknownError
					require.ErrorAs(t, err, &unknown)
					found, err := c.Reconcile(t.Context(), unknown)
					require.NoError(t, err)
					require.Equal(t, []ActivationID{1001}, idsOf(found))
				})
			})
		}
	}
}

// A transport may do anything between the client and net/http.
func TestCustomTransports(t *testing.T) {
	for name, c := range map[string]struct {
		wrap func(inner http.RoundTripper, s *shop) http.RoundTripper
		down bool // the inner transport gets no connection
		want faultEnd
	}{
		"in memory, reports nothing": {func(_ http.RoundTripper, s *shop) http.RoundTripper {
			return roundTripper(func(*http.Request) (*http.Response, error) {
				s.sell("facebook", "us")
				return nil, errLost
			})
		}, false, endUnknown},
		"reports nothing, does nothing": {func(http.RoundTripper, *shop) http.RoundTripper {
			return roundTripper(func(*http.Request) (*http.Response, error) { return nil, errLost })
		}, false, endUnknown},
		"wraps net/http": {func(inner http.RoundTripper, _ *shop) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) { return inner.RoundTrip(r) })
		}, true, endNotSent},
		"buffers the body": {func(inner http.RoundTripper, _ *shop) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				data, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(bytes.NewReader(data))
				return inner.RoundTrip(again)
			})
		}, true, endNotSent},
		"falls back to another transport": {func(inner http.RoundTripper, s *shop) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if resp, err := inner.RoundTrip(r); err == nil {
					return resp, nil
				}
				s.answer(r)
				return nil, errLost
			})
		}, true, endUnknown},
		"hides the context": {func(inner http.RoundTripper, _ *shop) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				return inner.RoundTrip(r.WithContext(context.Background())) //nolint:usetesting // a context without our trace
			})
		}, true, endUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shop{}
				url, transport, network := pipeServer(t, http1, s)
				if c.down {
					require.NoError(t, network.Close())
				}
				client, err := New(testKey, WithBaseURL(url), WithHTTPClient(&http.Client{Transport: c.wrap(transport, s)}))
				require.NoError(t, err)
				_, err = client.CreateActivation(t.Context(), facebook())
				require.Error(t, err)
				require.Equal(t, c.want == endUnknown, errors.Is(err, ErrOutcomeUnknown), err)
				require.LessOrEqual(t, s.bought("facebook"), 1)
				if c.want == endNotSent {
					require.Zero(t, s.bought("facebook"))
				}
			})
		})
	}
}

func TestRawOrderOutcomeUnknown(t *testing.T) {
	for _, name := range []string{"hang up after the commit", "cut body"} {
		synctest.Test(t, func(t *testing.T) {
			for _, f := range faults() {
				if f.name != name {
					continue
				}
				c := f.client(t, http1, &shop{})
				_, err := c.Raw().NewActivationWithBody(t.Context(), "application/json", strings.NewReader(`{"serviceId": "facebook", "countryId": "us"}`))
				require.ErrorIs(t, err, ErrOutcomeUnknown)
				var unknown *OutcomeUnknownError
				require.ErrorAs(t, err, &unknown)
				found, err := c.Reconcile(t.Context(), unknown)
				require.NoError(t, err)
				require.Len(t, found, 1)
			}
		})
	}
}

func TestErrorsMatchOutcomeUnknown(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&TransportError{Method: "POST"}, true},
		{&TransportError{Method: "PUT"}, true},
		{&TransportError{Method: "GET"}, false},
		{&TransportError{Method: "POST", NotSent: true}, false},
		{&ResponseError{Method: "POST"}, true},
		{&ResponseError{Method: "GET"}, false},
		{&APIError{Method: "POST", StatusCode: 502}, false},
		{&OutcomeUnknownError{}, true},
	} {
		require.Equal(t, c.want, errors.Is(c.err, ErrOutcomeUnknown), "%#v", c.err)
	}
}
