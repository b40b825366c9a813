package contract_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// order returns the order that the scenarios begin with.
func order() tempnumber.CreateActivationParams {
	return tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}
}

// calls returns all operations. Those that need an activation take the given one.
func calls(id tempnumber.ActivationID) map[string]call {
	all := reads(id)
	all["newActivation"] = func(ctx context.Context, client *tempnumber.Client) error {
		_, err := client.CreateActivation(ctx, order())
		return err
	}
	all["updateActivation"] = func(ctx context.Context, client *tempnumber.Client) error {
		return client.RequestAnotherSMS(ctx, id)
	}
	return all
}

// fixture is an in-process server, and a client whose requests pass a checker of the
// corrected document and one of the vendor's.
type fixture struct {
	*tempnumbertest.Server
	ours, vendors *checker
	client        *tempnumber.Client
}

func newFixture(t *testing.T, ours, vendors *checker, options ...tempnumbertest.Option) fixture {
	t.Helper()
	s := fixture{tempnumbertest.NewServer(options...), ours, vendors, nil}
	ours.next, vendors.next = vendors, s.Transport()
	ours.report = func(err error) { t.Error(err) }
	vendors.report = ours.report
	s.client = s.as(t, tempnumbertest.DefaultKey)
	return s
}

// as returns a client with a key.
func (s fixture) as(t *testing.T, key string) *tempnumber.Client {
	t.Helper()
	client, err := tempnumber.New(key,
		tempnumber.WithBaseURL("https://service.test"),
		tempnumber.WithHTTPClient(&http.Client{Transport: s.ours}),
		tempnumber.WithRetry(tempnumber.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return client
}

// send sends what the client refuses to send and returns the status of the answer.
func (s fixture) send(t *testing.T, method, path, body string) int {
	t.Helper()
	s.vendors.onlyAnswers, s.ours.onlyAnswers = true, true
	defer func() { s.vendors.onlyAnswers, s.ours.onlyAnswers = false, false }()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://service.test"+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("X-Api-Key", tempnumbertest.DefaultKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.ours.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

// order tries to rent a number.
func (s fixture) order(t *testing.T) error {
	t.Helper()
	_, err := s.client.CreateActivation(t.Context(), order())
	return err
}

// rent rents a number.
func (s fixture) rent(t *testing.T) tempnumber.ActivationID {
	t.Helper()
	a, err := s.client.CreateActivation(t.Context(), order())
	require.NoError(t, err)
	return a.ID
}

func TestDeclaredAnswers(t *testing.T) {
	ours, vendors := check(t, closed(corrected(t)), nil), check(t, pristine(t), nil)
	for name, scenario := range scenarios() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { scenario(t, newFixture(t, ours, vendors)) })
		})
	}
	t.Run("an activation is seen in every state", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			slow := tempnumbertest.WithSetupTime(time.Second, time.Second)
			everyState(t, newFixture(t, ours, vendors, slow))
		})
	})
	require.Empty(t, vendors.missing(), "declared, but not answered in any scenario")
}

// everyState follows activations through every documented status.
func everyState(t *testing.T, s fixture) {
	t.Helper()
	seen := map[string]bool{}
	see := func(id tempnumber.ActivationID) {
		a, err := s.client.Activation(t.Context(), id)
		require.NoError(t, err)
		require.True(t, a.Status.Known(), a.Status)
		seen[string(a.Status)] = true
	}
	served, unserved, broken := s.rent(t), s.rent(t), s.rent(t)
	for range 3 {
		see(served)
		time.Sleep(time.Second)
	}
	require.NoError(t, s.DeliverSMS(served, "Your code is 5678"))
	see(served)
	require.NoError(t, s.client.RequestAnotherSMS(t.Context(), served))
	see(served)
	require.NoError(t, s.DeliverSMS(served, "Your code is 05678"))
	see(served)
	require.NoError(t, s.FailActivation(broken, 3))
	see(broken)
	time.Sleep(20 * time.Minute)
	see(unserved)

	for _, status := range s.vendors.doc.Components.Schemas["ActivationData"].Value.Properties["status"].Value.Enum {
		require.Contains(t, seen, status)
	}
}

