package tempnumber

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// road is the one way to the service. Every request of the client walks it, a
// call through Raw as well: it is checked, takes a slot, gets the key, is tried
// once, judged, and perhaps tried again. It hands on answers whose bodies are
// whole and in memory.
type road struct {
	base      *url.URL
	http      *http.Client
	key       secret
	userAgent string
	limiter   Limiter
	retry     RetryPolicy
	observer  Observer
	log       *slog.Logger
	clock     *serverClock
}

// outcome is the end of one attempt, or of a call.
type outcome struct {
	verdict verdict
	lost    bool           // no whole answer came
	status  int            // of an answer, else 0
	resp    *http.Response // of an answer, its body in memory
	api     *APIError      // the same answer as an error, when it is no success
	err     error          // why there is no usable answer
	paused  bool           // the endpoint was closed because of the answer
}

// unsent is the outcome of a call that ended before anything was sent.
func unsent(err error) outcome { return outcome{verdict: verdictNotSent, err: err} }

// rateLimited tells whether the service refused the request because a rate limit
// is used up: definite, and worth another attempt after its pause.
func (o outcome) rateLimited() bool { return o.api != nil && errors.Is(o.api, ErrRateLimited) }

// failure is the outcome as the error that a caller sees.
func (o outcome) failure() error {
	if o.api != nil {
		return o.api
	}
	return o.err
}

// Do sends a request as often as the policy allows. It gives the last answer,
// whatever its status, or an error when there is none.
func (r *road) Do(req *http.Request) (*http.Response, error) {
	o := r.send(req, nil)
	return o.resp, o.err
}

// send is Do for those who need the verdict. paid is the order that the request
// is, nil for any other request; it is told when it may be on its way.
func (r *road) send(req *http.Request, paid *order) outcome {
	endpoint, path, err := route(r.base, req.Method, req.URL)
	if err != nil {
		return unsent(err)
	}
	if err := checkHeader(req.Header); err != nil {
		return unsent(err)
	}
	body, err := readRequestBody(req)
	if err != nil {
		return unsent(err)
	}
	maxAttempts := r.retry.MaxAttempts
	if _, ok := background(req.Context()); ok {
		maxAttempts = 1 // the poller's next look is its retry
	}
	var last error
	for attempt := 1; ; attempt++ {
		slot, err := r.acquire(req.Context(), endpoint, attempt)
		if err != nil {
			return unsent(because(err, last)) // only what did no harm is tried again
		}
		if paid != nil {
			paid.departs()
		}
		o := r.attempt(req, body, endpoint, path, slot, attempt)
		if paid != nil && (o.verdict == verdictNotSent || o.verdict == verdictRefused) {
			paid.returns()
		}
		if attempt >= maxAttempts || !r.retry.repeats(req.Method, o) || req.Context().Err() != nil {
			return o
		}
		last = o.failure()
		if o.paused {
			continue // the limiter is closed, the next slot comes after the pause
		}
		if err := sleep(req.Context(), r.retry.delay(attempt)); err != nil {
			return outcome{verdict: o.verdict, err: because(&TransportError{Method: req.Method, Path: path, NotSent: o.verdict == verdictNotSent, Err: err}, last)}
		}
	}
}

// checkHeader refuses headers that make net/http, or something on the way, repeat
// an order by itself: the service knows no idempotency key.
func checkHeader(header http.Header) error {
	for name := range header {
		if strings.EqualFold(name, "Idempotency-Key") || strings.EqualFold(name, "X-Idempotency-Key") {
			return invalid("a request must not carry an idempotency key: the service knows none, and net/http would repeat an order by itself because of it")
		}
	}
	return nil
}

// acquire waits for a slot.
func (r *road) acquire(ctx context.Context, endpoint Endpoint, attempt int) (Slot, error) {
	start := time.Now()
	granted, isLook := background(ctx)
	slot, err := r.limiter.Acquire(ctx, SlotRequest{Endpoint: endpoint, Background: isLook})
	if err != nil {
		return nil, fmt.Errorf("tempnumber: %s: not sent: waiting for the rate limit: %w", endpoint, err)
	}
	if isLook {
		granted()
	}
	waited := time.Since(start)
	if waited >= time.Millisecond {
		r.log.DebugContext(ctx, "tempnumber: waited for a slot", "endpoint", endpoint, "attempt", attempt, "waited", waited)
	}
	r.observe(Event{Kind: EventSlot, Endpoint: endpoint, Attempt: attempt, Duration: waited})
	return slot, nil
}

// attempt sends the request once.
func (r *road) attempt(req *http.Request, body []byte, endpoint Endpoint, path string, slot Slot, attempt int) (o outcome) {
	start := time.Now()
	released := OutcomeNoAnswer // also when a transport or a hook of the caller panics
	release := func() {
		if slot != nil {
			slot.Release(released)
			slot = nil
		}
	}
	defer release()
	ctx, cancel := context.WithTimeoutCause(req.Context(), r.retry.AttemptTimeout, ErrAttemptTimeout)
	defer cancel()
	if ctx.Err() != nil { // since the slot was granted
		released = OutcomeNotSent
		return unsent(&TransportError{Method: req.Method, Path: path, NotSent: true, Err: contextError(ctx)})
	}
	var seen evidence
	resp, err := r.http.Do(r.outgoing(httptrace.WithClientTrace(ctx, seen.hooks()), req, seen.body(body), int64(len(body))))
	if err != nil {
		o = outcome{verdict: seen.verdict(), lost: true}
		if o.verdict == verdictNotSent {
			released = OutcomeNotSent
		}
		o.err = &TransportError{Method: req.Method, Path: path, NotSent: o.verdict == verdictNotSent, Err: r.reason(ctx, err)}
	} else {
		released = OutcomeAnswered
		if isSuccess(resp.StatusCode) {
			release() // the slot's time counts from the first byte of the answer
		}
		resp.Request = req // the one without the key, and some transports give none
		r.clock.hearDate(resp.Header)
		o = r.read(ctx, resp, endpoint, path)
	}
	elapsed := time.Since(start)
	r.observe(Event{Kind: EventAttempt, Endpoint: endpoint, Attempt: attempt, StatusCode: o.status, Duration: elapsed})
	r.log.DebugContext(req.Context(), "tempnumber: attempt", "endpoint", endpoint, "attempt", attempt, "status", o.status, "elapsed", elapsed, "sent", o.verdict != verdictNotSent)
	// Before the slot is given back: the next in line must find the endpoint closed.
	o.paused = r.pause(endpoint, o, attempt)
	return o
}

