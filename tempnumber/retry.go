package tempnumber

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// RetryPolicy bounds what the client repeats by itself. A field that is zero has
// its default. What is repeated depends on whether the request can do harm twice:
//
//	what happened                                     GET   PUT   POST
//	never left: no connection came about              yes   yes   yes
//	429 TooManyRequests of the service itself         yes   yes   yes
//	429 of something before the service               yes   look  no
//	no answer, or one that was cut short              yes   look  no
//	500, 502, 503, 504                                yes   look  no
//	any other 5xx, a redirect, a body that makes
//	  no sense, one above its size limit              no    look  no
//	every other answer                                no    no    no
//
// "look" is what RequestAnotherSMS does, the one PUT there is: it reads the
// activation, and repeats the request when that shows that nothing happened. A
// PUT through Raw is not repeated in these cases. A POST, which costs money, is
// not repeated either; CreateActivation returns an *OutcomeUnknownError.
//
// Every attempt takes a slot under the rate limit. A 429 closes its endpoint for
// as long as the service says, else for an eighth of the limit's window, doubled
// with every further one; the next attempt waits for that. A 503 with a
// Retry-After does the same. Everything else is repeated after a delay.
//
// The policy may become more careful in later versions, never less.
type RetryPolicy struct {
	// MaxAttempts is how often a request is tried in all; 1 means never again. Default 5.
	MaxAttempts int
	// MinDelay is the pause before the second attempt, doubled before each
	// further one up to MaxDelay, each drawn at random from its upper half.
	// Defaults 500 ms and 10 s.
	MinDelay, MaxDelay time.Duration
	// AttemptTimeout bounds one attempt, from its slot to the end of its answer,
	// apart from the caller's context. Default 30 s.
	AttemptTimeout time.Duration
}

// check refuses what makes no sense and fills in the defaults.
func (p RetryPolicy) check() (RetryPolicy, error) {
	if p.MaxAttempts < 0 || p.MinDelay < 0 || p.MaxDelay < 0 || p.AttemptTimeout < 0 {
		return p, invalid("RetryPolicy: no field may be negative; leave one zero for its default")
	}
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 5
	}
	if p.MinDelay == 0 {
		p.MinDelay = 500 * time.Millisecond
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = 10 * time.Second
	}
	if p.AttemptTimeout == 0 {
		p.AttemptTimeout = 30 * time.Second
	}
	p.MaxDelay = max(p.MaxDelay, p.MinDelay)
	return p, nil
}

// delay returns the pause after the given attempt.
func (p RetryPolicy) delay(attempt int) time.Duration {
	d := p.MaxDelay
	// MaxDelay is halved for the comparison, because MinDelay doubled might overflow.
	if doublings := attempt - 1; p.MaxDelay>>doublings >= p.MinDelay {
		d = p.MinDelay << doublings
	}
	return d/2 + rand.N(d/2+1)
}

// repeats reports whether a request with this result may be sent again.
func (p RetryPolicy) repeats(method string, r result) bool {
	if r.disposition == dispositionNotSent || r.disposition == dispositionRefused && r.rateLimited() {
		return true
	}
	if method != http.MethodGet {
		return false
	}
	if r.lost || r.rateLimited() {
		return true
	}
	switch r.status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