// scenarios returns scenarios that lead to every declared answer.
func scenarios() map[string]func(*testing.T, fixture) {
	return map[string]func(*testing.T, fixture){
		"every operation succeeds": func(t *testing.T, s fixture) {
			id := s.rent(t)
			require.NoError(t, s.DeliverSMS(id, "Thanks for activation. Your activation code is: 5678"))
			for operation, call := range calls(id) {
				require.NoError(t, call(t.Context(), s.client), operation)
			}
		},
		"400 for parameters that make no sense": func(t *testing.T, s fixture) {
			require.Equal(t, 400, s.send(t, "GET", "/activations?page=0", ""))
			require.Equal(t, 400, s.send(t, "GET", "/activations/newest", ""))
			require.Equal(t, 400, s.send(t, "POST", "/activations", `{"serviceId":"facebook"}`))
			require.Equal(t, 400, s.send(t, "PUT", "/activations/12312", `{"status":"cancel"}`))
			_, err := s.client.Offer(t.Context(), "facebook", "atlantis")
			require.ErrorIs(t, err, tempnumber.ErrInvalidRequest)
			for _, list := range []tempnumber.Endpoint{tempnumber.EndpointPricesByCountry, tempnumber.EndpointPricesByService} {
				s.Fail(list, tempnumbertest.Fault{Status: 400}) // nothing can be wrong with a request for it
			}
			for _, operation := range []string{"getPricelistByCountry", "getPricelistByService"} {
				require.ErrorIs(t, reads(0)[operation](t.Context(), s.client), tempnumber.ErrInvalidRequest)
			}
		},
		"401 without the right key": func(t *testing.T, s fixture) {
			stranger := s.as(t, "another-key")
			for operation, call := range calls(s.rent(t)) {
				require.ErrorIs(t, call(t.Context(), stranger), tempnumber.ErrUnauthorized, operation)
			}
		},
		"402 without enough money": func(t *testing.T, s fixture) {
			s.SetBalance(0)
			require.ErrorIs(t, s.order(t), tempnumber.ErrInsufficientFunds)
		},
		"403 with the account on hold": func(t *testing.T, s fixture) {
			id := s.rent(t)
			s.HoldAccount(true)
			for _, operation := range s.vendors.declaring(403) {
				require.ErrorIs(t, calls(id)[operation](t.Context(), s.client), tempnumber.ErrAccountOnHold, operation)
			}
		},
		"404 for what is not there": func(t *testing.T, s fixture) {
			for _, operation := range []string{"getActivation", "updateActivation"} {
				require.ErrorIs(t, calls(25687)[operation](t.Context(), s.client), tempnumber.ErrNotFound, operation)
			}
			require.NoError(t, s.SetAvailable("facebook", "us", false))
			require.ErrorIs(t, s.order(t), tempnumber.ErrNotFound)
			s.Fail(tempnumber.EndpointListActivations, tempnumbertest.Fault{Status: 404}) // a history is always there
			require.ErrorIs(t, reads(0)["getActivationsHistory"](t.Context(), s.client), tempnumber.ErrNotFound)
		},
		"409 for a price that has risen": func(t *testing.T, s fixture) {
			offer, err := s.client.Offer(t.Context(), "facebook", "us")
			require.NoError(t, err)
			require.NoError(t, s.SetPrice("facebook", "us", 2*offer.Price))
			dear := order()
			dear.MaxPrice = offer.Price
			_, err = s.client.CreateActivation(t.Context(), dear)
			require.ErrorIs(t, err, tempnumber.ErrPriceChanged)
			var refused *tempnumber.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, 2*offer.Price, refused.NewPrice)
		},
		"409 for a retry before the first SMS": func(t *testing.T, s fixture) {
			require.ErrorIs(t, s.client.RequestAnotherSMS(t.Context(), s.rent(t)), tempnumber.ErrBadState)
		},
		"409 for an order in a bad state": func(t *testing.T, s fixture) {
			s.Fail(tempnumber.EndpointCreateActivation, tempnumbertest.Fault{Status: 409}) // what state that is, is not documented
			require.ErrorIs(t, s.order(t), tempnumber.ErrBadState)
		},
		"410 for what is gone": func(t *testing.T, s fixture) {
			id := s.rent(t)
			require.NoError(t, s.Forget(id))
			for _, operation := range s.vendors.declaring(410) {
				require.ErrorIs(t, calls(id)[operation](t.Context(), s.client), tempnumber.ErrGone, operation)
			}
		},
		"429 for too few SMS": func(t *testing.T, s fixture) {
			for range 5 {
				require.NoError(t, s.Expire(s.rent(t)))
			}
			require.ErrorIs(t, s.order(t), tempnumber.ErrLowSuccessRate)
		},
		"429 for too many pending": func(t *testing.T, s fixture) {
			for range 20 {
				s.rent(t)
			}
			require.ErrorIs(t, s.order(t), tempnumber.ErrTooManyPending)
		},
		"503 for a service that is down": func(t *testing.T, s fixture) {
			id := s.rent(t)
			s.Fail(tempnumbertest.AnyEndpoint, tempnumbertest.Fault{Status: 503})
			for _, operation := range s.vendors.declaring(503) {
				require.ErrorIs(t, calls(id)[operation](t.Context(), s.client), tempnumber.ErrUnavailable, operation)
			}
		},
	}
}

