package page_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/page"
)

func TestPolicy(t *testing.T) {
	w := httptest.NewRecorder()
	page.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	policy, body := w.Header().Get("Content-Security-Policy"), w.Body.String()
	require.Regexp(t, `^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; connect-src 'self'`, policy)
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, policy, "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "neither of them is empty")
	require.Equal(t, 1, strings.Count(body, "<script"))
	require.Equal(t, 1, strings.Count(body, "<style"))
	require.NotRegexp(t, `(?i)innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\son\w+="|\sstyle="|https?://`, body)
}

func TestWanted(t *testing.T) {
	for _, c := range []struct {
		method, path, accept string
		want                 bool
	}{
		{"GET", "/", "text/html,application/xhtml+xml", true},
		{"HEAD", "/", "text/html", true},
		{"GET", "/", "*/*", false},
		{"GET", "/", "", false},
		{"POST", "/", "text/html", false},
		{"GET", "/activations", "text/html", false},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Header.Set("Accept", c.accept)
		require.Equal(t, c.want, page.Wanted(r), "%+v", c)
	}
}
