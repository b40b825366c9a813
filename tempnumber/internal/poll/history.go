package poll

import (
	"math"
	"slices"
	"time"
)

// largestPage is the page size that is asked for until the service grants less.
const largestPage = 100

// smallestPage is the service's own page size, below which nothing is asked for.
const smallestPage = 10

// history is what lists have shown about the list itself. The history is a log:
// an activation's place in it, counted from the oldest, never changes, and how many
// activations there are says on which page that place is now. Nothing else is
// assumed; order, page size and length are learned and corrected by every list.
type history struct {
	read        bool // a list was read; until then only page 1 is asked for
	size        int  // the largest page granted so far
	oldestFirst bool
	total       int   // activations in it: as listed, and the waits that are newer
	newest      int64 // the highest id listed
	pending     bool  // a list has shown a pending activation
}

// Page is what a list showed, as plain data.
type Page struct {
	Number int
	Size   int       // as it was asked for
	Sent   time.Time // when the list was asked for
	Total  int       // activations in the whole history, as the service counts them
	Items  []Item    // as they were listed
}

// Item is one activation on a page.
type Item struct {
	ID int64
	// Arrived says that what is waited for is there. An item of a wait that goes on
	// nevertheless is a hint: the list did not show the text.
	Arrived bool
}

// Listed takes in what a list showed.
func (p *Policy) Listed(page Page) {
	s := p.history.learn(page)
	p.compare(page.Sent, s)
	found, missed := false, false
	for _, w := range p.waits {
		if w.joined.After(page.Sent) { // the list is older than the wait
			if w.newer {
				p.history.append(w)
			}
			continue
		}
		if w.newer {
			w.index, w.newer = s.total-1, false
		}
		switch item, shown := s.items[w.id]; {
		case shown:
			w.index, w.absent = item.index, false
			found = found || !item.arrived
			switch {
			case !item.arrived && p.lag == 0:
				p.learn(w, page.Sent, false)
			case item.arrived && w.awaited() && page.Sent.Sub(w.refuted) >= refutedFor:
				p.learn(w, page.Sent, true)
				w.smsListed, w.needsFetch = page.Sent, true
			}
		case s.locate(w):
			if w.listed.Equal(page.Sent) {
				w.listed = w.seen // it was thought to be on this page
			}
		default:
			w.absent, missed = true, true
		}
	}
	p.hazard.update()
	p.history.pending = p.history.pending || found
	if missed && !p.history.pending {
		p.listMisses++
	}
}

// compare learns from what single looks have found whether lists are behind.
func (p *Policy) compare(sent time.Time, s sheet) {
	lag, fresh := time.Duration(0), false
	for _, f := range p.found {
		item, shown := s.items[f.id]
		since := sent.Sub(f.at)
		switch {
		case !shown || since <= 0:
		case item.arrived:
			fresh = fresh || since <= p.lag
		default:
			lag = max(lag, since)
		}
	}
	if lag > 0 {
		p.lag = max(p.lag, lag)
	} else if fresh {
		p.lag = 0
	}
}

// Refused records that the service refused a list because of its page size. A
// smaller page is asked for next. When the smallest is refused, lists end.
func (p *Policy) Refused(l Look) {
	switch {
	case l.Size != p.history.size:
	case l.Size <= smallestPage:
		p.listMisses = maxListMisses
	default:
		p.history.size = max(l.Size/2, smallestPage)
	}
}

// sheet is a page that was read, with places in the history instead of on the page.
type sheet struct {
	items          map[int64]listed
	low, high      int   // the oldest and the newest place on it
	oldest, newest int64 // and the ids there
	total          int   // how many places there are
}

// listed is an item of a sheet.
type listed struct {
	index   int
	arrived bool
}

// learn takes from a page what it says about the history, and returns its items with
// their places.
func (h *history) learn(page Page) sheet {
	n := len(page.Items)
	// A first page that is short by more than a few, and not all there is, is what is granted.
	if page.Number == 1 && n > 0 && n < page.Size*9/10 && n < page.Total {
		h.size = max(n, smallestPage)
	}
	h.read = true
	if n > 1 {
		h.oldestFirst = page.Items[0].ID < page.Items[n-1].ID
	}
	before := (page.Number - 1) * min(page.Size, h.size)
	h.total = max(page.Total, before+n)
	s := sheet{items: make(map[int64]listed, n), low: h.total, high: -1, oldest: math.MaxInt64, total: h.total}
	for i, item := range page.Items {
		index := before + i
		if !h.oldestFirst {
			index = h.total - 1 - index
		}
		s.items[item.ID] = listed{index, item.Arrived}
		s.low, s.high = min(s.low, index), max(s.high, index)
		s.oldest, s.newest = min(s.oldest, item.ID), max(s.newest, item.ID)
	}
	h.newest = max(h.newest, s.newest)
	return s
}

// locate narrows down where a wait is that a sheet does not show: ids grow with the
// history. It reports whether the wait can be anywhere else at all.
func (s sheet) locate(w *wait) bool {
	switch {
	case len(s.items) == 0:
		return s.total > 0
	case w.id < s.oldest && s.low > 0:
		w.index = min(w.index, s.low-1)
		return true
	case w.id > s.newest && s.high < s.total-1:
		if w.index <= s.high {
			w.index = s.total - 1 // it has moved: look for it from the newest end
		}
		return true
	}
	return false
}

// append assigns the next place in the history to a wait.
func (h *history) append(w *wait) {
	w.index = h.total
	h.total++
}

// pages returns the page that each wait is thought to be on. A wait that was never
// listed is taken to stand right below the next newer one. Of a history that was never
// read, page 1 is taken to show everything.
func (p *Policy) pages() []int {
	pages := make([]int, len(p.waits))
	index := p.history.total
	for i, w := range slices.Backward(p.waits) {
		index = max(min(w.index, index-1), 0)
		before := index
		if !p.history.oldestFirst {
			before = p.history.total - 1 - index
		}
		pages[i] = 1
		if p.history.read {
			pages[i] += before / p.history.size
		}
	}
	return pages
}