// outgoing makes the request of one attempt. Only here is the key put on.
//
// It has a body, empty for a GET, that cannot be had a second time: then net/http
// repeats nothing by itself on a connection that broke. Each repetition is
// counted by the service and has to have a slot, and an order must not be
// repeated at all.
func (r *road) outgoing(ctx context.Context, req *http.Request, body io.ReadCloser, length int64) *http.Request {
	out := req.Clone(ctx)
	out.Host = ""
	out.Header.Set("x-api-key", r.key.reveal())
	out.Header.Set("Accept", "application/json")
	out.Header.Set("User-Agent", r.userAgent)
	out.Body, out.GetBody, out.ContentLength = body, nil, length
	return out
}

// read takes in an answer, no more of it than the endpoint may send, and judges it.
func (r *road) read(ctx context.Context, resp *http.Response, endpoint Endpoint, path string) outcome {
	defer resp.Body.Close()
	o := outcome{status: resp.StatusCode, resp: resp}
	success := isSuccess(resp.StatusCode)
	limit := int64(maxErrorBody)
	if success {
		limit = endpoint.maxBody()
	}
	var body []byte
	var err error
	// What follows a switch of protocols is no body, and no time limit ends it.
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, err = readAtMost(resp.Body, limit)
	}
	if success && err != nil {
		problem := fmt.Errorf("it was cut short: %w", r.reason(ctx, err))
		if o.lost = !errors.Is(err, errTooLarge); !o.lost {
			problem = fmt.Errorf("it is larger than %d bytes", limit)
		}
		o.resp, o.err = nil, &ResponseError{StatusCode: resp.StatusCode, Method: resp.Request.Method, Path: path, Err: problem}
		return o
	}
	if success {
		o.verdict = verdictDone
	} else {
		o.api = apiErrorFrom(resp, path, body)
		r.blotOut(o.api)
		body = o.api.Body
		if o.api.refusal() {
			o.verdict = verdictRefused
		}
	}
	setBody(resp, body, o.api)
	return o
}

// pause closes the endpoint when the service asks for it, and tells whether it did.
func (r *road) pause(endpoint Endpoint, o outcome, attempt int) bool {
	if o.api == nil {
		return false
	}
	pause := o.api.RetryAfter
	switch {
	case o.rateLimited():
		if pause == 0 {
			// It is not known when the service's window ends. An eighth of the window is
			// asked first, and twice as much with every further refusal.
			pause = DefaultLimits()[endpoint].Window >> max(0, 4-attempt)
		}
		r.observe(Event{Kind: EventRateLimited, Endpoint: endpoint, Attempt: attempt, StatusCode: o.status, Duration: pause})
		r.log.Debug("tempnumber: the service says that the rate limit is used up", "endpoint", endpoint, "pause", pause)
	case !errors.Is(o.api, ErrUnavailable):
		return false
	}
	if pause > 0 {
		r.limiter.Pause(endpoint, pause)
	}
	return pause > 0
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// reason finds why an attempt ended without an answer. The attempt's own time
// limit is told apart from the caller's context.
func (r *road) reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	return causeOf(err, r.key)
}

// blotOut takes the key out of an error that a server echoes it into.
func (r *road) blotOut(e *APIError) {
	e.Name, e.Message, e.Body = r.key.blot(e.Name), r.key.blot(e.Message), []byte(r.key.blot(string(e.Body)))
}

func (r *road) observe(e Event) {
	if r.observer != nil {
		r.observer.Observe(e)
	}
}

// readRequestBody takes the body of a request into memory, so that every attempt
// can send it again.
func readRequestBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer req.Body.Close()
	body, err := readAtMost(req.Body, maxErrorBody)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, invalid("the request's body is larger than %d bytes", maxErrorBody)
	case err != nil:
		return nil, fmt.Errorf("tempnumber: reading the request's body: %w", err)
	}
	return body, nil
}

// because adds the last answer to the error that ended a call between two attempts.
func because(err, last error) error {
	if last == nil {
		return err
	}
	return fmt.Errorf("%w; before that: %w", err, last)
}

// sleep waits for d, or for the end of ctx, whose error it gives. It does not
// begin a wait that ctx's deadline is known to cut.
func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("no time left for another attempt: %w", context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// contextError is the error of a context that has ended: always one that matches
// context.Canceled or context.DeadlineExceeded, with the cause beside it where
// there is one; but of an attempt that ran out of its own time, ErrAttemptTimeout.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == err || cause == ErrAttemptTimeout { //nolint:errorlint // these very errors, not what wraps them
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// backgroundKey marks the context of the poller's looks; its value is a func()
// to be called when the look has its slot.
type backgroundKey struct{}

func asBackground(ctx context.Context, granted func()) context.Context {
	return context.WithValue(ctx, backgroundKey{}, granted)
}

func background(ctx context.Context) (granted func(), ok bool) {
	granted, ok = ctx.Value(backgroundKey{}).(func())
	return granted, ok
}
