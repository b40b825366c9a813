package cli

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestCompletionWithoutCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		words, _, exit := tool.run(t.Context(), "__complete", "order", "face")
		require.Zero(t, exit)
		require.Contains(t, words, "facebook\n")
		require.NotContains(t, words, "google\n")
		words, _, _ = tool.run(t.Context(), "__complete", "order", "facebook", "D")
		require.Contains(t, words, "de\tGermany\n")

		a, err := server.Client(t).CreateActivation(t.Context(), tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
		require.NoError(t, err)
		words, _, _ = tool.run(t.Context(), "__complete", "wait", "")
		require.Contains(t, words, a.ID.String()+"\t"+a.Phone.E164()+", facebook in us\n")
	})
}

func TestCompletionTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Hang: true})
		tool := apart(t, server)
		for _, line := range [][]string{{"order", ""}, {"order", "facebook", ""}, {"wait", ""}, {"prices", "--service", ""}} {
			start := time.Now()
			words, _, exit := tool.run(t.Context(), append([]string{"__complete"}, line...)...)
			require.Zero(t, exit)
			require.NotContains(t, words, "facebook\n")
			require.Less(t, time.Since(start), time.Second)
		}
	})
}

// Somebody presses the tab key twice a second for ten minutes.
func TestCompletionLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		// Without anything kept every key press would ask.
		server.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 503})
		for range 1200 {
			tool.run(t.Context(), "__complete", "order", "")
			tool.run(t.Context(), "__complete", "wait", "")
			time.Sleep(500 * time.Millisecond)
		}
		limits := tempnumber.DefaultLimits()
		require.Less(t, server.MaxInWindow(tempnumber.EndpointPricesByCountry), limits[tempnumber.EndpointPricesByCountry].Requests)
		require.Less(t, server.MaxInWindow(tempnumber.EndpointListActivations), limits[tempnumber.EndpointListActivations].Requests)
	})
}
