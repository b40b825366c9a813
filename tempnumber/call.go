package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/deadline"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/orders"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

// caller sends the requests of a client.
type caller struct {
	base      *url.URL
	server    string // base as package gen wants it, with a slash at its end
	transport *transport.Transport
	limiter   Limiter
	retry     RetryPolicy
	observer  Observer // or nil
	log       *slog.Logger
	clock     orders.ServerClock
	seed      maphash.Seed
	reported  sync.Map // names of fields that could not be read, and that the log has heard of
	// listeners observe every activation that an answer shows. The list does not change after New.
	listeners []listener
	// waits is told of what foreground calls show. It does not change after New.
	waits func(seen []*Activation, at sighting)
}

// listener takes in what answers show of activations.
type listener interface {
	observe(a *Activation)
}

// call is what the sender of a request knows of it.
type call struct {
	endpoint Endpoint
	priority priority
	order    *orders.Purchase // that the request carries out; nil for any other request
}

// priority is who goes first when slots are short. The zero priority is the program's own, the foreground.
type priority struct {
	background bool   // a look of the poller: sent once, because the next look is its retry
	granted    func() // of a look: called when it has its slot
	slot       Slot   // of a look that has its slot already, else nil
}

// do sends a request. Every request goes this way, Raw included: read the body, take a slot, send once,
// classify, pause the endpoint, maybe retry. err is what making the request returned.
func (c *caller) do(ctx context.Context, req *http.Request, err error, call call) (r result) {
	if err != nil {
		return unsent(fmt.Errorf("tempnumber: %s: %w", call.endpoint, err))
	}
	body, err := readRequestBody(req)
	if err != nil {
		return unsent(err)
	}
	attempts := c.retry.MaxAttempts
	if call.priority.background {
		attempts = 1
	}
	var previous error
	for attempt := 1; ; attempt++ {
		slot, err := c.acquire(ctx, call, attempt)
		if err != nil {
			return unsent(withPrevious(err, previous)) // what came before did no harm, or it would not be repeated
		}
		r = c.attempt(ctx, req, body, call, slot, attempt)
		if r.disposition == dispositionDone || attempt >= attempts || !c.retry.repeats(req.Method, r) || ctx.Err() != nil {
			return r
		}
		previous = r.failure()
		if r.paused {
			continue // the next slot comes after the pause
		}
		if err := deadline.Sleep(ctx, c.retry.delay(attempt)); err != nil {
			notSent := r.disposition == dispositionNotSent
			err = &TransportError{Method: req.Method, Path: r.path, NotSent: notSent, Err: err}
			return result{disposition: r.disposition, err: withPrevious(err, previous)}
		}
	}
}

// learnDate takes in the server's time of an answer, as far as it has come.
func (c *caller) learnDate(r result) {
	if r.resp == nil {
		return
	}
	if date, err := http.ParseTime(r.resp.Header.Get("Date")); err == nil {
		c.clock.Learn(orders.SourceDate, date)
	}
}

// answer returns the public value of a result. It never returns a zero value together with a nil error.
func answer[T any](c *caller, r result, decode decoder[T]) (value T, err error) {
	if r.disposition != dispositionDone {
		return value, r.failure()
	}
	var odd oddFields
	value, err = decode(r.body, r.maxElements, &odd)
	if len(odd.Fields) > 0 || odd.Rows > 0 {
		c.report(r, odd)
	}
	if err != nil {
		var none T
		return none, r.unreadable(err)
	}
	return value, nil
}

// report says what could not be read of an answer, once for each field.
func (c *caller) report(r result, odd oddFields) {
	for _, field := range odd.Fields {
		if _, known := c.reported.LoadOrStore(field, true); !known {
			c.log.Warn("tempnumber: an answer has a field that cannot be read; it counts as absent", "endpoint", r.endpoint, "field", field)
			c.notify(Event{Kind: EventUnreadable, Endpoint: r.endpoint, StatusCode: r.status, Field: field})
		}
	}
	if odd.Rows > 0 {
		c.log.Warn("tempnumber: an answer has entries that cannot be read; they were left out", "endpoint", r.endpoint, "entries", odd.Rows)
		c.notify(Event{Kind: EventUnreadable, Endpoint: r.endpoint, StatusCode: r.status, Rows: odd.Rows})
	}
}

// acquire waits for a slot.
func (c *caller) acquire(ctx context.Context, call call, attempt int) (Slot, error) {
	if call.priority.slot != nil {
		return call.priority.slot, nil
	}
	start := time.Now()
	slot, err := c.limiter.Acquire(ctx, SlotRequest{Endpoint: call.endpoint, Background: call.priority.background})
	if err != nil {
		return nil, fmt.Errorf("tempnumber: %s: not sent: waiting for the rate limit: %w", call.endpoint, err)
	}
	if call.priority.granted != nil {
		call.priority.granted()
	}
	waited := time.Since(start)
	if waited >= time.Millisecond {
		c.log.DebugContext(ctx, "tempnumber: waited for a slot", "endpoint", call.endpoint, "attempt", attempt, "waited", waited)
	}
	c.notify(Event{Kind: EventSlot, Endpoint: call.endpoint, Attempt: attempt, Duration: waited})
	return slot, nil
}

// attempt sends the request once, with a slot that it releases.
func (c *caller) attempt(ctx context.Context, req *http.Request, body []byte, call call, slot Slot, attempt int) (r result) {
	start := time.Now()
	defer func() { // also when a transport or a hook of the caller panics
		if slot != nil {
			slot.Release(r.outcome())
		}
	}()
	if call.order != nil {
		call.order.MarkSent()
	}
	operation := call.endpoint.operation()
	answer := c.transport.Send(ctx, req, body, sendBy(slot), transport.Limits{Success: operation.maxBody, Error: maxErrorBody}, call.order != nil, func(resp *http.Response) {
		if transport.IsSuccess(resp.StatusCode) {
			slot.Release(OutcomeAnswered) // the slot's time counts from the first byte of the answer
			slot = nil
		}
	})
	path := strings.TrimPrefix(req.URL.EscapedPath(), c.base.EscapedPath())
	r = classify(req, path, operation, c.transport.Key, answer)
	r.sent = start
	if call.order != nil && r.harmless() {
		call.order.MarkNotDone()
	}
	elapsed := time.Since(start)
	c.notify(Event{Kind: EventAttempt, Endpoint: call.endpoint, Attempt: attempt, StatusCode: r.status, Duration: elapsed})
	c.log.LogAttrs(ctx, slog.LevelDebug, "tempnumber: attempt", slog.String("endpoint", string(call.endpoint)), slog.Int("attempt", attempt),
		slog.Int("status", r.status), slog.Duration("elapsed", elapsed), slog.Bool("sent", r.disposition != dispositionNotSent))
	if r.api != nil {
		// Before the slot is given back: the next in line must find the endpoint closed.
		r.paused = c.pause(call.endpoint, r, attempt)
	}
	return r
}

// pause closes the endpoint when the service asks for it, and reports whether it did.
func (c *caller) pause(endpoint Endpoint, r result, attempt int) bool {
	pause := r.api.RetryAfter
	switch {
	case r.rateLimited():
		if pause == 0 {
			// It is not known when the service's window ends. An eighth of the window is tried first, and twice
			// as much after every further refusal.
			pause = limitOf(c.limiter, endpoint).Window >> max(0, 4-attempt)
		}
		c.notify(Event{Kind: EventRateLimited, Endpoint: endpoint, Attempt: attempt, StatusCode: r.status, Duration: pause})
		c.log.Debug("tempnumber: the service says that the rate limit is used up", "endpoint", endpoint, "pause", pause)
	case !errors.Is(r.api, ErrUnavailable):
		return false
	}
	if pause > 0 {
		c.limiter.Pause(endpoint, pause)
	}
	return pause > 0
}

// notify passes an event to the observer, if there is one.
func (c *caller) notify(e Event) {
	if c.observer != nil {
		c.observer.Observe(e)
	}
}

// observeActivation takes in what an answer showed of an activation. A look hands it
// to the waits itself, and so does a page.
func (c *caller) observeActivation(a *Activation, at sighting, p priority) {
	c.clock.Learn(orders.SourceActivation, a.ServerTime)
	if !p.background && !at.list {
		c.waits([]*Activation{a}, at)
	}
	for _, l := range c.listeners {
		l.observe(a)
	}
}

// maxErrorBody is how many decoded bytes of a non-2xx answer, or of a request, are kept.
const maxErrorBody = 64 << 10

// readRequestBody reads the body of a request, if it has one, into memory, so that every attempt can send it again.
func readRequestBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	body, err := transport.ReadAtMost(req.Body, maxErrorBody)
	switch {
	case errors.Is(err, transport.ErrTooLarge):
		return nil, invalid("the request's body is larger than %d bytes", maxErrorBody)
	case err != nil:
		return nil, fmt.Errorf("tempnumber: reading the request's body: %w", err)
	}
	return body, nil
}
