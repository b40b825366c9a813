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

// spendingCap is the guard that counts what is spent: by the client, or by all programs that share its key.
type spendingCap struct {
	caller      *caller
	most        Amount
	coordinator share.Coordinator
	open        sync.Map // orders with an unknown outcome: what they are counted by
}

func newSpendingCap(c *caller, most Amount, coordinator share.Coordinator) *spendingCap {
	return &spendingCap{caller: c, most: most, coordinator: coordinator}
}

// admit counts the order's bound. An order without one is bounded by the present price first.
func (s *spendingCap) admit(ctx context.Context, p *purchase) (err error) {
	if err := s.withPriceBound(ctx, p); err != nil {
		return err
	}
	bound := p.params.MaxPrice
	p.counted[0], err = s.coordinator.Order(ctx, "", int64(bound), func(before []share.Ordered) error {
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
	id, key := p.counted[0], p.intent.key()
	if p.reconciled {
		open, _ := s.open.LoadAndDelete(key)
		id, _ = open.(uint64)
	}
	switch {
	case id == 0: // an order of another client
	case p.disposition == dispositionUnknown:
		s.open.Store(key, id)
	case p.bought == nil:
		s.coordinator.Settle(id, 0, 0)
	case p.bought.Price > 0:
		s.coordinator.Settle(id, int64(p.bought.ID), int64(p.bought.Price))
	default:
		s.coordinator.Settle(id, int64(p.bought.ID), int64(p.params.MaxPrice))
	}
}

func (s *spendingCap) observe(a *Activation) {
	switch {
	case a.Status == StatusRefunded:
		s.coordinator.Paid(int64(a.ID), 0)
	case a.Price > 0:
		s.coordinator.Paid(int64(a.ID), int64(a.Price))
	}
}