// declaring lists the operations that declare an answer of a status.
func (c *checker) declaring(status int) []string {
	operations := map[string]bool{}
	for _, a := range declared(c.doc) {
		if a.status == status {
			operations[a.operation] = true
		}
	}
	return slices.Collect(maps.Keys(operations))
}

// Each correction of the overlay that lets more pass is needed for an answer that
// the document refuses, and is enough for it.
func TestCorrectionsAreNeeded(t *testing.T) {
	for name, test := range map[string]struct {
		option  tempnumbertest.Option
		provoke func(*testing.T, fixture)
		problem string // of the document
	}{
		"the price list by services has its own items": {
			tempnumbertest.WithDialect(tempnumbertest.Dialect{}),
			func(t *testing.T, s fixture) { _, _ = s.client.PricesByService(t.Context()) },
			`property "countries" is unsupported`,
		},
		"a code is a number": {
			tempnumbertest.WithDialect(tempnumbertest.Dialect{NumericCodes: true}),
			func(t *testing.T, s fixture) {
				id := s.rent(t)
				require.NoError(t, s.DeliverSMS(id, "Your activation code is: 5678"))
				_, _ = s.client.Activation(t.Context(), id)
			},
			`Error at "/code": value must be a string`,
		},
		"a number is used up": {
			tempnumbertest.WithDialect(tempnumbertest.Dialect{ServiceConsumed: true}),
			func(t *testing.T, s fixture) {
				id := s.rent(t)
				require.NoError(t, s.DeliverSMS(id, "Your activation code is: 5678"))
				require.NoError(t, s.Expire(id))
				_, _ = s.client.Activation(t.Context(), id)
			},
			`Error at "/status": value is not one of the allowed values`,
		},
		"a request is one too many": {
			tempnumbertest.WithLimits(tempnumber.Limits{tempnumber.EndpointBalance: {Requests: 1, Window: time.Minute}}),
			func(t *testing.T, s fixture) {
				_, _ = s.client.Balance(t.Context())
				_, _ = s.client.Balance(t.Context())
			},
			"status is not supported",
		},
		"the name of an error begins in lower case": {
			tempnumbertest.WithDialect(tempnumbertest.Dialect{ErrorNames: tempnumbertest.LowerCamelNames}),
			func(t *testing.T, s fixture) {
				s.HoldAccount(true)
				_, _ = s.client.ActivationsPage(t.Context(), tempnumber.ListParams{})
			},
			`Error at "/errorName": value is not one of the allowed values`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ours, vendors := check(t, closed(corrected(t)), nil), check(t, closed(pristine(t)), nil)
			synctest.Test(t, func(t *testing.T) {
				s := newFixture(t, ours, vendors, test.option)
				var problems []error
				vendors.report = func(err error) { problems = append(problems, err) }
				test.provoke(t, s)
				require.Len(t, problems, 1)
				require.ErrorContains(t, problems[0], test.problem)
			})
		})
	}
}
