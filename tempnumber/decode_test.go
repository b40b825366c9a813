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
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
)

// fill sets every field of a generated model to a value of its own and returns the
// names of the fields, so a field that a new document adds is covered.
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

// carried fails the test for each field of the model W that does not change what convert returns.
func carried[W, T any](t *testing.T, from func(*W, *oddFields) (T, error)) {
	convert := func(w *W) (T, error) { return from(w, &oddFields{}) }
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
	carried(t, func(w *gen.Service, odd *oddFields) ([]*Offer, error) {
		return offersFrom(&gen.SingleService{IconBaseURL: "https://icons.example.test", Services: []gen.Service{*w}}, odd)
	})
	carried(t, func(w *gen.PriceByService, _ *oddFields) ([]ServicePrices, error) {
		return asJSON(t, servicePrices, *w)
	})
	carried(t, func(w *gen.CountryPrice, _ *oddFields) ([]ServicePrices, error) {
		return asJSON(t, servicePrices, gen.PriceByService{ServiceID: "facebook", Countries: []gen.CountryPrice{*w}})
	})
	carried(t, func(w *gen.PriceByCountry, _ *oddFields) ([]CountryPrices, error) {
		return asJSON(t, countryPrices, *w)
	})
	carried(t, func(w *gen.ServicePrice, _ *oddFields) ([]CountryPrices, error) {
		return asJSON(t, countryPrices, gen.PriceByCountry{CountryID: "us", Services: []gen.ServicePrice{*w}})
	})
	carried(t, func(w *gen.Error, _ *oddFields) (*APIError, error) {
		body, err := json.Marshal(w)
		require.NoError(t, err)
		e := errorAnswer(409, string(body))
		e.Body = nil // it holds everything anyway
		return e, nil
	})
}

// confirmed200 is confirmed with a model whose result was filled with any text.
func confirmed200(w *gen.Response200, odd *oddFields) (bool, error) {
	if strings.HasPrefix(string(w.Result), "text") {
		w.Result = gen.Response200ResultSuccess
	}
	return confirmed(w, odd)
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
	require.Empty(t, known, "models that are no longer generated")
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
		`GET /api/v1/activations/12312  `, // the request before had no answer, so the activation is read
		`GET /api/v1/activations?page=2&limit=50  `,
		`GET /api/v1/activations  `,
		`GET /api/v1/services/facebook/countries/us de `,
	}, sent)
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func decodeActivation(t *testing.T, body string) (*Activation, error) {
	t.Helper()
	return model(activationFrom)([]byte(body), smallElements, &oddFields{})
}

// asJSON decodes a price list of one entry.
func asJSON[T, W any](t *testing.T, decode decoder[T], entry W) (T, error) {
	t.Helper()
	body, err := json.Marshal([]W{entry})
	require.NoError(t, err)
	return decode(body, priceListElements, &oddFields{})
}

func TestActivationSample(t *testing.T) {
	a, err := decodeActivation(t, `{"id": 12312, "status": "smsReceived", "code": 5678,
		"message": "Thanks for activation. Your activation code is: 5678",
		"number": 18454123223, "countryCode": 1, "nationalNumber": 8454123223, "formatNumber": "+1 845-412-3223",
		"price": 0.5, "createdAt": 1672531200, "numberExpireAt": 1672532400, "utc": 1672531260,
		"iconBaseUrl": "https://temp-number.org/icons/", "serviceIconPath": "/services/facebook.svg"}`)
	require.NoError(t, err)
	require.Equal(t, ActivationID(12312), a.ID)
	require.Equal(t, Code("5678"), a.Code)
	require.Equal(t, "+18454123223", a.Phone.E164())
	require.Equal(t, 50*Cent, a.Price)
	require.Equal(t, "2023-01-01T00:00:00Z", a.CreatedAt.Format("2006-01-02T15:04:05Z07:00"))
	require.Equal(t, "19m0s", a.Remaining().String())
	require.Equal(t, "https://temp-number.org/icons/services/facebook.svg", a.ServiceIconURL)
	require.Empty(t, a.CountryIconURL)
}

func TestActivationNumbersAsStrings(t *testing.T) {
	a, err := decodeActivation(t, `{"id": "9007199254740993", "number": "999999999999999", "price": "0.1", "createdAt": 1672531200.0, "countryCode": null}`)
	require.NoError(t, err)
	require.Equal(t, ActivationID(9007199254740993), a.ID)
	require.Equal(t, "+999999999999999", a.Phone.E164(), "fifteen digits, the most that E.164 allows")
	require.Equal(t, 10*Cent, a.Price)
	require.EqualValues(t, 1672531200, a.CreatedAt.Unix())
}

func TestActivationUnknownStatus(t *testing.T) {
	a, err := decodeActivation(t, `{"id": 1, "status": "somethingNew", "unknownField": {"x": []}}`)
	require.NoError(t, err)
	require.Equal(t, Status("somethingNew"), a.Status)
}

