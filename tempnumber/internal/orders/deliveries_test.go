package orders

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCount(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	deliveries := slices.Values([]Delivery{
		{Service: "Facebook", Country: "US", Made: at(20), Delivered: true},
		{Service: "facebook", Country: "us", Made: at(19), Pending: true},
		{Service: "facebook", Country: "de", Made: at(18)},
		{Service: "facebook", Country: "us", Made: at(10), Delivered: true, Pending: true},
		{Service: "facebook", Country: "us", Made: at(9), Delivered: true}, // before
		{Service: "facebook", Country: "us", Made: at(10)},
		{Service: "telegram", Country: "us"}, // at no known time
	})
	require.Equal(t, map[Pair]Tally{
		PairOf("facebook", "us"): {Service: "Facebook", Country: "US", Asked: 4, Delivered: 2, Pending: 2},
		PairOf("facebook", "de"): {Service: "facebook", Country: "de", Asked: 1},
	}, Count(deliveries, at(10)))
}

// At least 7 % must have an SMS, from the fifth on: 1 of 14 is more, 1 of 15 is less.
func TestLeft(t *testing.T) {
	for _, c := range []struct{ asked, delivered, left int }{
		{0, 0, 5},
		{4, 0, 1},
		{5, 0, 0},
		{9, 0, 0},
		{1, 1, 14},
		{14, 1, 1},
		{15, 1, 0},
		{20, 1, 0},
		{28, 2, 1},
		{29, 2, 0},
		{100, 7, 1},
		{101, 7, 0},
		{100, 100, 1329},
	} {
		require.Equal(t, c.left, Tally{Asked: c.asked, Delivered: c.delivered}.Left(), "%+v", c)
	}
}
