package tempnumbertest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestActivationLife(t *testing.T) {
	server := tempnumbertest.NewServer()
	ordered := callOK(t, server, "POST", "/activations", orderBody)
	require.Equal(t, "smsRequested", ordered["status"])
	require.Contains(t, ordered, "message")
	require.Empty(t, ordered["message"])
	require.Contains(t, ordered, "code")
	require.Empty(t, ordered["code"])
	path := fmt.Sprintf("/activations/%.0f", ordered["id"])

	require.NoError(t, server.DeliverSMS(12312, "Thanks for activation. Your activation code is: 5678"))
	received := callOK(t, server, "GET", path, "")
	require.Equal(t, "smsReceived", received["status"])
	require.Equal(t, "5678", received["code"])
	require.Equal(t, true, received["retryAvailable"])

	require.Equal(t, map[string]any{"result": "success"}, callOK(t, server, "PUT", path, `{"status":"retry"}`))
	again := callOK(t, server, "GET", path, "")
	require.Equal(t, "retryRequested", again["status"])
	require.Contains(t, again, "message")
	require.Empty(t, again["message"])
	require.Contains(t, again, "code")
	require.Empty(t, again["code"])
	answer, body := call(t, server, "PUT", path, `{"status":"retry"}`)
	requireError(t, http.StatusConflict, "ResourceBadStateException", answer, body)

	require.NoError(t, server.Forget(12312))
	for _, method := range []string{"GET", "PUT"} {
		answer, body := call(t, server, method, path, `{"status":"retry"}`)
		requireError(t, http.StatusGone, "GoneException", answer, body)
	}
	answer, body = call(t, server, "GET", "/activations/99999", "")
	requireError(t, http.StatusNotFound, "ResourceNotFoundException", answer, body)
}

func TestOrderRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*tempnumbertest.Server)
		status  int
	}{
		"paymentRequired":        {func(s *tempnumbertest.Server) { s.SetBalance(0) }, 402},
		"AccountOnHoldException": {func(s *tempnumbertest.Server) { s.HoldAccount(true) }, 403},
		"ResourceNotFoundException": {func(s *tempnumbertest.Server) {
			require.NoError(t, s.SetAvailable("facebook", "us", false))
		}, 404},
		"TooManyActivationsPendingException": {func(s *tempnumbertest.Server) {
			callOK(t, s, "POST", "/activations", orderBody)
			callOK(t, s, "POST", "/activations", orderBody)
		}, 429},
		"lowSuccessRateException": {func(s *tempnumbertest.Server) {
			for range 5 {
				callOK(t, s, "POST", "/activations", orderBody)
				all := s.Activations()
				require.NoError(t, s.Expire(all[len(all)-1].ID))
			}
		}, 429},
	} {
		t.Run(name, func(t *testing.T) {
			server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(2))
			c.prepare(server)
			answer, body := call(t, server, "POST", "/activations", orderBody)
			requireError(t, c.status, name, answer, body)
			require.NotContains(t, body, "newPrice")
		})
	}
}

func TestNewPrice(t *testing.T) {
	server := tempnumbertest.NewServer()
	require.NoError(t, server.SetPrice("facebook", "us", 123_456_789))
	answer, body := call(t, server, "POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":0.123456788}`)
	requireError(t, http.StatusConflict, "expectedPriceErrorException", answer, body)
	require.Contains(t, body, `"newPrice":0.123456789`)
	callOK(t, server, "POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":0.123456789}`)
}

func TestPriceListsAgree(t *testing.T) {
	server := tempnumbertest.NewServer()
	require.NoError(t, server.SetPrice("facebook", "us", 2*tempnumber.Dollar))
	_, body := call(t, server, "GET", "/services/pricelistByCountry", "")
	require.NoError(t, server.SetPrice("facebook", "us", 3*tempnumber.Dollar))
	_, changed := call(t, server, "GET", "/services/pricelistByCountry", "")
	_, turned := call(t, server, "GET", "/services/pricelistByService", "")
	require.NotEqual(t, body, changed)

	var byCountry []gen.PriceByCountry
	var byService []gen.PriceByService
	require.NoError(t, json.Unmarshal([]byte(changed), &byCountry))
	require.NoError(t, json.Unmarshal([]byte(turned), &byService))
	prices := map[[2]string]json.Number{}
	for _, country := range byCountry {
		for _, service := range country.Services {
			prices[[2]string{service.ServiceID, country.CountryID}] = service.Price
		}
	}
	require.Len(t, prices, 30*26)
	for _, service := range byService {
		for _, country := range service.Countries {
			require.Equal(t, prices[[2]string{service.ServiceID, country.CountryID}], country.Price)
		}
	}
	require.Equal(t, json.Number("3"), prices[[2]string{"facebook", "us"}])
	offer := callOK(t, server, "GET", "/services/facebook/countries/us", "")
	require.InDelta(t, 3.0, offer["services"].([]any)[0].(map[string]any)["price"], 0)
}

func TestOfferLanguage(t *testing.T) {
	server := tempnumbertest.NewServer()
	for language, want := range map[string]string{
		"": "Receive the SMS of Facebook.", "en": "Receive the SMS of Facebook.", "xx": "Receive the SMS of Facebook.",
		"de": "Die SMS von Facebook empfangen.", "de-AT": "Die SMS von Facebook empfangen.",
		"FR": "Recevez le SMS de Facebook.", "es": "Reciba el SMS de Facebook.",
	} {
		_, body := call(t, server, "GET", "/services/facebook/countries/ca", "", func(r *http.Request) { r.Header.Set("prx-lang", language) })
		require.Contains(t, body, want, language)
		require.Contains(t, body, `"isVirtual":true`)
	}
}

func TestReviewBalance(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithBalance(tempnumber.Dollar / 3))
	server.SetReviewBalance(7 * tempnumber.Dollar)
	_, body := call(t, server, "GET", "/user/balance", "")
	require.JSONEq(t, `{"balance":0.333333333,"review_balance":7}`, body)
}

func TestLargeCatalogue(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithLargeCatalogue())
	_, body := call(t, server, "GET", "/services/pricelistByService", "")
	require.Equal(t, 3000, strings.Count(body, `"s":`))
	require.Equal(t, 3000*150, strings.Count(body, `"p":`))
}
