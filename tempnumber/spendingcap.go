package tempnumber

import (
	"errors"
	"fmt"
	"sync"
)

// ErrSpendingCap is matched by every *SpendingCapError.
var ErrSpendingCap = errors.New("the order would break the client's spending cap")

// SpendingCapError says that an order was not sent, because it could have made the
// client spend more than WithSpendingCap allows.
type SpendingCapError struct {
	Cap     Amount // what may be spent
	Counted Amount // what is spent, on its way, or perhaps spent
	Price   Amount // the most that the order could have cost
}

func (e *SpendingCapError) Error() string {
	return fmt.Sprintf("tempnumber: not sent: an order of up to %v dollars would break the spending cap of %v, of which %v are counted as spent", e.Price, e.Cap, e.Counted)
}

// Is matches ErrSpendingCap.
func (e *SpendingCapError) Is(target error) bool { return target == ErrSpendingCap }

// WithSpendingCap bounds what the client spends in its life, in dollars. An order
// that could break it is a *SpendingCapError and is not sent.
//
// What an order can cost has to be known before: it is MaxPrice, so a MaxPrice
// far above the price blocks money while the order is on its way. Where MaxPrice
// is 0, CreateActivation asks for the Offer first and orders at its price and no
// higher. An order through Raw needs an expectedPrice.
//
// Counted is, exactly: the price of each number bought; the bound of each order
// that is on its way; and the bound of each order with an unknown outcome, until
// Reconcile has found, as it can with WithExclusiveKey, what it bought. The price
// of a number is given back when an answer to any call shows it as refunded.
func WithSpendingCap(most Amount) Option {
	return func(c *config) error {
		if most <= 0 {
			return invalid("WithSpendingCap: %v dollars allow no order at all; leave the option out for no cap", most)
		}
		c.spending = &spending{most: most, paid: make(map[ActivationID]Amount)}
		return nil
	}
}

// spending counts what a client spends. A nil *spending counts nothing.
type spending struct {
	most    Amount
	mu      sync.Mutex
	counted Amount
	paid    map[ActivationID]Amount // of the numbers bought and not refunded
}

// reserve counts an order that is about to be sent.
func (s *spending) reserve(bound Amount) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case bound == 0:
		return invalid("with a spending cap an order through Raw needs an expectedPrice above 0, which bounds what it can cost")
	case bound > s.most-s.counted:
		return &SpendingCapError{Cap: s.most, Counted: s.counted, Price: bound}
	}
	s.counted += bound
	return nil
}

// settle ends what reserve began, by what became of the order. The bound of an
// order with an unknown outcome stays counted.
func (s *spending) settle(bound Amount, v verdict, bought *Activation) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case bought != nil:
		s.paid[bought.ID] = bound // if the answer does not tell the price
		s.update(bought)
	case v != verdictUnknown:
		s.counted -= bound
	}
}

// saw takes in what an answer showed of an activation.
func (s *spending) saw(a *Activation) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.update(a)
}

// update brings the count of one activation up to date. s.mu is held.
func (s *spending) update(a *Activation) {
	before, ours := s.paid[a.ID]
	switch {
	case !ours:
	case a.Status == StatusRefunded:
		s.counted -= before
		delete(s.paid, a.ID)
	case a.Price > 0:
		s.counted += a.Price - before
		s.paid[a.ID] = a.Price
	}
}
