package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
)

// counted returns what a client's spending cap counts as spent.
func counted(c *Client) (sum Amount) {
	_, _ = c.poller.coordinator.Order(context.Background(), "", 0, func(before []share.Ordered) error {
		for _, o := range before {
			sum += Amount(o.Amount)
		}
		return errors.New("nothing is ordered")
	})
	return sum
}

func upTo(price Amount) CreateActivationParams {
	return CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: price}
}

func TestSpendingCap(t *testing.T) {
	s := &shop{} // a number is 0.5
	c := s.client(t, nil, WithSpendingCap(2*Dollar))
	for range 3 {
		_, err := c.CreateActivation(t.Context(), upTo(80*Cent))
		require.NoError(t, err)
	}
	require.Equal(t, 150*Cent, counted(c), "the price counts, not MaxPrice")
	_, err := c.CreateActivation(t.Context(), upTo(50*Cent+1))
	var capped *SpendingCapError
	require.ErrorAs(t, err, &capped)
	require.ErrorIs(t, err, ErrSpendingCap)
	require.Equal(t, SpendingCapError{Cap: 2 * Dollar, Counted: 150 * Cent, Price: 50*Cent + 1}, *capped)
	require.Equal(t, "tempnumber: not sent: an order of up to 0.500000001 dollars would break the spending cap of 2, of which 1.5 are counted as spent", err.Error())
	_, err = c.CreateActivation(t.Context(), upTo(50*Cent))
	require.NoError(t, err, "exactly what is left")
	_, err = c.CreateActivation(t.Context(), upTo(1))
	require.ErrorIs(t, err, ErrSpendingCap)
	require.Equal(t, 4, s.bought("facebook"))
}

func TestSpendingCapRefund(t *testing.T) {
	s := &shop{}
	c := s.client(t, nil, WithSpendingCap(50*Cent))
	_, err := c.CreateActivation(t.Context(), upTo(50*Cent))
	require.NoError(t, err)
	s.change(1001, func(a *shopActivation) { a.Status = StatusRefunded })
	_, err = c.CreateActivation(t.Context(), upTo(50*Cent))
	require.ErrorIs(t, err, ErrSpendingCap, "not seen yet")
	for range 2 {
		_, err = c.ActivationsPage(t.Context(), ListParams{})
		require.NoError(t, err)
		_, err = c.Activation(t.Context(), 1001)
		require.NoError(t, err)
	}
	require.Zero(t, counted(c), "counted back once")
	_, err = c.CreateActivation(t.Context(), upTo(50*Cent))
	require.NoError(t, err)
}

func TestSpendingCapUnknownPrice(t *testing.T) {
	s := &shop{}
	c := s.client(t, func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost {
			return answerWith(200, fmt.Sprintf(`{"id": %d}`, s.sell("facebook", "us").ID)), nil
		}
		return nil, nil
	}, WithSpendingCap(2*Dollar))
	_, err := c.CreateActivation(t.Context(), upTo(90*Cent))
	require.NoError(t, err)
	require.Equal(t, 90*Cent, counted(c))
	_, err = c.Activation(t.Context(), 1001)
	require.NoError(t, err)
	require.Equal(t, 50*Cent, counted(c))
}

func TestSpendingCapRefusedOrder(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"refused": func(*http.Request) (*http.Response, error) {
			return answerWith(404, `{"errorName": "ResourceNotFoundException", "errorMessage": "no"}`), nil
		},
	} {
		s := &shop{}
		c := s.client(t, answer, WithSpendingCap(50*Cent))
		for range 3 {
			_, err := c.CreateActivation(t.Context(), upTo(50*Cent))
			require.ErrorIs(t, err, ErrNotFound, name)
		}
		require.Zero(t, counted(c))
	}
}

func TestSpendingCapUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 40e9), WithSpendingCap(2*Dollar), WithExclusiveKey())
		_, err := c.CreateActivation(t.Context(), upTo(90*Cent))
		var unknown *OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, 90*Cent, counted(c))
		found, err := c.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, 50*Cent, counted(c))
	})
}

