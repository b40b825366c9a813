// Package transport sends one HTTP request once: it adds the API key, watches what shows that nothing was
// sent, bounds the answer, and keeps the key out of errors. It knows nothing of retries, rate limits or the
// API's operations, and its results are plain values.
package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
)

// Transport sends requests with one key. New makes it.
type Transport struct {
	Client    *http.Client        // sends all but orders
	alone     func() *http.Client // sends orders
	Key       Key
	userAgent string
	timeout   time.Duration
}

// Answer is what came of one request.
type Answer struct {
	// NotSent reports that the request surely never left.
	NotSent bool
	// Response is nil when no answer began. Its body is read and closed.
	Response *http.Response
	// Body is the answer's decoded body; nil when Err is set.
	Body []byte
	// Err says why there is no whole answer: ErrTooLarge, an ended context (see deadline.Cause), or what the
	// transport said, without the key.
	Err error
}

// Limits bounds what is read of an answer, in decoded bytes of its body.
type Limits struct{ Success, Error int64 }

// New returns a transport. It sends by a copy of own, for nil by net/http's transport and proxy settings with a
// bound on the size of headers. timeout is that of one attempt, from sending to the end of the answer. guarded
// says that requests have a time by which they must be written.
//
// Redirects are refused: net/http would send the key along, to another host and over plain http too. The
// default keeps HTTP/1.1 connections to this machine alone: on a kept connection net/http writes what follows
// a malformed answer to the program's standard logger, and that can be the text of an SMS.
func New(own *http.Client, base *url.URL, key Key, userAgent string, timeout time.Duration, guarded bool) *Transport {
	var c http.Client
	if own != nil {
		c = *own
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok { // the program may have replaced it
		t = t.Clone()
		t.MaxResponseHeaderBytes = 64 << 10
		if !isLoopback(base.Hostname()) {
			t.MaxIdleConnsPerHost = -1
		}
		c.Transport = t
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if plain, ok := c.Transport.(*http.Transport); ok && guarded {
		c.Transport = guard(plain)
	}
	return &Transport{Client: &c, alone: sync.OnceValue(func() *http.Client { return alone(&c) }), Key: key, userAgent: userAgent, timeout: timeout}
}

// alone returns a client for orders, each of which goes out on a connection of its own: over a kept HTTP/1.1
// connection a peer that is out of step may send a late answer to an earlier request, and it would be taken for
// the order's. It is c itself where the transport is not net/http's.
func alone(c *http.Client) *http.Client {
	t, ok := c.Transport.(*http.Transport)
	if !ok {
		return c
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = -1 // no connection is kept, and no header tells the server so
	own := *c
	own.Transport = t
	return &own
}

// IsSuccess reports whether a status is a 2xx.
func IsSuccess(status int) bool { return status >= 200 && status <= 299 }

// Send sends a request once, with body as its body, and reads the answer. It does not change req. begun is
// called once, as soon as the header of an answer is there. sendBy is when the request has to be on its way,
// zero for any time: later it is not sent. order sends it on a connection of its own.
//
// The body is sent even when it is empty, and cannot be read twice: then net/http repeats nothing by itself
// on a connection that broke. The service counts each repetition, and an order must not be repeated at all.
func (t *Transport) Send(ctx context.Context, req *http.Request, body []byte, sendBy time.Time, limits Limits, order bool, begun func(*http.Response)) Answer {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, deadline.ErrAttempt)
	defer cancel()
	if ctx.Err() != nil {
		return Answer{NotSent: true, Err: deadline.Cause(ctx)}
	}
	if !sendBy.IsZero() && isLate(sendBy) {
		return Answer{NotSent: true, Err: ErrLate}
	}
	a := &attempt{header: [3]string{t.Key.value(), "application/json", t.userAgent}, identity: [1]string{"identity"}}
	a.tracker.begin(body, sendBy)
	out := req.WithContext(httptrace.WithClientTrace(ctx, &a.tracker.trace))
	out.Host = ""
	// The header is a copy: the key is added here and nowhere else.
	out.Header = make(http.Header, len(req.Header)+3)
	for name, values := range req.Header {
		out.Header[name] = values
	}
	out.Header["X-Api-Key"], out.Header["Accept"], out.Header["User-Agent"] = a.header[0:1:1], a.header[1:2:2], a.header[2:3:3]
	out.GetBody, out.ContentLength = nil, int64(len(body))
	if _, plain := t.Client.Transport.(*http.Transport); plain && len(body) == 0 {
		// net/http's own transport has no second way, so an empty body need not be tracked. "identity" is
		// documented as "not chunked"; without it net/http reads the body on another goroutine first, to find out
		// whether there is one.
		out.Body, out.TransferEncoding = io.NopCloser(&a.empty), a.identity[:]
	} else {
		out.Body = io.NopCloser(&a.tracker)
	}
	client := t.Client
	if order {
		if client = t.alone(); client != t.Client {
			defer client.CloseIdleConnections() // of HTTP/2, and dials that nobody waits for any more
		}
	}
	resp, err := client.Do(out)
	if !sendBy.IsZero() {
		defer a.tracker.unguard(true)
	}
	if err != nil {
		return Answer{NotSent: a.tracker.notSent(), Err: t.reason(ctx, err)}
	}
	begun(resp)
	resp.Request = req // the one without the key; some transports set none
	limit := limits.Error
	if IsSuccess(resp.StatusCode) {
		limit = limits.Success
	}
	answer := Answer{Response: resp}
	answer.Body, answer.Err = t.read(ctx, resp, limit)
	return answer
}

// attempt is what one request needs, in one allocation.
type attempt struct {
	tracker  sendTracker
	header   [3]string
	empty    bytes.Reader
	identity [1]string
}

// read reads an answer's body and closes it.
func (t *Transport) read(ctx context.Context, resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	// What follows a switch of protocols is not a body, and no time limit ends it.
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, nil
	}
	body, err := ReadAtMost(resp.Body, limit)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, t.reason(ctx, err)
	}
	return body, err
}

// reason returns why there is no whole answer. The attempt's own time limit is told apart from the caller's
// context.
func (t *Transport) reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return deadline.Cause(ctx)
	}
	return redactError(err, t.Key)
}
