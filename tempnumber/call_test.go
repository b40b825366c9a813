package tempnumber

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/gen"
)

// script is a transport that returns its answers in turn and repeats the last one.
type script struct {
	t       *testing.T
	answers []func(*http.Request) (*http.Response, error)
	seen    []*http.Request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, err := io.Copy(io.Discard, r.Body)
		require.NoError(s.t, err)
	}
	s.seen = append(s.seen, r)
	require.NotEmpty(s.t, s.answers, "unexpected request: %s %s", r.Method, r.URL)
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return next(r)
}

func (s *script) client(opts ...Option) *Client {
	c, err := New(testKey, append([]Option{WithHTTPClient(&http.Client{Transport: s})}, opts...)...)
	require.NoError(s.t, err)
	return c
}

func reply(status int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func refuse(status int, name string, headers ...string) func(*http.Request) (*http.Response, error) {
	return reply(status, `{"errorName": "`+name+`", "errorMessage": "no"}`, headers...)
}

func breakOff(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

const balanceBody = `{"balance": 12.5, "review_balance": 0}`

func TestRequestHeaders(t *testing.T) {
	s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){refuse(401, "UnauthorizedException")}}
	c := s.client(WithUserAgent("signup-tests/1.0"))
	ctx := t.Context()
	calls := map[string]func() error{
		"CreateActivation": func() error {
			_, err := c.CreateActivation(ctx, CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
			return err
		},
		"Activation":        func() error { _, err := c.Activation(ctx, 1); return err },
		"RequestAnotherSMS": func() error { return c.RequestAnotherSMS(ctx, 1) },
		"ActivationsPage":   func() error { _, err := c.ActivationsPage(ctx, ListParams{}); return err },
		"Offer":             func() error { _, err := c.Offer(ctx, "facebook", "us"); return err },
		"PricesByService":   func() error { _, err := c.PricesByService(ctx); return err },
		"PricesByCountry":   func() error { _, err := c.PricesByCountry(ctx); return err },
		"Balance":           func() error { _, err := c.Balance(ctx); return err },
		"Raw": func() error {
			resp, err := c.Raw().GetUserBalance(ctx)
			require.NoError(t, err)
			require.Equal(t, 401, resp.StatusCode)
			return &APIError{StatusCode: resp.StatusCode}
		},
	}
	for name, call := range calls {
		require.ErrorIs(t, call(), ErrUnauthorized, name)
	}
	require.Len(t, s.seen, len(calls), "a refusal is not retried")
	for _, r := range s.seen {
		require.Equal(t, testKey, r.Header.Get("X-Api-Key"))
		require.Equal(t, "application/json", r.Header.Get("Accept"))
		require.Equal(t, "signup-tests/1.0 tempnumber-go/"+Version, r.Header.Get("User-Agent"))
		require.NotContains(t, r.URL.String(), testKey)
	}
}

func TestRetryRule(t *testing.T) {
	reset := errors.New("connection reset by peer")
	const get, put, post = "GET", "PUT", "POST"
	for name, c := range map[string]struct {
		answer  func(*http.Request) (*http.Response, error)
		retried map[string]bool
	}{
		"no answer":               {breakOff(reset), map[string]bool{get: true}},
		"cut short":               {cutShort, map[string]bool{get: true}},
		"500":                     {reply(500, ""), map[string]bool{get: true}},
		"502 with HTML":           {reply(502, "<html>"), map[string]bool{get: true}},
		"503 of the service":      {refuse(503, "ServiceUnavailableException"), map[string]bool{get: true}},
		"504":                     {reply(504, ""), map[string]bool{get: true}},
		"501":                     {reply(501, ""), nil},
		"429 for the rate":        {refuse(429, "TooManyRequestsException"), map[string]bool{get: true, put: true, post: true}},
		"429 without a name":      {reply(429, "slow down"), map[string]bool{get: true}},
		"429 for the deliveries":  {refuse(429, "lowSuccessRateException"), nil},
		"429 for pending numbers": {refuse(429, "TooManyActivationsPendingException"), nil},
		"400":                     {refuse(400, "InvalidRequestParamsException"), nil},
		"404":                     {refuse(404, "ResourceNotFoundException"), nil},
		"HTML instead of JSON":    {reply(200, "<html>"), nil},
		"a redirect":              {reply(307, "", "Location", "https://elsewhere.example.test/"), nil},
	} {
		for _, method := range []string{get, put, post} {
			t.Run(name+" to "+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){c.answer}}
					client := s.client(WithRetry(RetryPolicy{MaxAttempts: 3}))
					var err error
					switch method {
					case get:
						_, err = client.Activation(t.Context(), 1)
					case put:
						_, err = client.caller.requestAnother(t.Context(), 1)
					case post:
						_, err = client.CreateActivation(t.Context(), CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
					}
					require.Error(t, err)
					want := 1
					if c.retried[method] {
						want = 3
					}
					require.Len(t, s.seen, want)
				})
			})
		}
	}
}

