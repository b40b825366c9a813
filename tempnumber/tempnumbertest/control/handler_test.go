package control_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// ask sends a request to a handler, as it is.
func ask(t testing.TB, handler http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	require.NoError(t, err)
	handler.ServeHTTP(w, r)
	return w
}

func TestMalformedRequests(t *testing.T) {
	handler := newDocumented(t, tempnumbertest.NewServer().ControlHandler())
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/control/sms", ``, 400, `either \"id\" or \"number\"`},
		{"POST", "/control/sms", `{"id": 1, "number": "+1", "text": ""}`, 400, "either"},
		{"POST", "/control/sms", `{`, 400, "unexpected EOF"},
		{"POST", "/control/sms", `[]`, 400, "array"},
		{"POST", "/control/sms", `{"id": "1"}`, 400, `\"id\" must not be a string`},
		{"POST", "/control/sms", `{"id": 1, "txt": ""}`, 400, "txt"},
		{"POST", "/control/sms", `{"id": 1} {}`, 400, "nothing else"},
		{"POST", "/control/sms", `{"id": 1, "text": "x"}`, 404, "no activation 1"},
		{"POST", "/control/sms", `{"id": 1, "text": ""}`, 400, "not empty"},
		{"POST", "/control/sms", `{"id": 1, "text": "` + strings.Repeat("ä", 10_001) + `"}`, 400, "10000 characters"},
		{"POST", "/control/messages", `{"text": "x"}`, 400, "to"},
		{"POST", "/control/messages", `{"to": "+1845", "from": "x"}`, 400, "not empty"},
		{"POST", "/control/messages", `{"to": "+1845", "text": "x", "from": "` + strings.Repeat("x", 101) + `"}`, 400, "from"},
		{"POST", "/control/messages", `{"text": "x", "to": "` + strings.Repeat("1", 101) + `"}`, 400, "to"},
		{"PUT", "/control/auto-sms", `{"text": "x", "country": "` + strings.Repeat("1", 101) + `"}`, 400, "country"},
		{"GET", "/control/messages?to=" + strings.Repeat("1", 101), ``, 400, "to"},
		{"GET", "/control/messages?wait=10", ``, 400, "unit"},
		{"GET", "/control/messages?wait=11m", ``, 400, "10m"},
		{"GET", "/control/messages?since=-1", ``, 400, "since"},
		{"GET", "/control/messages?form=x", ``, 400, "there is no query parameter"},
		{"GET", "/control/messages?to=1&to=2", ``, 400, "more than once"},
		{"GET", "/control/messages?%zz", ``, 400, "query"},
		{"GET", "/control/messages?limit=0", ``, 400, "limit"},
		{"GET", "/control/codes/+1845?wait=x", ``, 400, "wait"},
		{"GET", "/control/codes/+1845?after=x", ``, 400, "after"},
		{"GET", "/control/events?after=x", ``, 400, "after"},
		{"POST", "/control/reset?hard=true", ``, 400, "hard"},
		{"PUT", "/control/activations/7", `{}`, 400, "status"},
		{"PUT", "/control/activations/7", `{"status": "lost"}`, 404, "no activation 7"},
		{"PUT", "/control/rules", `{}`, 400, "rate_limits"},
		{"PUT", "/control/rules", `{"pending_cap": -1}`, 400, "below zero"},
		{"PUT", "/control/rules", `{"delivery_percent": 101}`, 400, "0 to 100"},
		{"PUT", "/control/dialect", `{}`, 400, "list of names"},
		{"PUT", "/control/dialect", `{"dialect": ["klingon"]}`, 400, "klingon"},
		{"PUT", "/control/latency", `{}`, 400, "latency"},
		{"PUT", "/control/latency", `{"latency": "2m"}`, 400, "1m"},
		{"POST", "/control/sms", strings.Repeat(" ", 1<<20) + `{}`, 413, "larger"},
		{"PUT", "/control/auto-sms", `{"delay": "3s"}`, 400, "not empty"},
		{"PUT", "/control/auto-sms", `{"delay": "3", "text": "x"}`, 400, "unit"},
		{"PUT", "/control/auto-sms", `{"delay": 3000, "text": "x"}`, 400, "number"},
		{"PUT", "/control/auto-sms", `{"delay": "-1s"}`, 400, "0s to 24h"},
		{"PUT", "/control/auto-sms", `{"delay": "25h"}`, 400, "0s to 24h"},
		{"GET", "/control/activations/x", ``, 400, "whole number"},
		{"GET", "/control/activations/7", ``, 404, "no activation 7"},
		{"POST", "/control/activations/x/expire", ``, 400, "whole number"},
		{"POST", "/control/activations/7/vanish", ``, 404, "vanish"},
		{"POST", "/control/activations/7/fail", `{"reason": "x"}`, 400, "reason"},
		{"GET", "/control/codes/anything", ``, 404, "country code"},
		{"PUT", "/control/balance", `{}`, 400, "dollars"},
		{"PUT", "/control/balance", `{"balance": "a lot"}`, 400, "a lot"},
		{"PUT", "/control/account", `{}`, 400, "on_hold"},
		{"PUT", "/control/prices", `{"service": "facebook"}`, 400, "country"},
		{"PUT", "/control/prices", `{"service": "facebook", "country": "us"}`, 400, "price"},
		{"PUT", "/control/prices", `{"service": "facebook", "country": "us", "price": -1}`, 400, "above zero"},
		{"PUT", "/control/prices", `{"service": "x", "country": "us", "price": 1}`, 404, "catalogue"},
		{"POST", "/control/faults", `{"endpoint": "GET /"}`, 400, "no endpoint"},
		{"POST", "/control/faults", `{"status": 99}`, 400, "200 to 599"},
		{"POST", "/control/faults", `{"status": 1000}`, 400, "200 to 599"},
		{"POST", "/control/faults", `{"lose": true}`, 400, "twilio-messages"},
		{"POST", "/control/faults", `{"endpoint": "twilio-messages", "hang": true}`, 400, "alone"},
		{"POST", "/control/faults", `{"endpoint": "sns", "header": {"a": "b"}}`, 400, "alone"},
		{"POST", "/control/faults", `{"times": -1}`, 400, "below zero"},
		{"POST", "/control/faults", `{"header": {"X": 1}}`, 400, "header"},
		{"GET", "/control/requests?endpoint=x", ``, 400, "no endpoint"},
		{"GET", "/control/sms", ``, 404, "GET /control lists"},
		{"PATCH", "/control/reset", ``, 404, "PATCH"},
		{"GET", "/control/nothing", ``, 404, "nothing"},
		{"GET", "/control/../control", ``, 404, "no path"},
		{"POST", "/healthz", ``, 404, "healthz"},
	} {
		w := ask(t, handler, c.method, c.path, c.body)
		name := c.method + " " + c.path + " " + c.body[:min(len(c.body), 60)]
		require.Equal(t, c.status, w.Code, "%s: %s", name, w.Body)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"), name)
		require.Contains(t, w.Body.String(), c.says, name)
		var problem map[string]string
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem), name)
		require.NotEmpty(t, problem["error"], name)
	}
}

