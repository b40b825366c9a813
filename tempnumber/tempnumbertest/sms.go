package tempnumbertest

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// DeliverSMS lets an SMS arrive at the number of an activation. It is an error
// when the activation does not wait for one, and when the text is empty or has more
// than 10,000 characters; the error says which.
func (s *Server) DeliverSMS(id tempnumber.ActivationID, text string) error {
	return s.deliver(text, func(now time.Time, sms service.SMS) error { return s.core.Deliver(now, id, sms) })
}

// DeliverSMSTo lets an SMS arrive at a phone number, as the app under test would
// send it: "+18454123223", with or without the plus sign, spaces and dashes. It is
// an error when nobody has rented the number or nobody waits for an SMS on it.
func (s *Server) DeliverSMSTo(phone, text string) error {
	_, err := s.deliverTo(phone, text)
	return err
}

// deliverTo returns the activation whose number it was.
func (s *Server) deliverTo(phone, text string) (id tempnumber.ActivationID, err error) {
	err = s.deliver(text, func(now time.Time, sms service.SMS) error {
		id, err = s.core.DeliverTo(now, phone, sms)
		return err
	})
	return id, err
}

// deliver calls do with the SMS that has a text.
func (s *Server) deliver(text string, do func(now time.Time, sms service.SMS) error) error {
	if err := checkText(text); err != nil {
		return err
	}
	sms := service.NewSMS("", text)
	return s.control(func(now time.Time) error { return do(now, sms) })
}

// AutoDeliver lets an SMS arrive by itself at every number that begins to wait for
// one from now on, the given time after it has begun; at those, too, for which
// another SMS is asked for. "{code}" in the text becomes six digits, other ones for
// each SMS. Where the number expires first, no SMS arrives.
func (s *Server) AutoDeliver(delay time.Duration, text string) {
	s.set(func() { s.setAuto([]control.AutoSMS{{Delay: control.Duration(delay), Text: text}}) })
}

// AutoDeliverFunc is AutoDeliver with a delay and a text for each activation: ok
// reports whether an SMS is to arrive at all. nil ends it; SMS that are on their way
// arrive. The function must not call the Server.
func (s *Server) AutoDeliverFunc(sms func(Activation) (delay time.Duration, text string, ok bool)) {
	s.set(func() {
		s.auto = nil
		if sms == nil {
			s.core.SetAutoSMS(nil)
			return
		}
		s.core.SetAutoSMS(func(a service.Activation) (time.Duration, string, bool) { return sms(activationFrom(a)) })
	})
}
