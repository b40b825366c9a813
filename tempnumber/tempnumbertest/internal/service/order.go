package service

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Order is a request for a number.
type Order struct {
	ServiceID, CountryID string
	// Expected is the price that the caller saw; nil when none was said.
	Expected *tempnumber.Amount
}

// Order rents a number and charges its price, or says why not.
func (s *Service) Order(now time.Time, order Order) (Activation, error) {
	wanted := pair{order.ServiceID, order.CountryID}
	offer, err := s.accept(now, wanted, order.Expected)
	if err != nil {
		return Activation{}, err
	}
	a := &activation{
		id: s.ids.id(s.ordered), offer: offer, status: tempnumber.StatusNumberRequested,
		created: now, expires: now.Add(s.config.Lifetime),
	}
	s.ordered++
	s.balance -= offer.Price
	s.pending++
	a.expiry = s.events.add(a.expires, rankExpiry, func(at time.Time) { s.expire(a, at) })
	s.keep(a)
	s.after(now, s.config.NumberAfter, func(at time.Time) { s.assign(a, at) })
	return a.view(now), nil
}

// accept returns what an order would get, or the reason to refuse it.
func (s *Service) accept(now time.Time, wanted pair, expected *tempnumber.Amount) (Offer, error) {
	if err := s.OnHold(); err != nil {
		return Offer{}, err
	}
	if s.emailUnverified {
		return Offer{}, refuse(EmailNotVerified, "The e-mail address of the account is not verified")
	}
	offer, err := s.Offer(wanted.service, wanted.country)
	if err != nil {
		return Offer{}, refuse(NotFound, "There is no such service or no such country")
	}
	if !offer.Available {
		return Offer{}, refuse(NoNumbers, "No numbers of this country for this service at the moment")
	}
	if expected != nil && *expected < offer.Price {
		return Offer{}, &Error{Refusal: PriceChanged, Message: "Price has changed", NewPrice: offer.Price}
	}
	if s.balance < offer.Price {
		return Offer{}, refuse(PaymentRequired, "The balance does not cover the price")
	}
	if most := s.pendingCap(); most > 0 && s.pending >= most {
		return Offer{}, refuse(TooManyPending, "Too many activations pending")
	}
	if s.tallyOf(wanted).closed(now) {
		return Offer{}, refuse(LowSuccessRate, "SMS delivery rate is too low")
	}
	return offer, nil
}

// pendingCap returns how many activations may wait at once, 0 for no cap.
func (s *Service) pendingCap() int {
	if s.config.PendingCap == 0 {
		return 0
	}
	return s.config.PendingCap + s.config.PendingPerDollar*int(max(s.balance, 0)/tempnumber.Dollar)
}

// Rules returns the cap of pending activations and the smallest delivery rate, 0 for none.
func (s *Service) Rules() (pendingCap, deliveryPercent int) {
	return s.config.PendingCap, s.config.Delivery.Percent
}

// SetPendingCap sets how many activations may wait at once, 0 for no cap.
func (s *Service) SetPendingCap(n int) { s.config.PendingCap = n }

// SetDelivery sets the delivery rate that is asked for. Without one all pairs are open.
func (s *Service) SetDelivery(rule DeliveryRule) {
	s.config.Delivery = rule
	if rule.Percent == 0 {
		clear(s.rates)
	}
}

// assign gives an activation its number.
func (s *Service) assign(a *activation, at time.Time) {
	if a.over || a.status != tempnumber.StatusNumberRequested {
		return
	}
	a.number = s.nextNumber(a.offer.Country)
	s.byNumber[a.number.Digits()] = a
	s.newest[a.number.Digits()] = a
	s.change(a, func() { a.status = tempnumber.StatusNumberReceived })
	s.after(at, s.config.WaitAfter, func(at time.Time) {
		if a.status == tempnumber.StatusNumberReceived && !a.over {
			s.change(a, func() { a.status = tempnumber.StatusSMSRequested })
			s.expectSMS(a, at)
		}
	})
}

// after does something after a delay, at once when there is none.
func (s *Service) after(now time.Time, delay time.Duration, do func(at time.Time)) {
	if delay <= 0 {
		do(now)
		return
	}
	s.At(now.Add(delay), do)
}