func TestIndex(t *testing.T) {
	handler := tempnumbertest.NewServer().ControlHandler()
	var operations map[string]string
	require.NoError(t, json.Unmarshal(ask(t, handler, "GET", "/control", "").Body.Bytes(), &operations))
	require.GreaterOrEqual(t, len(operations), 15)
	for pattern := range operations {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{id}", "1", "{end}", "expire", "{number}", "1").Replace(path)
		gone, leave := context.WithCancel(t.Context())
		leave() // or else the events would never end
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(gone, method, "http://127.0.0.1"+path, nil))
		require.NotContains(t, w.Body.String(), "lists the operations", "%s is there", pattern)
	}
}

func TestServiceBesideControl(t *testing.T) {
	handler := tempnumbertest.NewServer().ControlHandler()
	require.Equal(t, http.StatusOK, ask(t, handler, "GET", "/healthz", "").Code)
	for _, path := range []string{"/user/balance", "/v1/user/balance", "/api/v1/user/balance"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://127.0.0.1"+path, nil)
		r.Header.Set("x-api-key", tempnumbertest.DefaultKey)
		handler.ServeHTTP(w, r)
		require.JSONEq(t, `{"balance": 100, "review_balance": 0}`, w.Body.String(), path)
	}
	require.Equal(t, http.StatusUnauthorized, ask(t, handler, "GET", "/controls", "").Code, "the service's own answer")
	require.Equal(t, http.StatusUnauthorized, ask(t, handler, "OPTIONS", "/user/balance", "").Code, "no preflight request")
}

func FuzzControl(f *testing.F) {
	for _, c := range [][3]string{
		{"POST", "/control/sms", `{"id": 12312, "text": "Your code is 05678"}`},
		{"POST", "/control/sms", `{"number": "+1 845", "text": "\u0000"}`},
		{"PUT", "/control/auto-sms", `{"delay": "3s", "text": "{code}{code}"}`},
		{"DELETE", "/control/auto-sms", ``},
		{"GET", "/control/activations/12312", ``},
		{"POST", "/control/activations/12312/fail", `{"reason": -9223372036854775808}`},
		{"POST", "/control/activations/12312/expire", `null`},
		{"GET", "/control/codes/%2b1845", ``},
		{"PUT", "/control/balance", `{"balance": -1e-9, "review_balance": "9e9"}`},
		{"PUT", "/control/account", `{"on_hold": true}`},
		{"PUT", "/control/prices", `{"service": "facebook", "country": "us", "price": 1e9, "available": false}`},
		{"POST", "/control/faults", `{"status": 204, "body": "x", "header": {"Content-Length": "5", "Tr\nansfer": "chunked"}, "cut_body": true}`},
		{"POST", "/control/faults", `{"endpoint": "POST /activations", "late_commit": "1ns", "name": "é\u0000"}`},
		{"DELETE", "/control/faults", ``},
		{"GET", "/control/requests", ``},
		{"POST", "/control/reset", `{}`},
		{"GET", "/healthz", ``},
		{"GE T", "/control//", `[[[[`},
	} {
		f.Add(c[0], c[1], c[2])
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if !strings.HasPrefix(path, "/control") && path != "/healthz" {
			path = "/control/" + path
		}
		path, query, _ := strings.Cut(path, "?")
		server := tempnumbertest.NewServer()
		rent(t, server.Client(t))
		w := httptest.NewRecorder()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond) // some requests wait
		defer cancel()
		server.ControlHandler().ServeHTTP(w, (&http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}, Host: "127.0.0.1",
			Body: io.NopCloser(strings.NewReader(body)),
		}).WithContext(ctx))

		require.GreaterOrEqual(t, w.Code, 200)
		require.Less(t, w.Code, 500)
		if strings.HasPrefix(path, "/control/") {
			require.True(t, json.Valid(w.Body.Bytes()), "%d %s", w.Code, w.Body)
		}
		if w.Code == http.StatusOK {
			server.ClearFaults() // they may hang
			server.HoldAccount(false)
			_, err := server.Client(t).ActivationsPage(t.Context(), tempnumber.ListParams{})
			require.NoError(t, err, "the service goes on")
		}
	})
}
