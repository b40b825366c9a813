package tempnumber

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/tempnumber/tempnumber-go/gen"
)

// CreateActivationParams says which number is wanted.
type CreateActivationParams struct {
	ServiceID string // as in the price lists, "facebook"
	CountryID string // as in the price lists, ISO 3166-1 alpha-2 in lower case, "us"
	// MaxPrice is the most that may be paid; the service refuses a dearer order
	// with ErrPriceChanged. 0 means no cap.
	MaxPrice Amount
}

func (p CreateActivationParams) check() error {
	if err := checkID("ServiceID", p.ServiceID); err != nil {
		return err
	}
	if err := checkID("CountryID", p.CountryID); err != nil {
		return err
	}
	if p.MaxPrice < 0 {
		return invalid("MaxPrice %v: a price is not below zero; 0 means no cap", p.MaxPrice)
	}
	return nil
}

func (p CreateActivationParams) pair() pair { return pairNamed(p.ServiceID, p.CountryID) }

// CreateActivation rents a number. It costs money, so it is repeated only when
// the request surely never left, or when the service refused it for its rate.
//
// When it is not known whether the number was bought, because no answer came or
// none that says so, the error is an *OutcomeUnknownError: give it to Reconcile
// before ordering again. With WithExclusiveKey CreateActivation does so itself,
// for up to 30 seconds as far as ctx allows, and gives the number if there is one.
//
// Errors: ErrNotFound when there is no number to be had, ErrInsufficientFunds,
// ErrPriceChanged (with APIError.NewPrice), ErrLowSuccessRate, ErrTooManyPending,
// ErrAccountOnHold, ErrOutcomeUnknown, what the purchase hook gave, *SpendingCapError
// and *DeliveryRateError where the options ask for them, and what every call can give.
func (c *Client) CreateActivation(ctx context.Context, params CreateActivationParams) (*Activation, error) {
	if err := params.check(); err != nil {
		return nil, err
	}
	params, err := c.bounded(ctx, params)
	if err != nil {
		return nil, err
	}
	body := gen.NewActivation{ServiceID: params.ServiceID, CountryID: params.CountryID}
	if params.MaxPrice > 0 {
		body.ExpectedPrice = json.Number(params.MaxPrice.String())
	}
	p := &purchase{params: params}
	resp, err := c.raw.NewActivation(withPurchase(ctx, p), body)
	a, err := answer(c, resp, err, activationFrom)
	if err == nil || p.order == nil || p.verdict != verdictUnknown {
		return a, err
	}
	var unknown *OutcomeUnknownError
	if !errors.As(err, &unknown) { // an answer that does not tell
		unknown = &OutcomeUnknownError{Intent: p.order.intent, Err: err}
	}
	if !c.exclusive || ctx.Err() != nil {
		return nil, unknown
	}
	given, sure, err := c.reconcile(ctx, unknown.Intent)
	if sure {
		return given[0], nil
	}
	if err != nil {
		unknown.Err = because(err, unknown.Err)
	}
	return nil, unknown
}

// bounded finds out what an order can cost, where a spending cap has to know.
func (c *Client) bounded(ctx context.Context, params CreateActivationParams) (CreateActivationParams, error) {
	if c.spending == nil || params.MaxPrice > 0 {
		return params, nil
	}
	offer, err := c.Offer(ctx, params.ServiceID, params.CountryID)
	switch {
	case err != nil:
		return params, fmt.Errorf("tempnumber: not sent: the spending cap needs the price: %w", err)
	case offer.Price <= 0:
		return params, invalid("the service does not tell the price of %s in %s, which the spending cap needs; set MaxPrice", params.ServiceID, params.CountryID)
	}
	params.MaxPrice = offer.Price
	return params, nil
}

// purchase is an order as it goes down the road.
type purchase struct {
	params  CreateActivationParams
	order   *order // nil until the order has begun
	verdict verdict
	bought  *Activation // what an answer said was bought, else nil
}

type purchaseKey struct{}

func withPurchase(ctx context.Context, p *purchase) context.Context {
	return context.WithValue(ctx, purchaseKey{}, p)
}

// purchaseOf gives the purchase that a request belongs to, nil for none.
func purchaseOf(ctx context.Context) *purchase {
	p, _ := ctx.Value(purchaseKey{}).(*purchase)
	return p
}

// till is the door to the road for the generated client: what costs money is
// noted down before and after, whichever method sends it.
type till struct{ client *Client }

// Do sends a request. The API's only POST is an order.
func (t till) Do(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return t.client.road.Do(req)
	}
	p := purchaseOf(req.Context())
	if p == nil { // through Raw
		params, err := paramsOf(req)
		if err != nil {
			return nil, err
		}
		return t.client.buy(req, &purchase{params: params})
	}
	// What is called with this context on the way is not this purchase.
	return t.client.buy(req.WithContext(withPurchase(req.Context(), nil)), p)
}

// paramsOf reads what is ordered out of a request, and leaves its body to be read again.
func paramsOf(req *http.Request) (CreateActivationParams, error) {
	var params CreateActivationParams
	body, err := readRequestBody(req)
	if err != nil {
		return params, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	var wire gen.NewActivation
	if err := json.Unmarshal(body, &wire); err != nil {
		return params, invalid("an order is a JSON object with serviceId and countryId")
	}
	params.ServiceID, params.CountryID = wire.ServiceID, wire.CountryID
	if params.MaxPrice, err = amountFrom(wire.ExpectedPrice); err != nil {
		return params, invalid("the order's expectedPrice is not an amount of dollars")
	}
	return params, params.check()
}

// buy sends an order past the guards and the hook, and keeps the books.
func (c *Client) buy(req *http.Request, p *purchase) (*http.Response, error) {
	ctx := req.Context()
	p.verdict = verdictNotSent
	if c.exclusive && !c.ledger.knowsNewest() {
		// Without knowing what was there before, Reconcile could not be sure. An order
		// need not wait for that, so an error does no harm.
		_, _ = c.lookout.look(ctx, depth{above: math.MaxInt64}, c.historyDownTo)
	}
	if err := c.guard.admit(ctx, c, p.params); err != nil {
		return nil, err
	}
	defer func() { c.guard.settle(p.params, p.verdict) }()
	if err := c.spending.reserve(p.params.MaxPrice); err != nil {
		return nil, err
	}
	defer func() { c.spending.settle(p.params.MaxPrice, p.verdict, p.bought) }()
	p.order = c.ledger.begin(p.params)
	defer func() {
		p.order.end(p.verdict, p.bought)
		if p.bought != nil {
			c.saw(p.bought)
		}
	}()
	if c.purchaseHook != nil {
		if err := c.purchaseHook(ctx, p.order.intent); err != nil {
			return nil, fmt.Errorf("tempnumber: not sent: the purchase hook stopped the order: %w", err)
		}
	}
	p.verdict = verdictUnknown // should a transport panic
	o := c.road.send(req, p.order)
	p.verdict = o.verdict
	if o.verdict == verdictDone {
		body, _ := bodyOf(o.resp)
		a, err := decode(body, activationFrom)
		if err != nil {
			p.verdict = verdictUnknown
		}
		p.bought = a
	}
	if p.verdict == verdictUnknown && o.err != nil {
		o.err = &OutcomeUnknownError{Intent: p.order.intent, Err: o.err}
	}
	return o.resp, o.err
}
