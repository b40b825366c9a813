package service

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestOrder(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	require.Equal(t, tempnumber.StatusSMSRequested, a.Status)
	require.Equal(t, firstAscending, a.ID)
	require.Equal(t, "1", a.Number.CallingCode)
	require.Equal(t, after(20*time.Minute), a.ExpiresAt)
	require.False(t, a.CanRetry)
	balance, _ := s.Balance()
	require.Equal(t, 100*tempnumber.Dollar-a.Price, balance)
	require.Equal(t, firstAscending+1, order(t, s, noon).ID)
}

func TestNumberAfter(t *testing.T) {
	s := open(func(c *Config) { c.NumberAfter, c.WaitAfter = 10*time.Second, 5*time.Second })
	a := order(t, s, noon)
	require.Equal(t, tempnumber.StatusNumberRequested, a.Status)
	require.Zero(t, a.Number)
	require.Equal(t, 1, s.Pending())
	require.Error(t, s.Deliver(noon, a.ID, NewSMS("", "too early")))

	a = look(t, s, after(10*time.Second), a.ID)
	require.Equal(t, tempnumber.StatusNumberReceived, a.Status)
	require.NotZero(t, a.Number)
	require.Equal(t, tempnumber.StatusSMSRequested, look(t, s, after(15*time.Second), a.ID).Status)
}

func TestNumberNeverComes(t *testing.T) {
	s := open(func(c *Config) { c.NumberAfter = time.Hour })
	a := order(t, s, noon)
	a = look(t, s, after(2*time.Hour), a.ID)
	require.Equal(t, tempnumber.StatusRefunded, a.Status)
	require.Zero(t, a.Number)
	require.Zero(t, s.Pending())
}

func TestOrderRefused(t *testing.T) {
	price := func(s *Service) tempnumber.Amount {
		offer, err := s.Offer("facebook", "us")
		require.NoError(t, err)
		return offer.Price
	}
	cases := map[string]struct {
		prepare func(*Service)
		order   Order
		want    Refusal
	}{
		"the account is on hold":    {func(s *Service) { s.Hold(true) }, facebookUS, AccountOnHold},
		"nobody knows the service":  {func(*Service) {}, Order{ServiceID: "nothing", CountryID: "us"}, NotFound},
		"nobody knows the country":  {func(*Service) {}, Order{ServiceID: "facebook", CountryID: "xx"}, NotFound},
		"there are no numbers":      {func(s *Service) { require.NoError(t, s.SetAvailable("facebook", "us", false)) }, facebookUS, NoNumbers},
		"there is too little money": {func(s *Service) { s.SetBalance(price(s) - 1) }, facebookUS, PaymentRequired},
		"twenty are pending":        {func(s *Service) { fill(t, s, 20) }, facebookUS, TooManyPending},
		"five of five got no SMS":   {func(s *Service) { waste(t, s, 5) }, facebookUS, LowSuccessRate},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := open()
			c.prepare(s)
			before, _ := s.Balance()
			_, err := s.Order(noon, c.order)
			requireRefused(t, c.want, err)
			balance, _ := s.Balance()
			require.Equal(t, before, balance, "a refused order costs nothing")
		})
	}
}

// fill orders until n are pending.
func fill(t *testing.T, s *Service, n int) {
	for range n {
		order(t, s, noon)
	}
}

// waste orders n times, each time without an SMS.
func waste(t *testing.T, s *Service, n int) {
	for range n {
		require.NoError(t, s.Expire(noon, order(t, s, noon).ID))
	}
}

func TestOrderAtBalance(t *testing.T) {
	s := open()
	offer, err := s.Offer("facebook", "us")
	require.NoError(t, err)
	s.SetBalance(offer.Price)
	order(t, s, noon)
	balance, _ := s.Balance()
	require.Zero(t, balance)
}

func TestExpectedPrice(t *testing.T) {
	for expected, served := range map[tempnumber.Amount]bool{
		49 * tempnumber.Cent: false, 50*tempnumber.Cent - 1: false, 0: false,
		50 * tempnumber.Cent: true, 90 * tempnumber.Cent: true,
	} {
		s := open()
		require.NoError(t, s.SetPrice("facebook", "us", 50*tempnumber.Cent))
		a, err := s.Order(noon, Order{"facebook", "us", &expected})
		if served {
			require.NoError(t, err)
			require.Equal(t, 50*tempnumber.Cent, a.Price, "the real price is charged, not the expected one")
			continue
		}
		requireRefused(t, PriceChanged, err)
		var refused *Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 50*tempnumber.Cent, refused.NewPrice)
	}
}

func TestPriceOfOrderStays(t *testing.T) {
	s := open()
	require.NoError(t, s.SetPrice("facebook", "us", 50*tempnumber.Cent))
	a := order(t, s, noon)
	require.NoError(t, s.SetPrice("facebook", "us", tempnumber.Dollar))
	require.NoError(t, s.Expire(noon, a.ID))
	balance, _ := s.Balance()
	require.Equal(t, 100*tempnumber.Dollar, balance)
}
