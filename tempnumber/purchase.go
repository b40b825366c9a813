package tempnumber

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
)

// buyer orders numbers: what costs money is written down before and after, whichever method sends it.
type buyer struct {
	*caller
	book      *orders.Book
	history   *historyReader
	guards    []guard
	exclusive bool
}

// guard stands between an order and the service.
type guard interface {
	// admit lets an order through, or returns why it must not be sent. It may set a missing MaxPrice.
	admit(ctx context.Context, p *purchase) error
	// settle takes in what became of an order that was admitted. It is called a second time when Reconcile
	// has found what an order with an unknown outcome bought.
	settle(p *purchase)
	listener
}

// purchase is an order on its way.
type purchase struct {
	params      CreateActivationParams
	raw         bool // through Raw: its parameters cannot be changed
	intent      Intent
	order       *orders.Purchase // nil until every guard before the bookkeeper let it through
	disposition disposition
	bought      *Activation // what an answer said was bought, else nil
	reconciled  bool        // Reconcile found out what it bought
	counted     [2]uint64   // what the coordinator knows it by: to the cap, to the delivery guard
}

// create orders a number.
func (b *buyer) create(ctx context.Context, params CreateActivationParams) (*Activation, error) {
	if err := params.check(); err != nil {
		return nil, err
	}
	p := &purchase{params: params}
	r := b.buy(ctx, p, func() (*http.Request, error) {
		body := gen.NewActivation{ServiceID: p.params.ServiceID, CountryID: p.params.CountryID}
		if p.params.MaxPrice > 0 {
			body.ExpectedPrice = json.Number(p.params.MaxPrice.String())
		}
		return gen.NewNewActivationRequest(b.server, body)
	})
	if err := r.failure(); err != nil {
		return nil, err
	}
	return p.bought, nil
}

// buy sends an order past the guards. An unknown outcome is an *OutcomeUnknownError in the result's err.
func (b *buyer) buy(ctx context.Context, p *purchase, request func() (*http.Request, error)) (r result) {
	p.disposition = dispositionNotSent
	for _, g := range b.guards {
		if err := g.admit(ctx, p); err != nil {
			return unsent(err)
		}
		defer g.settle(p)
	}
	req, err := request()
	p.disposition = dispositionUnknown // should a transport panic
	r = b.do(ctx, req, err, call{endpoint: EndpointCreateActivation, order: p.order})
	if r.disposition == dispositionDone {
		bought, err := answer(b.caller, r, model(activationFrom))
		if err == nil {
			err = b.contradiction(p, bought)
		}
		if err != nil {
			r.disposition, r.err = dispositionUnknown, r.unreadable(err)
		} else {
			p.bought = bought
		}
	}
	if p.disposition = r.disposition; p.disposition == dispositionUnknown {
		r.err = &OutcomeUnknownError{Intent: p.intent, Err: r.failure()}
	}
	return r
}

// contradiction returns what of an answer does not fit the order: somebody else's activation, which must not be
// taken for the one that was bought.
func (b *buyer) contradiction(p *purchase, a *Activation) error {
	switch {
	case !sameOrNone(a.ServiceID, p.params.ServiceID), !sameOrNone(a.CountryID, p.params.CountryID):
		return fmt.Errorf("activation %d is for another service or country than the order", int64(a.ID))
	case b.book.KnownBefore(p.order, int64(a.ID)):
		return fmt.Errorf("activation %d was there before the order", int64(a.ID))
	}
	return nil
}

// bookkeeper is the guard that opens and closes an order in the book. Guards after it see the order's intent.
type bookkeeper struct{ *buyer }

func (k bookkeeper) admit(ctx context.Context, p *purchase) error {
	if k.exclusive && !k.book.KnowsNewest() {
		// Without knowing what was there before, Reconcile could not be sure. An order need not wait for that,
		// so an error does no harm.
		_, _ = k.history.shared(ctx, orders.Range{Above: math.MaxInt64, Since: time.Now()})
	}
	p.order = k.book.Begin(p.params.pair())
	p.intent = Intent{
		ServiceID: p.params.ServiceID, CountryID: p.params.CountryID, MaxPrice: p.params.MaxPrice,
		SentAt: p.order.SentAt, HighWater: ActivationID(p.order.Key.HighWater),
	}
	return nil
}

func (k bookkeeper) settle(p *purchase) {
	switch {
	case p.reconciled:
	case p.disposition == dispositionUnknown:
		p.order.FinishUnknown()
	case p.bought == nil:
		p.order.Finish(0)
	default:
		p.order.Finish(int64(p.bought.ID))
		k.observeActivation(p.bought, sighting{}, priority{}) // nobody waits for it yet
	}
}

// observe reports an activation that an order with an unknown outcome may have bought.
func (k bookkeeper) observe(a *Activation) {
	if k.book.Observe(factOf(a, k.seed), &k.clock) {
		k.log.Warn("tempnumber: an order whose outcome was unknown may have bought this; ask Reconcile", "activation", a)
		k.notify(Event{Kind: EventFound, Endpoint: EndpointCreateActivation, ActivationID: a.ID})
	}
}

// purchaseHook is the guard that shows an order's intent to the program.
type purchaseHook func(context.Context, Intent) error

func (h purchaseHook) admit(ctx context.Context, p *purchase) error {
	if err := h(ctx, p.intent); err != nil {
		return fmt.Errorf("tempnumber: not sent: the purchase hook stopped the order: %w", err)
	}
	return nil
}

func (purchaseHook) settle(*purchase) {}

func (purchaseHook) observe(*Activation) {}
