package tempnumbertest

import (
	"fmt"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// Option changes what NewServer makes.
type Option func(*config)

// config is everything that a Server is made with.
type config struct {
	key          string
	core         service.Config
	limits       tempnumber.Limits
	countRefused bool
	requestLog   int
	latency      func() time.Duration
	delay        time.Duration
	auto         []control.AutoSMS
	dialect      Dialect
	allowedHosts []string
}

func defaultConfig() config {
	return config{
		key: DefaultKey,
		core: service.Config{
			Catalogue:  service.DefaultCatalogue(),
			Balance:    100 * tempnumber.Dollar,
			Lifetime:   20 * time.Minute,
			PendingCap: 20,
			Delivery:   service.DeliveryRule{Percent: 7, From: 5, Window: 24 * time.Hour},
			Keep:       10_000,
		},
		limits:     tempnumber.DefaultLimits(),
		requestLog: 10_000,
	}
}

// check panics when the options make no sense together.
func (c *config) check() {
	err := c.core.Catalogue.Check()
	switch {
	case err != nil:
	case c.key == "":
		err = fmt.Errorf("the key is empty")
	case c.core.Lifetime <= 0:
		err = fmt.Errorf("the lifetime %v is not above zero", c.core.Lifetime)
	case c.core.Keep < 1:
		err = fmt.Errorf("a history of %d activations shows nothing", c.core.Keep)
	}
	if err == nil {
		err = checkLimits(c.limits)
	}
	if err != nil {
		panic("tempnumbertest: NewServer: " + err.Error())
	}
}

func checkLimits(limits tempnumber.Limits) error {
	for endpoint, limit := range limits {
		if limit.Requests < 1 || limit.Window <= 0 {
			return fmt.Errorf("the limit of %s needs one request at least and a window above zero", endpoint)
		}
	}
	return nil
}

// WithKey sets the API key that is accepted; DefaultKey is without it.
func WithKey(key string) Option { return func(c *config) { c.key = key } }

// WithBalance sets the balance at the beginning, 100 dollars without it.
func WithBalance(balance tempnumber.Amount) Option {
	return func(c *config) { c.core.Balance = balance }
}

// WithLifetime sets how long a number lives, 20 minutes without it, as in the
// vendor's newer product.
func WithLifetime(lifetime time.Duration) Option {
	return func(c *config) { c.core.Lifetime = lifetime }
}

// WithSetupTime lets an order wait for its number, as numberRequested, and then
// for the moment from which an SMS is waited for, as numberReceived. Without it,
// or with zeros, an order is answered as smsRequested at once.
func WithSetupTime(untilNumber, untilWaiting time.Duration) Option {
	return func(c *config) { c.core.NumberAfter, c.core.WaitAfter = untilNumber, untilWaiting }
}

// WithPendingCap sets how many activations may wait for an SMS at the same time,
// 20 without it, as in the vendor's newer product; 0 for any number. An order
// above it is refused as TooManyActivationsPendingException.
func WithPendingCap(n int) Option { return func(c *config) { c.core.PendingCap = n } }

// WithPendingCapPerDollar lets so many more activations wait at the same time for
// each whole dollar of the balance, on top of WithPendingCap. Whether the live service
// does that is not known.
func WithPendingCapPerDollar(n int) Option {
	return func(c *config) { c.core.PendingPerDollar = n }
}

// DeliveryRule is the smallest share of the activations of one service in one
// country that must receive an SMS.
type DeliveryRule struct {
	Percent int           // the smallest share in per cent; 0 for no rule at all
	From    int           // judged as soon as so many have ended
	Window  time.Duration // how long the pair is closed then, and how often counting starts anew
}

// WithDeliveryRule sets the delivery rate that is asked for. Without it, it is the
// documented one: 7 % from the 5th activation on, and 24 hours. An activation
// counts when its first SMS arrives or when it ends without one; which ones the
// live service counts is not documented. An order for a closed pair is refused as
// lowSuccessRateException.
func WithDeliveryRule(rule DeliveryRule) Option {
	return func(c *config) { c.core.Delivery = service.DeliveryRule(rule) }
}

// WithLimits sets the rate limits; an endpoint that is missing has none. Without
// it they are the documented ones, tempnumber.DefaultLimits. They are kept
// strictly: no window of the given length, whatever its beginning, holds more
// requests, its first and its last moment included.
func WithLimits(limits tempnumber.Limits) Option {
	return func(c *config) { c.limits = limits }
}

// WithoutLimits lets requests through at any rate.
func WithoutLimits() Option { return WithLimits(nil) }

// WithRefusedCounted lets the rate limits count the requests that they refuse as
// well, so that a client which keeps asking stays locked out. The service's
// document does not say whether it does; without this option it does not.
func WithRefusedCounted() Option { return func(c *config) { c.countRefused = true } }

// WithGoneAfter lets an activation be answered by GoneException (410) so long
// after its number has expired, though the history still shows it. Without it, it
// can be read as long as it is kept.
func WithGoneAfter(d time.Duration) Option { return func(c *config) { c.core.GoneAfter = d } }

// WithHistoryCap sets how many activations are kept, 10,000 without it. When there
// are more, or their SMS have more than 32 MiB, the oldest are let go of, as far as they
// do not wait for an SMS; they are GoneException (410) then and no longer in the history.
func WithHistoryCap(n int) Option { return func(c *config) { c.core.Keep = n } }

// WithRequestLog sets how many requests Requests remembers, the newest 10,000
// without it; 0 for none.
func WithRequestLog(n int) Option { return func(c *config) { c.requestLog = max(n, 0) } }

// WithSeed changes which phone numbers and which codes come. Two servers with the
// same seed that are asked the same give the same.
func WithSeed(seed uint64) Option { return func(c *config) { c.core.Seed = seed } }

// WithLatency lets every request through Client and Transport take the time that
// latency gives, once on the way to the server and once on the way back. A request
// that is cancelled on its way arrives all the same, as in a real network. The
// function is called from many goroutines. URL is not slowed down.
func WithLatency(latency func() time.Duration) Option {
	return func(c *config) { c.latency = latency }
}

// WithDelay is SetLatency from the beginning, and again after Reset.
func WithDelay(delay time.Duration) Option { return func(c *config) { c.delay = delay } }

// WithAutoDeliver is AutoDeliver from the beginning, and again after Reset.
func WithAutoDeliver(delay time.Duration, text string) Option {
	return func(c *config) { c.auto = []control.AutoSMS{{Delay: control.Duration(delay), Text: text}} }
}

// WithDialect sets how answers are written; without it, as documented.
func WithDialect(dialect Dialect) Option { return func(c *config) { c.dialect = dialect } }

// WithUnverifiedEmail begins with an account whose e-mail address is not verified.
// Orders are refused as EmailNotVerifiedException (403), a name of the vendor's newer
// product, until SetEmailVerified.
func WithUnverifiedEmail() Option { return func(c *config) { c.core.EmailUnverified = true } }

// WithAllowedHosts lets ControlHandler and URL answer requests for these host names,
// and pages of these hosts, on top of loopback names and IP addresses: "mock" for a
// container of that name.
func WithAllowedHosts(hosts ...string) Option {
	return func(c *config) {
		for _, host := range hosts {
			c.allowedHosts = append(c.allowedHosts, bareHost(host))
		}
	}
}
