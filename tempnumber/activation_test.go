package tempnumber

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
)

func TestStatuses(t *testing.T) {
	ours := []Status{
		StatusNumberRequested, StatusNumberReceived, StatusSMSRequested, StatusSMSReceived,
		StatusRetryRequested, StatusRetryReceived, StatusError, StatusRefunded, StatusServiceConsumed,
	}
	for _, s := range ours {
		require.True(t, gen.ActivationStatus(s).Valid(), s)
		require.True(t, s.Known(), s)
	}
	require.False(t, Status("somethingNew").Known())
	require.False(t, Status("somethingNew").Terminal(), "an unknown status is polled on")
	require.False(t, Status("somethingNew").HasSMS())
}

func TestStatusMethods(t *testing.T) {
	for s, want := range map[Status]struct{ terminal, sms bool }{
		StatusNumberRequested: {}, StatusNumberReceived: {}, StatusSMSRequested: {}, StatusRetryRequested: {},
		StatusSMSReceived: {false, true}, StatusRetryReceived: {false, true}, StatusServiceConsumed: {true, true},
		StatusError: {true, false}, StatusRefunded: {true, false},
	} {
		require.Equal(t, want.terminal, s.Terminal(), s)
		require.Equal(t, want.sms, s.HasSMS(), s)
	}
}

func decodeActivation(t *testing.T, body string) (*Activation, error) {
	t.Helper()
	var w gen.ActivationData
	require.NoError(t, json.Unmarshal([]byte(body), &w))
	return activationFrom(&w)
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

func TestActivationErrors(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"id": 0}`, `{"id": -4}`, `{"id": 1.5}`, `{"id": 1e30}`, `{"id": 1, "number": -5}`, `{"id": 1, "code": true}`,
		`{"id": 1, "price": 1e40}`, `{"id": 1, "createdAt": -1}`, `{"id": 1, "createdAt": 1e30}`,
	} {
		_, err := decodeActivation(t, body)
		require.Error(t, err, body)
	}
}

func TestIconURL(t *testing.T) {
	for _, c := range [][3]string{
		{"https://x.test/i", "a.svg", "https://x.test/i/a.svg"},
		{"https://x.test/i/", "/a.svg", "https://x.test/i/a.svg"},
		{"https://x.test/i", "https://y.test/a.svg", "https://y.test/a.svg"},
		{"", "a.svg", ""},
		{"relative", "a.svg", ""},
		{"https://x.test", "", ""},
		{"https://x.test", "%zz", ""},
	} {
		require.Equal(t, c[2], iconURL(c[0], c[1]), c)
	}
}
