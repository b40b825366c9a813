package tempnumber

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
)

// deliveryWindow is how long an activation counts for the delivery rate that the vendor documents for the API
// 1.3.8: a pair below it is closed until the count resets, every 24 hours.
const deliveryWindow = 24 * time.Hour

// DeliveryStat is how many activations of one service in one country received an
// SMS in the last 24 hours.
type DeliveryStat struct {
	ServiceID string
	CountryID string
	Asked     int // activations made
	Delivered int // of these, how many received an SMS
	Pending   int // of these, how many have none and can still receive one
	// Rate is Delivered out of Asked, from 0 to 1; 0 where nothing was asked. Those
	// that are pending count as asked: which ones the service counts is not documented.
	Rate float64
	// Left is how many more activations can go without an SMS until the service
	// refuses the next order, if those that are pending receive none either. 0 means
	// that it refuses now.
	Left int
}

// deliveryStats counts the activations of the last 24 hours.
func (h *historyReader) deliveryStats(ctx context.Context) ([]DeliveryStat, error) {
	begin := time.Now().Add(-deliveryWindow)
	seen, err := h.read(ctx, orders.Range{Since: begin})
	if err != nil {
		return nil, err
	}
	var deliveries []orders.Delivery
	for _, a := range seen {
		deliveries = append(deliveries, deliveryOf(a))
	}
	stats := []DeliveryStat{}
	for _, t := range orders.Count(slices.Values(deliveries), h.caller.clock.Earliest(begin)) {
		stats = append(stats, statOf(t))
	}
	slices.SortFunc(stats, func(a, b DeliveryStat) int {
		return cmp.Or(cmp.Compare(a.ServiceID, b.ServiceID), cmp.Compare(a.CountryID, b.CountryID))
	})
	return stats, nil
}

func deliveryOf(a *Activation) orders.Delivery {
	d := orders.Delivery{Service: a.ServiceID, Country: a.CountryID, Made: a.CreatedAt}
	if d.Made.IsZero() {
		d.Made = a.ServerTime // unknown, so count it for as long as possible
	}
	// Another SMS can be asked for only after the first.
	d.Delivered = a.Status.HasSMS() || a.Status == StatusRetryRequested || a.Message != "" || a.Code != ""
	d.Pending = !d.Delivered && !a.Status.Terminal() && (a.ExpiresAt.IsZero() || a.ServerTime.Before(a.ExpiresAt))
	return d
}

func statOf(t orders.Tally) DeliveryStat {
	s := DeliveryStat{ServiceID: t.Service, CountryID: t.Country, Asked: t.Asked, Delivered: t.Delivered, Pending: t.Pending, Left: t.Left()}
	if s.Asked > 0 {
		s.Rate = float64(s.Delivered) / float64(s.Asked)
	}
	return s
}

// DeliveryRateError says that an order was not sent, because without an SMS for it,
// and for those that are pending, the service would close the pair for 24 hours.
// It matches ErrLowSuccessRate, as the service's own refusal does, which is an
// *APIError.
type DeliveryRateError struct {
	Stat DeliveryStat // of the pair, as it stands
}

func (e *DeliveryRateError) Error() string {
	return fmt.Sprintf("tempnumber: not sent: %s in %s has %d SMS for %d activations in 24 hours, %d of them pending; one more without an SMS would bring it below %d %%; wait for an SMS, or use another service or country",
		clip(e.Stat.ServiceID, 64), clip(e.Stat.CountryID, 64), e.Stat.Delivered, e.Stat.Asked, e.Stat.Pending, orders.DeliveryPercent)
}

// Is matches ErrLowSuccessRate.
func (e *DeliveryRateError) Is(target error) bool { return target == ErrLowSuccessRate }

const (
	// guardTrust is how long a guard goes without reading the history.
	guardTrust = 5 * time.Minute
	// guardPatience is the shortest time between two readings because of a refusal.
	guardPatience = 10 * time.Second
)

