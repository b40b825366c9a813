package tempnumber

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"log/slog"
	"os"
	"strings"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// The variables that NewFromEnv reads.
const (
	envKey       = "TEMPNUMBER_API_KEY"
	envBaseURL   = "TEMPNUMBER_BASE_URL"
	envPlainHTTP = "TEMPNUMBER_PLAIN_HTTP"
)

// Client talks to the service with one API key. Make it with New or NewFromEnv;
// the zero Client is of no use. Its methods may be called from many goroutines.
// One key should have one client, or clients that share a Limiter, because the
// service counts requests by key. A client holds nothing that must be closed.
//
// Printed in any way a client shows its base URL and never its key.
type Client struct {
	caller  *caller
	book    *orders.Book
	history *historyReader
	buyer   *buyer
	poller  *poller
	raw     *gen.Client
}

// New returns a client for the given API key. White space around the key is
// dropped, since keys come out of files. It reads nothing from the environment
// (but net/http's proxy variables are honoured) and sends nothing. The error is
// a *ValidationError that never repeats the key.
func New(apiKey string, opts ...Option) (*Client, error) {
	key, err := transport.NewKey(apiKey)
	if err != nil {
		return nil, invalid("%v", err)
	}
	cfg := config{baseURL: ProductionURL}
	for _, opt := range opts {
		if opt == nil {
			return nil, invalid("an Option is nil")
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	if err := cfg.fillIn(); err != nil {
		return nil, err
	}
	c := &caller{
		base: cfg.base, server: cfg.base.String() + "/",
		transport: transport.New(cfg.http, cfg.base, key, cfg.userAgent, cfg.retry.AttemptTimeout, cfg.sharing != nil),
		retry:     cfg.retry, observer: cfg.observer, log: cfg.log, seed: maphash.MakeSeed(),
	}
	waits := &poller{service: c, tells: cfg.sharing != nil, waits: make(map[ActivationID][]*wait)}
	if waits.coordinator, c.limiter, err = cfg.newCoordinator(strings.TrimSpace(apiKey), follower{waits}); err != nil {
		return nil, err
	}
	c.waits = waits.observe
	book := &orders.Book{}
	history := &historyReader{caller: c, book: book}
	b := &buyer{caller: c, book: book, history: history, exclusive: cfg.exclusive}
	if cfg.deliveryGuard {
		b.guards = append(b.guards, newDeliveryGuard(&c.clock, history, waits.coordinator))
	}
	if cfg.spendingCap > 0 {
		b.guards = append(b.guards, newSpendingCap(c, cfg.spendingCap, waits.coordinator))
	}
	b.guards = append(b.guards, bookkeeper{b})
	for _, hook := range cfg.purchaseHooks {
		b.guards = append(b.guards, purchaseHook(hook))
	}
	for _, g := range b.guards {
		c.listeners = append(c.listeners, g)
	}
	return &Client{
		caller: c, book: book, history: history, buyer: b, poller: waits,
		raw: &gen.Client{Server: c.server, Client: rawDoer{b}},
	}, nil
}

// newCoordinator returns what decides for a client, alone or with all that share its key, and the limiter of its requests.
func (c *config) newCoordinator(apiKey string, waits share.Follower) (share.Coordinator, Limiter, error) {
	const single, list = string(EndpointGetActivation), string(EndpointListActivations)
	if c.sharing == nil {
		limit := func(e string) share.Limit { return share.Limit(limitOf(c.limiter, Endpoint(e))) }
		return &share.Alone{Follower: waits, Limit: limit, Single: single, List: list}, c.limiter, nil
	}
	own, ok := c.limiter.(queues)
	if !ok {
		return nil, nil, invalid("WithSharing counts by limits of its own; give WithLimiter what NewLimiter makes, or leave it out")
	}
	limits := make(map[string]share.Limit)
	for endpoint, queue := range own {
		limits[string(endpoint)] = share.Limit(queue.limit)
	}
	hub, err := share.NewHub(share.Config{
		Open: c.sharing.Open, Key: apiKey, BaseURL: c.base.String(), Follower: waits,
		Limits: limits, Single: single, List: list, Attempt: c.retry.AttemptTimeout, Logger: c.log,
	})
	if err != nil {
		return nil, nil, sharedError(err)
	}
	limiter := make(queues, len(own))
	for endpoint, q := range own {
		limiter[endpoint] = &queue{hub.Queue(string(endpoint)), q.limit}
	}
	return hub, limiter, nil
}

// NewFromEnv returns a client made from the environment: TEMPNUMBER_API_KEY, and
// TEMPNUMBER_BASE_URL if it is set, so that one program runs against the real
// service or an offline one. TEMPNUMBER_PLAIN_HTTP=1 is WithPlainHTTP. Options given
// here go before the environment.
func NewFromEnv(opts ...Option) (*Client, error) {
	key, ok := os.LookupEnv(envKey)
	if !ok || key == "" {
		return nil, invalid("there is no API key: set %s", envKey)
	}
	if base := os.Getenv(envBaseURL); base != "" {
		opts = append([]Option{WithBaseURL(base)}, opts...)
	}
	switch os.Getenv(envPlainHTTP) {
	case "1", "true":
		opts = append(opts, WithPlainHTTP())
	case "", "0", "false":
	default:
		return nil, invalid("%s is neither 1 nor 0", envPlainHTTP)
	}
	return New(key, opts...)
}

// Raw returns the generated client, for what this package does not wrap. Its calls
// have the same key, limits, retries and checks; their answers are in memory and
// need no size limit. Types of package gen may change with the service's
// document, without a new major version of this module.
func (c *Client) Raw() *gen.Client { return c.raw }

// CreateActivation rents a number. It costs money, so it is repeated only when
// the request surely never left, or when the service refused it for its rate.
//
// When it is not known whether the number was bought, because no answer came or
// none that says so, the error is an *OutcomeUnknownError: give it to Reconcile
// before ordering again. With WithExclusiveKey CreateActivation does so itself,
// for up to 30 seconds as far as ctx allows, and returns the number if there is one.
//
// Errors: ErrNotFound when there is no number to be had, ErrInsufficientFunds,
// ErrPriceChanged (with APIError.NewPrice), ErrLowSuccessRate, ErrTooManyPending,
// ErrAccountOnHold, ErrOutcomeUnknown, what a purchase hook returned, *SpendingCapError
// and *DeliveryRateError where the options ask for them, and what every call can return.
func (c *Client) CreateActivation(ctx context.Context, params CreateActivationParams) (*Activation, error) {
	a, err := c.buyer.create(ctx, params)
	var unknown *OutcomeUnknownError
	if c.buyer.exclusive && errors.As(err, &unknown) && ctx.Err() == nil {
		return c.buyer.adopt(ctx, unknown)
	}
	return a, err
}

// Reconcile finds out what an order with an unknown outcome bought. It looks in the
// account's history at once, after 5 and after 30 seconds, until it finds an
// activation of the same service in the same country that is newer than the order
// and that no other call of this client accounts for. For an order of an earlier
// process give it &OutcomeUnknownError{Intent: stored}.
//
// It answers in one of three ways:
//   - one activation. With WithExclusiveKey it is the one that the order bought.
//     Without, it is a candidate, and somebody else with the same key may have
//     bought it; nothing is decided, and another call may name it again.
//   - several candidates, the oldest first. At most one is the order's.
//   - none yet: no activation and an *OutcomeUnknownError that matches ErrNoneYet.
//     Usually nothing was bought then, but an order can still show up late. Call
//     Reconcile again to see; a log line and an Observer's EventFound report it too.
//
// When the history cannot be read, or ctx ends between the looks, the error is an
// *OutcomeUnknownError with that cause.
func (c *Client) Reconcile(ctx context.Context, unknown *OutcomeUnknownError) ([]*Activation, error) {
	if unknown == nil {
		return nil, invalid("Reconcile: there is no order to look for; give it the *OutcomeUnknownError of one")
	}
	if err := unknown.Intent.check(); err != nil {
		return nil, err
	}
	found, _, err := c.buyer.reconcile(ctx, unknown.Intent)
	if err != nil {
		return nil, &OutcomeUnknownError{Intent: unknown.Intent, Err: err}
	}
	return found, nil
}

// Activation reads an activation once. To wait for its SMS use WaitSMS, which
// shares the rate limit among all waits.
//
// Errors: ErrNotFound, ErrGone, and what every call can return.
func (c *Client) Activation(ctx context.Context, id ActivationID) (*Activation, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	c.book.Claim(int64(id), false)
	return c.caller.activation(ctx, id, priority{})
}

// ActivationsPage returns one page of the account's activations. Their order, the
// largest page and whether pending activations show their message are not
// documented.
func (c *Client) ActivationsPage(ctx context.Context, params ListParams) (*ActivationPage, error) {
	return c.caller.page(ctx, params, priority{})
}

// Activations goes through the account's activations from params.Page to the
// last page, a request per page, each only when it is needed. An activation that
// slips to the next page while new ones come in is yielded once. With PageSize 0
// it asks for 100 a page, and for the service's default where that is refused. After an
// error, which comes with a nil activation, the sequence ends.
func (c *Client) Activations(ctx context.Context, params ListParams) iter.Seq2[*Activation, error] {
	return c.caller.activations(ctx, params)
}

// DeliveryStats counts the activations of the last 24 hours from the account's
// history, for each service in each country, in order of their ids. When exactly
// the service begins to count anew is not documented, so it can be more lenient.
// It takes a request for every 100 activations or so, of which 10 a minute are
// allowed.
func (c *Client) DeliveryStats(ctx context.Context) ([]DeliveryStat, error) {
	return c.history.deliveryStats(ctx)
}

// Offer returns the price of one service in one country, and whether it has
// numbers. It is cheaper than a price list. Errors: ErrInvalidRequest or
// ErrNotFound (the document declares the former alone) when the service
// has no such pair, and what every call can return.
func (c *Client) Offer(ctx context.Context, serviceID, countryID string, opts ...OfferOption) (*Offer, error) {
	var options offerOptions
	for _, opt := range opts {
		opt(&options)
	}
	return c.caller.offer(ctx, serviceID, countryID, options.language)
}

// PricesByService returns the whole price list, ordered by service: thousands of
// services in more than 150 countries. The limit is 3 requests a minute, so keep
// the list.
func (c *Client) PricesByService(ctx context.Context) ([]ServicePrices, error) {
	req, err := gen.NewGetPricelistByServiceRequest(c.caller.server)
	return answer(c.caller, c.caller.do(ctx, req, err, call{endpoint: EndpointPricesByService}), servicePrices)
}

// PricesByCountry returns the whole price list, ordered by country. The limit is 3
// requests a minute, so keep the list.
func (c *Client) PricesByCountry(ctx context.Context) ([]CountryPrices, error) {
	req, err := gen.NewGetPricelistByCountryRequest(c.caller.server)
	return answer(c.caller, c.caller.do(ctx, req, err, call{endpoint: EndpointPricesByCountry}), countryPrices)
}

// Balance asks how much money the account has.
func (c *Client) Balance(ctx context.Context) (*Balance, error) {
	req, err := gen.NewGetUserBalanceRequest(c.caller.server)
	return answer(c.caller, c.caller.do(ctx, req, err, call{endpoint: EndpointBalance}), model(balanceFrom))
}

// SharedStatus returns what the programs that share the key do now, from the log of WithSharing and
// without a request. Without WithSharing it is a *ValidationError.
func (c *Client) SharedStatus(ctx context.Context) (*sharing.Status, error) {
	hub, shared := c.poller.coordinator.(*share.Hub)
	if !shared {
		return nil, invalid("SharedStatus: the client shares its key with nobody; see WithSharing")
	}
	status, err := hub.Status(ctx)
	return status, sharedError(err)
}

// String returns the name of the type and the base URL.
func (c *Client) String() string { return "tempnumber.Client(" + c.caller.base.String() + ")" }

// GoString is String, so that %#v does not show the key.
func (c *Client) GoString() string { return c.String() }

// Format writes String for every verb.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue is String, for log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON is String, so that a client inside a printed structure is harmless.
func (c *Client) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }
