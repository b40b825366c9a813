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

// Page is a page of a history.
type Page struct {
	All   []Activation // on it, in its order
	New   []Activation // of these, the ones that no page before has shown
	Pages int          // how many pages there are, 0 where it does not say
}

// ReadNewest asks for the pages of a history from its newest end down to a range, and perhaps somewhat further.
// Whether the newest activations stand on the first page or on the last is not
// documented, nor is how many a page holds: the first page shows both. A history in no order is read to its end.
func ReadNewest(r Range, clock *ServerClock, ask func(page int) (Page, error)) error {
	first, err := ask(1)
	if err != nil {
		return err
	}
	if !r.Since.IsZero() {
		r.Since = clock.Earliest(r.Since) // the first page may have shown more of the server's clock
	}
	var order Order
	at, step, page, seen := 1, 1, first, first.New
	for len(first.All) > 0 {
		shown := page.All
		if !order.NewestFirst && !order.OldestFirst {
			order = OrderOf(seen)
			switch {
			case order.OldestFirst && first.Pages > at: // the newest stand on the last page
				at, step = first.Pages+1, -1
				shown = nil
			case order.OldestFirst && first.Pages == 0: // it does not say where the newest are
				order, shown = Order{}, nil
			}
		}
		if order.IsPast(r.Above, r.Since, shown) {
			break
		}
		at += step
		if at < 2 || first.Pages != 0 && at > first.Pages {
			break
		}
		if page, err = ask(at); err != nil {
			return err
		}
		seen = append(seen, page.New...)
		if len(page.New) == 0 && at != first.Pages {
			break // it repeats itself, or ends before its time
		}
	}
	return nil
}
