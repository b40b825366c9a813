package tempnumber

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/tempnumber/tempnumber-go/gen"
)

// The servers of the API, as the vendor documents them.
const (
	// ProductionURL is the base URL of the real service, the default.
	ProductionURL = "https://tn-api.com/api/v1"
	// MockURL is the base URL of the vendor's mock server: free, without state, GET only.
	MockURL = "https://mock.temp-number.org/v1"
)

// The variables that NewFromEnv reads.
const (
	envKey     = "TEMPNUMBER_API_KEY"
	envBaseURL = "TEMPNUMBER_BASE_URL"
)

// Client talks to the service with one API key. Make it with New or NewFromEnv;
// the zero Client is of no use. Its methods may be called from many goroutines.
// One key should have one client, or clients that share a Limiter, because the
// service counts requests by key. A client holds nothing that must be closed.
//
// Printed in any way a client shows its base URL and never its key.
type Client struct {
	road    *road
	raw     *gen.Client
	poller  *poller
	ledger  *ledger
	lookout *lookout

	exclusive    bool
	purchaseHook func(context.Context, Intent) error // or nil
	spending     *spending                           // or nil
	guard        *deliveryGuard                      // or nil
}

// New makes a client for the given API key. White space around the key is
// dropped, since keys come out of files. It reads nothing from the environment
// (but net/http's proxy variables are honoured) and sends nothing. The error is
// a *ValidationError that never repeats the key.
func New(apiKey string, opts ...Option) (*Client, error) {
	key, err := checkKey(apiKey)
	if err != nil {
		return nil, err
	}
	cfg := defaultConfig()
	for _, opt := range opts {
		if opt == nil {
			return nil, invalid("an Option is nil")
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	r := &road{
		base:      cfg.base,
		http:      withoutRedirects(cfg.http),
		key:       newSecret(key),
		userAgent: cfg.userAgent,
		limiter:   cfg.limiter,
		retry:     cfg.retry,
		observer:  cfg.observer,
		log:       cfg.log,
		clock:     &serverClock{},
	}
	c := &Client{
		road: r, ledger: newLedger(), lookout: newLookout(),
		exclusive: cfg.exclusive, purchaseHook: cfg.purchaseHook, spending: cfg.spending, guard: cfg.guard,
	}
	c.raw, err = gen.NewClient(r.base.String(), gen.WithHTTPClient(till{c}))
	if err != nil {
		return nil, fmt.Errorf("tempnumber: %w", err)
	}
	c.poller = newPoller(c)
	return c, nil
}

// NewFromEnv makes a client from the environment: TEMPNUMBER_API_KEY, and
// TEMPNUMBER_BASE_URL if it is set, so that one program runs against the real
// service or an offline one. Options given here go before the environment.
func NewFromEnv(opts ...Option) (*Client, error) {
	key, ok := os.LookupEnv(envKey)
	if !ok || key == "" {
		return nil, invalid("there is no API key: set %s", envKey)
	}
	if base := os.Getenv(envBaseURL); base != "" {
		opts = append([]Option{WithBaseURL(base)}, opts...)
	}
	return New(key, opts...)
}

// Raw gives the generated client, for what this package does not wrap. Its calls
// have the same key, limits, retries and checks; their answers are in memory and
// need no size limit. Types of package gen may change with the service's
// document, without a new major version of this module.
func (c *Client) Raw() *gen.Client { return c.raw }

// String names the base URL.
func (c *Client) String() string { return "tempnumber.Client(" + c.road.base.String() + ")" }

// GoString is String, so that %#v does not show the key.
func (c *Client) GoString() string { return c.String() }

// Format writes String for every verb.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue is String, for log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON is String, so that a client inside a printed structure is harmless.
func (c *Client) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }
