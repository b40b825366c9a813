package tempnumbertest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// maxRequestBody is how much of a request is read. The API's are tiny.
const maxRequestBody = 64 << 10

// ServeHTTP answers a request as the service would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	p := s.plan(r, body)
	if err != nil {
		p.act = func(time.Time) answer { return refusal(service.InvalidRequest, "The request's body cannot be read") }
	}
	var (
		a     answer
		fault *Fault
		place int
	)
	request := s.describe(r, p.endpoint, body)
	s.locked(func(now time.Time) {
		request.At = now
		a, fault = s.admit(now, p, &request)
		place = s.log.add(request)
		if a.status == 0 && fault == nil {
			a = p.act(now)
		}
	})
	if fault != nil {
		s.strike(w, r, p, fault, place)
		return
	}
	out := s.reply(a)
	s.answered(place, out.status)
	out.send(w)
}

// answered remembers how a request was answered.
func (s *Server) answered(place, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if logged := s.log.at(place); logged != nil {
		logged.Status = status
	}
}

// admit decides whether a request may be carried out at all: it gives the answer
// that refuses it, or the fault that strikes it, or neither.
func (s *Server) admit(now time.Time, p *plan, request *Request) (answer, *Fault) {
	if !request.Authorized {
		return refusal(service.Unauthorized, "Not authorised"), nil
	}
	if wait, refused := s.limits.arrive(p.endpoint, now); refused {
		return s.throttled(now, wait), nil
	}
	fault := s.faults.take(*request)
	request.Fault = fault != nil
	return answer{}, fault
}

// plan is a request that was understood: what it is and how to carry it out. As a
// ResponseWriter it learns from the routes that a request cannot be.
type plan struct {
	endpoint tempnumber.Endpoint        // the pattern of its route; empty when it has none
	act      func(now time.Time) answer // under the server's lock
	header   http.Header
}

// plan reads a request.
func (s *Server) plan(r *http.Request, body []byte) *plan {
	p := &plan{header: http.Header{}}
	inner := r.WithContext(context.Background())
	inner.URL = withoutPrefix(r.URL)
	inner.Body = io.NopCloser(strings.NewReader(string(body)))
	s.routes.ServeHTTP(p, inner)
	return p
}

// withoutPrefix gives the path of a request as the API's document writes it. The
// prefixes are those of the vendor's servers.
func withoutPrefix(u *url.URL) *url.URL {
	for _, prefix := range [...]string{"/api/v1", "/v1"} {
		path, ok := strings.CutPrefix(u.Path, prefix)
		if !ok || !strings.HasPrefix(path, "/") {
			continue
		}
		inner := *u
		inner.Path, inner.RawPath = path, strings.TrimPrefix(u.RawPath, prefix)
		return &inner
	}
	return u
}

func (p *plan) Header() http.Header { return p.header }

func (p *plan) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader is called by the routes when no operation has this method and path.
func (p *plan) WriteHeader(status int) {
	p.act = func(time.Time) answer {
		if status != http.StatusMethodNotAllowed {
			return refusal(service.NotFound, "There is no such path")
		}
		a := refusal(methodNotAllowed, "The path does not allow this method")
		a.header = http.Header{"Allow": p.header["Allow"]}
		return a
	}
}
