package tempnumbertest

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// Expire ends the life of an activation's number before its time: an activation
// without an SMS is refunded. It is an error when it has ended already.
func (s *Server) Expire(id tempnumber.ActivationID) error {
	return s.control(func(now time.Time) error { return s.core.Expire(now, id) })
}

// Refund cancels an activation and gives its price back, even when its SMS has
// come. It is an error when it is refunded already.
func (s *Server) Refund(id tempnumber.ActivationID) error {
	return s.control(func(now time.Time) error { return s.core.Refund(now, id) })
}

// FailActivation ends an activation with the status error and a reason, a number
// without documented meaning. The price goes back to the balance when no SMS had
// come. It is an error when the activation has ended already.
func (s *Server) FailActivation(id tempnumber.ActivationID, reason int64) error {
	return s.control(func(now time.Time) error { return s.core.Break(now, id, reason) })
}

// Forget ends an activation, if it has not ended, and answers GoneException (410)
// for it from now on. The history still shows it.
func (s *Server) Forget(id tempnumber.ActivationID) error {
	return s.control(func(now time.Time) error { return s.core.Forget(now, id) })
}

// SetStatus gives an activation any status, an unknown one too. Its money, number
// and SMS stay as they are.
func (s *Server) SetStatus(id tempnumber.ActivationID, status tempnumber.Status) error {
	return s.control(func(time.Time) error { return s.core.SetStatus(id, status) })
}

// SetRetryAvailable withdraws the right to ask for another SMS on a number, or
// gives it back. Every number has it at first.
func (s *Server) SetRetryAvailable(id tempnumber.ActivationID, available bool) error {
	return s.control(func(time.Time) error { return s.core.SetRetry(id, available) })
}

// SetPrice sets the price of a service in a country. It is an error when the
// catalogue does not have them.
func (s *Server) SetPrice(serviceID, countryID string, price tempnumber.Amount) error {
	return s.control(func(time.Time) error { return s.core.SetPrice(serviceID, countryID, price) })
}

// SetAvailable says whether numbers of a country are to be had for a service; at
// first there always are. An order without any is refused as not found (404). It
// is an error when the catalogue does not have them.
func (s *Server) SetAvailable(serviceID, countryID string, available bool) error {
	return s.control(func(time.Time) error { return s.core.SetAvailable(serviceID, countryID, available) })
}

// SetBalance sets the money that can be spent.
func (s *Server) SetBalance(balance tempnumber.Amount) {
	s.locked(func(time.Time) { s.core.SetBalance(balance) })
}

// SetReviewBalance sets the money that is in review, nothing at first. It cannot
// be spent, and nothing else changes it.
func (s *Server) SetReviewBalance(balance tempnumber.Amount) {
	s.locked(func(time.Time) { s.core.SetInReview(balance) })
}

// Balance is the money that can be spent.
func (s *Server) Balance() tempnumber.Amount {
	var balance tempnumber.Amount
	s.locked(func(time.Time) { balance, _ = s.core.Balance() })
	return balance
}

// HoldAccount puts the account on hold, or takes it off. On hold, everything that
// has to do with activations is refused as AccountOnHoldException (403).
func (s *Server) HoldAccount(onHold bool) {
	s.locked(func(time.Time) { s.core.Hold(onHold) })
}

// SetEmailVerified says whether the account's e-mail address is verified, as it is
// without WithUnverifiedEmail.
func (s *Server) SetEmailVerified(verified bool) {
	s.locked(func(time.Time) { s.core.SetEmailVerified(verified) })
}

// Activation is an activation as the server has it. Unlike the client's, it knows
// whether the price went back.
type Activation struct {
	ID        tempnumber.ActivationID
	Status    tempnumber.Status
	ServiceID string
	CountryID string
	Phone     string // in E.164, with its plus sign; empty while there is none
	Message   string // the text of the newest SMS
	Code      string
	Price     tempnumber.Amount
	Refunded  bool
	CreatedAt time.Time
	ExpiresAt time.Time
	CanRetry  bool // another SMS may be asked for
}

// Activations returns every activation that the server keeps, the oldest first.
func (s *Server) Activations() []Activation {
	var kept []service.Activation
	s.locked(func(now time.Time) { kept = s.core.All(now) })
	all := make([]Activation, len(kept))
	for i, a := range kept {
		all[i] = activationFrom(a)
	}
	return all
}

// activationFrom shows an activation of the core.
func activationFrom(a service.Activation) Activation {
	shown := Activation{
		ID: a.ID, Status: a.Status, ServiceID: a.Service.ID, CountryID: a.Country.ID, Message: a.Message, Code: a.Code,
		Price: a.Price, Refunded: a.Refunded, CreatedAt: a.CreatedAt, ExpiresAt: a.ExpiresAt, CanRetry: a.CanRetry,
	}
	if digits := a.Number.Digits(); digits != "" {
		shown.Phone = "+" + digits
	}
	return shown
}
