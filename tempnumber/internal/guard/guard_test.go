package guard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/document"
)

// methods returns the client's method for each operation of the document, called with everything that can be said.
func methods() map[string]func(context.Context, *tempnumber.Client) (any, error) {
	return map[string]func(context.Context, *tempnumber.Client) (any, error){
		"getActivationsHistory": func(ctx context.Context, c *tempnumber.Client) (any, error) {
			return c.ActivationsPage(ctx, tempnumber.ListParams{Page: 2, PageSize: 10})
		},
		"newActivation": func(ctx context.Context, c *tempnumber.Client) (any, error) {
			return c.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: 50 * tempnumber.Cent})
		},
		"getActivation": func(ctx context.Context, c *tempnumber.Client) (any, error) { return c.Activation(ctx, 12312) },
		"updateActivation": func(ctx context.Context, c *tempnumber.Client) (any, error) {
			return nil, c.RequestAnotherSMS(ctx, 12312)
		},
		"getPricelistByCountry": func(ctx context.Context, c *tempnumber.Client) (any, error) { return c.PricesByCountry(ctx) },
		"getPricelistByService": func(ctx context.Context, c *tempnumber.Client) (any, error) { return c.PricesByService(ctx) },
		"getSingleService": func(ctx context.Context, c *tempnumber.Client) (any, error) {
			return c.Offer(ctx, "facebook", "us", tempnumber.Language("de"))
		},
		"getUserBalance": func(ctx context.Context, c *tempnumber.Client) (any, error) { return c.Balance(ctx) },
	}
}

// decided says what each status of the document means to a wait.
var decided = map[string]struct{ terminal, hasSMS bool }{
	"numberRequested": {},
	"numberReceived":  {},
	"smsRequested":    {},
	"smsReceived":     {hasSMS: true},
	"retryRequested":  {},
	"retryReceived":   {hasSMS: true},
	"error":           {terminal: true},
	"refunded":        {terminal: true},
	"serviceConsumed": {terminal: true, hasSMS: true},
}

func TestEveryStatusIsDecided(t *testing.T) {
	var problems []string
	documented := map[string]bool{}
	for _, value := range load(t).Components.Schemas["ActivationData"].Value.Properties["status"].Value.Enum {
		status := tempnumber.Status(value.(string))
		documented[string(status)] = true
		want, ok := decided[string(status)]
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("the status %q is new: decide whether it is the end of an activation and whether an SMS is there, "+
				"then make it a constant in tempnumber/activation.go with Known, Terminal and HasSMS, and write the decision into the table in this test. "+
				"Until then a wait polls on through it.", status))
		case !status.Known() || status.Terminal() != want.terminal || status.HasSMS() != want.hasSMS:
			problems = append(problems, fmt.Sprintf("the status %q has Known %t, Terminal %t, HasSMS %t, and this test says otherwise: make tempnumber/activation.go agree with it.",
				status, status.Known(), status.Terminal(), status.HasSMS()))
		}
	}
	for status := range decided {
		if !documented[status] {
			problems = append(problems, fmt.Sprintf("the status %q is gone: keep the constant, which programs use, and take it out of the table in this test.", status))
		}
	}
	require.Empty(t, problems)
}

func TestEveryOperationHasAnEndpointAndAMethod(t *testing.T) {
	var problems []string
	limits, documented := tempnumber.DefaultLimits(), map[tempnumber.Endpoint]bool{}
	for _, o := range operations(load(t)) {
		endpoint := tempnumber.Endpoint(o.method + " " + o.path)
		documented[endpoint] = true
		if _, ok := limits[endpoint]; !ok || methods()[o.OperationID] == nil {
			problems = append(problems, fmt.Sprintf("the operation %s (%s) is new: it needs x-rate-limit in api/overlay.yaml, a row with the same limit in tempnumber/endpoint.go, "+
				"a method of Client and its line in this test, a handler in tempnumbertest/operations.go and a call in internal/contract. Until then Raw refuses it.", o.OperationID, endpoint))
		}
	}
	for endpoint := range limits {
		if !documented[endpoint] {
			problems = append(problems, fmt.Sprintf("the operation %s is gone: deprecate its method, and take its row out of tempnumber/endpoint.go and of this test.", endpoint))
		}
	}
	require.Empty(t, problems)
}

func TestEveryParameterIsSent(t *testing.T) {
	var problems []string
	for _, o := range operations(load(t)) {
		call := methods()[o.OperationID]
		if call == nil {
			continue // the test of the operations tells
		}
		sent := &recorder{}
		_, _ = call(t.Context(), client(t, sent))
		require.NotNil(t, sent.first, "%s sends nothing", o.OperationID)
		for _, p := range o.Parameters {
			switch {
			case p.Value.In == "query" && sent.first.URL.Query().Get(p.Value.Name) == "",
				p.Value.In == "header" && sent.first.Header.Get(p.Value.Name) == "":
				problems = append(problems, unsent(o.OperationID, p.Value.Name, p.Value.Required, ""))
			}
		}
		if o.RequestBody == nil {
			continue
		}
		var body map[string]any
		require.NoError(t, json.Unmarshal(sent.body, &body))
		schema := o.RequestBody.Value.Content["application/json"].Schema.Value
		for name := range schema.Properties {
			if value := body[name]; value == nil || reflect.ValueOf(value).IsZero() {
				text, err := json.Marshal(value)
				require.NoError(t, err)
				problems = append(problems, unsent(o.OperationID, name, slices.Contains(schema.Required, name), string(text)))
			}
		}
	}
	require.Empty(t, problems)
}

