package tempnumbertest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// remote serves a service over HTTP and gives a control, a client and the base URL.
func remote(t *testing.T, opts ...tempnumbertest.Option) (*tempnumbertest.Server, *tempnumbertest.Control, *tempnumber.Client) {
	t.Helper()
	server := tempnumbertest.NewServer(opts...)
	url := server.URL(t)
	control, err := tempnumbertest.NewControl(url)
	require.NoError(t, err)
	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(url),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return server, control, client
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
	var problem *tempnumbertest.ControlError
	require.ErrorAs(t, err, &problem)
	require.Equal(t, status, problem.StatusCode, problem.Message)
	require.NotEmpty(t, problem.Message)
}

func TestAnotherProcessSendsAnSMSByIDAndByNumber(t *testing.T) {
	_, control, client := remote(t)
	ctx := t.Context()
	byID, byNumber := rent(t, client), rent(t, client)

	_, _, err := control.LastCode(ctx, byID.Phone.E164())
	refused(t, http.StatusNotFound, err)
	require.NoError(t, control.DeliverSMS(ctx, byID.ID, "Your code is 05678"))
	require.NoError(t, control.DeliverSMSTo(ctx, byNumber.Phone.String(), "Your code is 41234 "))

	a, err := client.WaitSMS(ctx, byID.ID)
	require.NoError(t, err)
	require.EqualValues(t, "05678", a.Code)
	a, err = client.WaitSMS(ctx, byNumber.ID)
	require.NoError(t, err)
	require.Equal(t, "Your code is 41234 ", a.Message)

	code, text, err := control.LastCode(ctx, byID.Phone.E164())
	require.NoError(t, err)
	require.Equal(t, "05678", code)
	require.Equal(t, "Your code is 05678", text)

	refused(t, http.StatusConflict, control.DeliverSMS(ctx, byID.ID, "again"))
	refused(t, http.StatusNotFound, control.DeliverSMS(ctx, 1, "nobody"))
	refused(t, http.StatusNotFound, control.DeliverSMSTo(ctx, "+15550000", "nobody"))
	_, _, err = control.LastCode(ctx, "+15550000")
	refused(t, http.StatusNotFound, err)
}

func TestAnotherProcessSeesAndEndsActivations(t *testing.T) {
	server, control, client := remote(t)
	ctx := t.Context()
	none, err := control.Activations(ctx)
	require.NoError(t, err)
	require.NotNil(t, none)
	require.Empty(t, none)

	first, second, third, fourth := rent(t, client), rent(t, client), rent(t, client), rent(t, client)
	require.NoError(t, control.Expire(ctx, first.ID))
	require.NoError(t, control.Refund(ctx, second.ID))
	require.NoError(t, control.FailActivation(ctx, third.ID, 7))
	require.NoError(t, control.Forget(ctx, fourth.ID))

	all, err := control.Activations(ctx)
	require.NoError(t, err)
	local := server.Activations()
	require.Len(t, all, len(local))
	for i := range local {
		require.True(t, local[i].CreatedAt.Equal(all[i].CreatedAt) && local[i].ExpiresAt.Equal(all[i].ExpiresAt))
		all[i].CreatedAt, all[i].ExpiresAt = local[i].CreatedAt, local[i].ExpiresAt
	}
	require.Equal(t, local, all, "the same, seen from outside")
	require.Equal(t, tempnumber.StatusRefunded, all[0].Status)
	require.Equal(t, tempnumber.StatusRefunded, all[1].Status)
	require.Equal(t, tempnumber.StatusError, all[2].Status)
	_, err = client.Activation(ctx, fourth.ID)
	require.ErrorIs(t, err, tempnumber.ErrGone)
	one, err := control.Activation(ctx, fourth.ID)
	require.NoError(t, err, "the one who controls it sees it still")
	require.Equal(t, fourth.Phone.E164(), one.Phone)

	refused(t, http.StatusConflict, control.Expire(ctx, first.ID))
	_, err = control.Activation(ctx, 1)
	refused(t, http.StatusNotFound, err)
}

