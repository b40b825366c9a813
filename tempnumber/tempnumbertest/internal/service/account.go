package service

import "github.com/tempnumber/tempnumber-go/tempnumber"

// Balance is the money of the account: what can be spent, and what is in review.
func (s *Service) Balance() (available, inReview tempnumber.Amount) { return s.balance, s.inReview }

// SetBalance sets what can be spent.
func (s *Service) SetBalance(available tempnumber.Amount) { s.balance = available }

// SetInReview sets what is in review. It cannot be spent.
func (s *Service) SetInReview(inReview tempnumber.Amount) { s.inReview = inReview }

// Hold puts the account on hold, or takes it off.
func (s *Service) Hold(onHold bool) { s.onHold = onHold }

// SetEmailVerified says whether the account's e-mail address is verified. Orders are
// refused while it is not.
func (s *Service) SetEmailVerified(verified bool) { s.emailUnverified = !verified }

// EmailVerified reports whether the account's e-mail address is verified.
func (s *Service) EmailVerified() bool { return !s.emailUnverified }

// OnHold returns AccountOnHold while the account is on hold.
func (s *Service) OnHold() error {
	if s.onHold {
		return refuse(AccountOnHold, "Account is on hold")
	}
	return nil
}

// refund gives the price of an activation back, once.
func (s *Service) refund(a *activation) {
	if !a.refunded {
		a.refunded = true
		s.balance += a.offer.Price
	}
}
