package tempnumber

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
)

// fill sets every field of a generated model to a value of its own, and gives
// the names of the fields: a field added by a new document is there by itself.
func fill(t *testing.T, v reflect.Value, next *int) []string {
	t.Helper()
	var fields []string
	for i := range v.NumField() {
		f := v.Field(i)
		*next++
		switch {
		case f.Type() == reflect.TypeFor[json.RawMessage]():
			f.Set(reflect.ValueOf(json.RawMessage(fmt.Sprint(*next))))
		case f.Type() == reflect.TypeFor[json.Number]():
			f.SetString(fmt.Sprint(*next))
		case f.Kind() == reflect.String:
			f.SetString(fmt.Sprintf("text%d", *next))
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			fill(t, f.Index(0), next)
		default:
			t.Fatalf("%s.%s has type %s: teach this test to fill it", v.Type(), v.Type().Field(i).Name, f.Type())
		}
		fields = append(fields, v.Type().Field(i).Name)
	}
	return fields
}

// carried fails for each field of the model W whose change does not show in what convert makes of it.
func carried[W, T any](t *testing.T, convert func(*W) (T, error)) {
	t.Helper()
	model := func() (*W, []string) {
		w, next := new(W), 1000
		return w, fill(t, reflect.ValueOf(w).Elem(), &next)
	}
	full, fields := model()
	if icon := reflect.ValueOf(full).Elem().FieldByName("IconBaseURL"); icon.IsValid() {
		icon.SetString("https://icons.example.test")
	}
	want, err := convert(full)
	require.NoError(t, err)
	for _, field := range fields {
		changed, _ := model()
		if icon := reflect.ValueOf(changed).Elem().FieldByName("IconBaseURL"); icon.IsValid() {
			icon.SetString("https://icons.example.test")
		}
		f := reflect.ValueOf(changed).Elem().FieldByName(field)
		f.Set(reflect.Zero(f.Type()))
		got, err := convert(changed)
		if err != nil {
			continue // it is needed, so it is read
		}
		require.NotEqual(t, want, got, "%T.%s is not carried into the public type", *full, field)
	}
}

func TestGeneratedFieldsAreConverted(t *testing.T) {
	carried(t, activationFrom)
	carried(t, activationPageFrom)
	carried(t, offersFrom)
	carried(t, balanceFrom)
	carried(t, confirmed200)
	carried(t, func(w *gen.Service) ([]*Offer, error) {
		return offersFrom(&gen.SingleService{IconBaseURL: "https://icons.example.test", Services: []gen.Service{*w}})
	})
	carried(t, func(w *gen.PriceByService) ([]ServicePrices, error) {
		return servicePricesFrom(&[]gen.PriceByService{*w})
	})
	carried(t, func(w *gen.CountryPrice) ([]ServicePrices, error) {
		return servicePricesFrom(&[]gen.PriceByService{{Countries: []gen.CountryPrice{*w}}})
	})
	carried(t, func(w *gen.PriceByCountry) ([]CountryPrices, error) {
		return countryPricesFrom(&[]gen.PriceByCountry{*w})
	})
	carried(t, func(w *gen.ServicePrice) ([]CountryPrices, error) {
		return countryPricesFrom(&[]gen.PriceByCountry{{Services: []gen.ServicePrice{*w}}})
	})
	carried(t, func(w *gen.Error) (*APIError, error) {
		body, err := json.Marshal(w)
		require.NoError(t, err)
		e := errorAnswer(409, string(body))
		e.Body = nil // it holds everything anyway
		return e, nil
	})
}

// confirmed200 is confirmed with a model whose result was filled with any text.
func confirmed200(w *gen.Response200) (bool, error) {
	if strings.HasPrefix(string(w.Result), "text") {
		w.Result = gen.Response200ResultSuccess
	}
	return confirmed(w)
}

func TestGeneratedModelsAreUsed(t *testing.T) {
	// A model that a new document adds has to be carried, and then be listed here and above.
	known := map[string]bool{
		"ActivationData": true, "ActivationsHistory": true, "SingleService": true, "Service": true, "UserBalance": true, "Response200": true,
		"PriceByService": true, "PriceByCountry": true, "ServicePrice": true, "CountryPrice": true, "Error": true,
		"NewActivation": true, "ActivationUpdate": true, "GetActivationsHistoryParams": true, "GetSingleServiceParams": true,
	}
	file, err := parser.ParseFile(token.NewFileSet(), "../gen/client.gen.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		model, ok := spec.Type.(*ast.StructType)
		if ok && len(model.Fields.List) > 0 && model.Fields.List[0].Tag != nil {
			require.True(t, known[spec.Name.Name], "the generated model %s is new", spec.Name.Name)
			delete(known, spec.Name.Name)
		}
		return true
	})
	require.Empty(t, known, "models that are generated no more")
}

func TestGeneratedParametersAreSent(t *testing.T) {
	var sent []string
	c, err := New(testKey, WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		sent = append(sent, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("prx-lang"), body))
		return nil, errors.New("seen")
	})}), WithRetry(RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	ctx := t.Context()
	_, _ = c.CreateActivation(ctx, CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: 50 * Cent})
	_, _ = c.CreateActivation(ctx, CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	_ = c.RequestAnotherSMS(ctx, 12312)
	_, _ = c.ActivationsPage(ctx, ListParams{Page: 2, PageSize: 50})
	_, _ = c.ActivationsPage(ctx, ListParams{})
	_, _ = c.Offer(ctx, "facebook", "us", Language("de"))
	require.Equal(t, []string{
		`POST /api/v1/activations  {"countryId":"us","expectedPrice":0.5,"serviceId":"facebook"}`,
		`POST /api/v1/activations  {"countryId":"us","serviceId":"facebook"}`,
		`PUT /api/v1/activations/12312  {"status":"retry"}`,
		`GET /api/v1/activations/12312  `, // no answer to the request before, so look what became of it
		`GET /api/v1/activations?page=2&limit=50  `,
		`GET /api/v1/activations  `,
		`GET /api/v1/services/facebook/countries/us de `,
	}, sent)
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
