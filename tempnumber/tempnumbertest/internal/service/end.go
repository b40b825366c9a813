package service

import (
	"fmt"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// expire ends the life of a number. Who got no SMS gets the money back.
func (s *Service) expire(a *activation, at time.Time) {
	if a.over {
		return
	}
	status := a.status
	switch {
	case !a.delivered && a.pending():
		status = tempnumber.StatusRefunded
		s.refund(a)
	case a.delivered && s.consumes:
		status = tempnumber.StatusServiceConsumed
	}
	s.end(a, at, status)
}

// end takes the number away and leaves the activation in its last state.
func (s *Service) end(a *activation, at time.Time, status tempnumber.Status) {
	s.change(a, func() { a.status, a.over = status, true })
	if a.expires.After(at) {
		a.expires = at
	}
	delete(s.byNumber, a.number.Digits())
	s.judge(a, at)
	if s.config.GoneAfter > 0 {
		s.At(at.Add(s.config.GoneAfter), func(time.Time) { a.gone = true })
	}
	s.drop()
}

// Expire ends the life of a number before its time.
func (s *Service) Expire(now time.Time, id tempnumber.ActivationID) error {
	a, err := s.alive(id)
	if err == nil {
		s.expire(a, now)
	}
	return err
}

// Refund cancels an activation and gives its price back, after its SMS as well.
func (s *Service) Refund(now time.Time, id tempnumber.ActivationID) error {
	a, err := s.known(id)
	switch {
	case err != nil:
		return err
	case a.refunded:
		return fmt.Errorf("activation %d is refunded already", id)
	}
	s.refund(a)
	s.end(a, now, tempnumber.StatusRefunded)
	return nil
}

// Break ends an activation as failed for good. Who got no SMS gets the money back.
func (s *Service) Break(now time.Time, id tempnumber.ActivationID, reason int64) error {
	a, err := s.alive(id)
	if err != nil {
		return err
	}
	a.reason = reason
	if !a.delivered {
		s.refund(a)
	}
	s.end(a, now, tempnumber.StatusError)
	return nil
}

// Forget makes an activation unreadable by its id, as one that ended long ago.
func (s *Service) Forget(now time.Time, id tempnumber.ActivationID) error {
	a, err := s.known(id)
	if err != nil {
		return err
	}
	s.expire(a, now)
	a.gone = true
	return nil
}

// SetStatus writes a status down as it is, one that nobody knows as well. Money,
// number and SMS stay.
func (s *Service) SetStatus(id tempnumber.ActivationID, status tempnumber.Status) error {
	a, err := s.known(id)
	if err == nil {
		s.change(a, func() { a.status = status })
	}
	return err
}

// SetRetry withdraws the right to ask for another SMS, or gives it back.
func (s *Service) SetRetry(id tempnumber.ActivationID, allowed bool) error {
	a, err := s.known(id)
	if err == nil {
		a.retryWithdrawn = !allowed
		s.changed(a)
	}
	return err
}

// alive finds an activation whose number lives.
func (s *Service) alive(id tempnumber.ActivationID) (*activation, error) {
	a, err := s.known(id)
	if err == nil && a.over {
		return nil, fmt.Errorf("activation %d has ended already: its status is %s", id, a.status)
	}
	return a, err
}

// known finds an activation for the one who controls the service.
func (s *Service) known(id tempnumber.ActivationID) (*activation, error) {
	if a := s.find(id); a != nil {
		return a, nil
	}
	return nil, unknown("there is no activation %d", id)
}