// unsent says that the client leaves something out.
func unsent(operation, name string, required bool, value string) string {
	if !required {
		return fmt.Sprintf("%s can take %q, and the client has no way to send it: add it to the method's parameters and to the call in this test, or say in api/README.md why not.", operation, name)
	}
	return fmt.Sprintf("%s requires %q, and the client sends %s: every order would be refused. Add it to the method's parameters, check that it is set, "+
		"fill it in where the request is made (tempnumber/purchase.go, for an order), and read it in the box.", operation, name, value)
}

func TestEveryFieldIsCarried(t *testing.T) {
	doc := load(t)
	var problems []string
	tell := func(model, field string) {
		problems = append(problems, fmt.Sprintf("the field %s.%s is new, or is no longer read: no value of it shows in what the client returns. "+
			"Add it to the public type and to its conversion in package tempnumber, and let the box write it.", model, field))
	}
	for _, o := range operations(doc) {
		call := methods()[o.OperationID]
		if call == nil {
			continue // the test of the operations tells
		}
		answer := func(body any) (any, error) {
			text, err := json.Marshal(body)
			require.NoError(t, err)
			return call(t.Context(), client(t, &recorder{status: http.StatusOK, answer: text}))
		}
		schema := o.Responses.Value("200").Value.Content["application/json"].Schema
		base, err := answer(sample(schema))
		require.NoError(t, err, o.OperationID)
		for change := range changes(schema, "") {
			if got, err := answer(change.body); err == nil && reflect.DeepEqual(base, got) {
				tell(change.model, change.field)
			}
		}
	}
	refusal := doc.Components.Schemas["Error"]
	refused := func(body any) any {
		text, err := json.Marshal(body)
		require.NoError(t, err)
		_, err = methods()["newActivation"](t.Context(), client(t, &recorder{status: http.StatusConflict, answer: text}))
		var api *tempnumber.APIError
		require.ErrorAs(t, err, &api)
		api.Body = nil // it holds everything
		return api
	}
	base := refused(sample(refusal))
	for change := range changes(openapi3.NewSchemaRef("#/components/schemas/Error", refusal.Value), "") {
		if reflect.DeepEqual(base, refused(change.body)) {
			tell(change.model, change.field)
		}
	}
	slices.Sort(problems)
	require.Empty(t, slices.Compact(problems))
}

// sample returns a value of a schema, from the document's examples where there are some.
func sample(schema *openapi3.SchemaRef) any {
	s := schema.Value
	switch {
	case s.Type.Is("object"):
		object := map[string]any{}
		for name, field := range s.Properties {
			object[name] = sample(field)
		}
		return object
	case s.Type.Is("array"):
		return []any{sample(s.Items)}
	case s.Example != nil:
		return s.Example
	case s.Type.Is("boolean"):
		return true
	case s.Type.Is("string"):
		return "text"
	}
	return 7
}

// change is a sample in which one field has another value.
type change struct {
	model, field string
	body         any
}

// changes yields the samples of a schema that differ in one field, at any depth.
func changes(schema *openapi3.SchemaRef, model string) func(yield func(change) bool) {
	if schema.Ref != "" {
		model = strings.TrimPrefix(schema.Ref, "#/components/schemas/")
	}
	return func(yield func(change) bool) {
		switch s := schema.Value; {
		case s.Type.Is("array"):
			for inner := range changes(s.Items, model) {
				inner.body = []any{inner.body}
				if !yield(inner) {
					return
				}
			}
		case s.Type.Is("object"):
			for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
				for inner := range changes(s.Properties[name], model) {
					whole := sample(schema).(map[string]any)
					whole[name] = inner.body
					inner.body = whole
					if inner.field == "" {
						inner.model, inner.field = model, name
					}
					if !yield(inner) {
						return
					}
				}
			}
		default:
			yield(change{body: another(s, sample(schema))})
		}
	}
}

// another returns a value of the same type as the sample, and not the same.
func another(s *openapi3.Schema, value any) any {
	switch v := value.(type) {
	case bool:
		return !v
	case string:
		for _, other := range s.Enum {
			if other != value {
				return other
			}
		}
		return v + "1"
	case float64:
		return v + 1
	}
	return 8
}

// recorder answers every request alike, and keeps the first.
type recorder struct {
	status int // 0 for no answer
	answer []byte
	first  *http.Request
	body   []byte
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.first == nil {
		r.first = req
		if req.Body != nil {
			r.body, _ = io.ReadAll(req.Body)
		}
	}
	if r.status == 0 {
		return nil, errors.New("no answer")
	}
	return &http.Response{
		StatusCode: r.status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(r.answer)), Request: req,
	}, nil
}

func client(t *testing.T, transport http.RoundTripper) *tempnumber.Client {
	t.Helper()
	c, err := tempnumber.New("any-key-that-is-long", tempnumber.WithHTTPClient(&http.Client{Transport: transport}),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return c
}

// operation is one operation of the document.
type operation struct {
	*openapi3.Operation
	method, path string
}

func operations(doc *openapi3.T) []operation {
	var all []operation
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			all = append(all, operation{o, method, path})
		}
	}
	return all
}

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := document.Corrected("../../..")
	require.NoError(t, err)
	return doc
}
