package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio signs with it
	"encoding/base64"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// callbacks tells apps what became of their messages.
type callbacks struct {
	hosts  []string
	client *http.Client
	ctx    context.Context //nolint:containedctx // ends all callbacks on close
	cancel context.CancelFunc
	slots  chan struct{} // one for each message that is being reported
	wg     sync.WaitGroup

	mu     sync.Mutex
	closed bool
}

// maxReports is how many messages are reported at the same time. Those beyond are not
// reported.
const maxReports = 256

// callbackTimeout is how long an app may take for one callback. Twilio waits as long.
const callbackTimeout = 15 * time.Second

func newCallbacks(hosts []string) *callbacks {
	c := &callbacks{hosts: hosts, slots: make(chan struct{}, maxReports)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	dialer := &net.Dialer{Timeout: callbackTimeout, ControlContext: c.control}
	c.client = &http.Client{
		Timeout:       callbackTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// namedHost marks the context of a callback to a host that was named for it.
type namedHost struct{}

// control refuses a connection that would leave this machine, whatever "localhost"
// resolves to.
func (c *callbacks) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	if ctx.Value(namedHost{}) != nil {
		return nil
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return errors.New("callbacks go to loopback addresses only")
	}
	return nil
}

// allows reports whether a URL may be called back.
func (c *callbacks) allows(callback string) bool {
	const longest = 2000
	u, err := url.Parse(callback)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || len(callback) > longest {
		return false
	}
	return isLoopback(u.Hostname()) || slices.Contains(c.hosts, u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// report calls back when a message is sent, and when it is delivered or not. The
// token signs the calls.
func (c *callbacks) report(m *twilioMessage, callback, token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	select {
	case c.slots <- struct{}{}:
	default:
		return
	}
	c.wg.Go(func() {
		defer func() { <-c.slots }()
		for _, step := range []struct {
			status string
			wait   time.Duration
		}{{"sent", sentAfter}, {m.lastStatus(), deliveredAfter - sentAfter}} {
			if !sleep(c.ctx, step.wait) {
				return
			}
			c.call(m, step.status, callback, token)
		}
	})
}

// call sends one callback. What the app answers makes no difference.
func (c *callbacks) call(m *twilioMessage, status, callback, token string) {
	form := url.Values{
		"MessageSid": {m.sid}, "SmsSid": {m.sid}, "MessageStatus": {status}, "SmsStatus": {status},
		"To": {m.to}, "AccountSid": {m.account}, "ApiVersion": {"2010-04-01"},
	}
	if m.from != "" {
		form.Set("From", m.from)
	}
	if m.service != "" {
		form.Set("MessagingServiceSid", m.service)
	}
	if status == "undelivered" {
		form.Set("ErrorCode", strconv.Itoa(m.failure))
	}
	ctx := c.ctx
	if u, err := url.Parse(callback); err == nil && slices.Contains(c.hosts, u.Hostname()) {
		ctx = context.WithValue(ctx, namedHost{}, true)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, callback, strings.NewReader(form.Encode()))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", sign(token, callback, form))
	if resp, err := c.client.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// sign returns the signature of a request with a form, as Twilio makes it.
func sign(token, target string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(target))
	for _, key := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(key + form.Get(key)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (c *callbacks) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.wg.Wait()
}
