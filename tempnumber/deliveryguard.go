package tempnumber

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

// DeliveryRateError says that an order was not sent, because without an SMS for it,
// and for those that are pending, the service would close the pair for 24 hours.
// It matches ErrLowSuccessRate, as the service's own refusal does, which is an
// *APIError.
type DeliveryRateError struct {
	Stat DeliveryStat // of the pair, as it stands
}

func (e *DeliveryRateError) Error() string {
	return fmt.Sprintf("tempnumber: not sent: %s in %s has %d SMS for %d activations in 24 hours, %d of them pending; one more without an SMS would bring it below %d %%; wait for an SMS, or use another service or country",
		clip(e.Stat.ServiceID, 64), clip(e.Stat.CountryID, 64), e.Stat.Delivered, e.Stat.Asked, e.Stat.Pending, deliveryPercent)
}

// Is matches ErrLowSuccessRate.
func (e *DeliveryRateError) Is(target error) bool { return target == ErrLowSuccessRate }

// WithDeliveryGuard refuses orders that could bring a service in a country below
// the delivery rate that the service demands, with a *DeliveryRateError: even if no
// activation that is pending receives an SMS, the pair stays open. So of a pair
// without any SMS in the last 24 hours four numbers are ordered and no fifth, and
// after the first SMS up to fourteen.
//
// It counts as DeliveryStats does. The history is read before the first order,
// again before an order is refused, and every few minutes in between, for others
// who use the key. When it cannot be read, no order is sent.
func WithDeliveryGuard() Option {
	return func(c *config) error {
		c.guard = &deliveryGuard{deliveries: make(map[ActivationID]delivery), orders: make(map[pair]int)}
		return nil
	}
}

const (
	// guardTrust is how long a guard goes without reading the history.
	guardTrust = 5 * time.Minute
	// guardPatience is the shortest time between two readings because of a refusal.
	guardPatience = 10 * time.Second
)

// deliveryGuard keeps count of the pairs between two readings of the history. A
// nil *deliveryGuard lets everything through.
type deliveryGuard struct {
	mu         sync.Mutex
	read       time.Time // when the history was last read; zero when it has to be read now
	deliveries map[ActivationID]delivery
	orders     map[pair]int // on their way; each may become an activation
}

// admit lets an order through, and counts it until it is settled, or refuses it.
func (g *deliveryGuard) admit(ctx context.Context, c *Client, order CreateActivationParams) error {
	if g == nil {
		return nil
	}
	for {
		begun := time.Now()
		since := c.road.clock.earliest(begun.Add(-deliveryWindow))
		outOfDate, refusal := g.judge(order, since)
		if !outOfDate {
			return refusal
		}
		seen, err := c.lookout.look(ctx, depth{since: begun.Add(-deliveryWindow)}, c.historyDownTo)
		if err != nil {
			return fmt.Errorf("tempnumber: not sent: the delivery guard has to read the history: %w", err)
		}
		g.takeIn(begun, since, seen)
	}
}

// judge decides about an order by what is known, or says that this is out of date.
func (g *deliveryGuard) judge(order CreateActivationParams, since time.Time) (outOfDate bool, refusal error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	age := time.Since(g.read)
	if age > guardTrust {
		return true, nil
	}
	p := order.pair()
	stat := DeliveryStat{ServiceID: order.ServiceID, CountryID: order.CountryID}
	for _, d := range g.deliveries {
		if d.pair == p && !d.made.Before(since) {
			stat.count(d)
		}
	}
	stat.Asked += g.orders[p]
	stat.Pending += g.orders[p]
	if stat = stat.judged(); stat.Left > 1 {
		g.orders[p]++
		return false, nil
	}
	return age > guardPatience, &DeliveryRateError{Stat: stat}
}

// takeIn brings the count up to date with the history as it was read.
func (g *deliveryGuard) takeIn(begun, since time.Time, seen []*Activation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.read = begun
	for _, a := range seen {
		g.deliveries[a.ID] = deliveryOf(a)
	}
	maps.DeleteFunc(g.deliveries, func(_ ActivationID, d delivery) bool { return d.made.Before(since) })
}

// saw takes in what an answer showed of an activation.
func (g *deliveryGuard) saw(a *Activation) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.deliveries[a.ID] = deliveryOf(a)
}

// settle ends the count of an order. What it bought was seen; where that is not
// known, the history has to be read anew.
func (g *deliveryGuard) settle(order CreateActivationParams, v verdict) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.orders[order.pair()]--
	if v == verdictUnknown {
		g.read = time.Time{}
	}
}
