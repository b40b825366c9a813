package tempnumber_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// loseFirstOrder is a transport that loses the answer to the first order, after it was carried out.
type loseFirstOrder struct {
	next http.RoundTripper
	lost bool
}

func (l *loseFirstOrder) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if r.Method == http.MethodPost && !l.lost && err == nil {
		l.lost = true
		_ = resp.Body.Close()
		return nil, errors.New("connection reset by peer")
	}
	return resp, err
}

// TestEveryDialect meets the service in each way in which it may speak: every operation, a wait, another SMS, an
// order above its price, and an order whose answer is lost.
func TestEveryDialect(t *testing.T) {
	names := append(tempnumbertest.DialectNames(), "")
	require.Greater(t, len(names), 20)
	for _, name := range names {
		t.Run("dialect "+name, func(t *testing.T) {
			dialect, err := tempnumbertest.ParseDialect(strings.Fields(name)...)
			require.NoError(t, err)
			synctest.Test(t, func(t *testing.T) {
				server := tempnumbertest.NewServer(tempnumbertest.WithDialect(dialect))
				server.AutoDeliver(10*time.Second, "Your code is 05678")
				ctx := t.Context()
				client := server.Client(t)
				order := tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}

				var typed string
				a, err := client.ReceiveSMS(ctx, order, func(_ context.Context, a *tempnumber.Activation) error {
					typed = a.Phone.E164()
					return nil
				})
				require.NoError(t, err)
				require.Regexp(t, `^\+[1-9]\d{6,}$`, typed, "a number to dial")
				require.Equal(t, tempnumber.Code("05678"), a.Code, "with its leading zero")
				require.NoError(t, client.RequestAnotherSMS(ctx, a.ID))
				again, err := client.WaitSMS(ctx, a.ID, tempnumber.After(a))
				require.NoError(t, err)
				require.Equal(t, a.ID, again.ID)

				page, err := client.ActivationsPage(ctx, tempnumber.ListParams{})
				require.NoError(t, err)
				require.Len(t, page.Activations, 1)
				require.Zero(t, page.Skipped)
				_, err = client.DeliveryStats(ctx)
				require.NoError(t, err)
				offer, err := client.Offer(ctx, "facebook", "us")
				require.NoError(t, err)
				services, err := client.PricesByService(ctx)
				require.NoError(t, err)
				require.NotEmpty(t, services)
				countries, err := client.PricesByCountry(ctx)
				require.NoError(t, err)
				require.NotEmpty(t, countries)
				for _, service := range services {
					for _, price := range service.Countries {
						require.Positive(t, price.Price, "no price is not zero")
					}
				}
				balance, err := client.Balance(ctx)
				require.NoError(t, err)
				require.Positive(t, balance.Available)

				dear := order
				dear.MaxPrice = 1
				_, err = client.CreateActivation(ctx, dear)
				var api *tempnumber.APIError
				require.ErrorAs(t, err, &api)
				if name != "html-errors" { // a page says neither what happened nor a price
					require.ErrorIs(t, err, tempnumber.ErrPriceChanged)
					require.True(t, offer.Price == 0 || offer.Price == api.NewPrice, "%v, %v", offer.Price, api.NewPrice)
				}

				time.Sleep(5 * time.Minute) // the next client has a limiter of its own
				lossy := server.Client(t, tempnumber.WithExclusiveKey(),
					tempnumber.WithHTTPClient(&http.Client{Transport: &loseFirstOrder{next: server.Transport()}}))
				found, err := lossy.CreateActivation(ctx, order)
				bought := server.Activations()
				require.Len(t, bought, 2, "one call, one number")
				if name == "bare-activations" { // the history does not say what an activation is for
					require.ErrorIs(t, err, tempnumber.ErrOutcomeUnknown)
					return
				}
				require.NoError(t, err, "the number is found in the history")
				require.NotEqual(t, a.ID, found.ID)
			})
		})
	}
}
