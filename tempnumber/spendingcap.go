package tempnumber

import (
	"context"
	"fmt"
	"sync"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
)

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

// spendingCap is the guard that counts what a client spends.
type spendingCap struct {
	caller *caller
	most   Amount
	shared *share.Hub // counts for all programs that share the key; nil for a program alone

	mu      sync.Mutex
	counted Amount
	paid    map[ActivationID]Amount // of the numbers bought and not refunded
}

func newSpendingCap(c *caller, most Amount, shared *share.Hub) *spendingCap {
	return &spendingCap{caller: c, most: most, shared: shared, paid: make(map[ActivationID]Amount)}
}

// admit counts the order's bound. An order without one is bounded by the present price first.
func (s *spendingCap) admit(ctx context.Context, p *purchase) error {
	if err := s.withPriceBound(ctx, p); err != nil {
		return err
	}
	bound := p.params.MaxPrice
	if s.shared != nil {
		return s.admitShared(ctx, p, bound)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if bound > s.most-s.counted {
		return &SpendingCapError{Cap: s.most, Counted: s.counted, Price: bound}
	}
	s.counted += bound
	return nil
}

// admitShared counts the order's bound beside what all programs have spent in 24 hours.
func (s *spendingCap) admitShared(ctx context.Context, p *purchase, bound Amount) (err error) {
	p.shared[0], err = s.shared.Order(ctx, "", int64(bound), func(before []share.Ordered) error {
		counted := Amount(0)
		for _, o := range before {
			counted += Amount(o.Amount)
		}
		if bound > s.most-counted {
			return &SpendingCapError{Cap: s.most, Counted: counted, Price: bound}
		}
		return nil
	})
	return sharedError(err)
}

// settleShared tells all programs what an order cost.
func (s *spendingCap) settleShared(p *purchase) {
	switch {
	case p.bought != nil && p.bought.Price > 0:
		s.shared.Settle(p.shared[0], int64(p.bought.ID), int64(p.bought.Price))
	case p.bought != nil:
		s.shared.Settle(p.shared[0], int64(p.bought.ID), int64(p.params.MaxPrice))
	case p.disposition != dispositionUnknown:
		s.shared.Settle(p.shared[0], 0, 0)
	}
}

// withPriceBound finds out what an order can cost.
func (s *spendingCap) withPriceBound(ctx context.Context, p *purchase) error {
	switch {
	case p.params.MaxPrice > 0:
		return nil
	case p.raw:
		return invalid("with a spending cap an order through Raw needs an expectedPrice above 0, which bounds what it can cost")
	}
	offer, err := s.caller.offer(ctx, p.params.ServiceID, p.params.CountryID, "")
	switch {
	case err != nil:
		return fmt.Errorf("tempnumber: not sent: the spending cap needs the price: %w", err)
	case offer.Price <= 0:
		return invalid("the service does not say the price of %s in %s, which the spending cap needs; set MaxPrice", p.params.ServiceID, p.params.CountryID)
	}
	p.params.MaxPrice = offer.Price
	return nil
}

// settle replaces an order's bound by its price. The bound of an order with an unknown outcome stays counted.
func (s *spendingCap) settle(p *purchase) {
	if s.shared != nil {
		s.settleShared(p)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case p.bought != nil:
		s.paid[p.bought.ID] = p.params.MaxPrice // if the answer does not say the price
		s.update(p.bought)
	case p.disposition != dispositionUnknown:
		s.counted -= p.params.MaxPrice
	}
}

func (s *spendingCap) observe(a *Activation) {
	if s.shared != nil {
		if a.Status == StatusRefunded {
			s.shared.Refunded(int64(a.ID))
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.update(a)
}

// update brings the count of one activation up to date. s.mu is held.
func (s *spendingCap) update(a *Activation) {
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
