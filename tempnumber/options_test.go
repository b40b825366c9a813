package tempnumber

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const testKey = "k3y-0f-the-tests-2f9c"

func TestInvalidKeys(t *testing.T) {
	for name, key := range map[string]string{
		"empty": "", "blank": " \n", "newline inside": "secret\nsecret", "CRLF inside": "secret\r\nX: y", "space inside": "secret secret",
		"not ASCII": "secrét", "NUL": "secret\x00", "long": strings.Repeat("secret", 200),
	} {
		_, err := New(key)
		require.ErrorIs(t, err, ErrInvalidInput, name)
		require.NotContains(t, err.Error(), "secr", name)
	}
	_, err := New(testKey + "\r\n")
	require.NoError(t, err, "keys come out of files with a line break at the end")
}

func TestBaseURLs(t *testing.T) {
	for _, good := range []string{ProductionURL, MockURL, "https://x.test/", "http://127.0.0.1:8080/v1", "http://localhost:1", "http://[::1]:80", "http://127.9.9.9"} {
		_, err := New(testKey, WithBaseURL(good))
		require.NoError(t, err, good)
	}
	for _, bad := range []string{
		"", "x.test", "/v1", "ftp://x.test", "http://x.test", "http://10.0.0.1", "http://127.0.0.1.evil.test", "https://user:hunter2@x.test",
		"https://hunter2@x.test", "https://x.test?hunter2=1", "https://x.test#hunter2", "https://", "https://x.test/../v1", "https://x.test/v1/.", "https://x.test/%2e%2e/v1", "http:hunter2", "https://x.test:hunter2/",
	} {
		_, err := New(testKey, WithBaseURL(bad))
		require.ErrorIs(t, err, ErrInvalidInput, bad)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestInvalidOptions(t *testing.T) {
	for name, opt := range map[string]Option{
		"nil": nil, "client": WithHTTPClient(nil), "limiter": WithLimiter(nil), "logger": WithLogger(nil), "observer": WithObserver(nil),
		"user agent": WithUserAgent(" "), "user agent with a line break": WithUserAgent("a\r\nb"), "retry": WithRetry(RetryPolicy{MaxAttempts: -1}),
	} {
		_, err := New(testKey, opt)
		require.ErrorIs(t, err, ErrInvalidInput, name)
	}
}

func TestNewFromEnv(t *testing.T) {
	t.Setenv("TEMPNUMBER_API_KEY", "")
	_, err := NewFromEnv()
	require.ErrorIs(t, err, ErrInvalidInput)
	require.Contains(t, err.Error(), "TEMPNUMBER_API_KEY")

	t.Setenv("TEMPNUMBER_API_KEY", testKey)
	t.Setenv("TEMPNUMBER_BASE_URL", "http://127.0.0.1:1234/v1")
	c, err := NewFromEnv()
	require.NoError(t, err)
	require.Equal(t, "tempnumber.Client(http://127.0.0.1:1234/v1)", c.String())
	c, err = NewFromEnv(WithBaseURL(MockURL))
	require.NoError(t, err)
	require.Equal(t, "tempnumber.Client("+MockURL+")", c.String())
}

func TestClientHidesKey(t *testing.T) {
	c, err := New(testKey)
	require.NoError(t, err)
	holder := struct {
		C *Client
		V any
	}{c, *c}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&shown, verb+" "+verb+" "+verb+"\n", c, holder, *c)
	}
	log := slog.New(slog.NewJSONHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
	log.Info("client", "c", c, "holder", holder)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("client", "c", c, "holder", holder)
	out, err := json.Marshal(holder)
	require.NoError(t, err)
	shown.Write(out)
	fmt.Fprintf(&shown, "%v", c.caller)
	fmt.Fprintf(&shown, "%#v", c.Raw())
	require.NotContains(t, shown.String(), testKey)
	require.NotContains(t, shown.String(), fmt.Sprintf("%x", testKey))
	require.Contains(t, shown.String(), ProductionURL)
}

func TestHTTPClientIsNotModified(t *testing.T) {
	theirs := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("theirs") }}
	_, err := New(testKey, WithHTTPClient(theirs))
	require.NoError(t, err)
	require.EqualError(t, theirs.CheckRedirect(nil, nil), "theirs")
	require.Nil(t, theirs.Transport)
}

func TestPlainHTTPNeedsToBeAllowed(t *testing.T) {
	const url = "http://mock:8025"
	_, err := New(testKey, WithBaseURL(url))
	require.ErrorIs(t, err, ErrInvalidInput)
	require.ErrorContains(t, err, "WithPlainHTTP")
	for _, opts := range [][]Option{{WithBaseURL(url), WithPlainHTTP()}, {WithPlainHTTP(), WithBaseURL(url)}} {
		c, err := New(testKey, opts...)
		require.NoError(t, err)
		require.Contains(t, c.String(), url)
	}
	t.Setenv(envKey, testKey)
	t.Setenv(envBaseURL, url)
	for value, ok := range map[string]bool{"": false, "0": false, "false": false, "1": true, "true": true, "perhaps": false} {
		t.Setenv(envPlainHTTP, value)
		_, err := NewFromEnv()
		require.Equal(t, ok, err == nil, "%q: %v", value, err)
	}
}
