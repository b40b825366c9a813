package tempnumber

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

// A decoder returns either a valid value or an error, whatever the server sends. The
// corpora are kept in testdata/fuzz.

// fuzzDecoder fuzzes a decoder; holds checks every value that it returns.
func fuzzDecoder[T any](f *testing.F, decode decoder[T], holds func(*testing.T, T), seeds ...string) {
	f.Helper()
	for _, seed := range append(seeds, "", "null", "{}", "[]", "[{}]", `"text"`, "1", "{", `{} {}`, "\x00", "<html>") {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := decode(body, smallElements, &oddFields{})
		if err == nil {
			require.True(t, json.Valid(body), "only valid JSON is decoded")
			holds(t, value)
			return
		}
		require.NotEmpty(t, err.Error())
		require.Less(t, len(err.Error()), 400, "an error quotes little of the body")
	})
}

func holdsForActivation(t *testing.T, a *Activation) {
	require.NotNil(t, a)
	require.Positive(t, a.ID)
	require.GreaterOrEqual(t, a.Remaining(), time.Duration(0))
	for _, moment := range []time.Time{a.CreatedAt, a.ExpiresAt, a.ServerTime} {
		require.True(t, moment.IsZero() || moment.Year() >= 1970 && moment.Year() < 9999, moment)
	}
	require.False(t, a.Status.Terminal() && !a.Status.Known())
	require.True(t, strings.HasPrefix(a.Phone.E164(), "+") || a.Phone.E164() == "")
	for _, icon := range []string{a.ServiceIconURL, a.CountryIconURL} {
		u, err := url.Parse(icon)
		require.True(t, icon == "" || err == nil && u.IsAbs() || strings.Contains(icon, "://"), icon)
	}
	logged := fmt.Sprint(a.LogValue())
	if len(a.Message) > 20 && a.Message != a.ServiceID && a.Message != a.CountryID && a.Message != string(a.Status) {
		require.NotContains(t, logged, a.Message)
	}
}

const (
	seedActivation = `{"id": 12312, "status": "smsReceived", "code": 5678, "message": "Your code is: 05678", "number": 18454123223, "countryCode": 1,
		"nationalNumber": 8454123223, "formatNumber": "+1 845", "price": 0.5, "createdAt": 1672531200, "numberExpireAt": 1672532400, "utc": 1672531260,
		"iconBaseUrl": "https://temp-number.org/icons/", "serviceIconPath": "/s.svg", "retryAvailable": true, "rating": 0, "reason": 0}`
	seedStrings = `{"id": "9007199254740993", "number": "999999999999999", "price": "0.1", "code": "0042", "createdAt": 1.6725312e9, "countryCode": null}`
	seedError   = `{"errorName": "expectedPriceErrorException", "errorMessage": "Price has changed", "newPrice": 0.7}`
)

func FuzzActivation(f *testing.F) {
	fuzzDecoder(f, model(activationFrom), holdsForActivation, seedActivation, seedStrings, `{"id": 1e3}`, `{"id": 1, "code": true}`, `{"id": 1, "createdAt": 1e300}`)
}

func FuzzActivationPage(f *testing.F) {
	fuzzDecoder(f, model(activationPageFrom), func(t *testing.T, p *ActivationPage) {
		require.NotNil(t, p.Activations)
		for _, a := range p.Activations {
			holdsForActivation(t, a)
		}
	}, `{"activations": [`+seedActivation+`,`+seedStrings+`], "page": 1, "limit": 10, "pages": 1, "total": 2}`, `{"activations": null, "pages": -1}`)
}

func FuzzOffers(f *testing.F) {
	fuzzDecoder(f, model(offersFrom), func(t *testing.T, offers []*Offer) {
		for _, o := range offers {
			require.NotNil(t, o)
		}
	}, `{"iconBaseUrl": "https://x.test", "services": [{"serviceId": "facebook", "countryId": "us", "price": 0.5, "hasNumbers": true, "serviceIconPath": "a.svg"}]}`)
}

