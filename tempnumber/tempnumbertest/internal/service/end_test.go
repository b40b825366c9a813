package service

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestExpiryRefunds(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	look(t, s, after(20*time.Minute-1), a.ID)
	balance, _ := s.Balance()
	require.Equal(t, 100*tempnumber.Dollar-a.Price, balance)

	a = look(t, s, after(20*time.Minute), a.ID)
	require.Equal(t, tempnumber.StatusRefunded, a.Status)
	require.True(t, a.Refunded)
	balance, _ = s.Balance()
	require.Equal(t, 100*tempnumber.Dollar, balance)
	require.Zero(t, s.Pending())
	require.ErrorContains(t, s.Deliver(after(20*time.Minute), a.ID, NewSMS("", "late")), "has expired")
	_, err := s.DeliverTo(after(20*time.Minute), a.Number.Digits(), NewSMS("", "late"))
	require.Error(t, err)
}

func TestExpiryAfterSMS(t *testing.T) {
	for _, consumes := range []bool{false, true} {
		want := tempnumber.StatusSMSReceived
		if consumes {
			want = tempnumber.StatusServiceConsumed
		}
		s := open(func(c *Config) { c.Consumes = consumes })
		a := order(t, s, noon)
		require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "code 1234")))
		a = look(t, s, after(20*time.Minute), a.ID)
		require.Equal(t, want, a.Status)
		require.Equal(t, "1234", a.Code)
		require.False(t, a.Refunded)
		require.False(t, a.CanRetry)
	}
}

func TestExpiryAfterRetry(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "code 1234")))
	require.NoError(t, s.Retry(noon, a.ID))
	a = look(t, s, after(20*time.Minute), a.ID)
	require.Equal(t, tempnumber.StatusRetryRequested, a.Status)
	require.False(t, a.Refunded)
	require.Zero(t, s.Pending(), "it takes no place any more")
}

func TestEndByHand(t *testing.T) {
	ends := map[string]struct {
		end       func(*Service, tempnumber.ActivationID) error
		want      tempnumber.Status
		moneyBack bool // though its SMS came
	}{
		"expired":  {func(s *Service, id tempnumber.ActivationID) error { return s.Expire(noon, id) }, tempnumber.StatusSMSReceived, false},
		"refunded": {func(s *Service, id tempnumber.ActivationID) error { return s.Refund(noon, id) }, tempnumber.StatusRefunded, true},
		"failed":   {func(s *Service, id tempnumber.ActivationID) error { return s.Break(noon, id, 7) }, tempnumber.StatusError, false},
	}
	for name, c := range ends {
		t.Run(name, func(t *testing.T) {
			s := open()
			a := order(t, s, noon)
			require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "code 1234")))
			require.NoError(t, c.end(s, a.ID))
			a = look(t, s, noon, a.ID)
			require.Equal(t, c.want, a.Status)
			require.Equal(t, c.moneyBack, a.Refunded)
			require.Equal(t, noon, a.ExpiresAt)
			require.ErrorContains(t, c.end(s, a.ID), "already")
			require.Error(t, c.end(s, 1))

			s.Advance(after(time.Hour))
			require.Equal(t, c.want, look(t, s, after(time.Hour), a.ID).Status, "its end comes once")

			unserved := order(t, s, after(time.Hour))
			require.NoError(t, c.end(s, unserved.ID))
			require.True(t, look(t, s, after(time.Hour), unserved.ID).Refunded)
		})
	}
}

func TestBreakReason(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	require.NoError(t, s.Break(noon, a.ID, 7))
	require.Equal(t, int64(7), look(t, s, noon, a.ID).Reason)
}

func TestSetStatus(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	require.NoError(t, s.SetStatus(a.ID, "onItsWay"))
	require.Equal(t, tempnumber.Status("onItsWay"), look(t, s, noon, a.ID).Status)
	require.Zero(t, s.Pending())
	require.NoError(t, s.SetStatus(a.ID, tempnumber.StatusSMSRequested))
	require.Equal(t, 1, s.Pending())
	require.Error(t, s.SetStatus(1, "onItsWay"))
}

func TestGoneAfter(t *testing.T) {
	s := open(func(c *Config) { c.GoneAfter = time.Hour })
	a := order(t, s, noon)
	look(t, s, after(80*time.Minute-1), a.ID)
	s.Advance(after(80 * time.Minute))
	_, err := s.Activation(after(80*time.Minute), a.ID)
	requireRefused(t, Gone, err)
	page, err := s.History(after(80*time.Minute), PageQuery{Page: 1, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, a.ID, page.Activations[0].ID, "the history still shows it")
}

func TestForget(t *testing.T) {
	s := open()
	a := order(t, s, noon)
	require.NoError(t, s.Forget(noon, a.ID))
	_, err := s.Activation(noon, a.ID)
	requireRefused(t, Gone, err)
	balance, _ := s.Balance()
	require.Equal(t, 100*tempnumber.Dollar, balance)
}
