package tempnumbertest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// facebookInUS is the order of the vendor's README.
var facebookInUS = tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}

func TestDeliverSMSTo(t *testing.T) {
	doors := map[string]func(*testing.T, *tempnumbertest.Server) *tempnumber.Client{
		"in memory": func(t *testing.T, s *tempnumbertest.Server) *tempnumber.Client { return s.Client(t) },
		"over loopback": func(t *testing.T, s *tempnumbertest.Server) *tempnumber.Client {
			return s.Client(t, tempnumber.WithBaseURL(s.URL(t)), tempnumber.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
		},
	}
	for door, open := range doors {
		t.Run(door, func(t *testing.T) {
			server := tempnumbertest.NewServer()
			client := open(t, server)

			ordered, err := client.CreateActivation(t.Context(), facebookInUS)
			require.NoError(t, err)
			require.Equal(t, tempnumber.StatusSMSRequested, ordered.Status)
			require.Equal(t, 100*tempnumber.Dollar-ordered.Price, server.Balance())

			require.NoError(t, server.DeliverSMSTo(ordered.Phone.E164(), "Thanks for activation. Your activation code is: 05678"))
			received, err := client.WaitSMS(t.Context(), ordered.ID)
			require.NoError(t, err)
			require.Equal(t, tempnumber.Code("05678"), received.Code)
			require.Equal(t, ordered.Phone, received.Phone)
		})
	}
}

func TestAutoDeliverInFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer(tempnumbertest.WithLatency(func() time.Duration { return 75 * time.Millisecond }))
		server.AutoDeliver(90*time.Second, "Your code is {code}")
		client := server.Client(t)

		ordered, err := client.CreateActivation(t.Context(), facebookInUS)
		require.NoError(t, err)
		began := time.Now()
		received, err := client.WaitSMS(t.Context(), ordered.ID)
		require.NoError(t, err)
		require.Len(t, received.Code, 6)
		require.WithinDuration(t, began.Add(90*time.Second), time.Now(), 5*time.Second)
	})
}
