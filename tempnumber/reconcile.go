package tempnumber

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// Reconcile looks at the history at once and these times later: most orders that are carried out late show
// up within seconds.
const (
	secondLook = 5 * time.Second
	lastLook   = orders.SettleTime
)

// adopt returns what an order with an unknown outcome bought, if that is sure.
func (b *buyer) adopt(ctx context.Context, unknown *OutcomeUnknownError) (*Activation, error) {
	found, sure, err := b.reconcile(ctx, unknown.Intent)
	if sure {
		return found[0], nil
	}
	if err != nil {
		unknown.Err = withPrevious(err, unknown.Err)
	}
	return nil, unknown
}

// reconcile returns what an order may have bought; sure reports that the one is the order's. The error says
// why there is nothing.
func (b *buyer) reconcile(ctx context.Context, in Intent) (found []*Activation, sure bool, err error) {
	if id, ok := b.book.Resolved(in.key()); ok {
		b.book.Claim(id, false)
		a, err := b.activation(ctx, ActivationID(id), priority{})
		if err != nil {
			return nil, false, err
		}
		return []*Activation{a}, true, nil
	}
	defer b.book.Reconciling(in.key())()
	start := time.Now()
	for _, after := range []time.Duration{0, secondLook, lastLook} {
		if waitErr := deadline.Sleep(ctx, after-time.Since(start)); waitErr != nil {
			return nil, false, withPrevious(waitErr, err)
		}
		if found, sure, err = b.reconcileOnce(ctx, in); err == nil || hopeless(err) {
			return found, sure, err
		}
	}
	return nil, false, err
}

// hopeless reports whether another look will end like this one.
func hopeless(err error) bool {
	return errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrAccountOnHold) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// reconcileOnce looks once. Finding nothing is ErrNoneYet.
func (b *buyer) reconcileOnce(ctx context.Context, in Intent) (found []*Activation, sure bool, err error) {
	seen, err := b.history.shared(ctx, orders.Range{Above: int64(in.HighWater), Since: in.SentAt})
	if err != nil {
		return nil, false, err
	}
	key, facts := in.key(), factsOf(seen, b.seed)
	// An order in flight may have bought what was seen. Its answer will show that.
	for _, end := range b.book.InFlight(key.Pair) {
		select {
		case <-end:
		case <-ctx.Done():
			return nil, false, deadline.Cause(ctx)
		}
	}
	var ids []int64
	var ours bool
	if b.exclusive {
		ids, sure, ours = b.book.Attribute(key, &b.clock, facts)
	} else {
		ids = b.book.Suggest(key, &b.clock, facts)
	}
	if len(ids) == 0 {
		return nil, false, ErrNoneYet
	}
	for _, id := range ids {
		found = append(found, seen[slices.IndexFunc(seen, func(a *Activation) bool { return int64(a.ID) == id })])
	}
	if sure && ours {
		for _, g := range b.guards {
			g.settle(&purchase{
				params: CreateActivationParams{ServiceID: in.ServiceID, CountryID: in.CountryID, MaxPrice: in.MaxPrice}, intent: in,
				disposition: dispositionDone, bought: found[0], reconciled: true,
			})
		}
	}
	return found, sure, nil
}
