package service

import "time"

// DeliveryRule is the smallest share of activations that must receive an SMS,
// for each service in each country apart.
type DeliveryRule struct {
	Percent int           // the smallest share; 0 for no rule
	From    int           // how many activations must have ended before the share is judged
	Window  time.Duration // how long a pair stays closed, and how often it is counted anew
}

// tally counts what became of the activations of one pair. One that is still
// waiting has not failed yet and is not counted.
type tally struct {
	since, closedUntil time.Time
	ended, delivered   int
}

// closed reports whether the pair takes no orders at the moment.
func (t *tally) closed(now time.Time) bool { return now.Before(t.closedUntil) }

// count takes the end of one activation into account.
func (t *tally) count(at time.Time, delivered bool, rule DeliveryRule) {
	if !t.closed(at) && (!t.closedUntil.IsZero() || t.since.IsZero() || at.Sub(t.since) >= rule.Window) {
		*t = tally{since: at}
	}
	t.ended++
	if delivered {
		t.delivered++
	}
	if !t.closed(at) && t.ended >= rule.From && t.delivered*100 < t.ended*rule.Percent {
		t.closedUntil = at.Add(rule.Window)
	}
}

func (s *Service) tallyOf(p pair) *tally {
	t := s.rates[p]
	if t == nil {
		t = &tally{}
		s.rates[p] = t
	}
	return t
}
