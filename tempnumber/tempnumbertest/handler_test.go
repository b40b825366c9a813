package tempnumbertest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestPathPrefixes(t *testing.T) {
	server := tempnumbertest.NewServer()
	for _, prefix := range []string{"", "/v1", "/api/v1"} {
		require.InDelta(t, 100, callOK(t, server, "GET", prefix+"/user/balance", "")["balance"], 0)
	}
	require.Equal(t, 3, server.MaxInWindow(tempnumber.EndpointBalance), "all of them are one endpoint")
	for _, elsewhere := range []string{"/v2/user/balance", "/v1user/balance", "/api/v1", "/api/v1/", "/v1/v1/user/balance", "/api/user/balance"} {
		answer, body := call(t, server, "GET", elsewhere, "")
		requireError(t, http.StatusNotFound, "ResourceNotFoundException", answer, body)
	}
}

func TestUnknownPath(t *testing.T) {
	server := tempnumbertest.NewServer()
	for _, path := range []string{
		"/", "/activations/", "/activations/1/2", "//activations", "/activations/../user/balance", "/./activations",
		"/services/facebook", "/services/facebook/countries/", "/%2e%2e/activations", "/activations/%2F",
	} {
		answer, body := call(t, server, "GET", path, "")
		require.Contains(t, []int{http.StatusNotFound, http.StatusBadRequest}, answer.StatusCode, path)
		require.Contains(t, body, "errorName", path)
	}
}

func TestMethodNotAllowed(t *testing.T) {
	server := tempnumbertest.NewServer()
	for path, allowed := range map[string]string{
		"/activations": "GET, HEAD, POST", "/v1/activations/1": "GET, HEAD, PUT", "/user/balance": "GET, HEAD",
	} {
		answer, body := call(t, server, "DELETE", path, "")
		requireError(t, http.StatusMethodNotAllowed, "MethodNotAllowedException", answer, body)
		require.Equal(t, allowed, answer.Header.Get("Allow"))
	}
}

func TestKey(t *testing.T) {
	server := tempnumbertest.NewServer()
	for name, spoil := range map[string]func(*http.Request){
		"none":          func(r *http.Request) { r.Header.Del("x-api-key") },
		"an empty one":  func(r *http.Request) { r.Header.Set("x-api-key", "") },
		"a wrong one":   func(r *http.Request) { r.Header.Set("x-api-key", "offline-key2") },
		"two":           func(r *http.Request) { r.Header.Add("x-api-key", "offline-key") },
		"in the query":  func(r *http.Request) { r.Header.Del("x-api-key"); r.URL.RawQuery = "x-api-key=offline-key" },
		"as a password": func(r *http.Request) { r.Header.Del("x-api-key"); r.Header.Set("Authorization", "Bearer offline-key") },
	} {
		for _, path := range []string{"/user/balance", "/nothing"} {
			answer, body := call(t, server, "GET", path, "", spoil)
			require.Equal(t, http.StatusUnauthorized, answer.StatusCode, name)
			requireError(t, http.StatusUnauthorized, "UnauthorizedException", answer, body)
		}
	}
	require.Zero(t, server.MaxInWindow(tempnumber.EndpointBalance), "they are not counted")
}

func TestBadRequests(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithoutLimits())
	for _, bad := range []struct{ method, path, body string }{
		{"GET", "/activations/abc", ""},
		{"GET", "/activations/1.5", ""},
		{"GET", "/activations/1e3", ""},
		{"GET", "/activations/99999999999999999999", ""},
		{"GET", "/activations?page=0", ""},
		{"GET", "/activations?page=-1", ""},
		{"GET", "/activations?page=one", ""},
		{"GET", "/activations?limit=0", ""},
		{"GET", "/activations?limit=1.5", ""},
		{"GET", "/activations?page=99999999999999999999", ""},
		{"GET", "/services/nothing/countries/us", ""},
		{"GET", "/services/facebook/countries/atlantis", ""},
		{"GET", "/services/facebook/countries/%00", ""},
		{"POST", "/activations", ""},
		{"POST", "/activations", "null"},
		{"POST", "/activations", "[]"},
		{"POST", "/activations", "{"},
		{"POST", "/activations", "{}"},
		{"POST", "/activations", orderBody + orderBody},
		{"POST", "/activations", `{"serviceId":"facebook"}`},
		{"POST", "/activations", `{"countryId":"us"}`},
		{"POST", "/activations", `{"serviceId":"","countryId":"us"}`},
		{"POST", "/activations", `{"serviceId":1,"countryId":"us"}`},
		{"POST", "/activations", `{"serviceid":"facebook","countryid":"us"}`},
		{"POST", "/activations", `{"serviceId":"facebook","countryId":null}`},
		{"POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":"0.5"}`},
		{"POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":-1}`},
		{"POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":null}`},
		{"POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":1e99}`},
		{"POST", "/activations", `{"serviceId":"` + strings.Repeat("x", 70_000) + `","countryId":"us"}`},
		{"PUT", "/activations/12312", ""},
		{"PUT", "/activations/12312", "{}"},
		{"PUT", "/activations/12312", `{"status":"cancel"}`},
		{"PUT", "/activations/12312", `{"status":true}`},
		{"PUT", "/activations/abc", `{"status":"retry"}`},
	} {
		answer, body := call(t, server, bad.method, bad.path, bad.body)
		require.Equal(t, http.StatusBadRequest, answer.StatusCode, "%+v: %s", bad, body)
		requireError(t, http.StatusBadRequest, "InvalidRequestParamsException", answer, body)
	}
	answer, body := call(t, server, "POST", "/activations", orderBody, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	requireError(t, http.StatusBadRequest, "InvalidRequestParamsException", answer, body)
	require.Contains(t, body, "Content-Type")
	require.Empty(t, server.Activations())
}

func TestHead(t *testing.T) {
	answer, body := call(t, tempnumbertest.NewServer(), "HEAD", "/user/balance", "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Empty(t, body)
}

func FuzzServeHTTP(f *testing.F) {
	f.Add("GET", "/activations", "page=1&limit=10", "", "en")
	f.Add("POST", "/api/v1/activations", "", orderBody, "")
	f.Add("PUT", "/v1/activations/12312", "", `{"status":"retry"}`, "de")
	f.Add("GET", "/services/facebook/countries/us", "", "", "de-AT")
	f.Fuzz(func(t *testing.T, method, path, query, body, language string) {
		server := tempnumbertest.NewServer()
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, path, query
		r.Header.Set("x-api-key", tempnumbertest.DefaultKey)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("prx-lang", language)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		require.Contains(t, []int{200, 400, 404, 405, 409}, w.Code)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		require.Len(t, server.Requests(), 1)
	})
}
