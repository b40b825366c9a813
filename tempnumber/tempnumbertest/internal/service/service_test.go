package service

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// noon is when the tests begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// after returns the moment so long after noon.
func after(d time.Duration) time.Time { return noon.Add(d) }

// open opens a service with the documented rules and a hundred dollars.
func open(change ...func(*Config)) *Service {
	config := Config{
		Catalogue: DefaultCatalogue(), Balance: 100 * tempnumber.Dollar, Lifetime: 20 * time.Minute, PendingCap: 20,
		Delivery: DeliveryRule{Percent: 7, From: 5, Window: 24 * time.Hour}, Keep: 100,
	}
	for _, alter := range change {
		alter(&config)
	}
	return New(config)
}

var facebookUS = Order{ServiceID: "facebook", CountryID: "us"}

// order orders facebook in the US.
func order(t *testing.T, s *Service, now time.Time) Activation {
	t.Helper()
	s.Advance(now)
	a, err := s.Order(now, facebookUS)
	require.NoError(t, err)
	return a
}

// look reads an activation.
func look(t *testing.T, s *Service, now time.Time, id tempnumber.ActivationID) Activation {
	t.Helper()
	s.Advance(now)
	a, err := s.Activation(now, id)
	require.NoError(t, err)
	return a
}

// requireRefused asserts the kind of a refusal.
func requireRefused(t *testing.T, refusal Refusal, err error) {
	t.Helper()
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, refusal, refused.Refusal)
}

// Whatever is done in whatever order, no money appears or vanishes, and the
// counts kept beside the activations are those of the activations.
func TestBalanceProperty(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		s := open(func(c *Config) {
			c.Keep = 15
			c.Consumes = seed%2 == 0
			c.NumberAfter = time.Duration(seed%3) * time.Minute
			c.Delivery.Percent = 0
		})
		now := noon
		spent := tempnumber.Amount(0)
		for range 200 {
			now = now.Add(time.Duration(random.IntN(120)) * time.Second)
			s.Advance(now)
			id := s.ids.id(s.ordered) - 1 - tempnumber.ActivationID(random.IntN(20))
			before := s.balance
			switch random.IntN(9) {
			case 0, 1, 2:
				if a, err := s.Order(now, facebookUS); err == nil {
					spent += a.Price
					require.Equal(t, before-a.Price, s.balance)
				}
			case 3, 4:
				_ = s.Deliver(now, id, NewSMS("", "code 1234"))
			case 5:
				_ = s.Retry(now, id)
			case 6:
				_ = s.Expire(now, id)
			case 7:
				_ = s.Refund(now, id)
			case 8:
				_ = s.Break(now, id, 3)
			}
			pending, living, ok := 0, 0, true
			for _, a := range s.kept {
				if a.pending() {
					pending++
				}
				if !a.over && a.number != (Number{}) {
					living++
					ok = ok && s.byNumber[a.number.Digits()] == a
				}
				ok = ok && (a.status != tempnumber.StatusRefunded || a.refunded)
			}
			ok = ok && pending == s.Pending() && living == len(s.byNumber) && len(s.kept) <= 15+pending &&
				s.balance <= 100*tempnumber.Dollar && s.balance >= 100*tempnumber.Dollar-spent
			require.True(t, ok, "seed %d: %d pending, %d living: %+v", seed, pending, living, s)
		}
	}
}
