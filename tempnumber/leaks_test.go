package tempnumber

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// leakKey needs to be escaped in every notation.
const leakKey = `sk_live/9f+"8<e%7d&c=6b5a4`

// secrets must not appear in an error, a log line or a panic.
var secrets = map[string]string{"the key": leakKey, "the text": "Your code is 830271946502837, do not share", "the code": "830271946502837"}

// requireNoSecret fails the test if shown contains a secret in any notation.
func requireNoSecret(t *testing.T, shown string) {
	t.Helper()
	lower := strings.ToLower(shown)
	for what, secret := range secrets {
		forms := map[string]string{
			"plain": secret, "quoted": strings.Trim(fmt.Sprintf("%q", secret), `"`), "hex": hex.EncodeToString([]byte(secret)),
			"spaced hex": fmt.Sprintf("% x", secret), "Go bytes": strings.Trim(fmt.Sprintf("%#v", []byte(secret)), "[]byte{}"),
			"decimal bytes": strings.Trim(fmt.Sprint([]byte(secret)), "[]"), "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		}
		inJSON, err := json.Marshal(secret)
		require.NoError(t, err)
		forms["JSON"] = strings.Trim(string(inJSON), `"`)
		for notation, form := range forms {
			requireAbsent(t, lower, strings.ToLower(form), what+", "+notation)
		}
		// In base64 a secret may start at any of three offsets.
		for shift := range 3 {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
				encoded := encoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
				requireAbsent(t, shown, encoded[4:len(encoded)-4], what+", base64")
			}
		}
	}
}

func requireAbsent(t *testing.T, shown, form, what string) {
	t.Helper()
	if i := strings.Index(shown, form); i >= 0 {
		t.Fatalf("%s is shown: …%s…", what, shown[max(0, i-80):min(len(shown), i+len(form)+20)])
	}
}

// show formats a value, and the errors it wraps, in every way.
func show(v any) string {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%T", "%p"} {
		fmt.Fprintf(&b, verb+"\n", v)
		fmt.Fprintf(&b, verb+"\n", struct{ V any }{v})
	}
	if text, err := json.Marshal(v); err == nil {
		b.Write(text)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(handler).Error("shown", "v", v, slog.Group("g", "v", v))
	}
	if err, ok := v.(error); ok {
		if inner := errors.Unwrap(err); inner != nil {
			b.WriteString(show(inner))
		}
		var many interface{ Unwrap() []error }
		if errors.As(err, &many) {
			for _, inner := range many.Unwrap() {
				b.WriteString(show(inner))
			}
		}
	}
	return b.String()
}

// lines collects log lines and events.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) Observe(e Event) { fmt.Fprintf(l, "%+v\n", e) }

// echoes returns servers that repeat the key or an SMS in unexpected places.
func echoes() []fault {
	notations := map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"hex":      func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HEX":      func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
		"base64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x-api-key: " + s + "\r\n")) },
		"base64, later": func(s string) string {
			return base64.URLEncoding.EncodeToString([]byte("X-Api-Key=" + s))
		},
		"query": url.QueryEscape, "path": url.PathEscape,
		"lower query": func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
	}
	var all []fault
	for notation, f := range notations {
		for _, status := range []int{200, 302, 401, 503} {
			all = append(all, fault{name: fmt.Sprintf("%d echoes the key, %s", status, notation), only: http1, handle: func(w http.ResponseWriter, r *http.Request, _ func() shopActivation) {
				key := f(r.Header.Get("X-Api-Key"))
				quoted, _ := json.Marshal(key)
				w.Header().Set("Location", "http://"+strings.Map(func(r rune) rune {
					if r == '"' || r == '<' {
						return -1
					}
					return r
				}, key)+"/%zz"+key)
				w.Header().Set("Retry-After", key)
				w.Header().Set("X-Echo", key)
				w.WriteHeader(status)
				fmt.Fprintf(w, `{"errorName": %s, "errorMessage": %s, "id": %s, "code": {"x": %s}, "serviceId": 5}`, quoted, quoted, quoted, quoted)
			}})
		}
	}
	return append(all,
		fault{name: "an SMS in an invalid answer", handle: func(w http.ResponseWriter, _ *http.Request, _ func() shopActivation) {
			fmt.Fprintf(w, `{"id": 1, "message": [%q], "code": {"x": %q}}`, secrets["the text"], secrets["the code"])
		}},
		fault{name: "a code in the wrong fields", handle: func(w http.ResponseWriter, _ *http.Request, _ func() shopActivation) {
			fmt.Fprintf(w, `{"id": 830271946502837.5, "serviceId": 830271946502837, "status": 830271946502837, "retryAvailable": 830271946502837}`)
		}},
		fault{name: "an SMS after the JSON", handle: func(w http.ResponseWriter, _ *http.Request, _ func() shopActivation) {
			fmt.Fprintf(w, `{"id": 1} %s`, secrets["the text"])
		}},
	)
}

