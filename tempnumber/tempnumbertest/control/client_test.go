package control_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
)

// remote serves a service over HTTP and returns it with a control client and a client.
func remote(t *testing.T, opts ...tempnumbertest.Option) (*tempnumbertest.Server, *control.Client, *tempnumber.Client) {
	t.Helper()
	server := tempnumbertest.NewServer(opts...)
	listening := httptest.NewServer(newDocumented(t, server.ControlHandler()))
	t.Cleanup(listening.Close)
	url := listening.URL
	remote, err := control.NewClient(url)
	require.NoError(t, err)
	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(url),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return server, remote, client
}

func rent(t *testing.T, client *tempnumber.Client) *tempnumber.Activation {
	t.Helper()
	a, err := client.CreateActivation(t.Context(), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	require.NoError(t, err)
	return a
}

// refused wants an error of the control API.
func refused(t *testing.T, status int, err error) {
	t.Helper()
	var problem *control.Error
	require.ErrorAs(t, err, &problem)
	require.Equal(t, status, problem.StatusCode, problem.Message)
	require.NotEmpty(t, problem.Message)
}

func TestClientDeliver(t *testing.T) {
	_, box, client := remote(t)
	ctx := t.Context()
	byID, byNumber := rent(t, client), rent(t, client)

	_, _, err := box.LastCode(ctx, byID.Phone.E164())
	refused(t, http.StatusNotFound, err)
	require.NoError(t, box.DeliverSMS(ctx, byID.ID, "Your code is 05678"))
	require.NoError(t, box.DeliverSMSTo(ctx, byNumber.Phone.String(), "Your code is 41234 "))

	a, err := client.WaitSMS(ctx, byID.ID)
	require.NoError(t, err)
	require.EqualValues(t, "05678", a.Code)
	a, err = client.WaitSMS(ctx, byNumber.ID)
	require.NoError(t, err)
	require.Equal(t, "Your code is 41234 ", a.Message)

	code, text, err := box.LastCode(ctx, byID.Phone.E164())
	require.NoError(t, err)
	require.Equal(t, "05678", code)
	require.Equal(t, "Your code is 05678", text)

	refused(t, http.StatusConflict, box.DeliverSMS(ctx, byID.ID, "again"))
	refused(t, http.StatusNotFound, box.DeliverSMS(ctx, 1, "nobody"))
	refused(t, http.StatusNotFound, box.DeliverSMSTo(ctx, "+15550000", "nobody"))
	_, _, err = box.LastCode(ctx, "+15550000")
	refused(t, http.StatusNotFound, err)
}

func TestClientActivations(t *testing.T) {
	server, box, client := remote(t)
	ctx := t.Context()
	none, err := box.Activations(ctx)
	require.NoError(t, err)
	require.NotNil(t, none)
	require.Empty(t, none)

	first, second, third, fourth := rent(t, client), rent(t, client), rent(t, client), rent(t, client)
	require.NoError(t, box.Expire(ctx, first.ID))
	require.NoError(t, box.Refund(ctx, second.ID))
	require.NoError(t, box.FailActivation(ctx, third.ID, 7))
	require.NoError(t, box.Forget(ctx, fourth.ID))

	all, err := box.Activations(ctx)
	require.NoError(t, err)
	local := server.Activations()
	require.Len(t, all, len(local))
	for i := range local {
		require.True(t, local[i].CreatedAt.Equal(all[i].CreatedAt) && local[i].ExpiresAt.Equal(all[i].ExpiresAt))
		all[i].CreatedAt, all[i].ExpiresAt = local[i].CreatedAt, local[i].ExpiresAt
	}
	seen := make([]tempnumbertest.Activation, len(all))
	for i, a := range all {
		seen[i] = tempnumbertest.Activation(a)
	}
	require.Equal(t, local, seen, "the same, seen from outside")
	require.Equal(t, tempnumber.StatusRefunded, all[0].Status)
	require.Equal(t, tempnumber.StatusRefunded, all[1].Status)
	require.Equal(t, tempnumber.StatusError, all[2].Status)
	_, err = client.Activation(ctx, fourth.ID)
	require.ErrorIs(t, err, tempnumber.ErrGone)
	one, err := box.Activation(ctx, fourth.ID)
	require.NoError(t, err, "the one who controls it sees it still")
	require.Equal(t, fourth.Phone.E164(), one.Phone)

	refused(t, http.StatusConflict, box.Expire(ctx, first.ID))
	_, err = box.Activation(ctx, 1)
	refused(t, http.StatusNotFound, err)
}

func TestClientMoneyAndPrices(t *testing.T) {
	_, box, client := remote(t)
	ctx := t.Context()
	require.NoError(t, box.SetBalance(ctx, 3*tempnumber.Dollar))
	require.NoError(t, box.SetReviewBalance(ctx, 5*tempnumber.Cent))
	balance, err := client.Balance(ctx)
	require.NoError(t, err)
	require.Equal(t, &tempnumber.Balance{Available: 3 * tempnumber.Dollar, InReview: 5 * tempnumber.Cent}, balance)
	available, err := box.Balance(ctx)
	require.NoError(t, err)
	require.Equal(t, 3*tempnumber.Dollar, available)

	require.NoError(t, box.SetPrice(ctx, "facebook", "us", 70*tempnumber.Cent))
	require.NoError(t, box.SetAvailable(ctx, "facebook", "us", false))
	offer, err := client.Offer(ctx, "facebook", "us")
	require.NoError(t, err)
	require.Equal(t, 70*tempnumber.Cent, offer.Price)
	require.False(t, offer.HasNumbers)
	refused(t, http.StatusNotFound, box.SetPrice(ctx, "nothing", "us", tempnumber.Cent))
	refused(t, http.StatusNotFound, box.SetAvailable(ctx, "facebook", "qq", true))
	refused(t, http.StatusBadRequest, box.SetPrice(ctx, "facebook", "us", 0))

	require.NoError(t, box.HoldAccount(ctx, true))
	_, err = client.ActivationsPage(ctx, tempnumber.ListParams{})
	require.ErrorIs(t, err, tempnumber.ErrAccountOnHold)
}

func TestClientFaultsAndReset(t *testing.T) {
	server, box, client := remote(t)
	ctx := t.Context()
	require.NoError(t, box.Fail(ctx, control.Fault{
		Endpoint: tempnumber.EndpointBalance, Times: 1, Skip: 1, Status: http.StatusTooManyRequests, Name: "TooManyRequestsException", Message: "slow down",
		Header: map[string]string{"Retry-After": "7"}, Delay: control.Duration(time.Millisecond), AnswerDelay: control.Duration(time.Millisecond),
	}))
	_, err := client.Balance(ctx)
	require.NoError(t, err, "the first is let through")
	_, err = client.Balance(ctx)
	var api *tempnumber.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, 7*time.Second, api.RetryAfter)
	require.Equal(t, "slow down", api.Message)

	require.NoError(t, box.Fail(ctx, control.Fault{Drop: true}))
	_, err = client.ActivationsPage(ctx, tempnumber.ListParams{})
	require.Error(t, err)
	require.NoError(t, box.ClearFaults(ctx))
	_, err = client.ActivationsPage(ctx, tempnumber.ListParams{})
	require.NoError(t, err)
	refused(t, http.StatusBadRequest, box.Fail(ctx, control.Fault{Endpoint: "GET /elsewhere", Drop: true}))

	requests, err := box.Requests(ctx, tempnumber.EndpointListActivations)
	require.NoError(t, err)
	require.Len(t, requests, 2)
	require.True(t, requests[0].Fault)
	require.Equal(t, http.StatusOK, requests[1].Status)
	everything, err := box.Requests(ctx, tempnumbertest.AnyEndpoint)
	require.NoError(t, err)
	require.Len(t, everything, len(server.Requests()))

	require.NoError(t, box.Reset(ctx))
	requests, err = box.Requests(ctx, tempnumbertest.AnyEndpoint)
	require.NoError(t, err)
	require.NotNil(t, requests)
	require.Empty(t, requests)
}

