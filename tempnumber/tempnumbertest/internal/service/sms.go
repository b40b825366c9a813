package service

import (
	"fmt"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/smscode"
)

// SMS is a text on its way to a number.
type SMS struct{ From, Text, Code string }

// NewSMS returns the SMS with a text, and finds its code. With long texts that takes
// milliseconds, so it is done before anything is locked. The SMS keeps alive nothing
// that its texts are a part of.
func NewSMS(from, text string) SMS {
	return SMS{strings.Clone(from), strings.Clone(text), strings.Clone(smscode.Find(text))}
}

// AutoSMS says which SMS comes by itself to an activation that has begun to
// wait for one, and how long after that; ok is false when none does.
type AutoSMS func(a Activation) (delay time.Duration, text string, ok bool)

// codePlaceholder stands for a code in the text of an SMS that comes by itself.
const codePlaceholder = "{code}"

// SetAutoSMS says what comes by itself to all who begin to wait from now on; nil for nothing.
func (s *Service) SetAutoSMS(auto AutoSMS) { s.auto = auto }

// expectSMS plans the SMS that comes by itself.
func (s *Service) expectSMS(a *activation, now time.Time) {
	a.wait++
	if s.auto == nil {
		return
	}
	delay, text, ok := s.auto(a.view(now))
	if !ok {
		return
	}
	wait := a.wait
	text = strings.ReplaceAll(text, codePlaceholder, s.nextCode())
	s.At(now.Add(max(delay, 0)), func(at time.Time) {
		if a.wait == wait && a.waiting() {
			s.deliver(a, at, NewSMS("", text))
		}
	})
}

// nextCode is a code for an SMS that comes by itself: six digits that look like
// chance, leading zeros among them. A million of them are all different.
func (s *Service) nextCode() string {
	const codes, step = 1_000_000, 618_037 // without a common divisor
	s.codes++
	return fmt.Sprintf("%06d", (s.config.Seed%codes+s.codes)*step%codes)
}

// Deliver lets an SMS arrive at the number of an activation.
func (s *Service) Deliver(now time.Time, id tempnumber.ActivationID, sms SMS) error {
	a, err := s.known(id)
	if err != nil {
		return err
	}
	switch {
	case a.over:
		return fmt.Errorf("the number of activation %d has expired, nobody receives an SMS on it: its status is %s", id, a.status)
	case !a.waiting():
		return fmt.Errorf("activation %d does not wait for an SMS: its status is %s", id, a.status)
	}
	s.deliver(a, now, sms)
	return nil
}

// DeliverTo lets an SMS arrive at a number, written with its country code.
func (s *Service) DeliverTo(now time.Time, number string, sms SMS) (tempnumber.ActivationID, error) {
	a := s.byNumber[DigitsOf(number)]
	if a == nil {
		return 0, unknown("no living number is %q: write it with its country code, as Phone.E164 does", number)
	}
	return a.id, s.Deliver(now, a.id, sms)
}

// DigitsOf returns the digits of a number as people write it, "+1 845-412-3223" or "001 845…".
func DigitsOf(number string) string { return strings.TrimPrefix(onlyDigits(number), "00") }

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// deliver takes in an SMS that is waited for.
func (s *Service) deliver(a *activation, at time.Time, sms SMS) {
	s.change(a, func() {
		if a.status == tempnumber.StatusRetryRequested {
			a.status = tempnumber.StatusRetryReceived
		} else {
			a.status = tempnumber.StatusSMSReceived
		}
	})
	s.read(a, sms)
	a.delivered = true
	s.judge(a, at)
	if s.Delivered != nil {
		s.Delivered(at, a.view(at), sms)
	}
}

// read sets which SMS an activation shows, if any.
func (s *Service) read(a *activation, sms SMS) {
	s.texts += len(sms.Text) - len(a.message)
	a.message, a.code = sms.Text, sms.Code
}

// judge counts an activation in the delivery rate of its pair, once.
func (s *Service) judge(a *activation, at time.Time) {
	if !a.judged {
		a.judged = true
		s.tallyOf(a.pair()).count(at, a.delivered, s.config.Delivery)
	}
}

// Retry asks for another SMS. The former one can no longer be read.
func (s *Service) Retry(now time.Time, id tempnumber.ActivationID) error {
	if err := s.OnHold(); err != nil {
		return err
	}
	a, err := s.readable(id)
	if err != nil {
		return err
	}
	if !a.canRetry() {
		return refuse(BadState, "Another SMS cannot be asked for in this state")
	}
	s.change(a, func() { a.status = tempnumber.StatusRetryRequested })
	s.read(a, SMS{})
	s.expectSMS(a, now)
	return nil
}
