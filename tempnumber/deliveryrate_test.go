package tempnumber

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

func TestDeliveryStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{pageSize: 3}
		s.sell("facebook", "us") // older than 24 hours
		time.Sleep(25 * time.Hour)
		for _, status := range []Status{StatusSMSReceived, StatusRetryRequested, StatusRetryReceived, StatusServiceConsumed, StatusRefunded, StatusError} {
			a := s.sell("facebook", "us")
			s.change(ActivationID(a.ID), func(a *shopActivation) { a.Status = status })
		}
		a := s.sell("facebook", "us")
		s.change(ActivationID(a.ID), func(a *shopActivation) { a.Message = "Code 1234" })
		s.sell("facebook", "de")
		time.Sleep(time.Hour)
		s.sell("amazon", "us")
		s.sell("facebook", "us")
		c := s.client(t, nil)
		stats, err := c.DeliveryStats(t.Context())
		require.NoError(t, err)
		require.Equal(t, []DeliveryStat{
			{ServiceID: "amazon", CountryID: "us", Asked: 1, Pending: 1, Left: 4},
			{ServiceID: "facebook", CountryID: "de", Asked: 1, Left: 4},
			{ServiceID: "facebook", CountryID: "us", Asked: 8, Delivered: 5, Pending: 1, Rate: 0.625, Left: 64},
		}, stats)
	})
}

func TestDeliveryStatsEmptyOrUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stats, err := (&shop{}).client(t, nil).DeliveryStats(t.Context())
		require.NoError(t, err)
		require.NotNil(t, stats)
		require.Empty(t, stats)
		c := (&shop{}).client(t, func(*http.Request) (*http.Response, error) { return answerWith(401, ""), nil })
		_, err = c.DeliveryStats(t.Context())
		require.ErrorIs(t, err, ErrUnauthorized)
	})
}

func TestDeliveryStatLeft(t *testing.T) {
	for _, c := range []struct{ asked, delivered, left int }{
		{0, 0, 5}, {1, 0, 4}, {4, 0, 1}, {5, 0, 0}, {6, 0, 0}, {1, 1, 14}, {14, 1, 1}, {15, 1, 0}, {28, 2, 1}, {29, 2, 0}, {100, 7, 1}, {101, 7, 0}, {100, 100, 1329},
	} {
		stat := statOf(orders.Tally{Asked: c.asked, Delivered: c.delivered})
		require.Equal(t, c.left, stat.Left, c)
		// By the document: refused from the fifth on, when fewer than 7 in 100 were delivered.
		refuses := func(asked int) bool { return asked >= 5 && float64(c.delivered)/float64(asked) < 0.07-1e-12 }
		if c.left > 0 {
			require.False(t, refuses(c.asked+c.left-1), c)
		}
		require.True(t, refuses(c.asked+c.left), c)
	}
}

func TestDeliveryGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, nil, WithDeliveryGuard())
		order := func() error { _, err := c.CreateActivation(t.Context(), facebook()); return err }
		for range 4 {
			require.NoError(t, order())
		}
		err := order()
		var refused *DeliveryRateError
		require.ErrorAs(t, err, &refused)
		require.ErrorIs(t, err, ErrLowSuccessRate)
		require.Equal(t, DeliveryStat{ServiceID: "facebook", CountryID: "us", Asked: 4, Pending: 4, Left: 1}, refused.Stat)
		require.ErrorContains(t, err, "facebook in us has 0 SMS for 4 activations in 24 hours")
		_, err = c.CreateActivation(t.Context(), CreateActivationParams{ServiceID: "facebook", CountryID: "de"})
		require.NoError(t, err, "another pair")
		require.Equal(t, 1, s.lists, "a refusal reads the history again only after a while")

		s.change(1002, func(a *shopActivation) { a.Status = StatusSMSReceived })
		require.ErrorIs(t, order(), ErrLowSuccessRate)
		time.Sleep(11 * time.Second)
		require.NoError(t, order(), "the history shows the SMS")
		require.Equal(t, 2, s.lists)
		for range 9 {
			require.NoError(t, order())
		}
		require.ErrorIs(t, order(), ErrLowSuccessRate, "the 15th with one SMS")
		s.change(1003, func(a *shopActivation) { a.Status = StatusSMSReceived })
		_, err = c.Activation(t.Context(), 1003)
		require.NoError(t, err)
		require.NoError(t, order(), "a read by the program counts too")
		lists := s.lists
		time.Sleep(guardTrust + time.Second)
		require.NoError(t, order())
		require.Equal(t, lists+1, s.lists, "others may use the key")
		time.Sleep(25 * time.Hour)
		for range 4 {
			require.NoError(t, order(), "the count starts again")
		}
		require.ErrorIs(t, order(), ErrLowSuccessRate)
	})
}

func TestDeliveryGuardCountsOrdersInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				time.Sleep(time.Second)
			}
			return nil, nil
		}, WithDeliveryGuard())
		var mu sync.Mutex
		refused := 0
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := c.CreateActivation(t.Context(), facebook()); errors.Is(err, ErrLowSuccessRate) {
					mu.Lock()
					defer mu.Unlock()
					refused++
				}
			})
		}
		group.Wait()
		require.Equal(t, 16, refused)
		require.Equal(t, 4, s.bought("facebook"))
	})
}

func TestDeliveryGuardCountsUnknownOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, lose(s, 0), WithDeliveryGuard())
		for range 4 {
			loseOrder(t, c)
		}
		_, err := c.CreateActivation(t.Context(), facebook())
		require.ErrorIs(t, err, ErrLowSuccessRate)
		require.Equal(t, 4, s.bought("facebook"))
	})
}

func TestDeliveryGuardIgnoresRefusedOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := (&shop{}).client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return answerWith(404, `{"errorName": "ResourceNotFoundException", "errorMessage": "no"}`), nil
			}
			return nil, nil
		}, WithDeliveryGuard())
		for range 10 {
			_, err := c.CreateActivation(t.Context(), facebook())
			require.ErrorIs(t, err, ErrNotFound)
		}
	})
}

func TestDeliveryGuardWithoutHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		c := s.client(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet {
				return answerWith(403, `{"errorName": "AccountOnHoldException", "errorMessage": "no"}`), nil
			}
			return nil, nil
		}, WithDeliveryGuard())
		_, err := c.CreateActivation(t.Context(), facebook())
		require.ErrorIs(t, err, ErrAccountOnHold)
		require.ErrorContains(t, err, "not sent")
		require.Zero(t, s.bought("facebook"))
	})
}