// deliveryGuard is the guard that counts the pairs' activations between two readings of the history.
type deliveryGuard struct {
	coordinator share.Coordinator // knows what was ordered, by all programs that share the key
	clock       *orders.ServerClock
	history     sharedHistory

	mu         sync.Mutex
	read       time.Time // when the history was last read; zero for never
	deliveries map[ActivationID]orders.Delivery
}

// sharedHistory is what the guard needs of a historyReader.
type sharedHistory interface {
	shared(ctx context.Context, r orders.Range) ([]*Activation, error)
}

func newDeliveryGuard(clock *orders.ServerClock, history sharedHistory, coordinator share.Coordinator) *deliveryGuard {
	return &deliveryGuard{coordinator: coordinator, clock: clock, history: history, deliveries: make(map[ActivationID]orders.Delivery)}
}

// errOutOfDate says that the history has to be read anew.
var errOutOfDate = errors.New("the history is out of date")

// admit lets an order through, and counts it until it is settled, or refuses it.
func (g *deliveryGuard) admit(ctx context.Context, p *purchase) (err error) {
	for {
		begun := time.Now()
		since := g.clock.Earliest(begun.Add(-deliveryWindow))
		p.counted[1], err = g.coordinator.Order(ctx, fmt.Sprint(p.params.pair()), 0, func(before []share.Ordered) error {
			return g.judge(p.params, since, before)
		})
		if !errors.Is(err, errOutOfDate) {
			return sharedError(err)
		}
		seen, err := g.history.shared(ctx, orders.Range{Since: begun.Add(-deliveryWindow)})
		if err != nil {
			return fmt.Errorf("tempnumber: not sent: the delivery guard has to read the history: %w", err)
		}
		g.takeIn(begun, since, seen)
	}
}

// judge decides about an order by what is known: errOutOfDate when that is too old.
func (g *deliveryGuard) judge(order CreateActivationParams, since time.Time, before []share.Ordered) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	age := time.Since(g.read)
	pair := order.pair()
	name := fmt.Sprint(pair) // to the coordinator
	tally := orders.Count(maps.Values(g.deliveries), since)[pair]
	tally.Service, tally.Country = order.ServiceID, order.CountryID
	for _, o := range before {
		_, seen := g.deliveries[ActivationID(o.Activation)]
		bought := o.Settled && o.Activation != 0 && !seen && o.Age < deliveryWindow
		open := !o.Settled && o.Age < guardTrust+time.Minute // then the history shows what became of it
		switch {
		case o.Pair != name:
		case o.Unknown && o.Ended < age:
			return errOutOfDate
		case bought, open:
			tally.Asked++
			tally.Pending++
		}
	}
	few := tally.Left() <= 1
	switch {
	case age > guardTrust, few && age > guardPatience:
		return errOutOfDate
	case few:
		return &DeliveryRateError{Stat: statOf(tally)}
	}
	return nil
}

// takeIn brings the count up to date with the history as it was read.
func (g *deliveryGuard) takeIn(begun, since time.Time, seen []*Activation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.read = begun
	for _, a := range seen {
		g.deliveries[a.ID] = deliveryOf(a)
	}
	maps.DeleteFunc(g.deliveries, func(_ ActivationID, d orders.Delivery) bool { return d.Made.Before(since) })
}

func (g *deliveryGuard) observe(a *Activation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.deliveries[a.ID] = deliveryOf(a)
}

// settle ends the count of an order. What it bought was observed; where that is not known, the history has to be
// read anew.
func (g *deliveryGuard) settle(p *purchase) {
	switch {
	case p.reconciled:
	case p.disposition == dispositionUnknown:
		g.coordinator.Unknown(p.counted[1])
	case p.bought == nil:
		g.coordinator.Settle(p.counted[1], 0, 0)
	default:
		g.coordinator.Settle(p.counted[1], int64(p.bought.ID), 0)
	}
}
