package tempnumbertest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// maxRequestBody is how much of a request is read. The API's are tiny.
const maxRequestBody = 64 << 10

// ServeHTTP answers a request as the service would: the key is checked first, then
// the rate limit, then the faults, and then the operation is carried out.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := s.operation(w, r)
	s.lag()
	var (
		out   *reply
		fault *Fault
	)
	// One lock for all of it: what came first is counted, logged and done first.
	s.locked(func(now time.Time) {
		op.request.At = now
		out, fault = s.admit(now, op)
		op.id = s.log.add(op.request)
		if out == nil && fault == nil {
			out = op.run(now)
		}
		if out != nil {
			s.answered(op, out)
		}
	})
	if fault != nil {
		s.inject(w, r, op, fault)
		return
	}
	out.send(w)
}

// lag takes the time of SetLatency. A request whose client leaves meanwhile is carried
// out all the same.
func (s *Server) lag() {
	s.mu.Lock()
	latency := s.latency
	s.mu.Unlock()
	pause(nil, latency)
}

// operation is a request that was read and can be carried out.
type operation struct {
	server  *Server
	handler http.Handler // carries it out, under the server's lock
	r       *http.Request
	request Request // as the log shows it
	id      int64   // in the log
}

// operation reads a request and finds what carries it out.
func (s *Server) operation(w http.ResponseWriter, r *http.Request) *operation {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // the answer may take its time
	inner := withoutPrefix(r)
	inner.Body = io.NopCloser(bytes.NewReader(body))
	endpoint, handler := s.route(inner)
	if err != nil {
		handler = s.refuseAll(service.InvalidRequest, "The request's body cannot be read")
	}
	return &operation{server: s, handler: handler, r: inner, request: s.describe(r, endpoint, body)}
}

// run carries the operation out as of now and returns its answer. The caller holds
// the server's lock.
func (op *operation) run(now time.Time) *reply {
	op.server.now = now
	out := newReply()
	op.handler.ServeHTTP(out, op.r)
	return out
}

// admit decides whether an operation may be carried out. It returns the answer that
// refuses it, or the fault to inject, or neither.
func (s *Server) admit(now time.Time, op *operation) (*reply, *Fault) {
	if !op.request.Authorized {
		return s.refusal(service.Unauthorized, "Not authorised"), nil
	}
	if wait, refused := s.limits.arrive(op.request.Endpoint, now); refused {
		return s.throttled(now, wait), nil
	}
	fault := s.faults.take(op.request)
	if fault != nil { // one less waits
		op.request.Fault = true
		s.happened(happening{kind: "settings"}, anything)
	}
	return nil, fault
}

// answered logs how an operation was answered. The caller holds the lock.
func (s *Server) answered(op *operation, out *reply) {
	if logged := s.log.at(op.id); logged != nil {
		logged.Status, logged.Rule = out.status, out.header.Get(ruleHeader)
	}
	s.happened(happening{"request", op.id}, anything)
}

// route returns the endpoint of a request and the handler of its operation. What is
// no operation has no endpoint; its handler answers 404 or 405.
func (s *Server) route(r *http.Request) (tempnumber.Endpoint, http.Handler) {
	if !isCanonical(r.URL.Path) { // ServeMux would redirect
		return "", s.refuseAll(service.NotFound, "There is no such path")
	}
	handler, pattern := s.routes.Handler(r)
	if pattern != "" {
		return tempnumber.Endpoint(pattern), s.routes
	}
	plain := newReply() // ServeMux answers with text, the service with JSON
	handler.ServeHTTP(plain, r)
	if plain.status != http.StatusMethodNotAllowed {
		return "", s.refuseAll(service.NotFound, "There is no such path")
	}
	return "", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Allow"] = plain.header["Allow"]
		s.refuse(w, methodNotAllowed, "The path does not allow this method")
	})
}

// refuseAll returns a handler that refuses every request.
func (s *Server) refuseAll(name service.Refusal, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, name, message) })
}

// isCanonical reports whether a path is absolute and written the short way.
func isCanonical(p string) bool {
	clean := path.Clean(p)
	return strings.HasPrefix(p, "/") && (p == clean || p == clean+"/")
}

// withoutPrefix returns a request with its path as the API's document writes it. The
// prefixes are those of the vendor's servers. The result outlives the request: an
// operation can be carried out after its client has left.
func withoutPrefix(r *http.Request) *http.Request {
	inner := r.WithContext(context.Background())
	for _, prefix := range [...]string{"/api/v1", "/v1"} {
		p, ok := strings.CutPrefix(r.URL.Path, prefix)
		if !ok || !strings.HasPrefix(p, "/") {
			continue
		}
		inner.URL = &url.URL{}
		*inner.URL = *r.URL
		inner.URL.Path, inner.URL.RawPath = p, strings.TrimPrefix(r.URL.RawPath, prefix)
		break
	}
	return inner
}
