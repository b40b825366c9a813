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

// OrderOf learns the order of a history from some of its pages. Times go before ids, which are not known to
// ascend: ids decide only where activations have no time.
func OrderOf(page []Activation) Order {
	steps := func(compare func(a, b Activation) int) (down, up bool) {
		for i := 1; i < len(page); i++ {
			c := compare(page[i-1], page[i])
			down, up = down || c > 0, up || c < 0
		}
		return down, up
	}
	idsDown, idsUp := steps(func(a, b Activation) int { return cmp.Compare(a.ID, b.ID) })
	down, up := steps(func(a, b Activation) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if !down && !up { // without times, or all of one second
		return Order{NewestFirst: idsDown && !idsUp, OldestFirst: idsUp && !idsDown, ByID: idsDown != idsUp}
	}
	// Those of one second may stand in any order.
	return Order{NewestFirst: down && !up, OldestFirst: up && !down, ByID: down != up && down == idsDown && up == idsUp}
}

// IsPast reports whether later pages cannot hold anything in range: page holds something made before since, by
// the server's clock. Where there are no times the ids decide: it holds something at or below above.
func (o Order) IsPast(above int64, since time.Time, page []Activation) bool {
	if len(page) == 0 || !o.NewestFirst && !o.OldestFirst {
		return false
	}
	oldest := page[len(page)-1]
	if o.OldestFirst {
		oldest = page[0]
	}
	if !oldest.CreatedAt.IsZero() && !since.IsZero() {
		return oldest.CreatedAt.Before(since)
	}
	return o.ByID && oldest.ID <= above
}
