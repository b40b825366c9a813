package tempnumbertest_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// requireFull fails when the answer leaves out a field that the generated model has.
func requireFull[T any](t *testing.T, body string, allowed ...string) {
	t.Helper()
	var model T
	require.NoError(t, json.Unmarshal([]byte(body), &model))
	value := reflect.ValueOf(model)
	for i := range value.NumField() {
		name := value.Type().Field(i).Name
		if value.Field(i).Kind() != reflect.Bool && value.Field(i).IsZero() {
			require.Contains(t, allowed, name, "the answer has no %s", name)
		}
	}
}

func TestAnswersFillModels(t *testing.T) {
	server := tempnumbertest.NewServer()
	_, body := call(t, server, "POST", "/activations", orderBody)
	requireFull[gen.ActivationData](t, body, "Message", "Code")
	require.NoError(t, server.DeliverSMS(12312, "Your code is 05678"))
	_, body = call(t, server, "GET", "/activations/12312", "")
	requireFull[gen.ActivationData](t, body)
	_, body = call(t, server, "GET", "/activations", "")
	requireFull[gen.ActivationsHistory](t, body)
	_, body = call(t, server, "GET", "/user/balance", "")
	requireFull[gen.UserBalance](t, body)
	_, body = call(t, server, "GET", "/services/facebook/countries/us", "")
	requireFull[gen.SingleService](t, body)
	var offer struct{ Services []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(body), &offer))
	require.Len(t, offer.Services, 1)
	requireFull[gen.Service](t, string(offer.Services[0]), "Warning")
}

func TestEmptyHistory(t *testing.T) {
	_, body := call(t, tempnumbertest.NewServer(), "GET", "/activations", "")
	require.JSONEq(t, `{"activations":[],"page":1,"limit":10,"pages":0,"total":0}`, body)
}

func TestTextEncoding(t *testing.T) {
	server := tempnumbertest.NewServer()
	callOK(t, server, "POST", "/activations", orderBody)
	const text = "<#> Ваш код: 4455 & \"quotes\" \\ \u2028 😀"
	require.NoError(t, server.DeliverSMS(12312, text))
	require.Equal(t, text, callOK(t, server, "GET", "/activations/12312", "")["message"])
}

// In Ivory Coast the national part of a number begins with a zero, which a JSON
// number cannot have.
func TestNationalNumberLeadingZero(t *testing.T) {
	server := tempnumbertest.NewServer()
	_, body := call(t, server, "POST", "/activations", `{"serviceId":"facebook","countryId":"ci"}`)
	require.Regexp(t, `"nationalNumber":7\d{8}[,}]`, body)
	require.Regexp(t, `"number":22507\d{8}[,}]`, body)
}
