package orders

import (
	"cmp"
	"time"
)

// Range says how much of a history is wanted: the activations above an id that were not made before a time.
type Range struct {
	Above int64
	Since time.Time // by the local clock; zero for any time
}

// And returns the range that covers both.
func (r Range) And(other Range) Range {
	r.Above = min(r.Above, other.Above)
	if other.Since.Before(r.Since) {
		r.Since = other.Since
	}
	return r
}

// Covers reports whether a reading of this range serves another one.
func (r Range) Covers(other Range) bool { return r == r.And(other) }

// Order is the order in which a history stands. The zero Order is none that is known.
type Order struct {
	NewestFirst, OldestFirst bool
	// ByID reports that it stands strictly by id, and not only by the second in which activations were made.
	ByID bool
}

// OrderOf learns the order of a history from one of its pages.
func OrderOf(page []Activation) Order {
	steps := func(compare func(a, b Activation) int) (down, up bool) {
		for i := 1; i < len(page); i++ {
			c := compare(page[i-1], page[i])
			down, up = down || c > 0, up || c < 0
		}
		return down, up
	}
	down, up := steps(func(a, b Activation) int { return cmp.Compare(a.ID, b.ID) })
	if down != up {
		return Order{NewestFirst: down, OldestFirst: up, ByID: true}
	}
	// Those of one second may stand in any order.
	down, up = steps(func(a, b Activation) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return Order{NewestFirst: down && !up, OldestFirst: up && !down}
}

// IsPast reports whether later pages cannot hold anything in range: page holds something at or below the id,
// or made before the server's time since.
func (o Order) IsPast(above int64, since time.Time, page []Activation) bool {
	if len(page) == 0 || !o.NewestFirst && !o.OldestFirst {
		return false
	}
	oldest := page[len(page)-1]
	if o.OldestFirst {
		oldest = page[0]
	}
	return o.ByID && oldest.ID <= above || !oldest.CreatedAt.IsZero() && oldest.CreatedAt.Before(since)
}
