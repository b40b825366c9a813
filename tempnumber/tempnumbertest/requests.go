package tempnumbertest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

const (
	maxLoggedText = 512     // bytes of each text of a request that are kept
	maxLogBytes   = 8 << 20 // of all requests that are kept
)

// Request is one request that the server received. It never holds a key.
type Request struct {
	ID         int64 // counts from 1
	At         time.Time
	Endpoint   tempnumber.Endpoint // empty when it is not an operation of the API; of an app that sends an SMS, how: "twilio-messages"
	Method     string
	Path       string // as it came, with the prefix; as all texts here the first 512 bytes
	Query      string
	Body       string
	UserAgent  string
	Language   string // of the prx-lang header
	Authorized bool   // the key was the right one
	Fault      bool   // a Fault was injected
	Rule       string // which rule of the service refused it, and how to switch the rule off; of an app, what is wrong with its SMS; empty for none
	Status     int    // of the answer; 0 when there was none, or none yet
}

// size returns about how many bytes the texts of a request take.
func (r *Request) size() int {
	return len(r.Path) + len(r.Query) + len(r.Body) + len(r.UserAgent) + len(r.Language)
}

// requestLog holds the newest requests.
type requestLog struct {
	most  int // how many are kept
	kept  []Request
	last  int64 // id
	bytes int
}

// clear forgets all requests.
func (l *requestLog) clear(most int) { *l = requestLog{most: most, last: l.last} }

// add logs a request and returns its id.
func (l *requestLog) add(r Request) int64 {
	l.last++
	r.ID = l.last
	l.kept = append(l.kept, r)
	l.bytes += r.size()
	for len(l.kept) > l.most || l.bytes > maxLogBytes {
		l.bytes -= l.kept[0].size()
		l.kept[0] = Request{}
		l.kept = l.kept[1:]
	}
	return r.ID
}

// at returns the request with an id, nil when it is no longer kept.
func (l *requestLog) at(id int64) *Request {
	i := id - l.last - 1 + int64(len(l.kept))
	if i < 0 || i >= int64(len(l.kept)) {
		return nil
	}
	return &l.kept[i]
}

// Requests returns the newest requests that came to the server, the oldest of them
// first. WithRequestLog says how many are kept.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log.kept)
}

// describe is what is remembered of a request.
func (s *Server) describe(r *http.Request, endpoint tempnumber.Endpoint, body []byte) Request {
	return Request{
		Endpoint: endpoint, Method: s.clean(r.Method), Path: s.clean(r.URL.Path), Query: s.clean(r.URL.RawQuery),
		Body: s.clean(string(body)), UserAgent: s.clean(r.UserAgent()), Language: s.clean(r.Header.Get("prx-lang")),
		Authorized: s.authorized(r),
	}
}

// clean returns as much of a text as is remembered. Should the key stand anywhere else
// than in its header, it is taken out.
func (s *Server) clean(text string) string {
	text = text[:min(len(text), maxLoggedText+len(s.config.key))] // a key that begins before the cut is whole
	text = strings.ReplaceAll(text, s.config.key, "[key]")
	return strings.ToValidUTF8(strings.Clone(text[:min(len(text), maxLoggedText)]), "")
}

// authorized reports whether a request carries the right key, once.
func (s *Server) authorized(r *http.Request) bool {
	keys := r.Header.Values("x-api-key")
	return len(keys) == 1 && keys[0] == s.config.key
}
