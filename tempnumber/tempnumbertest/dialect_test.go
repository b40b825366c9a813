package tempnumbertest_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// speaking makes a server of a dialect with one activation that got an SMS.
func speaking(t *testing.T, dialect tempnumbertest.Dialect, text string) *tempnumbertest.Server {
	t.Helper()
	server := tempnumbertest.NewServer(tempnumbertest.WithDialect(dialect))
	callOK(t, server, "POST", "/activations", orderBody)
	require.NoError(t, server.DeliverSMS(12312, text))
	return server
}

func TestNumericCodes(t *testing.T) {
	for text, want := range map[string]string{
		"code 5678": `"code":5678`, "code 05678": `"code":5678`, "code 0000": `"code":0`,
		"code A1B2C3": `"code":"A1B2C3"`, "hello": `"message":"hello","national`,
	} {
		_, body := call(t, speaking(t, tempnumbertest.Dialect{NumericCodes: true}, text), "GET", "/activations/12312", "")
		require.Contains(t, body, want, text)
	}
}

func TestStringNumbers(t *testing.T) {
	server := speaking(t, tempnumbertest.Dialect{StringNumbers: true, NumericCodes: true}, `-5 "3.5" \1e9 code 05678`)
	for _, path := range []string{"/activations/12312", "/activations", "/user/balance", "/services/facebook/countries/us", "/services/pricelistByCountry", "/services/pricelistByService"} {
		_, body := call(t, server, "GET", path, "")
		var decoded any
		require.NoError(t, json.Unmarshal([]byte(body), &decoded), body)
		requireNoNumbers(t, decoded)
	}
	answer := callOK(t, server, "GET", "/activations/12312", "")
	require.Equal(t, "12312", answer["id"])
	require.Equal(t, "5678", answer["code"])
	require.Equal(t, `-5 "3.5" \1e9 code 05678`, answer["message"])
	_, body := call(t, server, "POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":0.01}`)
	require.Regexp(t, `"newPrice":"0\.\d+"`, body)
}

func requireNoNumbers(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for _, field := range v {
			requireNoNumbers(t, field)
		}
	case []any:
		for _, element := range v {
			requireNoNumbers(t, element)
		}
	default:
		_, number := v.(float64)
		require.False(t, number, "%v is a number", v)
	}
}

func TestErrorNames(t *testing.T) {
	for names, want := range map[tempnumbertest.ErrorNames]map[string]string{
		tempnumbertest.DocumentedNames: {"404": "ResourceNotFoundException", "402": "paymentRequired", "409": "expectedPriceErrorException"},
		tempnumbertest.LowerCamelNames: {"404": "resourceNotFoundException", "402": "paymentRequired", "409": "expectedPriceErrorException"},
		tempnumbertest.BareNames:       {"404": "resourceNotFound", "402": "paymentRequired", "409": "expectedPriceError"},
		tempnumbertest.NewerNames:      {"404": "NoNumbersAvailableException", "402": "PaymentRequiredException", "409": "MaxPriceExceededException"},
	} {
		server := tempnumbertest.NewServer(tempnumbertest.WithDialect(tempnumbertest.Dialect{ErrorNames: names}), tempnumbertest.WithPendingCap(1))
		answer, body := call(t, server, "POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":0.01}`)
		requireError(t, 409, want["409"], answer, body)
		require.NoError(t, server.SetAvailable("facebook", "us", false))
		answer, body = call(t, server, "POST", "/activations", orderBody)
		requireError(t, 404, want["404"], answer, body)
		require.NoError(t, server.SetAvailable("facebook", "us", true))
		callOK(t, server, "POST", "/activations", orderBody)
		answer, body = call(t, server, "POST", "/activations", orderBody)
		if names == tempnumbertest.NewerNames {
			requireError(t, 429, "TooManyActivationsException", answer, body)
		}
		server.SetBalance(0)
		answer, body = call(t, server, "POST", "/activations", orderBody)
		requireError(t, 402, want["402"], answer, body)
	}
}

func TestHTMLErrors(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithDialect(tempnumbertest.Dialect{HTMLErrors: true}))
	answer, body := call(t, server, "GET", "/activations/1", "")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	require.Equal(t, "text/html; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Contains(t, body, "<h1>404 Not Found</h1>")
	callOK(t, server, "GET", "/user/balance", "")
}

func TestServiceConsumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := speaking(t, tempnumbertest.Dialect{ServiceConsumed: true}, "code 5678")
		time.Sleep(20 * time.Minute)
		answer := callOK(t, server, "GET", "/activations/12312", "")
		require.Equal(t, "serviceConsumed", answer["status"])
		require.Equal(t, "5678", answer["code"])
	})
}

func TestHistoryDialects(t *testing.T) {
	listed := func(dialect tempnumbertest.Dialect, query string) (ids []float64, answer map[string]any) {
		server := speaking(t, dialect, "code 5678")
		callOK(t, server, "POST", "/activations", orderBody)
		callOK(t, server, "POST", "/activations", orderBody)
		require.NoError(t, server.Expire(12313))
		answer = callOK(t, server, "GET", "/activations"+query, "")
		for _, a := range answer["activations"].([]any) {
			ids = append(ids, a.(map[string]any)["id"].(float64))
		}
		return ids, answer
	}
	ids, answer := listed(tempnumbertest.Dialect{}, "")
	require.Equal(t, []float64{12314, 12313, 12312}, ids)
	require.Equal(t, "code 5678", answer["activations"].([]any)[2].(map[string]any)["message"])

	ids, _ = listed(tempnumbertest.Dialect{OldestFirst: true}, "")
	require.Equal(t, []float64{12312, 12313, 12314}, ids)

	ids, answer = listed(tempnumbertest.Dialect{HidePending: true}, "")
	require.Equal(t, []float64{12313, 12312}, ids)
	require.InDelta(t, 2, answer["total"], 0)

	_, answer = listed(tempnumbertest.Dialect{HideMessages: true}, "")
	require.NotContains(t, answer["activations"].([]any)[2], "message")
	require.NotContains(t, answer["activations"].([]any)[2], "code")
	require.Equal(t, "smsReceived", answer["activations"].([]any)[2].(map[string]any)["status"])

	ids, answer = listed(tempnumbertest.Dialect{MaxPageSize: 2}, "?limit=50&page=2")
	require.Equal(t, []float64{12312}, ids)
	require.InDelta(t, 2, answer["limit"], 0, "the answer says which size was granted")
	require.InDelta(t, 2, answer["pages"], 0)

	_, answer = listed(tempnumbertest.Dialect{}, "?limit=9000000000000000000&page=9000000000000000000")
	require.InDelta(t, 100, answer["limit"], 0)
	require.Empty(t, answer["activations"])
}
