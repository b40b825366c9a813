package poll

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
)

// service is a strict model of the service: its history, and the two limits that
// waiting lives on.
type service struct {
	pageSize    int // the largest page that it grants
	oldestFirst bool
	hidePending bool // the history leaves out what waits for an SMS
	hideTexts   bool // the history shows that there is an SMS, not its text
	neverOver   bool // a number whose time is over is shown as before
	lies        lies // of lists

	activations   []*activation // the oldest first; ids count from 1
	single, list  limit
	listed, asked int // requests that were answered
}

// lies are what a list may show besides the truth.
type lies struct {
	lag        time.Duration // lists show what was so long ago
	silent     bool          // lists never show an SMS
	empty      bool          // lists show no rows
	failing    bool          // no list is answered
	unreadable int64         // a page fails with a row whose id is divisible by it
	shuffled   bool          // rows in any order
	repeated   bool          // every row twice
	miscounted bool          // any total
	strangers  int           // activations of others beside each one
}

type activation struct {
	id      int64
	ordered time.Time
	sms     time.Time // when its SMS comes
	expires time.Time
}

// limit counts what arrives. A closed window never may hold more than n, whatever
// its alignment, and what is refused counts as well.
type limit struct {
	n       int
	window  time.Duration
	arrived []time.Time
	over    int
}

func (l *limit) arrive(now time.Time) {
	for len(l.arrived) > 0 && now.Sub(l.arrived[0]) > l.window {
		l.arrived = l.arrived[1:]
	}
	l.arrived = append(l.arrived, now)
	if len(l.arrived) > l.n {
		l.over++
	}
}

// order adds an activation whose SMS comes after the given time.
func (s *service) order(now time.Time, sms time.Duration) *activation {
	a := &activation{id: int64(len(s.activations) + 1), ordered: now, sms: now.Add(sms), expires: now.Add(lifetime)}
	s.activations = append(s.activations, a)
	for range s.lies.strangers {
		other := *a
		other.id, other.sms = int64(len(s.activations)+1), now.Add(arrival.Never)
		s.activations = append(s.activations, &other)
	}
	return a
}

// over reports whether the service says that an activation has ended without an SMS.
func (s *service) over(now time.Time, id int64) bool {
	a := s.activation(id)
	return !s.neverOver && !a.expires.After(now) && a.sms.After(now)
}

func (s *service) activation(id int64) *activation { return s.activations[id-1] }

// look answers a single look: whether the SMS is there.
func (s *service) look(now time.Time, id int64) bool {
	s.single.arrive(now)
	s.asked++
	return !s.activation(id).sms.After(now)
}

// page answers a list, or fails.
func (s *service) page(now time.Time, l Look, random *rand.Rand) (Page, bool) {
	s.list.arrive(now)
	s.listed++
	then := now.Add(-s.lies.lag)
	var all []Item
	for _, a := range s.activations {
		if a.ordered.After(then) {
			break
		}
		if arrived := !a.sms.After(then) && !s.lies.silent; arrived || !s.hidePending {
			all = append(all, Item{ID: a.id, Arrived: arrived})
			if s.lies.repeated {
				all = append(all, all[len(all)-1])
			}
		}
	}
	if !s.oldestFirst {
		slices.Reverse(all)
	}
	if s.lies.shuffled {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	size := min(l.Size, s.pageSize)
	from := min((l.Page-1)*size, len(all))
	rows := all[from:min(from+size, len(all))]
	page := Page{Number: l.Page, Size: l.Size, Sent: l.Sent, Total: len(all), Items: rows}
	if s.lies.empty {
		page.Items = nil
	}
	if s.lies.miscounted {
		page.Total = random.IntN(3 * (len(all) + 1))
	}
	return page, !s.lies.failing && !slices.ContainsFunc(rows, func(i Item) bool {
		return s.lies.unreadable > 0 && i.ID%s.lies.unreadable == 0
	})
}