// As long as nobody knows which number an order bought, its bound counts.
func TestSpendingCapManyCandidates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost {
				return nil, nil
			}
			s.sell("facebook", "us")
			s.sell("facebook", "us")
			return nil, errLost
		}, WithSpendingCap(2*Dollar), WithExclusiveKey())
		_, err := c.CreateActivation(t.Context(), upTo(90*Cent))
		var unknown *OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		found, err := c.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.Equal(t, 90*Cent, counted(c))
	})
}

func TestSpendingCapEarlierOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		first := s.client(t, lose(s, 0))
		_, err := first.CreateActivation(t.Context(), upTo(90*Cent))
		var unknown *OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		second := s.client(t, nil, WithSpendingCap(2*Dollar), WithExclusiveKey())
		found, err := second.Reconcile(t.Context(), unknown)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Zero(t, counted(second))
	})
}

func TestSpendingCapWithoutMaxPrice(t *testing.T) {
	s := &shop{}
	price := `"price": 0.6, `
	var ordered string
	c := s.client(t, func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "/countries/") {
			return answerWith(200, `{"services": [{`+price+`"serviceId": "facebook", "countryId": "us"}]}`), nil
		}
		if r.Method == http.MethodPost {
			body, err := readRequestBody(r)
			require.NoError(t, err)
			ordered = string(body)
			return answerWith(200, body200(s)), nil
		}
		return nil, nil
	}, WithSpendingCap(Dollar))
	_, err := c.CreateActivation(t.Context(), facebook())
	require.NoError(t, err)
	require.Contains(t, ordered, `"expectedPrice":0.6`)
	_, err = c.CreateActivation(t.Context(), facebook())
	require.ErrorIs(t, err, ErrSpendingCap, "0.5 are spent and the next costs up to 0.6")
	price = ""
	_, err = c.CreateActivation(t.Context(), facebook())
	require.ErrorIs(t, err, ErrInvalidInput)
	_, err = c.Raw().NewActivation(t.Context(), gen.NewActivation{ServiceID: "facebook", CountryID: "us"})
	require.ErrorIs(t, err, ErrInvalidInput)
}

func body200(s *shop) string { return body(s.sell("facebook", "us")) }

func TestSpendingCapConcurrent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		most := Amount(rapid.IntRange(1, 400).Draw(rt, "cap")) * Cent
		bounds := rapid.SliceOfN(rapid.IntRange(50, 120), 1, 20).Draw(rt, "bounds")
		ends := rapid.SliceOfN(rapid.IntRange(0, 3), len(bounds), len(bounds)).Draw(rt, "ends")
		synctest.Test(t, func(t *testing.T) {
			s := &shop{}
			var mu sync.Mutex
			orders := 0
			c := s.client(t, func(*http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				orders++
				switch ends[orders-1] {
				case 0:
					return nil, errLost
				case 1:
					s.sell("facebook", "us")
					return nil, errLost
				case 2:
					return answerWith(402, `{"errorName": "paymentRequired", "errorMessage": "no"}`), nil
				}
				return nil, nil
			}, WithSpendingCap(most))
			var group sync.WaitGroup
			for _, bound := range bounds {
				group.Go(func() {
					_, err := c.CreateActivation(t.Context(), upTo(Amount(bound)*Cent))
					if err != nil && !errors.Is(err, ErrSpendingCap) && !errors.Is(err, ErrOutcomeUnknown) && !errors.Is(err, ErrInsufficientFunds) {
						rt.Errorf("%v", err)
					}
				})
			}
			group.Wait()
			if spent := Amount(s.bought("facebook")) * 50 * Cent; spent > counted(c) || counted(c) > most {
				rt.Fatalf("spent %v, counted %v, cap %v", spent, counted(c), most)
			}
		})
	})
}

func TestInvalidSpendingCap(t *testing.T) {
	for _, most := range []Amount{0, -1} {
		_, err := New(testKey, WithSpendingCap(most))
		require.ErrorIs(t, err, ErrInvalidInput)
	}
	_, err := New(testKey, WithPurchaseHook(nil))
	require.ErrorIs(t, err, ErrInvalidInput)
}
