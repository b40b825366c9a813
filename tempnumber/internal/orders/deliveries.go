package orders

import (
	"iter"
	"time"
)

// The delivery rate that the vendor documents for the API 1.3.8: of the activations of one service in one country
// at least 7 % must receive an SMS, counted from the fifth on.
const (
	DeliveryPercent = 7
	deliveryFrom    = 5
)

// Delivery is what matters of one activation for the delivery rate.
type Delivery struct {
	Service, Country   string // as the service writes them
	Made               time.Time
	Delivered, Pending bool
}

// Tally is how many activations of a pair there are.
type Tally struct {
	Service, Country string
	Asked            int
	Delivered        int // of them, with an SMS
	Pending          int // of them, without one that can still receive one
}

// Count counts the activations of each pair that were not made before since.
func Count(deliveries iter.Seq[Delivery], since time.Time) map[Pair]Tally {
	tallies := make(map[Pair]Tally)
	for d := range deliveries {
		if d.Made.Before(since) {
			continue
		}
		pair := PairOf(d.Service, d.Country)
		t, counted := tallies[pair]
		if !counted {
			t = Tally{Service: d.Service, Country: d.Country}
		}
		t.Asked++
		if d.Delivered {
			t.Delivered++
		}
		if d.Pending {
			t.Pending++
		}
		tallies[pair] = t
	}
	return tallies
}

// Left returns how many more activations can go without an SMS until the rate is too low, 0 when it is.
func (t Tally) Left() int {
	// The smallest number of activations at which so many deliveries are too few.
	tooMany := max(deliveryFrom, t.Delivered*100/DeliveryPercent+1)
	return max(0, tooMany-t.Asked)
}