func TestNoSecretLeaks(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	for _, f := range append(faults(), echoes()...) {
		for _, proto := range f.protocols() {
			t.Run(f.name+" by "+proto, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var log lines
					s := &shop{}
					url, transport, network := pipeServer(t, proto, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						f.handle(w, r, func() shopActivation { return s.sell("facebook", "us") })
					}))
					if f.network != nil {
						f.network(t, transport, network)
					}
					c, err := New(leakKey, WithBaseURL(url), WithHTTPClient(&http.Client{Transport: transport}), WithLimiter(&countingLimiter{}),
						WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))), WithObserver(&log), WithExclusiveKey(),
						WithRetry(RetryPolicy{MaxAttempts: 2, MinDelay: time.Millisecond, AttemptTimeout: attemptLimit}))
					require.NoError(t, err)
					var errs []error
					_, err = c.CreateActivation(t.Context(), facebook())
					errs = append(errs, err)
					_, err = c.Activation(t.Context(), 1001)
					errs = append(errs, err)
					_, err = c.ActivationsPage(t.Context(), ListParams{})
					errs = append(errs, err)
					_, err = c.PricesByService(t.Context())
					errs = append(errs, err, c.RequestAnotherSMS(t.Context(), 1001))
					resp, err := c.Raw().NewActivationWithBody(t.Context(), "application/json", strings.NewReader(`{"serviceId": "facebook", "countryId": "us"}`))
					errs = append(errs, err)
					if resp != nil {
						fmt.Fprintf(&log, "%+v %+v", resp.Request, resp.Request.Header)
					}
					for _, err := range errs {
						log.b.WriteString(show(err))
					}
					requireNoSecret(t, log.b.String()+show(c)+fmt.Sprintf("%+v %+v", *c, c.book))
				})
			})
		}
	}
}

// leakyError is a transport's error that holds the request.
type leakyError struct {
	Request *http.Request
	Header  http.Header
	quiet   bool
}

func (e leakyError) Error() string {
	if e.quiet {
		return "the transport failed"
	}
	return fmt.Sprintf("the transport failed: %v", e.Header)
}

func TestTransportErrorIsOpaque(t *testing.T) {
	for _, quiet := range []bool{true, false} {
		c, err := New(leakKey, WithRetry(RetryPolicy{MaxAttempts: 1}), WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("wrapped: %w", leakyError{r, r.Header, quiet})
		})}))
		require.NoError(t, err)
		_, err = c.Balance(t.Context())
		requireNoSecret(t, show(err))
		require.ErrorContains(t, err, "the transport failed")
		var theirs leakyError
		require.Equal(t, quiet, errors.As(err, &theirs), "errors.As finds the transport's error unless its text had to be redacted")
	}
}

func TestPanicLeaksNoSecret(t *testing.T) {
	for name, c := range map[string]func() (Option, error){
		"of the transport": func() (Option, error) {
			return WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { panic("theirs") })}), nil
		},
		"of the body": func() (Option, error) {
			return WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(panicking{})}, nil
			})}), nil
		},
		"of the purchase hook": func() (Option, error) { return WithPurchaseHook(nil), nil },
	} {
		t.Run(name, func(t *testing.T) {
			option, err := c()
			require.NoError(t, err)
			client, err := New(leakKey, option)
			if err != nil {
				requireNoSecret(t, show(err))
				return
			}
			defer func() {
				requireNoSecret(t, show(recover())+string(debug.Stack()))
				require.Empty(t, client.book.InFlight(facebook().pair()))
				late := func() bool {
					return client.book.Observe(orders.Activation{ID: 1, Pair: facebook().pair()}, &client.caller.clock)
				}
				require.True(t, late(), "the order may have been sent")
				require.False(t, late(), "and only once")
			}()
			_, _ = client.CreateActivation(t.Context(), facebook())
		})
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("theirs") }

func TestLogsShowNoSecretsOfValues(t *testing.T) {
	a := Activation{ID: 7, Status: StatusSMSReceived, Message: secrets["the text"], Code: Code(secrets["the code"]), Phone: Phone{number: "18454123223", formatted: "+1 845-412-3223"}}
	page := ActivationPage{Activations: []*Activation{&a}, Total: 1}
	wait := WaitError{ID: 7, Last: &a, Err: ErrExpired}
	var log strings.Builder
	untimed := &slog.HandlerOptions{ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
		if attr.Key == slog.TimeKey {
			return slog.Attr{} // a fraction of a second may have any digits
		}
		return attr
	}}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, untimed), slog.NewJSONHandler(&log, untimed)} {
		for _, v := range []any{a, &a, page, &page, wait, &wait} {
			slog.New(handler).Info("shown", "v", v, slog.Group("g", "v", v))
		}
	}
	requireNoSecret(t, log.String())
	require.NotContains(t, log.String(), "845")
	require.Contains(t, log.String(), "7")
	// Programs store an activation: as JSON and by fmt it is whole.
	stored, err := json.Marshal(a)
	require.NoError(t, err)
	require.Contains(t, string(stored), secrets["the code"])
	require.Contains(t, fmt.Sprintf("%+v", a), secrets["the code"])
}

// lowerEscapes writes the hex digits of percent escapes in lower case.
func lowerEscapes(escaped string) string {
	return regexp.MustCompile("%[0-9A-F]{2}").ReplaceAllStringFunc(escaped, strings.ToLower)
}
