package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// served returns the document that a server serves.
func served(t testing.TB, handler http.Handler) *openapi3.T {
	t.Helper()
	w := ask(t, handler, "GET", "/control/openapi.yaml", "")
	require.Equal(t, http.StatusOK, w.Code)
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

// documented holds a handler against its own document: a request that it carries out
// must be one that the document allows, and every answer one that it describes.
type documented struct {
	t      testing.TB
	next   http.Handler
	router routers.Router
	mu     sync.Mutex
	seen   map[string]bool // operations that were carried out
}

func newDocumented(t testing.TB, handler http.Handler) *documented {
	t.Helper()
	doc := served(t, handler)
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return &documented{t: t, next: handler, router: router, seen: map[string]bool{}}
}

func (d *documented) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !control.Handles(r.URL.Path) || r.URL.Path == "/control/events" {
		d.next.ServeHTTP(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body) // a body that cannot be read is the handler's affair
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	d.next.ServeHTTP(answer, r)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // as above

	d.mu.Lock()
	defer d.mu.Unlock()
	looked := r.Clone(context.Background())
	looked.Body = io.NopCloser(bytes.NewReader(body))
	looked.Header.Set("Content-Type", "application/json") // it does not matter to the handler
	options := &openapi3filter.Options{IncludeResponseStatus: true, SkipSettingDefaults: true}
	input := &openapi3filter.RequestValidationInput{Request: looked, Options: options}
	var err error
	if input.Route, input.PathParams, err = d.router.FindRoute(looked); err != nil {
		if answer.Code != http.StatusNotFound {
			d.t.Errorf("%s %s is answered by %d but not in the document: %v", r.Method, r.URL.Path, answer.Code, err)
		}
		return
	}
	if answer.Code == http.StatusOK {
		d.seen[input.Route.Operation.OperationID] = true
		if err := openapi3filter.ValidateRequest(looked.Context(), input); err != nil {
			d.t.Errorf("%s %s %s is carried out but not allowed: %v", r.Method, r.URL, body, err)
		}
	}
	output := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: answer.Code, Header: answer.Header(), Options: options}
	output.SetBodyBytes(answer.Body.Bytes())
	if err := openapi3filter.ValidateResponse(looked.Context(), output); err != nil {
		d.t.Errorf("%s %s is answered by %d %s: %v", r.Method, r.URL, answer.Code, answer.Body, err)
	}
}

func TestDocument(t *testing.T) {
	server := tempnumbertest.NewServer()
	a := rent(t, server.Client(t))
	d := newDocumented(t, server.ControlHandler())
	for _, c := range [][3]string{
		{"GET", "/control"},
		{"GET", "/control/openapi.yaml"},
		{"GET", "/healthz"},
		{"POST", "/control/sms", `{"id": 12312, "text": "Your code is 05678"}`},
		{"POST", "/control/messages", `{"from": "shop", "to": "+447700900123", "text": "Your code is 05678"}`},
		{"GET", "/control/messages?wait=0s&to=%2B447700900123&since=0&limit=5"},
		{"GET", "/control/codes/" + a.Phone.E164() + "?wait=10ms&after=0"},
		{"PUT", "/control/auto-sms", `{"delay": "3s", "text": "code {code}", "service": "facebook", "country": "us", "number": "1845"}`},
		{"DELETE", "/control/auto-sms"},
		{"GET", "/control/activations?limit=1"},
		{"GET", "/control/activations/12312"},
		{"PUT", "/control/activations/12312", `{"status": "smsRequested", "retry_available": false}`},
		{"POST", "/control/activations/12312/fail", `{"reason": 1}`},
		{"GET", "/control/balance"},
		{"PUT", "/control/balance", `{"balance": 1.5, "review_balance": 0}`},
		{"PUT", "/control/account", `{"on_hold": true, "email_verified": false}`},
		{"PUT", "/control/prices", `{"service": "facebook", "country": "us", "price": 0.7, "available": false}`},
		{"PUT", "/control/rules", `{"rate_limits": false}`},
		{"PUT", "/control/dialect", `{"dialect": ["iso-times"]}`},
		{"PUT", "/control/latency", `{"latency": "1ms"}`},
		{"POST", "/control/faults", `{"endpoint": "POST /activations", "path": "s", "times": 2, "skip": 1, "delay": "1ms", "after_commit": true,
			"late_commit": "1s", "status": 503, "name": "x", "message": "y", "new_price": 0.5, "html": true, "no_body": true, "body": "z",
			"header": {"A": "b"}, "answer_delay": "1s", "slow_body": "1s", "cut_body": true, "drop": true, "reset": true, "hang": true}`},
		{"GET", "/control/settings"},
		{"DELETE", "/control/faults"},
		{"GET", "/control/requests?endpoint=POST%20/activations&limit=1"},
		{"POST", "/control/reset"},
	} {
		w := ask(t, d, c[0], c[1], c[2])
		require.Equal(t, http.StatusOK, w.Code, "%s %s: %s", c[0], c[1], w.Body)
	}

	var index map[string]string
	require.NoError(t, json.Unmarshal(ask(t, d, "GET", "/control", "").Body.Bytes(), &index))
	for path, item := range served(t, server.ControlHandler()).Paths.Map() {
		for method, operation := range item.Operations() {
			require.Contains(t, index, method+" "+path)
			delete(index, method+" "+path)
			if path != "/control/events" {
				require.True(t, d.seen[operation.OperationID], "%s was carried out", operation.OperationID)
			}
		}
	}
	require.Empty(t, index, "all operations are in the document")
}

// TestDocumentFields holds the types of the package against their schemas: what the
// one has the other has.
func TestDocumentFields(t *testing.T) {
	doc := served(t, tempnumbertest.NewServer().ControlHandler())
	for name, value := range map[string]any{
		"Message": control.Message{}, "Activation": control.Activation{}, "Request": control.Request{}, "Settings": control.Settings{}, "Rules": control.Rules{},
	} {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(text, &fields))
		schema := doc.Components.Schemas[name].Value
		require.Len(t, fields, len(schema.Properties), name)
		for field := range fields {
			require.Contains(t, schema.Properties, field, name)
			require.Contains(t, schema.Required, field, name)
		}
	}
	require.Contains(t, strings.Join(tempnumbertest.DialectNames(), " "), "iso-times", "the example is one")
}
