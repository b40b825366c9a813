package tempnumbertest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestClientKey(t *testing.T) {
	server := tempnumbertest.NewServer(tempnumbertest.WithKey("another-key"), tempnumbertest.WithBalance(tempnumber.Dollar))
	money, err := server.Client(t).Balance(t.Context())
	require.NoError(t, err)
	require.Equal(t, tempnumber.Dollar, money.Available)

	_, err = tempnumbertest.NewServer().Client(t, tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()})).Balance(t.Context())
	require.ErrorIs(t, err, tempnumber.ErrUnauthorized)
}

func TestURLEndsWithTest(t *testing.T) {
	server := tempnumbertest.NewServer()
	met := make(chan bool)
	server.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Hang: true, Only: func(tempnumbertest.Request) bool {
		close(met)
		return true
	}})
	ended := make(chan error)
	var loopback door
	t.Run("while it runs", func(t *testing.T) {
		loopback = door{&http.Transport{}, server.URL(t)}
		require.True(t, strings.HasPrefix(loopback.base, "http://127.0.0.1:"), loopback.base)
		go func() {
			_, _, err := loopback.send(context.WithoutCancel(t.Context()))
			ended <- err
		}()
		<-met
	})
	require.Error(t, <-ended, "a request that was still open is cut")
	_, _, err := loopback.send(t.Context())
	require.Error(t, err)
}

func TestInvalidOptions(t *testing.T) {
	for name, option := range map[string]tempnumbertest.Option{
		"no key":           tempnumbertest.WithKey(""),
		"no catalogue":     tempnumbertest.WithCatalogue(tempnumbertest.Catalogue{}),
		"no lifetime":      tempnumbertest.WithLifetime(0),
		"no history":       tempnumbertest.WithHistoryCap(0),
		"a limit of none":  tempnumbertest.WithLimits(tempnumber.Limits{tempnumber.EndpointBalance: {Window: time.Minute}}),
		"a limit for ever": tempnumbertest.WithLimits(tempnumber.Limits{tempnumber.EndpointBalance: {Requests: 1}}),
	} {
		require.Panics(t, func() { tempnumbertest.NewServer(option) }, name)
	}
}

func TestOptions(t *testing.T) {
	server := tempnumbertest.NewServer(
		tempnumbertest.WithCatalogue(tempnumbertest.Catalogue{
			Services:  []tempnumbertest.Service{{ID: "shop", Name: "The Shop", Price: tempnumber.Dollar}},
			Countries: []tempnumbertest.Country{{ID: "de", Name: "Germany", CallingCode: "49", Pattern: "151# #######", PricePercent: 150}},
		}),
		tempnumbertest.WithSetupTime(time.Hour, 0),
		tempnumbertest.WithLifetime(2*time.Hour),
		tempnumbertest.WithSeed(7),
	)
	client := server.Client(t)
	ordered, err := client.CreateActivation(t.Context(), tempnumber.CreateActivationParams{ServiceID: "shop", CountryID: "de"})
	require.NoError(t, err)
	require.Equal(t, tempnumber.StatusNumberRequested, ordered.Status)
	require.True(t, ordered.Phone.IsZero())
	require.Equal(t, 150*tempnumber.Cent, ordered.Price)
	require.Equal(t, 2*time.Hour, ordered.ExpiresAt.Sub(ordered.CreatedAt))
}
