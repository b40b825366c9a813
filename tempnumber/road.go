package tempnumber

import (
	"bytes"
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

// maxErrorBody is how many decoded bytes of an answer that is no success are kept.
const maxErrorBody = 64 << 10

// road is the one way to the service. Every request of the client walks it, a
// call through Raw as well: it is checked, takes a slot, gets the key, is tried
// once, judged, and perhaps tried again. It hands on answers whose bodies are
// whole and in memory.
type road struct {
	base      *url.URL
	http      *http.Client
	key       func() string // behind a function, so that printing the client cannot show it
	userAgent string
	limiter   Limiter
	retry     RetryPolicy
	observer  Observer
	log       *slog.Logger
}

// outcome is the end of one attempt.
type outcome struct {
	verdict verdict
	status  int            // of an answer, else 0
	resp    *http.Response // of an answer, its body in memory
	api     *APIError      // the same answer as an error, when it is no success
	err     error          // why there is no usable answer
	paused  bool           // the endpoint was closed because of the answer
}

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
	endpoint, path, err := route(r.base, req.Method, req.URL)
	if err != nil {
		return nil, err
	}
	if req.Header.Get("Idempotency-Key") != "" || req.Header.Get("X-Idempotency-Key") != "" {
		return nil, invalid("a request must not carry an idempotency key: the service knows none, and net/http would repeat an order by itself because of it")
	}
	body, err := readRequestBody(req)
	if err != nil {
		return nil, err
	}
	maxAttempts := r.retry.MaxAttempts
	if isBackground(req.Context()) {
		maxAttempts = 1 // the poller's next look is its retry
	}
	var last error
	for attempt := 1; ; attempt++ {
		slot, err := r.acquire(req.Context(), endpoint, attempt)
		if err != nil {
			return nil, because(err, last)
		}
		o := r.attempt(req, body, endpoint, path, slot, attempt)
		if attempt >= maxAttempts || !r.retry.repeats(req.Method, o) || req.Context().Err() != nil {
			return o.resp, o.err
		}
		last = o.failure()
		if o.paused {
			continue // the limiter is closed, the next slot comes after the pause
		}
		if err := sleep(req.Context(), r.retry.delay(attempt)); err != nil {
			return nil, because(&TransportError{Method: req.Method, Path: path, NotSent: o.verdict == verdictNotSent, Err: err}, last)
		}
	}
}

// acquire waits for a slot.
func (r *road) acquire(ctx context.Context, endpoint Endpoint, attempt int) (Slot, error) {
	start := time.Now()
	slot, err := r.limiter.Acquire(ctx, SlotRequest{Endpoint: endpoint, Background: isBackground(ctx)})
	if err != nil {
		return nil, fmt.Errorf("tempnumber: %s: not sent: waiting for the rate limit: %w", endpoint, err)
	}
	waited := time.Since(start)
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
	trace := &tracer{}
	resp, err := r.http.Do(r.outgoing(httptrace.WithClientTrace(ctx, trace.hooks()), req, body))
	if err != nil {
		o = outcome{verdict: trace.verdict()}
		if o.verdict == verdictNotSent {
			released = OutcomeNotSent
		}
		o.err = &TransportError{Method: req.Method, Path: path, NotSent: o.verdict == verdictNotSent, Err: r.reason(ctx, err)}
	} else {
		released = OutcomeAnswered
		if isSuccess(resp.StatusCode) {
			release() // the slot's time counts from the first byte of the answer
		}
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
func (r *road) outgoing(ctx context.Context, req *http.Request, body []byte) *http.Request {
	out := req.Clone(ctx)
	out.Host = ""
	out.Header.Set("x-api-key", r.key())
	out.Header.Set("Accept", "application/json")
	out.Header.Set("User-Agent", r.userAgent)
	if req.Method == http.MethodGet {
		// With a body that is there, is empty and cannot be had again, net/http does not
		// repeat a GET by itself on a connection that broke: each repetition is counted
		// by the service and has to have a slot.
		out.Body, out.GetBody, out.ContentLength = io.NopCloser(strings.NewReader("")), nil, 0
		return out
	}
	// net/http repeats these only when not a byte of them was written.
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return out
}

// read takes in an answer, no more of it than the endpoint may send.
func (r *road) read(ctx context.Context, resp *http.Response, endpoint Endpoint, path string) outcome {
	defer resp.Body.Close()
	success := isSuccess(resp.StatusCode)
	limit := int64(maxErrorBody)
	if success {
		limit = endpoint.maxBody()
	}
	// Counted after decompression: a small answer can unpack to a thousand times its size.
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	tooLarge := err == nil && int64(len(body)) > limit
	o := outcome{verdict: verdictAnswered, status: resp.StatusCode, resp: resp}
	if !success {
		if err != nil || tooLarge {
			body = nil
		}
		o.api = apiErrorFrom(resp, path, body)
		r.blotOut(o.api)
		body = o.api.Body
	} else if tooLarge {
		o.resp, o.err = nil, &ResponseError{StatusCode: resp.StatusCode, Method: resp.Request.Method, Path: path, Err: fmt.Errorf("it is larger than %d bytes", limit)}
	} else if err != nil {
		o.verdict, o.resp = verdictUnknown, nil
		o.err = &ResponseError{StatusCode: resp.StatusCode, Method: resp.Request.Method, Path: path, Err: fmt.Errorf("it was cut short: %w", r.reason(ctx, err))}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
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
// limit is told apart from the caller's context; the URL that net/http puts
// around its errors is left out; and a transport which prints requests does not
// carry the key into an error.
func (r *road) reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if text := err.Error(); strings.Contains(text, r.key()) {
		return errors.New(strings.ReplaceAll(text, r.key(), "[key]"))
	}
	return err
}

// blotOut takes the key out of an error that a server echoes it into.
func (r *road) blotOut(e *APIError) {
	key := r.key()
	e.Name = strings.ReplaceAll(e.Name, key, "[key]")
	e.Message = strings.ReplaceAll(e.Message, key, "[key]")
	e.Body = bytes.ReplaceAll(e.Body, []byte(key), []byte("[key]"))
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
	body, err := io.ReadAll(io.LimitReader(req.Body, maxErrorBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("tempnumber: reading the request's body: %w", err)
	case len(body) > maxErrorBody:
		return nil, invalid("the request's body is larger than %d bytes", maxErrorBody)
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
	if cause == err || cause == ErrAttemptTimeout {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// backgroundKey marks the context of the poller's looks.
type backgroundKey struct{}

func asBackground(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

func isBackground(ctx context.Context) bool { return ctx.Value(backgroundKey{}) != nil }
