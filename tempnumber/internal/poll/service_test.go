package poll

import (
	"slices"
	"time"
)

// service is a strict model of the service: its history, and the two limits that
// waiting lives on.
type service struct {
	pageSize    int // the largest page that it grants
	oldestFirst bool
	hidePending bool // the history leaves out what waits for an SMS
	hideTexts   bool // the history shows that there is an SMS, not its text

	activations   []*activation // the oldest first; ids count from 1
	single, list  limit
	listed, asked int // requests that were answered
}

type activation struct {
	id      int64
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
	a := &activation{id: int64(len(s.activations) + 1), sms: now.Add(sms), expires: now.Add(lifetime)}
	s.activations = append(s.activations, a)
	return a
}

func (s *service) activation(id int64) *activation { return s.activations[id-1] }

// look answers a single look: whether the SMS is there.
func (s *service) look(now time.Time, id int64) bool {
	s.single.arrive(now)
	s.asked++
	return !s.activation(id).sms.After(now)
}

// page answers a list.
func (s *service) page(now time.Time, l Look) Page {
	s.list.arrive(now)
	s.listed++
	var all []Item
	for _, a := range s.activations {
		if arrived := !a.sms.After(now); arrived || !s.hidePending {
			all = append(all, Item{ID: a.id, Arrived: arrived})
		}
	}
	if !s.oldestFirst {
		slices.Reverse(all)
	}
	size := min(l.Size, s.pageSize)
	from := min((l.Page-1)*size, len(all))
	return Page{Number: l.Page, Size: l.Size, Sent: l.Sent, Total: len(all), Items: all[from:min(from+size, len(all))]}
}
