package tempnumber

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
)

// The delivery rate that the vendor documents for the API 1.3.8: of the
// activations of one service in one country at least 7 % must receive an SMS,
// counted from the fifth on; below that the pair is closed until the count resets,
// every 24 hours.
const (
	deliveryPercent = 7
	deliveryFrom    = 5
	deliveryWindow  = 24 * time.Hour
)

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
	var deliveries []delivery
	for _, a := range seen {
		deliveries = append(deliveries, deliveryOf(a))
	}
	stats := slices.AppendSeq([]DeliveryStat{}, maps.Values(countDeliveries(slices.Values(deliveries), h.caller.clock.Earliest(begin))))
	slices.SortFunc(stats, func(a, b DeliveryStat) int {
		return cmp.Or(cmp.Compare(a.ServiceID, b.ServiceID), cmp.Compare(a.CountryID, b.CountryID))
	})
	return stats, nil
}

// delivery is what matters of one activation for the delivery rate.
type delivery struct {
	serviceID, countryID string
	made                 time.Time
	delivered, pending   bool
}

func deliveryOf(a *Activation) delivery {
	d := delivery{serviceID: a.ServiceID, countryID: a.CountryID, made: a.CreatedAt}
	if d.made.IsZero() {
		d.made = a.ServerTime // unknown, so count it for as long as possible
	}
	// Another SMS can be asked for only after the first.
	d.delivered = a.Status.HasSMS() || a.Status == StatusRetryRequested || a.Message != "" || a.Code != ""
	d.pending = !d.delivered && !a.Status.Terminal() && (a.ExpiresAt.IsZero() || a.ServerTime.Before(a.ExpiresAt))
	return d
}

// countDeliveries counts the activations of each pair that were not made before since.
func countDeliveries(deliveries iter.Seq[delivery], since time.Time) map[orders.Pair]DeliveryStat {
	stats := make(map[orders.Pair]DeliveryStat)
	for d := range deliveries {
		if d.made.Before(since) {
			continue
		}
		pair := orders.PairOf(d.serviceID, d.countryID)
		stat, counted := stats[pair]
		if !counted {
			stat = DeliveryStat{ServiceID: d.serviceID, CountryID: d.countryID}
		}
		stat.Asked++
		if d.delivered {
			stat.Delivered++
		}
		if d.pending {
			stat.Pending++
		}
		stats[pair] = stat.judged()
	}
	return stats
}

// judged fills in what follows from the counts.
func (s DeliveryStat) judged() DeliveryStat {
	s.Rate = 0
	if s.Asked > 0 {
		s.Rate = float64(s.Delivered) / float64(s.Asked)
	}
	// The smallest number of activations at which so many deliveries are too few.
	tooMany := max(deliveryFrom, s.Delivered*100/deliveryPercent+1)
	s.Left = max(0, tooMany-s.Asked)
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
		clip(e.Stat.ServiceID, 64), clip(e.Stat.CountryID, 64), e.Stat.Delivered, e.Stat.Asked, e.Stat.Pending, deliveryPercent)
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
	hub     *share.Hub // knows what other programs of the key order; nil for a program alone
	clock   *orders.ServerClock
	history sharedHistory

	mu         sync.Mutex
	read       time.Time // when the history was last read; zero when it has to be read now
	deliveries map[ActivationID]delivery
	inFlight   map[orders.Pair]int // orders, each of which may become an activation
}

// sharedHistory is what the guard needs of a historyReader.
type sharedHistory interface {
	shared(ctx context.Context, r orders.Range) ([]*Activation, error)
}

func newDeliveryGuard(clock *orders.ServerClock, history sharedHistory, hub *share.Hub) *deliveryGuard {
	return &deliveryGuard{
		hub: hub, clock: clock, history: history,
		deliveries: make(map[ActivationID]delivery), inFlight: make(map[orders.Pair]int),
	}
}

// admit lets an order through, and counts it until it is settled, or refuses it.
func (g *deliveryGuard) admit(ctx context.Context, p *purchase) error {
	for {
		begun := time.Now()
		since := g.clock.Earliest(begun.Add(-deliveryWindow))
		outOfDate, refusal := g.ask(ctx, p, since)
		if !outOfDate {
			return refusal
		}
		seen, err := g.history.shared(ctx, orders.Range{Since: begun.Add(-deliveryWindow)})
		if err != nil {
			return fmt.Errorf("tempnumber: not sent: the delivery guard has to read the history: %w", err)
		}
		g.takeIn(begun, since, seen)
	}
}

// ask decides about an order, with all programs that share the key if there are any.
func (g *deliveryGuard) ask(ctx context.Context, p *purchase, since time.Time) (outOfDate bool, refusal error) {
	if g.hub == nil {
		return g.judge(p.params, since, nil)
	}
	p.shared[1], refusal = g.hub.Order(ctx, fmt.Sprint(p.params.pair()), 0, func(before []share.Ordered) error {
		var err error
		if outOfDate, err = g.judge(p.params, since, before); outOfDate && err == nil {
			err = errOutOfDate
		}
		return err
	})
	return outOfDate, sharedError(refusal)
}

var errOutOfDate = errors.New("the history has to be read anew")

// onItsWay returns how many activations of a pair others may have made, or may make yet, that the guard has not seen.
func (g *deliveryGuard) onItsWay(pair orders.Pair, before []share.Ordered) (n int) {
	for _, o := range before {
		_, seen := g.deliveries[ActivationID(o.Activation)]
		bought := o.Settled && o.Activation != 0 && !seen
		open := !o.Settled && o.Age < guardTrust+time.Minute // then the history shows what became of it
		if o.Pair == fmt.Sprint(pair) && (bought || open) {
			n++
		}
	}
	return n
}

// judge decides about an order by what is known, or reports that this is out of date.
func (g *deliveryGuard) judge(order CreateActivationParams, since time.Time, before []share.Ordered) (outOfDate bool, refusal error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	age := time.Since(g.read)
	if age > guardTrust {
		return true, nil
	}
	pair := order.pair()
	stat := countDeliveries(maps.Values(g.deliveries), since)[pair]
	stat.ServiceID, stat.CountryID = order.ServiceID, order.CountryID
	unseen := g.inFlight[pair] + g.onItsWay(pair, before)
	stat.Asked += unseen
	stat.Pending += unseen
	if stat = stat.judged(); stat.Left > 1 {
		if g.hub == nil {
			g.inFlight[pair]++
		}
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

func (g *deliveryGuard) observe(a *Activation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.deliveries[a.ID] = deliveryOf(a)
}

// settle ends the count of an order. What it bought was observed; where that is not known, the history has to
// be read anew.
func (g *deliveryGuard) settle(p *purchase) {
	if p.reconciled {
		return
	}
	if g.hub != nil {
		g.settleShared(p)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hub == nil {
		g.inFlight[p.params.pair()]--
	}
	if p.disposition == dispositionUnknown {
		g.read = time.Time{}
	}
}

// settleShared tells all programs what an order bought.
func (g *deliveryGuard) settleShared(p *purchase) {
	switch {
	case p.bought != nil:
		g.hub.Settle(p.shared[1], int64(p.bought.ID), 0)
	case p.disposition != dispositionUnknown:
		g.hub.Settle(p.shared[1], 0, 0)
	}
}
