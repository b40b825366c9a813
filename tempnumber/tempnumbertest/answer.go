package tempnumbertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// answer is what the server says to a request, before it is written as JSON.
// The zero answer is none.
type answer struct {
	status int
	header http.Header
	value  func() any     // to be written; it is called without the server's lock
	ready  []byte         // or already written
	err    *service.Error // or a refusal
}

// success answers with a value.
func success(value func() any) answer { return answer{status: http.StatusOK, value: value} }

// refusal answers with an error.
func refusal(name service.Refusal, message string) answer {
	return failure(&service.Error{Refusal: name, Message: message})
}

// failure answers with an error of the core.
func failure(err error) answer {
	var refused *service.Error
	if !errors.As(err, &refused) {
		refused = &service.Error{Refusal: internalError, Message: err.Error()}
	}
	return answer{status: statusOf(string(refused.Refusal)), err: refused}
}

// throttled refuses a request that came too soon.
func (s *Server) throttled(now time.Time, wait time.Duration) answer {
	a := refusal(service.TooManyRequests, "Too many requests")
	a.header = http.Header{}
	// Whole seconds, rounded up: who comes back then is let in.
	if s.config.dialect.RetryAfter {
		a.header.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	if s.config.dialect.RateLimitReset {
		a.header.Set("X-RateLimit-Reset", strconv.FormatInt(now.Add(wait+time.Second-1).Unix(), 10))
	}
	return a
}

// reply is an answer as it goes out.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// reply writes an answer in the server's dialect.
func (s *Server) reply(a answer) reply {
	dialect := s.config.dialect
	switch {
	case a.ready != nil:
		return reply{a.status, ofType(jsonType, a.header), a.ready}
	case a.err == nil:
		return reply{a.status, ofType(jsonType, a.header), dialect.rewrite(toJSON(a.value()))}
	case dialect.HTMLErrors:
		return reply{a.status, ofType(htmlType, a.header), htmlPage(a.status)}
	}
	body := gen.Error{ErrorName: dialect.errorName(a.err.Refusal), ErrorMessage: a.err.Message}
	if a.err.Refusal == service.PriceChanged {
		body.NewPrice = number(a.err.NewPrice)
	}
	return reply{a.status, ofType(jsonType, a.header), dialect.rewrite(toJSON(body))}
}

// ofType adds a content type to a header, which may be nil.
func ofType(contentType string, header http.Header) http.Header {
	typed := http.Header{"Content-Type": {contentType}}
	maps.Copy(typed, header)
	return typed
}

// send writes a reply.
func (o reply) send(w http.ResponseWriter) {
	o.sendHeader(w)
	_, _ = w.Write(o.body) // the client has left: nobody to tell
}

func (o reply) sendHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), o.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(o.body)))
	w.WriteHeader(o.status)
}

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

// htmlPage is the page that a proxy shows in place of an answer.
func htmlPage(status int) []byte {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body><h1>" + title + "</h1></body>\r\n</html>\r\n")
}

// toJSON writes a value of the generated models.
func toJSON(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic("tempnumbertest: " + err.Error()) // the models can all be written
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