// cutShort answers 200 and breaks the connection in the middle of the body.
func cutShort(r *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"id": 1`), brokenReader{})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTransientFailureIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){
			breakOff(io.EOF), reply(502, "<html>"), cutShort, reply(200, balanceBody),
		}}
		start := time.Now()
		b, err := s.client().Balance(t.Context())
		require.NoError(t, err)
		require.Equal(t, 12*Dollar+50*Cent, b.Available)
		// 0.25–0.5 s, 0.5–1 s and 1–2 s between the attempts.
		require.GreaterOrEqual(t, time.Since(start), 1750*time.Millisecond)
		require.LessOrEqual(t, time.Since(start), 3500*time.Millisecond)
	})
}

func TestRateLimitedEndpointIsPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){
			refuse(429, "TooManyRequestsException", "Retry-After", "42"), reply(200, balanceBody),
		}}
		c := s.client()
		start := time.Now()
		_, err := c.Balance(t.Context())
		require.NoError(t, err)
		require.Equal(t, 42*time.Second, time.Since(start))
	})
}

func TestRateLimitWithoutRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){refuse(429, "TooManyRequestsException")}}
		start := time.Now()
		_, err := s.client().Balance(t.Context())
		require.ErrorIs(t, err, ErrRateLimited)
		require.Len(t, s.seen, 5)
		// An eighth, a quarter, half of the minute and all of it.
		require.Equal(t, 7500*time.Millisecond+15*time.Second+30*time.Second+time.Minute, time.Since(start))
	})
}

func TestPauseBeforeSlotRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		c, err := New(testKey, WithRetry(RetryPolicy{MaxAttempts: 1}), WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			return refuse(429, "TooManyRequestsException", "Retry-After", "60")(r)
		})}))
		require.NoError(t, err)
		for range 4 {
			go func() { _, _ = c.Balance(t.Context()) }()
			synctest.Wait()
		}
		for minute := range int32(4) {
			require.Equal(t, minute+1, sent.Load(), "one request after each pause: the endpoint is paused again before the slot is released")
			time.Sleep(time.Minute)
			synctest.Wait()
		}
	})
}

func TestPauseBeyondDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){refuse(429, "TooManyRequestsException", "Retry-After", "60")}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := s.client().Balance(ctx)
		require.Zero(t, time.Since(start))
		var throttled *ThrottledError
		require.ErrorAs(t, err, &throttled)
		require.Equal(t, time.Minute, throttled.Wait.Round(time.Second))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var api *APIError
		require.ErrorAs(t, err, &api)
	})
}

func TestSlotPerAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){breakOff(io.EOF), reply(502, ""), reply(200, balanceBody)}}
		l := &countingLimiter{}
		_, err := s.client(WithLimiter(l)).Balance(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, l.acquired)
		require.Equal(t, []Outcome{OutcomeNoAnswer, OutcomeAnswered, OutcomeAnswered}, l.released)
	})
}

func TestPanicReleasesSlot(t *testing.T) {
	l := &countingLimiter{}
	s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){func(*http.Request) (*http.Response, error) { panic("theirs") }}}
	c := s.client(WithLimiter(l))
	require.Panics(t, func() { _, _ = c.Balance(t.Context()) })
	require.Equal(t, []Outcome{OutcomeNoAnswer}, l.released)
}

type countingLimiter struct {
	acquired int
	released []Outcome
}

func (l *countingLimiter) Acquire(context.Context, SlotRequest) (Slot, error) {
	l.acquired++
	return countedSlot{l}, nil
}
func (l *countingLimiter) Pause(Endpoint, time.Duration) {}

type countedSlot struct{ l *countingLimiter }

func (s countedSlot) Release(o Outcome) { s.l.released = append(s.l.released, o) }

func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){hang}}
		start := time.Now()
		_, err := s.client(WithRetry(RetryPolicy{MaxAttempts: 1, AttemptTimeout: 3 * time.Second})).Balance(t.Context())
		require.Equal(t, 3*time.Second, time.Since(start))
		require.ErrorIs(t, err, ErrAttemptTimeout)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		var transport *TransportError
		require.ErrorAs(t, err, &transport)
		require.True(t, transport.Timeout())
		require.False(t, transport.NotSent, "a transport that reports nothing may have sent it")
	})
}

func TestContextEndsCall(t *testing.T) {
	for name, answers := range map[string][]func(*http.Request) (*http.Response, error){
		"while waiting for an answer":  {hang},
		"between two attempts":         {breakOff(io.EOF)},
		"while the endpoint is paused": {refuse(429, "TooManyRequestsException", "Retry-After", "60")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{t: t, answers: answers}
				ctx, cancel := context.WithCancelCause(t.Context())
				why := errors.New("the test is over")
				time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
				start := time.Now()
				_, err := s.client().Balance(ctx)
				require.Equal(t, 100*time.Millisecond, time.Since(start))
				require.ErrorIs(t, err, context.Canceled)
			})
		})
	}
}

func TestInvalidAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "HTML": "<html>", "null": "null", "a list": "[]", "cut": `{"balance": 1`, "trailing": balanceBody + "x", "two": balanceBody + balanceBody,
		"an empty object": "{}", "a wrong type": `{"balance": [5678]}`, "text": `"5678"`, "not a number": `{"balance": "x5678"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){reply(200, body)}}
			b, err := s.client().Balance(t.Context())
			require.Nil(t, b)
			var bad *ResponseError
			require.ErrorAs(t, err, &bad)
			require.ErrorIs(t, err, ErrInvalidResponse)
			require.Equal(t, 200, bad.StatusCode)
			require.Equal(t, "/user/balance", bad.Path)
			require.NotContains(t, err.Error(), "5678", "an answer may hold a code")
		})
	}
}

