package tempnumber

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// depth says how far down the history is wanted: to the activations with an id
// above the given one that were not made before the given moment.
type depth struct {
	above ActivationID
	since time.Time // by the local clock
}

// and gives the depth that serves both.
func (d depth) and(other depth) depth {
	d.above = min(d.above, other.above)
	if other.since.Before(d.since) {
		d.since = other.since
	}
	return d
}

// covers tells whether a look to this depth serves another one.
func (d depth) covers(other depth) bool { return d == d.and(other) }

// historyDownTo reads the account's history from its newest end down to a depth,
// and perhaps somewhat further. Whether the newest activations stand on the first
// page or on the last is not documented, nor is how many a page holds: the first
// page shows both. What is in no order is read to its end.
func (c *Client) historyDownTo(ctx context.Context, d depth) ([]*Activation, error) {
	ask := ListParams{Page: 1, PageSize: largePage}
	first, err := c.ActivationsPage(ctx, ask)
	if errors.Is(err, ErrInvalidRequest) { // a page this large is refused
		ask.PageSize = 0
		first, err = c.ActivationsPage(ctx, ask)
	}
	if err != nil {
		return nil, err
	}
	all := distinct{ids: make(map[ActivationID]struct{})}
	all.add(first.Activations)
	order, pages, step := arrangementOf(first.Activations), first.Pages, 1
	ask.Page = 2
	switch {
	case len(first.Activations) == 0:
		pages = 1
	case order.oldestFirst && pages > 1:
		ask.Page, step = pages, -1
	case order.oldestFirst: // it is not told where the newest are
		order = arrangement{}
	case order.reaches(d.above, c.road.clock.earliest(d.since), first.Activations):
		pages = 1
	}
	for ask.Page > 1 && (pages == 0 || ask.Page <= pages) {
		page, err := c.ActivationsPage(ctx, ask)
		if err != nil {
			return nil, err
		}
		if !all.add(page.Activations) && ask.Page != pages {
			break // it repeats itself, or ends before its time
		}
		if order.reaches(d.above, c.road.clock.earliest(d.since), page.Activations) {
			break
		}
		ask.Page += step
	}
	c.ledger.sawNewest()
	return all.list, nil
}

// distinct is a list in which each activation stands once: while new ones come
// in, others slip to the next page.
type distinct struct {
	list []*Activation
	ids  map[ActivationID]struct{}
}

// add tells whether there was a new one among them.
func (l *distinct) add(activations []*Activation) bool {
	before := len(l.list)
	for _, a := range activations {
		if _, known := l.ids[a.ID]; !known {
			l.ids[a.ID] = struct{}{}
			l.list = append(l.list, a)
		}
	}
	return len(l.list) > before
}

// arrangement is the order in which a history stands.
type arrangement struct {
	newestFirst, oldestFirst bool
	byID                     bool // strictly by id, not only by the second in which they were made
}

// arrangementOf learns the order of a history from one of its pages.
func arrangementOf(page []*Activation) arrangement {
	steps := func(compare func(a, b *Activation) int) (down, up bool) {
		for i := 1; i < len(page); i++ {
			c := compare(page[i-1], page[i])
			down, up = down || c > 0, up || c < 0
		}
		return down, up
	}
	down, up := steps(func(a, b *Activation) int { return cmp.Compare(a.ID, b.ID) })
	if down != up {
		return arrangement{newestFirst: down, oldestFirst: up, byID: true}
	}
	// Those of one second may stand in any order.
	down, up = steps(func(a, b *Activation) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return arrangement{newestFirst: down && !up, oldestFirst: up && !down}
}

// reaches tells whether a page holds something that is not above an id, or was made
// before a moment, so that the pages after it hold nothing else.
func (r arrangement) reaches(above ActivationID, since time.Time, page []*Activation) bool {
	if len(page) == 0 || !r.newestFirst && !r.oldestFirst {
		return false
	}
	deepest := page[len(page)-1]
	if r.oldestFirst {
		deepest = page[0]
	}
	return r.byID && deepest.ID <= above || !deepest.CreatedAt.IsZero() && deepest.CreatedAt.Before(since)
}
