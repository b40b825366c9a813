package contract_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// checker sends requests on and holds them and their answers against a document.
// It is used by one goroutine at a time.
type checker struct {
	doc      *openapi3.T
	next     http.RoundTripper
	router   routers.Router
	basePath string      // of the server; the paths of the document begin after it
	report   func(error) // of what is not as the document says
	seen     map[answer]bool

	// onlyAnswers lets wrong requests pass, which are sent to see them refused.
	onlyAnswers bool
}

// answer is one of the answers that an operation can give: its status and, of an
// error, its name.
type answer struct {
	operation string
	status    int
	name      string
}

// check puts a checker before next. What is not as doc says fails the test.
func check(t testing.TB, doc *openapi3.T, next http.RoundTripper) *checker {
	t.Helper()
	doc.Servers = nil // any server will do
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return &checker{
		doc:    doc,
		next:   next,
		router: router,
		report: func(err error) { t.Helper(); t.Error(err) },
		seen:   map[answer]bool{},
	}
}

func (c *checker) RoundTrip(req *http.Request) (*http.Response, error) {
	input, err := c.checkRequest(req)
	if err != nil && !c.onlyAnswers {
		c.report(fmt.Errorf("request %s %s: %w", req.Method, req.URL.Path, err))
	}
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := c.checkAnswer(input, resp); err != nil {
		c.report(fmt.Errorf("answer %d to %s %s: %w", resp.StatusCode, req.Method, req.URL.Path, err))
	}
	return resp, nil
}

// checkRequest leaves req as it was: the copy that is looked at has the document's path and a body of its own.
func (c *checker) checkRequest(req *http.Request) (*openapi3filter.RequestValidationInput, error) {
	body, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	looked := req.Clone(req.Context())
	looked.Body = io.NopCloser(bytes.NewReader(body))
	looked.URL.Path = strings.TrimPrefix(req.URL.Path, c.basePath)
	looked.URL.RawPath = strings.TrimPrefix(req.URL.RawPath, c.basePath)
	input := &openapi3filter.RequestValidationInput{
		Request: looked,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    hasKey,
			IncludeResponseStatus: true, // an answer that is not declared is an error
			SkipSettingDefaults:   true, // the request stays as it is
			MultiError:            true,
		},
	}
	input.Route, input.PathParams, err = c.router.FindRoute(looked)
	if err != nil {
		return nil, err
	}
	return input, openapi3filter.ValidateRequest(req.Context(), input)
}

func (c *checker) checkAnswer(input *openapi3filter.RequestValidationInput, resp *http.Response) error {
	if input == nil {
		return errors.New("the document has no such operation")
	}
	body, err := drain(&resp.Body)
	if err != nil {
		return err
	}
	var failure struct{ ErrorName string }
	if resp.StatusCode != http.StatusOK {
		if err := json.Unmarshal(body, &failure); err != nil {
			return err
		}
	}
	c.seen[answer{input.Route.Operation.OperationID, resp.StatusCode, failure.ErrorName}] = true
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 resp.StatusCode,
		Header:                 resp.Header,
		Options:                input.Options,
	}
	return openapi3filter.ValidateResponse(input.Request.Context(), output.SetBodyBytes(body))
}

// missing lists what the document declares and no operation has answered.
func (c *checker) missing() []answer {
	missing := slices.DeleteFunc(declared(c.doc), func(a answer) bool { return c.seen[a] })
	slices.SortFunc(missing, func(a, b answer) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.status, b.status), cmp.Compare(a.name, b.name))
	})
	return missing
}

// declared lists the answers that doc declares.
func declared(doc *openapi3.T) []answer {
	var all []answer
	for _, path := range doc.Paths.Map() {
		for _, operation := range path.Operations() {
			for status, response := range operation.Responses.Map() {
				a := answer{operation: operation.OperationID}
				fmt.Sscan(status, &a.status)
				for _, name := range errorNames(response.Value.Content.Get("application/json").Schema) {
					a.name = name
					all = append(all, a)
				}
			}
		}
	}
	return all
}

// errorNames returns the names that an error can have, and "" for an answer that is not an error.
func errorNames(schema *openapi3.SchemaRef) []string {
	if len(schema.Value.OneOf) > 0 {
		var names []string
		for _, one := range schema.Value.OneOf {
			names = append(names, errorNames(one)...)
		}
		return names
	}
	name, isError := schema.Value.Properties["errorName"]
	if !isError {
		return []string{""}
	}
	var names []string
	for _, value := range name.Value.Enum {
		names = append(names, value.(string))
	}
	return names
}

