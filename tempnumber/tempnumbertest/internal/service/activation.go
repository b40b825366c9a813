package service

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Activation is what can be read of one activation.
type Activation struct {
	ID        tempnumber.ActivationID
	Status    tempnumber.Status
	Service   Listing
	Country   Country
	Number    Number // zero until there is one
	Message   string
	Code      string
	Price     tempnumber.Amount
	CreatedAt time.Time
	ExpiresAt time.Time
	Now       time.Time // when it was read
	CanRetry  bool
	Reason    int64
	Refunded  bool // the price went back to the balance
}

// activation is one number rented for one service.
type activation struct {
	id             tempnumber.ActivationID
	offer          Offer // what was ordered, at the price of the order
	status         tempnumber.Status
	number         Number
	message, code  string
	created        time.Time
	expires        time.Time
	expiry         *event
	reason         int64
	wait           int  // grows with every wait for an SMS; an SMS meant for a former one is void
	delivered      bool // an SMS came, once at least
	judged         bool // counted in the delivery rate
	refunded       bool
	over           bool // the number lives no longer
	gone           bool // no longer to be read by its id
	retryWithdrawn bool
}

// waiting reports whether an SMS would be taken in.
func (a *activation) waiting() bool {
	if a.over {
		return false
	}
	switch a.status {
	case tempnumber.StatusNumberReceived, tempnumber.StatusSMSRequested, tempnumber.StatusRetryRequested:
		return true
	}
	return false
}

// pending reports whether the activation takes one of the account's places.
func (a *activation) pending() bool {
	return a.waiting() || !a.over && a.status == tempnumber.StatusNumberRequested
}

// canRetry reports whether another SMS may be asked for.
func (a *activation) canRetry() bool {
	received := a.status == tempnumber.StatusSMSReceived || a.status == tempnumber.StatusRetryReceived
	return received && !a.over && !a.retryWithdrawn
}

// view shows the activation as it is now.
func (a *activation) view(now time.Time) Activation {
	return Activation{
		ID: a.id, Status: a.status, Service: *a.offer.Service, Country: *a.offer.Country, Number: a.number,
		Message: a.message, Code: a.code, Price: a.offer.Price, CreatedAt: a.created, ExpiresAt: a.expires, Now: now,
		CanRetry: a.canRetry(), Reason: a.reason, Refunded: a.refunded,
	}
}

func (a *activation) pair() pair { return pair{a.offer.Service.ID, a.offer.Country.ID} }

// change alters an activation and keeps the count of pending ones right.
func (s *Service) change(a *activation, alter func()) {
	before := a.pending()
	alter()
	switch after := a.pending(); {
	case before && !after:
		s.pending--
	case !before && after:
		s.pending++
	}
	s.changed(a)
}

func (s *Service) changed(a *activation) {
	if s.Changed != nil {
		s.Changed(a.id)
	}
}

// Pending is how many activations wait for a number or an SMS.
func (s *Service) Pending() int { return s.pending }
