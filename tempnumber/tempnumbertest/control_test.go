package tempnumbertest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// order orders a number and returns it as the server has it.
func order(t testing.TB, server *tempnumbertest.Server) tempnumbertest.Activation {
	t.Helper()
	callOK(t, server, "POST", "/activations", orderBody)
	all := server.Activations()
	return all[len(all)-1]
}

// stands is an activation as it stands now.
func stands(server *tempnumbertest.Server, id tempnumber.ActivationID) tempnumbertest.Activation {
	for _, a := range server.Activations() {
		if a.ID == id {
			return a
		}
	}
	return tempnumbertest.Activation{}
}

func TestEndActivation(t *testing.T) {
	server := tempnumbertest.NewServer()
	for want, steer := range map[tempnumber.Status]func(tempnumber.ActivationID) error{
		tempnumber.StatusRefunded: server.Refund,
		tempnumber.StatusError:    func(id tempnumber.ActivationID) error { return server.FailActivation(id, 3) },
		"lost":                    func(id tempnumber.ActivationID) error { return server.SetStatus(id, "lost") },
		tempnumber.StatusSMSReceived: func(id tempnumber.ActivationID) error {
			return server.DeliverSMS(id, "code 1234")
		},
	} {
		a := order(t, server)
		require.NoError(t, steer(a.ID))
		require.Equal(t, want, stands(server, a.ID).Status)
		require.ErrorContains(t, steer(1), "tempnumbertest: there is no activation 1")
	}
	a := order(t, server)
	require.NoError(t, server.Expire(a.ID))
	require.True(t, stands(server, a.ID).Refunded)
	require.ErrorContains(t, server.Expire(a.ID), "has ended already")
	require.ErrorContains(t, server.DeliverSMSTo(a.Phone, "late"), "no living number")
}

func TestSetRetryAvailable(t *testing.T) {
	server := tempnumbertest.NewServer()
	a := order(t, server)
	require.NoError(t, server.DeliverSMSTo(a.Phone, "code 1234"))
	require.True(t, stands(server, a.ID).CanRetry)
	require.NoError(t, server.SetRetryAvailable(a.ID, false))
	require.Equal(t, false, callOK(t, server, "GET", "/activations/12312", "")["retryAvailable"])
	answer, body := call(t, server, "PUT", "/activations/12312", `{"status":"retry"}`)
	requireError(t, 409, "ResourceBadStateException", answer, body)
}

func TestSetUnknownPair(t *testing.T) {
	server := tempnumbertest.NewServer()
	require.ErrorContains(t, server.SetPrice("facebook", "atlantis", 1), `tempnumbertest: the catalogue has no service "facebook" in country "atlantis"`)
	require.Error(t, server.SetAvailable("nothing", "us", true))
}

func TestReset(t *testing.T) {
	server := tempnumbertest.NewServer()
	first := order(t, server)
	server.AutoDeliver(0, "hello")
	server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 500})
	server.HoldAccount(true)
	require.NoError(t, server.SetPrice("facebook", "us", 1))
	server.Reset()

	require.Empty(t, server.Activations())
	require.Empty(t, server.Requests())
	require.Zero(t, server.MaxInWindow(tempnumber.EndpointCreateActivation))
	require.Equal(t, 100*tempnumber.Dollar, server.Balance())
	again := order(t, server)
	require.Equal(t, first.Phone, again.Phone)
	require.Equal(t, first.Price, again.Price)
	require.Equal(t, tempnumber.StatusSMSRequested, again.Status)
}

func TestAutoDeliverFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		server.AutoDeliverFunc(func(a tempnumbertest.Activation) (time.Duration, string, bool) {
			return time.Duration(a.ID-12311) * time.Second, "code {code} for " + a.Phone, a.ID != 12314
		})
		for range 4 {
			order(t, server)
		}
		time.Sleep(2 * time.Second)
		require.Equal(t, tempnumber.StatusSMSReceived, stands(server, 12313).Status)
		require.Equal(t, tempnumber.StatusSMSRequested, stands(server, 12315).Status)
		time.Sleep(time.Minute)
		codes := map[string]bool{}
		for _, a := range server.Activations() {
			codes[a.Code] = true
			require.Equal(t, a.ID == 12314, a.Code == "")
		}
		require.Len(t, codes, 4)

		server.AutoDeliverFunc(nil)
		a := order(t, server)
		time.Sleep(time.Minute)
		require.Equal(t, tempnumber.StatusSMSRequested, stands(server, a.ID).Status)
	})
}

func TestConcurrentUse(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithoutLimits(), tempnumbertest.WithPendingCap(0), tempnumbertest.WithRequestLog(5))
	server.Fail(tempnumber.EndpointBalance, tempnumbertest.Fault{Status: 500, Times: 20, Skip: 3})
	done := make(chan bool)
	for range 8 {
		go func() {
			defer func() { done <- true }()
			for range 20 {
				for _, path := range []string{"/activations", "/services/pricelistByCountry", "/user/balance"} {
					_, _, _ = door{server.Transport(), "https://tempnumber.invalid"}.get(t.Context(), path)
				}
				_, _, _ = door{server.Transport(), "https://tempnumber.invalid"}.send(t.Context())
				for _, a := range server.Activations() {
					_ = server.DeliverSMS(a.ID, "code 1234")
				}
				_ = server.Requests()
				_ = server.MaxInWindow(tempnumber.EndpointBalance)
				_ = server.SetPrice("facebook", "us", 1)
				server.SetBalance(tempnumber.Dollar)
			}
		}()
	}
	for range 8 {
		<-done
	}
	require.Len(t, server.Activations(), 160)
}