// hasKey is satisfied by any key in the header that the document names.
func hasKey(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	header := input.SecurityScheme.Name
	if input.RequestValidationInput.Request.Header.Get(header) == "" {
		return fmt.Errorf("the header %s is not set", header)
	}
	return nil
}

// drain reads a body and puts what it read in its place.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	defer (*body).Close()
	read, err := io.ReadAll(*body)
	*body = io.NopCloser(bytes.NewReader(read))
	return read, err
}

func TestChecker(t *testing.T) {
	const activation = `{"id":12312,"status":"smsReceived","number":18454123223,"code":"5678"}`
	type exchange struct {
		method, url, key, sent string
		status                 int
		answered               string
	}
	right := exchange{"GET", "/activations/12312", "key", "", 200, activation}
	order := exchange{"POST", "/activations", "key", `{"serviceId":"facebook","countryId":"us"}`, 200, activation}
	changed := func(e exchange, change func(*exchange)) exchange { change(&e); return e }

	for name, test := range map[string]struct {
		exchange
		problem string
	}{
		"nothing":                     {right, ""},
		"nothing in an order":         {order, ""},
		"a path that is not known":    {changed(right, func(e *exchange) { e.url = "/activation/12312" }), "no matching operation"},
		"a method that is not known":  {changed(right, func(e *exchange) { e.method = "DELETE" }), "method not allowed"},
		"an id that is not a number":  {changed(right, func(e *exchange) { e.url = "/activations/newest" }), "activation_id"},
		"a page that is not a number": {changed(right, func(e *exchange) { e.url, e.answered = "/activations?page=last", `{}` }), "page"},
		"a request without a key":     {changed(right, func(e *exchange) { e.key = "" }), "x-api-key"},
		"an order without a country":  {changed(order, func(e *exchange) { e.sent = `{"serviceId":"facebook"}` }), "countryId"},
		"a price that is a string":    {changed(order, func(e *exchange) { e.sent = `{"serviceId":"facebook","countryId":"us","expectedPrice":"0.5"}` }), "expectedPrice"},
		"a status not declared":       {changed(right, func(e *exchange) { e.status, e.answered = 418, `{}` }), "status is not supported"},
		"an error of another status":  {changed(right, func(e *exchange) { e.status, e.answered = 404, `{"errorName":"GoneException","errorMessage":"gone"}` }), "errorName"},
		"an error without a message":  {changed(right, func(e *exchange) { e.status, e.answered = 404, `{"errorName":"ResourceNotFoundException"}` }), "errorMessage"},
		"a changed price without one": {changed(order, func(e *exchange) {
			e.status, e.answered = 409, `{"errorName":"expectedPriceErrorException","errorMessage":"changed"}`
		}), "newPrice"},
		"an error that is not JSON":   {changed(right, func(e *exchange) { e.status, e.answered = 503, `<html>` }), "invalid character"},
		"a code that is a number":     {changed(right, func(e *exchange) { e.answered = `{"id":12312,"code":5678}` }), "code"},
		"a status that is not known":  {changed(right, func(e *exchange) { e.answered = `{"id":12312,"status":"lost"}` }), "status"},
		"an answer that is cut short": {changed(right, func(e *exchange) { e.answered = `{"id":12` }), "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			e := test.exchange
			var problems []error
			c := check(t, pristine(t), roundTrip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: e.status,
					Header:     http.Header{"Content-Type": {"application/json"}},
					Body:       io.NopCloser(strings.NewReader(e.answered)),
					Request:    req,
				}, nil
			}))
			c.basePath = "/v1"
			c.report = func(err error) { problems = append(problems, err) }

			req, err := http.NewRequest(e.method, "https://example.test/v1"+e.url, strings.NewReader(e.sent))
			require.NoError(t, err)
			if e.sent != "" {
				req.Header.Set("Content-Type", "application/json")
			}
			req.Header.Set("X-Api-Key", e.key)
			resp, err := c.RoundTrip(req)
			require.NoError(t, err)

			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, e.answered, string(body), "the checked answer still arrives")
			if test.problem == "" {
				require.Empty(t, problems)
				return
			}
			require.NotEmpty(t, problems)
			require.ErrorContains(t, errors.Join(problems...), test.problem)
		})
	}
}

// roundTrip is a function that answers requests.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