func TestAnotherProcessSetsMoneyAndPrices(t *testing.T) {
	_, control, client := remote(t)
	ctx := t.Context()
	require.NoError(t, control.SetBalance(ctx, 3*tempnumber.Dollar))
	require.NoError(t, control.SetReviewBalance(ctx, 5*tempnumber.Cent))
	balance, err := client.Balance(ctx)
	require.NoError(t, err)
	require.Equal(t, &tempnumber.Balance{Available: 3 * tempnumber.Dollar, InReview: 5 * tempnumber.Cent}, balance)
	available, err := control.Balance(ctx)
	require.NoError(t, err)
	require.Equal(t, 3*tempnumber.Dollar, available)

	require.NoError(t, control.SetPrice(ctx, "facebook", "us", 70*tempnumber.Cent))
	require.NoError(t, control.SetAvailable(ctx, "facebook", "us", false))
	offer, err := client.Offer(ctx, "facebook", "us")
	require.NoError(t, err)
	require.Equal(t, 70*tempnumber.Cent, offer.Price)
	require.False(t, offer.HasNumbers)
	refused(t, http.StatusNotFound, control.SetPrice(ctx, "nothing", "us", tempnumber.Cent))
	refused(t, http.StatusNotFound, control.SetAvailable(ctx, "facebook", "qq", true))
	refused(t, http.StatusBadRequest, control.SetPrice(ctx, "facebook", "us", 0))

	require.NoError(t, control.HoldAccount(ctx, true))
	_, err = client.ActivationsPage(ctx, tempnumber.ListParams{})
	require.ErrorIs(t, err, tempnumber.ErrAccountOnHold)
}

func TestAnotherProcessMakesThingsGoWrongAndResetsThem(t *testing.T) {
	server, control, client := remote(t)
	ctx := t.Context()
	require.NoError(t, control.Fail(ctx, tempnumber.EndpointBalance, tempnumbertest.Fault{
		Times: 1, Skip: 1, Status: http.StatusTooManyRequests, Name: "TooManyRequestsException", Message: "slow down",
		Header: http.Header{"Retry-After": {"7"}}, Delay: time.Millisecond, AnswerDelay: time.Millisecond,
	}))
	_, err := client.Balance(ctx)
	require.NoError(t, err, "the first is let through")
	_, err = client.Balance(ctx)
	var api *tempnumber.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, 7*time.Second, api.RetryAfter)
	require.Equal(t, "slow down", api.Message)

	require.NoError(t, control.Fail(ctx, tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Drop: true}))
	_, err = client.ActivationsPage(ctx, tempnumber.ListParams{})
	require.Error(t, err)
	require.NoError(t, control.ClearFaults(ctx))
	_, err = client.ActivationsPage(ctx, tempnumber.ListParams{})
	require.NoError(t, err)
	require.ErrorContains(t, control.Fail(ctx, "", tempnumbertest.Fault{Only: func(tempnumbertest.Request) bool { return true }}), "Only")
	refused(t, http.StatusBadRequest, control.Fail(ctx, "GET /elsewhere", tempnumbertest.Fault{Drop: true}))

	requests, err := control.Requests(ctx, tempnumber.EndpointListActivations)
	require.NoError(t, err)
	require.Len(t, requests, 2)
	require.True(t, requests[0].Fault)
	require.Equal(t, http.StatusOK, requests[1].Status)
	everything, err := control.Requests(ctx, tempnumbertest.AnyEndpoint)
	require.NoError(t, err)
	require.Len(t, everything, len(server.Requests()))

	require.NoError(t, control.Reset(ctx))
	requests, err = control.Requests(ctx, tempnumbertest.AnyEndpoint)
	require.NoError(t, err)
	require.NotNil(t, requests)
	require.Empty(t, requests)
}

func TestAnotherProcessLetsSMSComeByThemselves(t *testing.T) {
	_, control, client := remote(t)
	ctx := t.Context()
	require.NoError(t, control.AutoDeliver(ctx, 0, "Your code is {code}"))
	a, err := client.WaitSMS(ctx, rent(t, client).ID)
	require.NoError(t, err)
	require.Regexp(t, `^\d{6}$`, a.Code)
	require.NoError(t, control.StopAutoDeliver(ctx))
	require.Equal(t, tempnumber.StatusSMSRequested, rent(t, client).Status)
}

func TestAControlFindsTheServerByAnyOfItsURLs(t *testing.T) {
	server := tempnumbertest.NewServer()
	url := server.URL(t) // with /api/v1
	root := url[:len(url)-len("/api/v1")]
	for _, base := range []string{url, root, root + "/", root + "/v1"} {
		control, err := tempnumbertest.NewControl(base)
		require.NoError(t, err)
		require.NoError(t, control.Healthy(t.Context()), base)
	}
	for _, base := range []string{"", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://%zz"} {
		_, err := tempnumbertest.NewControl(base)
		require.Error(t, err, base)
	}
	control, err := tempnumbertest.NewControl(root + "/elsewhere")
	require.NoError(t, err)
	refused(t, http.StatusUnauthorized, control.Healthy(t.Context()))
}
