package tempnumbertest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
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
		"code A1B2C3": `"code":"A1B2C3"`, "hello": `"message":"hello","code":""`,
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

// answersOf returns the answers in which dialects differ: an order without a number
// yet, two activations with and without an SMS, the history, an offer, two errors.
func answersOf(t *testing.T, dialect tempnumbertest.Dialect) map[string]string {
	t.Helper()
	server := tempnumbertest.NewServer(tempnumbertest.WithDialect(dialect), tempnumbertest.WithSetupTime(time.Second, 0))
	answers := map[string]string{}
	keep := func(name, method, path, body string) *http.Response {
		answer, text := call(t, server, method, path, body)
		answers[name] = answer.Status + " " + answer.Header.Get("Retry-After") + answer.Header.Get("X-RateLimit-Reset") + text
		return answer
	}
	id := func(i int) string { return server.Activations()[i].ID.String() }
	keep("ordered", "POST", "/activations", orderBody)
	keep("ordered too", "POST", "/activations", orderBody)
	keep("ordered as well", "POST", "/activations", orderBody)
	time.Sleep(time.Second)
	keep("waiting", "GET", "/activations/"+id(0), "")
	for i, text := range []string{"Your code is 05678", "no digits"} {
		require.NoError(t, server.DeliverSMS(server.Activations()[i+1].ID, text))
	}
	keep("received", "GET", "/activations/"+id(1), "")
	keep("received without a code", "GET", "/activations/"+id(2), "")
	keep("history", "GET", "/activations?limit=50", "")
	keep("offer", "GET", "/services/facebook/countries/us", "")
	keep("price changed", "POST", "/activations", `{"serviceId":"facebook","countryId":"us","expectedPrice":0.01}`)
	keep("not found", "GET", "/activations/1", "")
	for range 10 {
		keep("throttled", "GET", "/activations", "")
	}
	time.Sleep(20 * time.Minute)
	keep("ended", "GET", "/activations/"+id(1), "")
	return answers
}

func TestDialectNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		documented, err := tempnumbertest.ParseDialect()
		require.NoError(t, err)
		require.Equal(t, tempnumbertest.Dialect{}, documented)
		plain := answersOf(t, documented)
		seen := map[tempnumbertest.Dialect]string{documented: "none"}
		for _, name := range tempnumbertest.DialectNames() {
			dialect, err := tempnumbertest.ParseDialect(name)
			require.NoError(t, err)
			require.Empty(t, seen[dialect], name)
			seen[dialect] = name
			if dialect.MaxPageSize == 0 { // shows only with many activations
				require.NotEqual(t, plain, answersOf(t, dialect), name)
			}
		}
		all, err := tempnumbertest.ParseDialect(tempnumbertest.DialectNames()...)
		require.NoError(t, err)
		answersOf(t, all)
		_, err = tempnumbertest.ParseDialect("iso-times", "klingon")
		require.ErrorContains(t, err, "klingon")
	})
}

func TestOddFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			dialect tempnumbertest.Dialect
			answer  string
			has     []string
			hasNot  []string
		}{
			{tempnumbertest.Dialect{}, "ordered", []string{`"message":""`, `"code":""`}, []string{`"number"`, `"countryCode"`, "null"}},
			{tempnumbertest.Dialect{}, "offer", []string{`"warning":""`}, nil},
			{tempnumbertest.Dialect{EarlyCountryCode: true, Missing: tempnumbertest.MissingAsNull}, "ordered", []string{`"number":null`, `"countryCode":1`, `"message":null`, `"code":null`}, nil},
			{tempnumbertest.Dialect{Missing: tempnumbertest.MissingAsNull}, "received", []string{`"code":"05678"`, `"number":1845`}, []string{"null"}},
			{tempnumbertest.Dialect{Missing: tempnumbertest.MissingAsNull}, "received without a code", []string{`"code":null`}, nil},
			{tempnumbertest.Dialect{Missing: tempnumbertest.MissingAsNull}, "offer", []string{`"warning":null`}, nil},
			{tempnumbertest.Dialect{Missing: tempnumbertest.MissingLeftOut}, "ordered", nil, []string{"message", `"code"`, `"number"`}},
			{tempnumbertest.Dialect{Missing: tempnumbertest.MissingAsText}, "ordered", []string{`"message":""`, `"number":""`, `"countryCode":""`}, nil},
			{tempnumbertest.Dialect{Missing: tempnumbertest.MissingAsZero}, "ordered", []string{`"message":""`, `"number":0`, `"formatNumber":""`}, nil},
			{tempnumbertest.Dialect{BareActivations: true}, "received", []string{`"id":12313`, `"status":"smsReceived"`, `"code":"05678"`, `"price":null`, `"createdAt":null`, `"serviceId":null`, `"retryAvailable":null`}, nil},
			{tempnumbertest.Dialect{BareActivations: true}, "history", []string{`"id":12313`, `"price":null`, `"total":3`}, nil},
			{tempnumbertest.Dialect{Times: tempnumbertest.UnixMillis}, "waiting", []string{`"createdAt":946684800000`, `"utc":946684801000`}, nil},
			{tempnumbertest.Dialect{Times: tempnumbertest.ISOTimes}, "history", []string{`"createdAt":"2000-01-01T00:00:00Z"`, `"numberExpireAt":"2000-01-01T00:20:00Z"`}, nil},
			{tempnumbertest.Dialect{Times: tempnumbertest.TextTimes}, "waiting", []string{`"createdAt":"946684800"`}, nil},
			{tempnumbertest.Dialect{Numbers: tempnumbertest.PlusNumbers}, "waiting", []string{`"number":"+1845`}, nil},
			{tempnumbertest.Dialect{Numbers: tempnumbertest.SpacedNumbers}, "waiting", []string{`"number":"+1 845-`}, nil},
			{tempnumbertest.Dialect{Bools: tempnumbertest.NumberBools}, "received", []string{`"retryAvailable":1`}, nil},
			{tempnumbertest.Dialect{Bools: tempnumbertest.NumberBools}, "offer", []string{`"isVirtual":0`, `"hasNumbers":1`}, nil},
			{tempnumbertest.Dialect{Bools: tempnumbertest.TextBools}, "waiting", []string{`"retryAvailable":"false"`}, nil},
			{tempnumbertest.Dialect{NewPrices: tempnumbertest.NewAndSuggestedPrice}, "price changed", []string{`"newPrice":0.`, `"suggestedPrice":0.`}, nil},
			{tempnumbertest.Dialect{NewPrices: tempnumbertest.SuggestedPriceField}, "price changed", []string{`"suggestedPrice":0.`}, []string{"newPrice"}},
			{tempnumbertest.Dialect{StaleHistory: true}, "history", []string{`"id":12313`}, []string{"05678", "smsReceived"}},
			{tempnumbertest.Dialect{StaleHistory: true}, "received", []string{"05678", "smsReceived"}, nil},
			{tempnumbertest.Dialect{IDs: tempnumbertest.DescendingIDs}, "history", []string{`"id":900000000,`, `"id":899999999,`}, nil},
			{tempnumbertest.Dialect{IDs: tempnumbertest.RandomIDs}, "history", []string{`"id":1005562307,`, `"id":1002124614,`, `"id":1007686921,`}, nil},
		} {
			began := time.Now()
			body := answersOf(t, c.dialect)[c.answer]
			for i, text := range c.has {
				text = strings.NewReplacer("946684800", fmt.Sprint(began.Unix()), "946684801", fmt.Sprint(began.Unix()+1),
					"2000-01-01T00:00:00Z", began.UTC().Format(time.RFC3339), "2000-01-01T00:20:00Z", began.Add(20*time.Minute).UTC().Format(time.RFC3339)).Replace(text)
				require.Contains(t, body, text, "%+v: %s, %d", c.dialect, c.answer, i)
			}
			for _, text := range c.hasNot {
				require.NotContains(t, body, text, "%+v: %s", c.dialect, c.answer)
			}
		}
	})
}

func TestSetDialect(t *testing.T) {
	server := tempnumbertest.NewServer()
	callOK(t, server, "POST", "/activations", orderBody)
	_, prices := call(t, server, "GET", "/services/pricelistByCountry", "")
	server.SetDialect(tempnumbertest.Dialect{StringNumbers: true, IDs: tempnumbertest.DescendingIDs})
	require.Equal(t, "899999999", callOK(t, server, "POST", "/activations", orderBody)["id"])
	require.Equal(t, "12312", callOK(t, server, "GET", "/activations/12312", "")["id"])
	_, quoted := call(t, server, "GET", "/services/pricelistByCountry", "")
	require.NotEqual(t, prices, quoted)
	server.Reset()
	require.InDelta(t, 12312, callOK(t, server, "POST", "/activations", orderBody)["id"], 0)
}

func TestUnverifiedEmail(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithUnverifiedEmail())
	answer, body := call(t, server, "POST", "/activations", orderBody)
	requireError(t, 403, "EmailNotVerifiedException", answer, body)
	callOK(t, server, "GET", "/activations", "")
	server.SetEmailVerified(true)
	callOK(t, server, "POST", "/activations", orderBody)
	server.SetEmailVerified(false)
	answer, _ = call(t, server, "POST", "/activations", orderBody)
	require.Equal(t, 403, answer.StatusCode)
}

func TestPendingCapPerDollar(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithPendingCap(1), tempnumbertest.WithPendingCapPerDollar(2), tempnumbertest.WithBalance(198*tempnumber.Cent))
	for range 2 { // 3 may wait at 1.98 and at 1.485 dollars, 1 at 0.99
		callOK(t, server, "POST", "/activations", orderBody)
	}
	answer, body := call(t, server, "POST", "/activations", orderBody)
	requireError(t, 429, "TooManyActivationsPendingException", answer, body)
	server.SetBalance(3 * tempnumber.Dollar)
	callOK(t, server, "POST", "/activations", orderBody)
}
