package tempnumber

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/lenient"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

// disposition is what is known of a request after its attempt.
type disposition int

const (
	dispositionUnknown disposition = iota // it may have been carried out, or may still be
	dispositionNotSent                    // it surely never left
	dispositionRefused                    // the service itself refused it: a 4xx answer in its own form
	dispositionDone                       // a whole 2xx answer came
)

// result is what became of a request: of one attempt, or of a whole call.
type result struct {
	disposition disposition
	sent        time.Time      // when the attempt began, with its slot
	resp        *http.Response // of a whole answer, its body read; else nil
	body        []byte         // of a whole answer; of a non-2xx one without the key
	endpoint    Endpoint
	method      string    // of the request
	path        string    // of the request, below the base URL
	api         *APIError // the same answer as an error, when it is not a 2xx
	err         error     // why there is no usable answer
	lost        bool      // no whole answer came
	status      int       // of an answer, else 0
	maxElements int       // how many elements the answer may have
	paused      bool      // the endpoint was closed because of the answer
}

// unsent is the result of a call that ended before anything was sent.
func unsent(err error) result { return result{disposition: dispositionNotSent, err: err} }

// classify returns what an attempt's answer means.
func classify(req *http.Request, path string, o operation, key transport.Key, a transport.Answer) result {
	r := result{endpoint: o.endpoint, method: req.Method, path: path, maxElements: o.maxElements, resp: a.Response, body: a.Body}
	if a.Response == nil {
		r.lost = true
		if a.NotSent {
			r.disposition = dispositionNotSent
		}
		r.err = &TransportError{Method: req.Method, Path: path, NotSent: a.NotSent, Err: a.Err}
		return r
	}
	r.status = a.Response.StatusCode
	switch {
	case transport.IsSuccess(r.status) && a.Err == nil:
		r.disposition = dispositionDone
	case transport.IsSuccess(r.status):
		problem := fmt.Errorf("it was cut short: %w", a.Err)
		if r.lost = !errors.Is(a.Err, transport.ErrTooLarge); !r.lost {
			problem = fmt.Errorf("it is larger than %d bytes", o.maxBody)
		}
		r.resp, r.err = nil, r.unreadable(problem)
	default:
		r.api = apiErrorFrom(req.Method, path, a, key)
		r.body = r.api.Body
		if r.api.refusal() {
			r.disposition = dispositionRefused
		}
	}
	return r
}

// outcome is the result as a limiter counts it.
func (r result) outcome() Outcome {
	if r.disposition == dispositionNotSent {
		return OutcomeNotSent
	}
	if r.status != 0 {
		return OutcomeAnswered
	}
	return OutcomeNoAnswer
}

// harmless reports whether the request surely did nothing, so that it may be sent again.
func (r result) harmless() bool {
	return r.disposition == dispositionNotSent || r.disposition == dispositionRefused
}

// rateLimited reports whether the service refused the request because a rate limit is used up: definite, and
// worth another attempt after its pause.
func (r result) rateLimited() bool { return r.api != nil && errors.Is(r.api, ErrRateLimited) }

// failure returns the error that a caller sees, nil for a 2xx answer.
func (r result) failure() error {
	if r.err == nil && r.api != nil {
		return r.api
	}
	return r.err
}

// unreadable returns the error of a 2xx answer that makes no sense.
func (r result) unreadable(err error) *ResponseError {
	var already *ResponseError
	if errors.As(err, &already) {
		return already
	}
	return &ResponseError{StatusCode: r.status, Method: r.method, Path: r.path, Err: err}
}

// response returns the answer for the generated client, whatever its status, or an error when there is none.
func (r result) response() (*http.Response, error) {
	if r.resp == nil {
		return nil, r.err
	}
	r.resp.Body, r.resp.ContentLength = io.NopCloser(bytes.NewReader(r.body)), int64(len(r.body))
	return r.resp, nil
}

// maxRetryAfter bounds what a server may ask for: the longest documented window is two minutes, and a wrong
// header must not close an endpoint for a day.
const maxRetryAfter = slot.MaxPause

// apiErrorFrom returns a non-2xx answer as an error, without the key, which a server may echo.
func apiErrorFrom(method, path string, a transport.Answer, key transport.Key) *APIError {
	e := &APIError{
		StatusCode: a.Response.StatusCode,
		Method:     method,
		Path:       path,
		RetryAfter: transport.RetryAfter(a.Response.Header, maxRetryAfter),
	}
	if a.Err == nil {
		e.Body = []byte(key.Redact(string(a.Body)))
	}
	if e.StatusCode >= 300 && e.StatusCode < 400 {
		e.Message = "redirects are not followed, because the API key would go with them; check the base URL"
		return e
	}
	var odd oddFields
	var sent gen.Error
	var newer struct { // a field of the vendor's newer product, beside or instead of newPrice
		SuggestedPrice json.Number `json:"suggestedPrice"`
	}
	if lenient.Decode(a.Body, &sent, 0, &odd.Odd) != nil || lenient.Decode(a.Body, &newer, 0, &odd.Odd) != nil {
		return e
	}
	if strings.ContainsFunc(sent.ErrorName, unicode.IsLetter) { // a number is no name, and the service's refusals have one
		e.Name = key.Redact(clip(sent.ErrorName, 80))
	}
	e.Message = key.Redact(clip(sent.ErrorMessage, 300))
	price, known := odd.price("newPrice", sent.NewPrice)
	if !known {
		price, _ = odd.price("suggestedPrice", newer.SuggestedPrice)
	}
	e.NewPrice = price // without one the error still says what happened
	return e
}
