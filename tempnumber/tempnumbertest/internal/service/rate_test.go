package service

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDeliveryRuleClosesPair(t *testing.T) {
	s := open()
	waste(t, s, 4)
	order(t, s, noon) // waits, and has not failed yet
	order(t, s, noon)
	require.NoError(t, s.Expire(noon, firstAscending+4))
	_, err := s.Order(noon, facebookUS)
	requireRefused(t, LowSuccessRate, err)

	_, err = s.Order(noon, Order{ServiceID: "facebook", CountryID: "de"})
	require.NoError(t, err, "other countries are open")
	_, err = s.Order(noon, Order{ServiceID: "telegram", CountryID: "us"})
	require.NoError(t, err, "other services are open")

	require.NoError(t, s.Deliver(noon, firstAscending+5, NewSMS("", "hello")))
	almost := after(24*time.Hour - 1)
	s.Advance(almost)
	_, err = s.Order(almost, facebookUS)
	requireRefused(t, LowSuccessRate, err)
	order(t, s, after(24*time.Hour))
}

func TestDeliveryRuleThreshold(t *testing.T) {
	rule := DeliveryRule{Percent: 7, From: 5, Window: 24 * time.Hour}
	cases := []struct {
		delivered, failed int
		closed            bool
	}{
		{0, 4, false}, {0, 5, true}, {1, 4, false}, {1, 13, false}, {1, 14, true}, {7, 93, false}, {7, 94, true},
	}
	for _, c := range cases {
		var count tally
		for range c.delivered {
			count.count(noon, true, rule)
		}
		for range c.failed {
			count.count(noon, false, rule)
		}
		require.Equal(t, c.closed, count.closed(noon), "%+v", c)
	}
}

func TestDeliveryRuleWindow(t *testing.T) {
	rule := DeliveryRule{Percent: 7, From: 5, Window: 24 * time.Hour}
	var count tally
	for range 4 {
		count.count(noon, false, rule)
	}
	count.count(after(24*time.Hour), false, rule)
	require.False(t, count.closed(after(24*time.Hour)), "the first four were yesterday")
	for range 4 {
		count.count(after(25*time.Hour), false, rule)
	}
	require.True(t, count.closed(after(25*time.Hour)))
	require.False(t, count.closed(after(49*time.Hour)))
	for i := range 5 {
		require.False(t, count.closed(after(50*time.Hour)), "after %d", i)
		count.count(after(50*time.Hour), false, rule)
	}
	require.True(t, count.closed(after(50*time.Hour)))
}

func TestNoDeliveryRule(t *testing.T) {
	s := open(func(c *Config) { c.Delivery = DeliveryRule{} })
	waste(t, s, 50)
	order(t, s, noon)
}
