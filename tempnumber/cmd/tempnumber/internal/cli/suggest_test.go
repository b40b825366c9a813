package cli

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestSimilar(t *testing.T) {
	names := []string{"facebook", "google", "telegram", "whatsapp", "line", "vk", "Germany", "Guernsey"}
	for text, want := range map[string][]string{
		"faceboo":  {"facebook"},
		"facebokk": {"facebook"},
		"Facebook": {"facebook"},
		"gogole":   {"google"},
		"whatsap":  {"whatsapp"},
		"tele":     {"telegram"},
		"Germny":   {"Germany"},
		"lin":      {"line"},
		"nothing":  nil,
		"":         nil,
		"x":        nil,
	} {
		require.Equal(t, want, similar(text, names), text)
	}
}

func TestEditDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"", ""}: 0, {"a", ""}: 1, {"", "ab"}: 2, {"ab", "ba"}: 1, {"kitten", "sitting"}: 3, {"über", "uber"}: 1,
	} {
		require.Equal(t, want, editDistance(pair[0], pair[1]), pair)
		require.Equal(t, want, editDistance(pair[1], pair[0]), pair)
	}
}

// Whether there is a service is asked once a day; being sold out is told without it.
func TestUnknownServiceAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		tool := apart(t, server)
		for range 5 {
			_, problem, exit := tool.run(t.Context(), "order", "faceboo", "us")
			require.Equal(t, exitUnknownName, exit)
			require.Equal(t, "error: there is no service \"faceboo\"; did you mean facebook?\nhint:  try it again: tempnumber order facebook us\n", problem)
		}
		require.Equal(t, 1, server.MaxInWindow(tempnumber.EndpointPricesByCountry))

		tool = apart(t, server)
		server.Fail(tempnumber.EndpointPricesByCountry, tempnumbertest.Fault{Hang: true})
		require.NoError(t, server.SetAvailable("facebook", "us", false))
		_, problem, exit := tool.run(t.Context(), "order", "facebook", "us")
		require.Equal(t, exitUnavailable, exit)
		require.Contains(t, problem, "error: there are no numbers for facebook in us now (404 ")
	})
}