func TestActivationOddFields(t *testing.T) {
	for _, body := range []string{`{}`, `{"id": 0}`, `{"id": -4}`, `{"id": 1.5}`, `{"id": 1e30}`, `{"id": "x"}`, `{"id": {}}`, `{"id": null}`} {
		_, err := decodeActivation(t, body)
		require.Error(t, err, body)
	}
	for body, field := range map[string]string{
		`"number": -5`: "number", `"code": true`: "code", `"code": {"is": "5678"}`: "code", `"price": 1e40`: "price", `"price": "half a dollar"`: "price",
		`"price": -1`: "price", `"createdAt": -1`: "createdAt", `"createdAt": 1e30`: "createdAt", `"createdAt": "yesterday"`: "createdAt",
		`"rating": 4.5`: "rating", `"reason": 1.5`: "reason", `"retryAvailable": "perhaps"`: "retryAvailable", `"status": {}`: "status",
		`"serviceId": [1]`: "serviceId", `"message": false`: "message", `"countryCode": "one"`: "countryCode",
	} {
		var odd oddFields
		a, err := model(activationFrom)([]byte(`{"id": 12312, `+body+`}`), smallElements, &odd)
		require.NoError(t, err, body)
		require.Equal(t, &Activation{ID: 12312}, a, "zero, as if it were absent: %s", body)
		require.Equal(t, []string{field}, odd.Fields, body)
	}
}

func TestActivationFieldForms(t *testing.T) {
	moment := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for body, want := range map[string]Activation{
		`"id": "12312"`: {}, `"id": 12312.0`: {}, `"id": "+12312"`: {}, `"id": 1.2312e4`: {},
		`"number": "+18454123223"`: {Phone: Phone{number: "18454123223"}}, `"number": "1 (845) 412-3223"`: {Phone: Phone{number: "18454123223"}},
		`"number": 1.8454123223e10`: {Phone: Phone{number: "18454123223"}}, `"number": 0`: {}, `"number": ""`: {}, `"number": "+0"`: {},
		`"createdAt": 1672531200000`: {CreatedAt: moment}, `"createdAt": "1672531200"`: {CreatedAt: moment},
		`"createdAt": "2023-01-01T00:00:00Z"`: {CreatedAt: moment}, `"createdAt": "2023-01-01T01:00:00+01:00"`: {CreatedAt: moment},
		`"createdAt": "2023-01-01 00:00:00"`: {CreatedAt: moment}, `"createdAt": "2023-01-01T00:00:00.000Z"`: {CreatedAt: moment},
		`"createdAt": null`: {}, `"createdAt": ""`: {}, `"createdAt": 0`: {},
		`"retryAvailable": 1`: {RetryAvailable: true}, `"retryAvailable": "true"`: {RetryAvailable: true}, `"retryAvailable": 0`: {}, `"retryAvailable": null`: {}, `"retryAvailable": ""`: {},
		`"price": " 0.5 "`: {Price: 50 * Cent}, `"price": "+0.5"`: {Price: 50 * Cent}, `"price": null`: {}, `"price": ""`: {},
		`"message": null`: {}, `"code": ""`: {}, `"code": null`: {}, `"message": 5678`: {Message: "5678"}, `"status": 3`: {Status: "3"},
		`"rating": "4"`: {Rating: 4}, `"rating": 4.0`: {Rating: 4}, `"reason": " 2 "`: {Reason: 2},
	} {
		var odd oddFields
		a, err := model(activationFrom)([]byte(`{"id": 12312, `+body+`}`), smallElements, &odd)
		require.NoError(t, err, body)
		want.ID = 12312
		require.Equal(t, &want, a, body)
		require.Empty(t, odd.Fields, body)
	}
}

func TestActivationWithoutNumber(t *testing.T) {
	for _, body := range []string{
		`{"id": 1, "number": null, "countryCode": 1}`, `{"id": 1, "countryCode": 1, "formatNumber": "+1"}`, `{"id": 1, "number": 0, "countryCode": "1"}`,
		`{"id": 1, "number": "", "nationalNumber": ""}`, `{"id": 1, "number": "+0", "formatNumber": "+0"}`, `{"id": 1, "number": "000"}`,
	} {
		a, err := decodeActivation(t, body)
		require.NoError(t, err)
		require.True(t, a.Phone.IsZero(), body)
		require.Empty(t, a.Phone.E164(), body)
		require.Empty(t, a.Phone.String(), body)
	}
}

func TestUnreadableRows(t *testing.T) {
	var odd oddFields
	page, err := model(activationPageFrom)([]byte(`{"activations": [{"id": 1}, 5, null, {"id": "x"}, {}, [], {"id": 2, "price": []}], "total": 7, "page": "1"}`), smallElements, &odd)
	require.NoError(t, err)
	require.Equal(t, []ActivationID{1, 2}, idsOf(page.Activations))
	require.Equal(t, 5, page.Skipped)
	require.Equal(t, 5, odd.Rows)
	require.ElementsMatch(t, []string{"id", "price"}, odd.Fields)
	require.Equal(t, 7, page.Total)
	require.Equal(t, 1, page.Page)

	odd = oddFields{}
	list, err := servicePrices([]byte(`[{"s": "facebook", "countries": [{"c": "us", "p": 0.5}, {"c": "de", "p": "free"}, {"c": "fr"}, {"p": 1}, 7, {"c": "gb", "p": null}, {"c": "at", "p": "1e-3"}]},
		{"countries": []}, null, {"s": "telegram"}, {"s": "vk", "countries": null}, {"s": "x", "countries": {"c": "us"}}]`), priceListElements, &odd)
	require.NoError(t, err)
	require.Equal(t, []ServicePrices{
		{"facebook", []CountryPrice{{"us", 50 * Cent}, {"at", Dollar / 1000}}},
		{"telegram", []CountryPrice{}},
		{"vk", []CountryPrice{}},
		{"x", []CountryPrice{}},
	}, list, "a price that is not known is not zero")
	require.Equal(t, 7, odd.Rows)
	require.Equal(t, []string{"p"}, odd.Fields)
}