func TestClientAutoDeliver(t *testing.T) {
	_, box, client := remote(t)
	ctx := t.Context()
	require.NoError(t, box.AutoDeliver(ctx, 0, "Your code is {code}"))
	a, err := client.WaitSMS(ctx, rent(t, client).ID)
	require.NoError(t, err)
	require.Regexp(t, `^\d{6}$`, a.Code)
	require.NoError(t, box.StopAutoDeliver(ctx))
	require.Equal(t, tempnumber.StatusSMSRequested, rent(t, client).Status)
}

func TestNewClientURLs(t *testing.T) {
	server := tempnumbertest.NewServer()
	url := server.URL(t) // with /api/v1
	root := url[:len(url)-len("/api/v1")]
	for _, base := range []string{url, root, root + "/", root + "/v1"} {
		remote, err := control.NewClient(base)
		require.NoError(t, err)
		require.NoError(t, remote.Healthy(t.Context()), base)
	}
	for _, base := range []string{"", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://%zz"} {
		_, err := control.NewClient(base)
		require.Error(t, err, base)
	}
	remote, err := control.NewClient(root + "/elsewhere")
	require.NoError(t, err)
	refused(t, http.StatusUnauthorized, remote.Healthy(t.Context()))
}

// TestParity holds the Go methods of the server against those of the client in another
// process: what the one can do the other can do.
func TestParity(t *testing.T) {
	elsewhere := map[string]string{
		"AutoDeliverFunc": "AddAutoSMS", "MaxInWindow": "Settings", "Messages": "AwaitMessages",
		"SetDeliveryRule": "SetRules", "SetLimits": "SetRules", "SetPendingCap": "SetRules",
	}
	inProcess := []string{"Client", "ControlHandler", "ServeHTTP", "Transport", "URL"}
	client := reflect.TypeFor[*control.Client]()
	for m := range reflect.TypeFor[*tempnumbertest.Server]().NumMethod() {
		name := reflect.TypeFor[*tempnumbertest.Server]().Method(m).Name
		if slices.Contains(inProcess, name) {
			continue
		}
		if other, ok := elsewhere[name]; ok {
			name = other
		}
		_, found := client.MethodByName(name)
		require.True(t, found, name)
	}
}
