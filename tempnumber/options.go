package tempnumber

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Option sets one thing about a client. An option that cannot be right makes New
// fail with a *ValidationError.
type Option func(*config) error

// config is what options set, before a client is made of it.
type config struct {
	base      *url.URL
	http      *http.Client
	userAgent string
	limiter   Limiter
	retry     RetryPolicy
	observer  Observer
	log       *slog.Logger

	exclusive    bool
	purchaseHook func(context.Context, Intent) error
	spending     *spending
	guard        *deliveryGuard
}

// version goes into the User-Agent header.
const version = "0.1.0"

func defaultConfig() config {
	base, _ := parseBaseURL(ProductionURL)
	retry, _ := RetryPolicy{}.check()
	return config{
		base:      base,
		http:      &http.Client{Transport: defaultTransport()},
		userAgent: "tempnumber-go/" + version,
		limiter:   NewLimiter(nil),
		retry:     retry,
		log:       slog.New(slog.DiscardHandler),
	}
}

// defaultTransport is net/http's own with its proxy settings, and a bound on the
// size of headers.
func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program has put another one in its place
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxResponseHeaderBytes = 64 << 10
	return t
}

// withoutRedirects copies the caller's client and makes the copy refuse
// redirects: net/http would send the key along, to another host and over plain
// http too.
func withoutRedirects(c *http.Client) *http.Client {
	strict := *c
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &strict
}

// WithBaseURL sends requests to another server: ProductionURL, MockURL, or a
// test server of your own. It must be https, or http on a loopback address, and
// have no user, query or fragment. Default ProductionURL.
func WithBaseURL(baseURL string) Option {
	return func(c *config) error {
		base, err := parseBaseURL(baseURL)
		if err != nil {
			return err
		}
		c.base = base
		return nil
	}
}

// WithHTTPClient sends requests through your own http.Client, for tracing,
// proxies or certificates. It is copied, not changed. Its Timeout bounds each
// attempt beside RetryPolicy.AttemptTimeout; its redirect policy is not used.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return invalid("WithHTTPClient: the client is nil; leave the option out for the default")
		}
		c.http = client
		return nil
	}
}

// WithUserAgent puts the name of your program before the package's own in the
// User-Agent header.
func WithUserAgent(userAgent string) Option {
	return func(c *config) error {
		userAgent = strings.TrimSpace(userAgent)
		if userAgent == "" || !printableASCII(userAgent, ' ') {
			return invalid("WithUserAgent: it is printable ASCII, such as \"signup-tests/1.0\"")
		}
		c.userAgent = userAgent + " tempnumber-go/" + version
		return nil
	}
}

// WithLogger logs attempts, pauses and waits at debug level, and at warn level a
// number that an order with an unknown outcome may have bought: endpoints,
// statuses, ids and times, and never the key, a text or a code. Default: no log.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return invalid("WithLogger: the logger is nil; leave the option out for no log")
		}
		c.log = logger
		return nil
	}
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
	return func(c *config) error {
		if limiter == nil {
			return invalid("WithLimiter: the limiter is nil; leave the option out for the documented limits")
		}
		c.limiter = limiter
		return nil
	}
}

// WithObserver tells observer of every attempt, slot, pause and poll.
func WithObserver(observer Observer) Option {
	return func(c *config) error {
		if observer == nil {
			return invalid("WithObserver: the observer is nil; leave the option out for none")
		}
		c.observer = observer
		return nil
	}
}

// checkKey trims and checks an API key. Errors do not repeat it.
func checkKey(key string) (string, error) {
	key = strings.TrimSpace(key)
	switch {
	case key == "":
		return "", invalid("the API key is empty; make one in the account, under API")
	case len(key) > 1024:
		return "", invalid("the API key is longer than 1024 characters; give the key alone, not a file around it")
	case !printableASCII(key, 0):
		return "", invalid("the API key has a space, a line break or another character in it that no key has; give the key alone")
	}
	return key, nil
}

// printableASCII tells whether s holds visible ASCII characters only, and also as well.
func printableASCII(s string, also byte) bool {
	for i := range len(s) {
		if c := s[i]; (c <= ' ' || c > '~') && (c != also || c == 0) {
			return false
		}
	}
	return true
}

// parseBaseURL checks a base URL. Errors do not repeat it: it may hold a password.
func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(s), "/"))
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return nil, invalid("the base URL is no complete URL; write it like %s", ProductionURL)
	case u.User != nil:
		return nil, invalid("the base URL has a user or a password in it; the API key alone authenticates")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, invalid("the base URL has a query or a fragment; write it like %s", ProductionURL)
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(segment string) bool { return segment == "." || segment == ".." }):
		return nil, invalid("the base URL has a . or .. in its path; write it like %s", ProductionURL)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, invalid("the base URL is plain http to another machine, which would show the API key to everyone on the way; use https")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, invalid("the base URL must start with https://, or with http:// on a loopback address")
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
