package service

import (
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// keep adds an activation to the history.
func (s *Service) keep(a *activation) {
	s.kept = append(s.kept, a)
	s.changed(a)
	s.drop()
}

// maxTexts is how many bytes of SMS the kept activations hold.
const maxTexts = 32 << 20

// drop lets go of the oldest activations when there are too many, or too long texts. One
// that still waits for its SMS stays, and those behind it.
func (s *Service) drop() {
	n := 0
	for (len(s.kept)-n > s.config.Keep || s.texts > maxTexts && n < len(s.kept)) && !s.kept[n].pending() {
		a := s.kept[n]
		a.over = true
		s.read(a, SMS{})
		for _, known := range [...]map[string]*activation{s.byNumber, s.newest} {
			if number := a.number.Digits(); known[number] == a {
				delete(known, number)
			}
		}
		s.events.cancel(a.expiry)
		n++
	}
	clear(s.kept[:n]) // the array behind the slice lives on until it grows
	s.kept = s.kept[n:]
}

// find looks an activation up, nil when there is none.
func (s *Service) find(id tempnumber.ActivationID) *activation {
	i := indexOf(id) - s.dropped()
	if i < 0 || i >= int64(len(s.kept)) || s.kept[i].id != id {
		return nil
	}
	return s.kept[i]
}

// dropped returns how many activations are no longer kept.
func (s *Service) dropped() int64 { return s.ordered - int64(len(s.kept)) }

// readable finds an activation for the account that owns it.
func (s *Service) readable(id tempnumber.ActivationID) (*activation, error) {
	a := s.find(id)
	switch n := indexOf(id); {
	case a != nil && !a.gone:
		return a, nil
	case a != nil || n >= 0 && n < s.dropped():
		return nil, refuse(Gone, "The activation is no longer available")
	}
	return nil, refuse(NotFound, "There is no such activation")
}

// Activation shows one activation.
func (s *Service) Activation(now time.Time, id tempnumber.ActivationID) (Activation, error) {
	if err := s.OnHold(); err != nil {
		return Activation{}, err
	}
	a, err := s.readable(id)
	if err != nil {
		return Activation{}, err
	}
	return a.view(now), nil
}

// PageQuery says which part of the history is wanted.
type PageQuery struct {
	Page, Limit int // both from 1 on
	OldestFirst bool
	HidePending bool
}

// Page is a part of the history.
type Page struct {
	Activations               []Activation
	Page, Limit, Pages, Total int
}

// History shows one page of the activations, newest first. A page behind the last one is empty.
func (s *Service) History(now time.Time, query PageQuery) (Page, error) {
	if err := s.OnHold(); err != nil {
		return Page{}, err
	}
	shown := s.kept
	if query.HidePending {
		shown = nil
		for _, a := range s.kept {
			if !a.pending() {
				shown = append(shown, a)
			}
		}
	}
	page := Page{Page: query.Page, Limit: query.Limit, Total: len(shown)}
	page.Pages = (page.Total + query.Limit - 1) / query.Limit
	if query.Page > page.Pages {
		return page, nil
	}
	from := (query.Page - 1) * query.Limit
	to := min(from+query.Limit, page.Total)
	if !query.OldestFirst {
		from, to = page.Total-to, page.Total-from
	}
	for _, a := range shown[from:to] {
		page.Activations = append(page.Activations, a.view(now))
	}
	if !query.OldestFirst {
		slices.Reverse(page.Activations)
	}
	return page, nil
}

// All shows every activation that is kept, the oldest first.
func (s *Service) All(now time.Time) []Activation {
	all := make([]Activation, 0, len(s.kept))
	for _, a := range s.kept {
		all = append(all, a.view(now))
	}
	return all
}

// Look shows one activation to the one who controls the service, whatever the
// account may read.
func (s *Service) Look(now time.Time, id tempnumber.ActivationID) (Activation, error) {
	a, err := s.known(id)
	if err != nil {
		return Activation{}, err
	}
	return a.view(now), nil
}

// LastOf shows the newest activation that had a number, written with its country
// code.
func (s *Service) LastOf(now time.Time, number string) (Activation, error) {
	if a := s.newest[DigitsOf(number)]; a != nil {
		return a.view(now), nil
	}
	return Activation{}, unknown("nobody has rented the number %q: write it with its country code, as Phone.E164 does", number)
}
