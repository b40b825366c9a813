package contract_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// call is one operation, as the public client has it. Only its error
// is of interest here.
type call func(context.Context, *tempnumber.Client) error

// reads are the operations that change nothing and cost nothing.
func reads(id tempnumber.ActivationID) map[string]call {
	return map[string]call{
		"getActivationsHistory": func(ctx context.Context, client *tempnumber.Client) error {
			_, byDefault := client.ActivationsPage(ctx, tempnumber.ListParams{})
			_, second := client.ActivationsPage(ctx, tempnumber.ListParams{Page: 2, PageSize: 20})
			return errors.Join(byDefault, second)
		},
		"getActivation": func(ctx context.Context, client *tempnumber.Client) error {
			_, err := client.Activation(ctx, id)
			return err
		},
		"getSingleService": func(ctx context.Context, client *tempnumber.Client) error {
			_, byDefault := client.Offer(ctx, "twitter", "us")
			_, inRussian := client.Offer(ctx, "twitter", "us", tempnumber.Language("ru"))
			return errors.Join(byDefault, inRussian)
		},
		"getPricelistByCountry": func(ctx context.Context, client *tempnumber.Client) error {
			_, err := client.PricesByCountry(ctx)
			return err
		},
		"getPricelistByService": func(ctx context.Context, client *tempnumber.Client) error {
			_, err := client.PricesByService(ctx)
			return err
		},
		"getUserBalance": func(ctx context.Context, client *tempnumber.Client) error {
			_, err := client.Balance(ctx)
			return err
		},
	}
}

// TestOtherServer sends what changes nothing to a server
// that somebody else wrote.
func TestOtherServer(t *testing.T) {
	server := os.Getenv("TEMPNUMBER_CONTRACT_URL")
	if server == "" {
		t.Skip("TEMPNUMBER_CONTRACT_URL names no server")
	}
	base, err := url.Parse(server)
	require.NoError(t, err)

	doc := pristine(t)
	wish := &wishing{next: http.DefaultTransport}
	checked := check(t, doc, wish)
	checked.basePath = base.Path
	client, err := tempnumber.New("any-key",
		tempnumber.WithBaseURL(server),
		tempnumber.WithHTTPClient(&http.Client{Transport: checked}),
		tempnumber.WithLimiter(tempnumber.NewLimiter(tempnumber.Limits{})),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)

	reads := reads(12312) // the id in the examples: a mock server answers with them, whatever it is asked for
	for operation, read := range reads {
		t.Run(operation, func(t *testing.T) {
			checked.report = func(err error) { t.Error(err) }
			require.NoError(t, read(t.Context(), client))
		})
	}

	t.Run("errors", func(t *testing.T) {
		checked.report = func(err error) { t.Error(err) }
		wish.status = http.StatusUnauthorized
		if reads["getUserBalance"](t.Context(), client) == nil {
			t.Skip("the server has no other answer than success")
		}
		for _, a := range declared(doc) {
			read, isRead := reads[a.operation]
			if !isRead || a.status == http.StatusOK {
				continue
			}
			wish.status = a.status
			var refused *tempnumber.APIError
			require.ErrorAs(t, read(t.Context(), client), &refused, "%+v", a)
			got := answer{a.operation, refused.StatusCode, refused.Name}
			require.Equal(t, a, got)
		}
	})
}

// wishing asks a mock server for the answer of a given status, as Prism understands it.
type wishing struct {
	next   http.RoundTripper
	status int // 0 for no wish
}

func (w *wishing) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.status != 0 {
		req = req.Clone(req.Context())
		req.Header.Set("Prefer", "code="+strconv.Itoa(w.status))
	}
	return w.next.RoundTrip(req)
}
