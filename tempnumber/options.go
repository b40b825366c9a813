package tempnumber

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

// Option sets one thing about a client. An option that cannot be right makes New
// fail with a *ValidationError.
type Option func(*config) error

// option returns an Option that sets something, or says what is wrong with its argument.
func option(ok bool, problem string, set func(*config)) Option {
	return func(c *config) error {
		if !ok {
			return &ValidationError{Problem: problem}
		}
		set(c)
		return nil
	}
}

// config is what options set, before a client is made of it.
type config struct {
	baseURL   string
	plainHTTP bool
	base      *url.URL
	http      *http.Client // nil for the default
	userAgent string
	limiter   Limiter
	sharing   Sharing // or nil
	retry     RetryPolicy
	observer  Observer
	log       *slog.Logger

	exclusive     bool
	spendingCap   Amount // 0 for none
	deliveryGuard bool
	purchaseHooks []func(context.Context, Intent) error
}

// Version is the version of this module, without the v of its tag. It stands in the User-Agent header, and
// what is released of the module, the tool and its packages included, has it from here.
const Version = "0.1.0"

// The servers of the API, as the vendor documents them.
const (
	// ProductionURL is the base URL of the real service, the default.
	ProductionURL = "https://tn-api.com/api/v1"
	// MockURL is the base URL of the vendor's mock server: free, without state, GET only.
	MockURL = "https://mock.temp-number.org/v1"
)

// fillIn sets what no option has set.
func (c *config) fillIn() (err error) {
	if c.base, err = transport.ParseBaseURL(c.baseURL, c.plainHTTP); err != nil {
		return invalid("%v", err)
	}
	if c.userAgent == "" {
		c.userAgent = "tempnumber-go/" + Version
	}
	if c.limiter == nil {
		c.limiter = NewLimiter(nil)
	}
	if c.retry == (RetryPolicy{}) {
		c.retry, _ = c.retry.check()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// WithBaseURL sends requests to another server: ProductionURL, MockURL, or a
// test server of your own. It must be https, or http on a loopback address (see
// WithPlainHTTP), and have no user, query or fragment. Default ProductionURL.
func WithBaseURL(baseURL string) Option {
	return func(c *config) error {
		c.baseURL = baseURL // New checks it: whether plain http is allowed is known when all options are
		return nil
	}
}

// WithPlainHTTP allows a base URL with http:// to another machine, for containers
// and test networks. The API key then goes over the network in plain text: use a
// key of the service in a box there, never a real one. Without it plain http is
// refused except to a loopback address. NewFromEnv does the same when
// TEMPNUMBER_PLAIN_HTTP is 1.
func WithPlainHTTP() Option {
	return option(true, "", func(c *config) { c.plainHTTP = true })
}

// WithHTTPClient sends requests through your own http.Client, for tracing,
// proxies or certificates. It is copied, not changed. Its Timeout bounds each
// attempt beside RetryPolicy.AttemptTimeout; its redirect policy is not used.
//
// Its transport must not repeat requests by itself: it would buy twice, and send more
// than the rate limit allows. Over HTTP/1.1 each order goes out on a connection of its
// own if the transport is a *http.Transport; another one should see to that itself.
// Over HTTP/2 requests are apart anyway. The default transport keeps no HTTP/1.1
// connection to another machine: what follows a malformed answer on a kept one, net/http
// writes to the program's standard logger, and it can be the text of an SMS. In a
// *http.Transport of your own MaxIdleConnsPerHost -1 does the same.
func WithHTTPClient(client *http.Client) Option {
	return option(client != nil, "WithHTTPClient: the client is nil; leave the option out for the default", func(c *config) { c.http = client })
}

// WithUserAgent puts the name of your program before the package's own in the
// User-Agent header.
func WithUserAgent(userAgent string) Option {
	userAgent = strings.TrimSpace(userAgent)
	return option(userAgent != "" && transport.Printable(userAgent, ' '), "WithUserAgent: it is printable ASCII, such as \"signup-tests/1.0\"",
		func(c *config) { c.userAgent = userAgent + " tempnumber-go/" + Version })
}

// WithLogger logs attempts, pauses and waits at debug level, and at warn level a
// number that an order with an unknown outcome may have bought: endpoints,
// statuses, ids and times, and never the key, a text or a code. Default: no log.
func WithLogger(logger *slog.Logger) Option {
	return option(logger != nil, "WithLogger: the logger is nil; leave the option out for no log", func(c *config) { c.log = logger })
}

// WithRetry sets how often and how patiently requests are repeated.
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) error {
		policy, err := policy.check()
		if err != nil {
			return err
		}
		c.retry = policy
		return nil
	}
}

// WithLimiter takes slots from the given limiter, so that several clients of one
// key keep its limits together. Default: NewLimiter(nil), the client's own.
func WithLimiter(limiter Limiter) Option {
	return option(limiter != nil, "WithLimiter: the limiter is nil; leave the option out for the documented limits", func(c *config) { c.limiter = limiter })
}

// WithSharing shares the limits of the key, and what waits have seen, with all
// programs that use the same key, base URL and log: none sends what would be one too
// many, those that wait for a slot stand in one line, and a look of one ends the waits of
// all. Without it a client counts for itself alone.
//
// While the log cannot be reached nothing is sent, and calls fail with a *SharingError
// within five seconds. Programs on several versions or with other limits may share. Who
// comes to an emptied log, or one that another server took over, waits for three
// minutes, because nobody knows what was sent before. The limits are those of
// NewLimiter, or WithLimiter(NewLimiter(limits)).
func WithSharing(log Sharing) Option {
	return option(log != nil, "WithSharing: the log is nil; leave the option out for none", func(c *config) { c.sharing = log })
}

// WithObserver passes every attempt, slot, pause and poll to observer.
func WithObserver(observer Observer) Option {
	return option(observer != nil, "WithObserver: the observer is nil; leave the option out for none", func(c *config) { c.observer = observer })
}

// WithExclusiveKey says that nobody but this client uses the API key: no other
// process, no other client, nobody in the web account. Then an activation that
// nobody here ordered can only be what an order with an unknown outcome bought, so
// Reconcile decides, and CreateActivation looks for it and returns it by itself.
//
// It is a promise of the program, and a wrong one hands out numbers twice: where
// others use the key, up to a quarter of such decisions are wrong. With it, the
// first order of a client is preceded by a look at the history.
func WithExclusiveKey() Option {
	return option(true, "", func(c *config) { c.exclusive = true })
}

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
//
// With WithSharing the cap bounds what all programs of the key that set one spend together in
// 24 hours, whichever of them ordered.
func WithSpendingCap(most Amount) Option {
	problem := fmt.Sprintf("WithSpendingCap: %v dollars allow no order at all; leave the option out for no cap", most)
	return option(most > 0, problem, func(c *config) { c.spendingCap = most })
}

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
	return option(true, "", func(c *config) { c.deliveryGuard = true })
}

// WithPurchaseHook calls hook before each order, also one through Raw, so that a
// program can write its intent down before it costs money. An error of hook stops
// the order, and is what the caller gets. The hook sees an order once, however
// often it is tried, and is called from the goroutine that orders. Of several hooks
// each runs, in the order of the options.
func WithPurchaseHook(hook func(ctx context.Context, intent Intent) error) Option {
	return option(hook != nil, "WithPurchaseHook: the hook is nil; leave the option out for none", func(c *config) { c.purchaseHooks = append(c.purchaseHooks, hook) })
}
