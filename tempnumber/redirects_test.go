package tempnumber

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

func TestNoRedirectIsFollowed(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a second or more")
	}
	var strangers atomic.Int32
	stranger := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) })
	otherPort := httptest.NewServer(stranger)
	defer otherPort.Close()
	otherTLS := httptest.NewTLSServer(stranger)
	defer otherTLS.Close()

	targets := map[string]func(own string) string{
		"other port": func(string) string { return otherPort.URL + "/activations" },
		"other host": func(string) string {
			return strings.Replace(otherPort.URL, "127.0.0.1", "localhost", 1) + "/activations"
		},
		"https":          func(string) string { return otherTLS.URL + "/activations" },
		"same server":    func(own string) string { return own + "/elsewhere" },
		"without scheme": func(string) string { return strings.TrimPrefix(otherPort.URL, "http:") + "/" },
		"no URL":         func(string) string { return "http://[::1" },
		"nowhere":        func(string) string { return "" },
	}
	for name, target := range targets {
		for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
			for _, secure := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s by %d from TLS %v", name, status, secure), func(t *testing.T) {
					var own *httptest.Server
					handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if !strings.HasSuffix(r.URL.Path, "/activations") && !strings.HasSuffix(r.URL.Path, "/user/balance") {
							strangers.Add(1) // it followed a redirect to the same server
						}
						w.Header().Set("Location", target(own.URL))
						w.WriteHeader(status)
					})
					if secure {
						own = httptest.NewTLSServer(handler)
					} else {
						own = httptest.NewServer(handler)
					}
					defer own.Close()
					follow := own.Client()
					follow.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
					clients := map[string][]Option{"caller's": {WithHTTPClient(follow)}}
					if !secure { // the default one does not trust the test's certificate
						clients["default"] = nil
					}
					for whose, opts := range clients {
						c, err := New(testKey, append([]Option{WithBaseURL(own.URL), WithRetry(RetryPolicy{MaxAttempts: 1})}, opts...)...)
						require.NoError(t, err)
						_, err = c.Balance(t.Context())
						require.Error(t, err, whose)
						require.NotErrorIs(t, err, ErrUnauthorized)
						_, err = c.CreateActivation(t.Context(), facebook())
						require.ErrorIs(t, err, ErrOutcomeUnknown, "a server that redirects may have carried the order out")
						c.caller.transport.Client.CloseIdleConnections()
					}
					require.NotNil(t, follow.CheckRedirect)
				})
			}
		}
	}
	require.Zero(t, strangers.Load())
}

func TestDefaultTransportKeepsProxy(t *testing.T) {
	own, ok := transport.New(nil, &url.URL{}, transport.Key{}, "", 0, false).Client.Transport.(*http.Transport)
	require.True(t, ok)
	standard, ok := http.DefaultTransport.(*http.Transport)
	require.True(t, ok)
	require.Equal(t, fmt.Sprintf("%p", standard.Proxy), fmt.Sprintf("%p", own.Proxy), "http.ProxyFromEnvironment")
	require.NotNil(t, own.Proxy)
	require.EqualValues(t, 64<<10, own.MaxResponseHeaderBytes)
	require.Zero(t, standard.MaxResponseHeaderBytes, "http.DefaultTransport is not modified")
}

func TestRedirectIsTold(t *testing.T) {
	for status, redirected := range map[int]bool{300: true, 301: true, 399: true, 400: false, 500: false} {
		_, err := (&script{t: t, answers: []func(*http.Request) (*http.Response, error){refuse(status, "Busy")}}).client(
			WithRetry(RetryPolicy{MaxAttempts: 1})).Balance(t.Context())
		var refused *APIError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, status, refused.StatusCode)
		require.Equal(t, redirected, strings.Contains(refused.Message, "redirects are not followed"), status)
		require.Equal(t, redirected, refused.Name == "", status)
	}
}