func TestAny2xxIsSuccess(t *testing.T) {
	s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){reply(201, `{"id": 12312, "number": 18454123223}`)}}
	a, err := s.client().CreateActivation(t.Context(), CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	require.NoError(t, err)
	require.Equal(t, ActivationID(12312), a.ID)
}

func TestOversizedAnswers(t *testing.T) {
	big := strings.Repeat(" ", 4<<20) + balanceBody
	s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){reply(200, big)}}
	_, err := s.client().Balance(t.Context())
	require.ErrorIs(t, err, ErrInvalidResponse)
	require.ErrorContains(t, err, strconv.Itoa(4<<20))

	s = &script{t: t, answers: []func(*http.Request) (*http.Response, error){reply(404, strings.Repeat("x", 64<<10+1))}}
	_, err = s.client().Balance(t.Context())
	var api *APIError
	require.ErrorAs(t, err, &api)
	require.ErrorIs(t, err, ErrNotFound)
	require.Empty(t, api.Body)
}

func TestInvalidInputIsNotSent(t *testing.T) {
	l := &countingLimiter{}
	s := &script{t: t}
	c := s.client(WithLimiter(l))
	ctx := t.Context()
	good := CreateActivationParams{ServiceID: "facebook", CountryID: "us"}
	for name, call := range map[string]func() error{
		"no service":         func() error { _, err := c.CreateActivation(ctx, CreateActivationParams{CountryID: "us"}); return err },
		"a slash":            func() error { _, err := c.Offer(ctx, "a/b", "us"); return err },
		"two dots":           func() error { _, err := c.Offer(ctx, "facebook", ".."); return err },
		"a language":         func() error { _, err := c.Offer(ctx, "facebook", "us", Language("de\r\nX: y")); return err },
		"a price below zero": func() error { p := good; p.MaxPrice = -1; _, err := c.CreateActivation(ctx, p); return err },
		"id 0":               func() error { _, err := c.Activation(ctx, 0); return err },
		"another's id":       func() error { _, err := c.WaitSMS(ctx, 1, After(&Activation{ID: 2})); return err },
		"a negative id":      func() error { return c.RequestAnotherSMS(ctx, -1) },
		"a negative page":    func() error { _, err := c.ActivationsPage(ctx, ListParams{Page: -1}); return err },
		"a negative size": func() error {
			for _, err := range c.Activations(ctx, ListParams{PageSize: -1}) {
				return err
			}
			return nil
		},
		"a raw path": func() error { _, err := c.Raw().GetSingleService(ctx, "..", "..", nil); return err },
		"an idempotency key": func() error {
			_, err := c.Raw().NewActivation(ctx, gen.NewActivation{}, func(_ context.Context, r *http.Request) error {
				r.Header.Set("Idempotency-Key", "x")
				return nil
			})
			return err
		},
		"another host": func() error {
			_, err := c.Raw().GetUserBalance(ctx, func(_ context.Context, r *http.Request) error {
				r.URL.Host = "elsewhere.example.test"
				return nil
			})
			return err
		},
		"a large body": func() error {
			_, err := c.Raw().NewActivationWithBody(ctx, "application/json", strings.NewReader(strings.Repeat("x", 64<<10+1)))
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, ErrInvalidInput, name)
		var v *ValidationError
		require.ErrorAs(t, err, &v, name)
	}
	require.Empty(t, s.seen)
	require.Zero(t, l.acquired)
}

