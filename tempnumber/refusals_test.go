package tempnumber

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// opener opens a log, or says why it cannot.
type opener func(name string) (sharing.Log, error)

func (o opener) Open(name string) (sharing.Log, error) { return o(name) }

// foreign is a limiter of the program's own.
type foreign struct{ Limiter }

func TestSharingIsRefused(t *testing.T) {
	broken := errors.New("permission denied")
	cannot := WithSharing(opener(func(string) (sharing.Log, error) { return nil, broken }))
	_, err := New(testKey, cannot)
	require.ErrorIs(t, err, ErrSharing)
	require.ErrorIs(t, err, broken)
	_, err = New(testKey, cannot, WithLimiter(foreign{NewLimiter(nil)}))
	require.ErrorIs(t, err, ErrInvalidInput)
	require.ErrorContains(t, err, "WithLimiter")

	client, err := New(testKey)
	require.NoError(t, err)
	_, err = client.SharedStatus(t.Context())
	require.ErrorIs(t, err, ErrInvalidInput)
	require.ErrorContains(t, err, "WithSharing")
}

func TestLimitsThatMakeNoSense(t *testing.T) {
	for _, limit := range []Limit{{}, {Requests: 1}, {Window: time.Second}, {Requests: -1, Window: time.Second}} {
		require.PanicsWithValue(t, "tempnumber: NewLimiter: the limit of GET /user/balance must have at least one request and a window above zero",
			func() { NewLimiter(Limits{EndpointBalance: limit}) })
	}
}

func TestThrottledErrorIsATimeout(t *testing.T) {
	client := (&shop{}).client(t, nil, WithLimiter(NewLimiter(Limits{EndpointGetActivation: {Requests: 1, Window: time.Hour}})))
	_, err := client.Activation(t.Context(), 1)
	require.ErrorIs(t, err, ErrNotFound)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = client.Activation(ctx, 1)
	var timeout interface{ Timeout() bool }
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
	var throttled *ThrottledError
	require.ErrorAs(t, err, &throttled)
	require.Greater(t, throttled.Wait, 59*time.Minute)
}

func TestOfferThatWasNotAskedFor(t *testing.T) {
	for body, want := range map[string]string{
		`{"services": [{"serviceId": "telegram", "countryId": "us", "price": 1}]}`:                                   "does not hold the one",
		`{"services": [{"serviceId": "facebook", "countryId": "de"}, {"serviceId": "telegram", "countryId": "us"}]}`: "does not hold the one",
		`{"services": []}`: "holds no offer",
		`{`:                "not what the API promises",
	} {
		client := (&shop{}).client(t, func(*http.Request) (*http.Response, error) { return answerWith(200, body), nil }, WithSpendingCap(Dollar))
		_, err := client.Offer(t.Context(), "facebook", "us")
		require.ErrorIs(t, err, ErrInvalidResponse)
		require.ErrorContains(t, err, want)
		_, err = client.CreateActivation(t.Context(), CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
		require.ErrorIs(t, err, ErrInvalidResponse)
		require.ErrorContains(t, err, "the spending cap needs the price")
	}
}

func TestRawOrderThatCannotBeRead(t *testing.T) {
	s := &shop{}
	client := s.client(t, nil)
	for body, want := range map[string]string{
		`{"serviceId": "facebook", "countryId": "us", "expectedPrice": 1e400}`: "expectedPrice",
		`[]`: "JSON object",
		`{}`: "ServiceID",
	} {
		_, err := client.Raw().NewActivationWithBody(t.Context(), "application/json", strings.NewReader(body))
		require.ErrorIs(t, err, ErrInvalidInput, body)
		require.ErrorContains(t, err, want)
	}
	_, err := client.Raw().NewActivationWithBody(t.Context(), "application/json", failingReader{})
	require.ErrorIs(t, err, errReader)
	_, err = client.Raw().NewActivation(t.Context(), gen.NewActivation{ServiceID: "../facebook", CountryID: "us"})
	require.ErrorIs(t, err, ErrInvalidInput)
	require.Zero(t, s.bought("facebook"))
}

var errReader = errors.New("the file is gone")

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errReader }

// An order that fails ends ReceiveSMS before the number is used, and so does a number that never comes.
func TestReceiveSMSWithoutNumber(t *testing.T) {
	use := func(context.Context, *Activation) error { return errors.New("used") }
	client := (&shop{}).client(t, func(*http.Request) (*http.Response, error) { return answerWith(402, ""), nil })
	_, err := client.ReceiveSMS(t.Context(), facebook(), use)
	require.ErrorIs(t, err, ErrInsufficientFunds)

	s := &shop{}
	client = s.client(t, func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost {
			a := s.sell("facebook", "us")
			return answerWith(200, `{"id": `+ActivationID(a.ID).String()+`, "status": "numberRequested"}`), nil
		}
		return answerWith(403, `{"errorName": "AccountOnHoldException"}`), nil
	})
	_, err = client.ReceiveSMS(t.Context(), facebook(), use)
	var ended *WaitError
	require.ErrorAs(t, err, &ended)
	require.ErrorIs(t, err, ErrAccountOnHold)
	require.EqualValues(t, 1001, ended.ID)
}

func TestAmountAsText(t *testing.T) {
	text, err := json.Marshal(map[Amount]int{Dollar / 2: 1})
	require.NoError(t, err)
	require.Equal(t, `{"0.5":1}`, string(text))
	var back map[Amount]int
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, map[Amount]int{Dollar / 2: 1}, back)
}

func TestClientAsGo(t *testing.T) {
	client, err := New(testKey)
	require.NoError(t, err)
	require.Equal(t, "tempnumber.Client("+ProductionURL+")", client.GoString())
}
