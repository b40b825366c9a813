package tempnumbertest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// maxLoggedBody is how much of a request's body is remembered.
const maxLoggedBody = 512

// Request is one request that the server received. It never holds a key.
type Request struct {
	At         time.Time
	Endpoint   tempnumber.Endpoint // empty when it is no operation of the API
	Method     string
	Path       string // as it came, with the prefix
	Query      string
	Body       string // the first 512 bytes
	UserAgent  string
	Language   string // of the prx-lang header
	Authorized bool   // the key was the right one
	Fault      bool   // a Fault was injected
	Status     int    // of the answer; 0 when there was none, or none yet
}

// requestLog holds the newest requests, in a ring once it is full.
type requestLog struct {
	size    int
	entries []Request
	total   int
}

// add logs a request and returns the place for what becomes known later.
func (l *requestLog) add(r Request) (place int) {
	place = l.total
	l.total++
	switch {
	case l.size == 0:
	case len(l.entries) < l.size:
		l.entries = append(l.entries, r)
	default:
		l.entries[place%l.size] = r
	}
	return place
}

// at is a request that was added, nil when it is no longer remembered.
func (l *requestLog) at(place int) *Request {
	if place < l.total-len(l.entries) || place >= l.total {
		return nil
	}
	return &l.entries[place%l.size]
}

// Requests returns the newest requests that came to the server, the oldest of them
// first. WithRequestLog says how many are remembered.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.log
	if l.total <= l.size || l.size == 0 {
		return slices.Clone(l.entries)
	}
	oldest := l.total % l.size
	return append(slices.Clone(l.entries[oldest:]), l.entries[:oldest]...)
}

// describe is what is remembered of a request. Should the key stand anywhere
// else than in its header, it is taken out.
func (s *Server) describe(r *http.Request, endpoint tempnumber.Endpoint, body []byte) Request {
	clean := func(text string) string { return strings.ReplaceAll(text, s.config.key, "[key]") }
	logged := clean(string(body))
	return Request{
		Endpoint: endpoint, Method: r.Method, Path: clean(r.URL.Path), Query: clean(r.URL.RawQuery),
		Body: strings.ToValidUTF8(logged[:min(len(logged), maxLoggedBody)], ""), UserAgent: clean(r.UserAgent()), Language: clean(r.Header.Get("prx-lang")),
		Authorized: s.authorized(r),
	}
}

// authorized reports whether a request carries the right key, once.
func (s *Server) authorized(r *http.Request) bool {
	keys := r.Header.Values("x-api-key")
	return len(keys) == 1 && keys[0] == s.config.key
}
