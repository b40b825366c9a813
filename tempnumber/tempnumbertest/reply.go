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

// reply is a whole answer. As an http.ResponseWriter it takes what an operation
// answers, so that a fault can delay, change or drop it.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func newReply() *reply { return &reply{status: http.StatusOK, header: http.Header{}} }

// Header returns the header to be sent.
func (o *reply) Header() http.Header { return o.header }

// WriteHeader sets the status.
func (o *reply) WriteHeader(status int) { o.status = status }

// Write adds to the body.
func (o *reply) Write(p []byte) (int, error) {
	o.body = append(o.body, p...)
	return len(p), nil
}

// send writes the reply to a client.
func (o *reply) send(w http.ResponseWriter) {
	o.sendHeader(w)
	_, _ = w.Write(o.body) // the client has left: nobody to tell
}

func (o *reply) sendHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), o.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(o.body)))
	w.WriteHeader(o.status)
}

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

// write answers with a body.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON, or a page without any text of a request
}

// answer answers with a value of the generated models, in the server's dialect.
func (s *Server) answer(w http.ResponseWriter, value any) {
	write(w, http.StatusOK, jsonType, s.dialect.write(value))
}

// refuse answers with an error, in the server's dialect.
func (s *Server) refuse(w http.ResponseWriter, name service.Refusal, message string) {
	s.fail(w, &service.Error{Refusal: name, Message: message})
}

// fail answers with an error of the core, in the server's dialect.
func (s *Server) fail(w http.ResponseWriter, err error) {
	var refused *service.Error
	if !errors.As(err, &refused) {
		refused = &service.Error{Refusal: internalError, Message: err.Error()}
	}
	if rule := ruleBehind(refused.Refusal); rule != "" {
		w.Header().Set(ruleHeader, rule)
	}
	dialect := s.dialect
	status := statusOf(string(refused.Refusal))
	if dialect.HTMLErrors {
		write(w, status, htmlType, htmlPage(status))
		return
	}
	body := errorData{Error: gen.Error{ErrorName: dialect.errorName(refused.Refusal), ErrorMessage: refused.Message}}
	if refused.Refusal == service.PriceChanged {
		price := number(refused.NewPrice)
		if dialect.NewPrices != SuggestedPriceField {
			body.NewPrice = price
		}
		if dialect.NewPrices != NewPriceField {
			body.SuggestedPrice = price
		}
	}
	write(w, status, jsonType, dialect.write(body))
}

// ruleHeader names, in a refusal, the rule of the service that it comes from. It is for
// people: the service has no such header.
const ruleHeader = "X-Refused-By"

// ruleBehind returns which rule of the service a refusal comes from, and how to switch
// the rule off; empty when it comes from none.
func ruleBehind(refusal service.Refusal) string {
	switch refusal {
	case service.TooManyRequests:
		return "rate limit of the endpoint; off with --lenient, WithoutLimits or PUT /control/rules"
	case service.TooManyPending:
		return "cap of pending activations; off with --lenient, WithPendingCap(0) or PUT /control/rules"
	case service.LowSuccessRate:
		return "delivery rate of the service in the country; off with --lenient, WithDeliveryRule(DeliveryRule{}) or PUT /control/rules"
	}
	return ""
}

// errorData is the model of the document, with a field of the vendor's newer product.
type errorData struct {
	gen.Error

	SuggestedPrice json.Number `json:"suggestedPrice,omitempty"`
}

// refusal returns the reply that refuses a request.
func (s *Server) refusal(name service.Refusal, message string) *reply {
	out := newReply()
	s.refuse(out, name, message)
	return out
}

// throttled returns the reply to a request that came too soon.
func (s *Server) throttled(now time.Time, wait time.Duration) *reply {
	out := s.refusal(service.TooManyRequests, "Too many requests")
	// Whole seconds, rounded up: who comes back then is let in.
	if s.dialect.RetryAfter {
		out.header.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	if s.dialect.RateLimitReset {
		out.header.Set("X-RateLimit-Reset", strconv.FormatInt(now.Add(wait+time.Second-1).Unix(), 10))
	}
	return out
}

// htmlPage returns the page that a proxy shows in place of an answer.
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