func TestEchoedKeyIsRedacted(t *testing.T) {
	s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){
		reply(401, `{"errorName": "UnauthorizedException", "errorMessage": "key `+testKey+` is wrong"}`),
	}}
	_, err := s.client().Balance(t.Context())
	var api *APIError
	require.ErrorAs(t, err, &api)
	require.Contains(t, api.Message, "[REDACTED]")
	require.NotContains(t, err.Error()+string(api.Body), testKey)

	s = &script{t: t, answers: []func(*http.Request) (*http.Response, error){reply(403, "no access with "+testKey)}}
	resp, err := s.client().Raw().GetUserBalance(t.Context())
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "no access with [REDACTED]", string(body))

	s = &script{t: t, answers: []func(*http.Request) (*http.Response, error){breakOff(errors.New("dump: X-Api-Key: " + testKey))}}
	_, err = s.client(WithRetry(RetryPolicy{MaxAttempts: 1})).Balance(t.Context())
	require.ErrorContains(t, err, "[REDACTED]")
	require.NotContains(t, err.Error(), testKey)
}

func TestObserverEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []Event
		s := &script{t: t, answers: []func(*http.Request) (*http.Response, error){
			refuse(429, "TooManyRequestsException", "Retry-After", "3"), reply(200, balanceBody),
		}}
		_, err := s.client(WithObserver(observerFunc(func(e Event) { got = append(got, e) }))).Balance(t.Context())
		require.NoError(t, err)
		require.Equal(t, []Event{
			{Kind: EventSlot, Endpoint: EndpointBalance, Attempt: 1},
			{Kind: EventAttempt, Endpoint: EndpointBalance, Attempt: 1, StatusCode: 429},
			{Kind: EventRateLimited, Endpoint: EndpointBalance, Attempt: 1, StatusCode: 429, Duration: 3 * time.Second},
			{Kind: EventSlot, Endpoint: EndpointBalance, Attempt: 2, Duration: 3 * time.Second},
			{Kind: EventAttempt, Endpoint: EndpointBalance, Attempt: 2, StatusCode: 200},
		}, got)
	})
}

type observerFunc func(Event)

func (f observerFunc) Observe(e Event) { f(e) }
