package orders

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOrderOf(t *testing.T) {
	for name, c := range map[string]struct {
		page []Activation
		want Order
	}{
		"empty":              {nil, Order{}},
		"one":                {[]Activation{made(1, 1)}, Order{}},
		"by id, down":        {[]Activation{made(3, 0), made(2, 0), made(1, 0)}, Order{NewestFirst: true, ByID: true}},
		"by id, up":          {[]Activation{made(1, 0), made(2, 0)}, Order{OldestFirst: true, ByID: true}},
		"by second, down":    {[]Activation{made(3, 9), made(4, 9), made(1, 8)}, Order{NewestFirst: true}},
		"by second, up":      {[]Activation{made(1, 7), made(4, 9), made(3, 9)}, Order{OldestFirst: true}},
		"in one second":      {[]Activation{made(1, 7), made(3, 7), made(2, 7)}, Order{}},
		"ids of no order":    {[]Activation{made(9, 9), made(3, 8), made(4, 7)}, Order{NewestFirst: true}},
		"ids that descend":   {[]Activation{made(3, 9), made(4, 8)}, Order{NewestFirst: true}},
		"in no order at all": {[]Activation{made(1, 7), made(3, 9), made(2, 8)}, Order{}},
	} {
		require.Equal(t, c.want, OrderOf(c.page), name)
	}
}

func TestIsPast(t *testing.T) {
	page := []Activation{made(5, 50), made(4, 40), made(3, 30)}
	down, up, seconds := Order{NewestFirst: true, ByID: true}, Order{OldestFirst: true, ByID: true}, Order{NewestFirst: true}
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	var unset time.Time
	require.False(t, down.IsPast(2, unset, page))
	require.True(t, down.IsPast(3, unset, page))
	require.False(t, down.IsPast(9, at(30), page), "the time decides where there is one")
	require.True(t, down.IsPast(0, at(31), page))
	require.False(t, up.IsPast(4, at(50), page), "its oldest is first")
	require.True(t, up.IsPast(5, unset, page))
	require.False(t, seconds.IsPast(9, unset, page), "the page is not ordered by id")
	require.True(t, seconds.IsPast(9, at(31), page))
	untimed := []Activation{made(5, 0), made(3, 0)}
	require.True(t, down.IsPast(3, at(99), untimed))
	require.False(t, down.IsPast(2, at(99), untimed))
	require.False(t, down.IsPast(9, at(99), nil))
	require.False(t, Order{}.IsPast(9, at(99), page))
	require.False(t, down.IsPast(0, at(99), []Activation{made(5, 0)}), "no creation time")
}

func TestRange(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	a, b := Range{Above: 5, Since: at(10)}, Range{Above: 3, Since: at(20)}
	require.Equal(t, Range{Above: 3, Since: at(10)}, a.And(b))
	require.Equal(t, Range{Above: 3, Since: at(10)}, b.And(a))
	require.False(t, a.Covers(b))
	require.True(t, a.And(b).Covers(a))
	require.True(t, a.Covers(a))
}