func FuzzServicePrices(f *testing.F) {
	fuzzDecoder(f, servicePrices, func(t *testing.T, list []ServicePrices) {
		for _, s := range list {
			require.NotNil(t, s.Countries)
		}
	}, `[{"s": "facebook", "countries": [{"c": "us", "p": 0.5}, {"c": "de", "p": "1e-3"}]}]`, `[null]`)
}

func FuzzCountryPrices(f *testing.F) {
	fuzzDecoder(f, countryPrices, func(t *testing.T, list []CountryPrices) {
		for _, c := range list {
			require.NotNil(t, c.Services)
		}
	}, `[{"c": "us", "services": [{"s": "facebook", "p": 0.5}]}]`, `[null]`)
}

func FuzzBalance(f *testing.F) {
	fuzzDecoder(f, model(balanceFrom), func(t *testing.T, b *Balance) { require.NotNil(t, b) }, `{"balance": 12.5, "review_balance": 0}`, `{"balance": "1"}`, `{"balance": -1e99}`)
}

func FuzzConfirmation(f *testing.F) {
	fuzzDecoder(f, model(confirmed), func(t *testing.T, ok bool) { require.True(t, ok) }, `{"result": "success"}`, `{"result": "Success"}`)
}

func FuzzAPIError(f *testing.F) {
	for _, status := range []int{0, 200, 301, 400, 402, 409, 429, 500, 503, 999} {
		f.Add(status, []byte(seedError))
	}
	f.Add(429, []byte(`{"errorName": "TooManyRequestsException", "newPrice": {}}`))
	f.Add(502, []byte("<html>"))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := errorAnswer(status, string(body))
		require.Equal(t, status, e.StatusCode)
		matches := 0
		for _, sentinel := range allSentinels() {
			if e.Is(sentinel) {
				matches++
			}
		}
		require.LessOrEqual(t, matches, 1)
		if e.refusal() {
			require.True(t, json.Valid(body) && status >= 400 && status < 500)
		}
		for _, r := range e.Error() {
			require.False(t, unicode.IsControl(r), "an error has no control characters: %q", e.Error())
		}
		require.Less(t, len(e.Error()), 4000)
	})
}

func FuzzParseActivationID(f *testing.F) {
	for _, s := range []string{"", "0", "1", "-1", "+1", "01", "9223372036854775807", "9223372036854775808", "1e3", " 1", "1\n", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseActivationID(s)
		if err != nil {
			require.Zero(t, id)
			require.ErrorIs(t, err, ErrInvalidInput)
			return
		}
		require.Equal(t, s, id.String(), "there is one way to write an id")
		require.NoError(t, id.check())
	})
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"facebook", "", ".", "..", "%2e%2e", "a/b", "a%2fb", "a?b", "a#b", "a b", "é", "12312", "0", "-1", strings.Repeat("a", 65)} {
		f.Add(s, "us")
		f.Add("facebook", s)
	}
	base, err := transport.ParseBaseURL(ProductionURL, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, service, country string) {
		valid := validID(service) && validID(country)
		u, err := url.Parse(ProductionURL + "/services/" + service + "/countries/" + country)
		if err != nil {
			require.False(t, valid)
			return
		}
		endpoint, err := route(base, http.MethodGet, u)
		if valid {
			require.NoError(t, err)
			require.Equal(t, EndpointOffer, endpoint)
		}
		if err == nil {
			path := u.EscapedPath()
			require.NotContains(t, path, "..")
			require.NotContains(t, path, "%")
			require.NotContains(t, path, "//")
		}
	})
}

func FuzzIntent(f *testing.F) {
	f.Add([]byte(`{"service_id": "facebook", "country_id": "us", "max_price": 0.5, "sent_at": "2026-01-02T03:04:05.000000006Z", "high_water": 12312}`))
	f.Add([]byte(`{"sent_at": "2026-01-02T03:04:05+02:00", "max_price": "1"}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		var in Intent
		if json.Unmarshal(stored, &in) != nil || in.check() != nil {
			return
		}
		text, err := json.Marshal(in)
		require.NoError(t, err)
		var again Intent
		require.NoError(t, json.Unmarshal(text, &again))
		require.True(t, in.SentAt.Equal(again.SentAt))
		again.SentAt = in.SentAt
		require.Equal(t, in, again)
	})
}
