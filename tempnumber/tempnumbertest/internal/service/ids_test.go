package service

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

func TestIDs(t *testing.T) {
	for order, first := range map[IDOrder]tempnumber.ActivationID{Ascending: 12312, Descending: 900_000_000, Shuffled: 1_005_562_307} {
		require.Equal(t, first, order.id(0))
		seen := map[tempnumber.ActivationID]bool{}
		up := 0
		for n := range int64(5000) {
			id := order.id(n)
			require.False(t, seen[id])
			seen[id] = true
			require.Equal(t, n, indexOf(id))
			if id > order.id(n+1) {
				up++
			}
		}
		switch order {
		case Ascending:
			require.Zero(t, up)
		case Descending:
			require.Equal(t, 5000, up)
		case Shuffled:
			require.InDelta(t, 2500, up, 900)
		}
	}
	for _, none := range []tempnumber.ActivationID{0, -1, 1, 12311, 1_009_000_000, 1 << 62} {
		require.NotContains(t, []int64{0, 1, 2}, indexOf(none))
	}
}

func TestOrderOfIDsChanges(t *testing.T) {
	s := New(Config{Catalogue: DefaultCatalogue(), Balance: 100 * tempnumber.Dollar, Lifetime: 1, Keep: 3})
	var ids []tempnumber.ActivationID
	for _, order := range []IDOrder{Ascending, Descending, Shuffled, Ascending, Shuffled} {
		s.SetIDs(order)
		a, err := s.Order(noon, Order{ServiceID: "facebook", CountryID: "us"})
		require.NoError(t, err)
		ids = append(ids, a.ID)
	}
	require.Equal(t, []tempnumber.ActivationID{12312, 899_999_999, 1_007_686_921, 12315, 1_000_811_535}, ids)
	for _, id := range ids {
		a, err := s.Activation(noon, id)
		require.NoError(t, err)
		require.Equal(t, id, a.ID)
	}
	for _, other := range []tempnumber.ActivationID{12313, 900_000_000, 12316, 12311} {
		_, err := s.Activation(noon, other)
		require.ErrorContains(t, err, string(NotFound), "%d", other)
	}
	s.Advance(noon.Add(1))
	_, err := s.Activation(noon.Add(1), ids[0])
	require.ErrorContains(t, err, string(Gone))
}
