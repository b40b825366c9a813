package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbersDiffer(t *testing.T) {
	seen := map[string]string{}
	longest := 0
	for _, country := range countries() {
		n := newNumberer(&country, 0)
		for range 300 {
			number := n.number()
			digits := number.Digits()
			require.Empty(t, seen[digits], "%s has the number of another", country.Name)
			seen[digits] = country.ID
			require.True(t, strings.HasPrefix(number.Formatted, "+"+country.CallingCode+" "))
			require.Equal(t, digits, onlyDigits(number.Formatted))
			require.GreaterOrEqual(t, len(digits), 8, country.Name)
			require.LessOrEqual(t, len(digits), maxNumberDigits, country.Name)
			longest = max(longest, len(digits))
		}
	}
	require.Equal(t, maxNumberDigits, longest, "one country has the longest numbers there can be")
}

func TestAllNumbersOfCountry(t *testing.T) {
	country := Country{ID: "xx", CallingCode: "999", Pattern: "1#-##-#"}
	n := newNumberer(&country, 5)
	seen := map[string]bool{}
	for range 10_000 {
		seen[n.number().Digits()] = true
	}
	require.Len(t, seen, 10_000)
	require.True(t, seen[n.number().Digits()], "then they come again")
}

func TestNumberNotRentedTwice(t *testing.T) {
	s := open(func(c *Config) {
		c.PendingCap, c.Keep = 0, 20_000
		c.Catalogue = Catalogue{
			Services:  wellKnown()[:1],
			Countries: []Country{{ID: "us", CallingCode: "999", Pattern: "####", PricePercent: 1}},
		}
	})
	first := order(t, s, noon)
	require.NoError(t, s.Deliver(noon, first.ID, NewSMS("", "hello")))
	for range 9_999 {
		a := order(t, s, noon)
		require.NotEqual(t, first.Number, a.Number)
		if a.ID%2 == 0 {
			require.NoError(t, s.Deliver(noon, a.ID, NewSMS("", "hello")))
			require.NoError(t, s.Expire(noon, a.ID))
		}
	}
	again := order(t, s, noon)
	require.NotEqual(t, first.Number, again.Number, "it lives still, so its turn is passed over")
}

func TestSeed(t *testing.T) {
	ordered := func(seed uint64) Activation {
		s := open(func(c *Config) { c.Seed = seed })
		s.SetAutoSMS(always(0, "code {code}"))
		a := order(t, s, noon)
		return look(t, s, noon, a.ID)
	}
	one, same, other := ordered(1), ordered(1), ordered(2)
	require.Equal(t, one, same)
	require.NotEqual(t, one.Number, other.Number)
	require.NotEqual(t, one.Code, other.Code)
}
