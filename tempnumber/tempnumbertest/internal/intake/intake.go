// Package intake takes the SMS that an app under test sends through the API of a
// provider: Twilio Messages and Verify, AWS SNS, Vonage, or a webhook of any form. The
// app stays as it is but for the address that it sends to.
//
// Keys and passwords are accepted whatever they are, and kept nowhere but for as long
// as a status callback has to be signed.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Message is an SMS that an app sent.
type Message struct {
	// From is the sender as the app wrote it: a number, a name, or "" for none.
	From string
	// To is the receiver in E.164, "+18454123223".
	To string
	// Text is never empty.
	Text string
}

// Sink receives the messages that are taken in.
type Sink interface {
	// Deliver takes a message and returns an id for it. A number that nobody rents is
	// no error. An error means that the message is lost; the app is told as its
	// provider would tell it. Deliver may be called by many goroutines at once.
	Deliver(Message) (id string, err error)
}

// Config says how a Handler works. Only Sink is needed.
type Config struct {
	// Sink receives the messages.
	Sink Sink
	// CallbackHosts are the hosts beside loopback ones that may be called back with
	// the status of a message.
	CallbackHosts []string
	// Answered is called with every request that was answered; it may be nil.
	Answered func(Answered)
	// Keep is how many messages can be asked for their status, and how many
	// verifications can be open; 0 means 1,000. The oldest go first.
	Keep int
}

// Answered is a request that was answered.
type Answered struct {
	Endpoint Endpoint // empty for requests that send nothing
	Request  *http.Request
	Status   int
	Refusal  string // why the message was not taken: code and sentence; empty when it was
	Fault    bool   // a fault was met
}

// Endpoint names one of the APIs, for faults.
type Endpoint string

// The endpoints.
const (
	TwilioMessages Endpoint = "twilio-messages"
	TwilioVerify   Endpoint = "twilio-verify"
	SNS            Endpoint = "sns"
	Webhook        Endpoint = "webhook"
	VonageSMS      Endpoint = "vonage-sms"
	VonageMessages Endpoint = "vonage-messages"
)

// Endpoints returns all endpoints.
func Endpoints() []Endpoint {
	return []Endpoint{TwilioMessages, TwilioVerify, SNS, Webhook, VonageSMS, VonageMessages}
}

// Fault is something that goes wrong with the messages of an endpoint.
type Fault struct {
	// Times is how many requests meet the fault; 0 for all, until ClearFaults.
	Times int
	// Delay is how long a request lies before it is answered.
	Delay time.Duration
	// Status is the HTTP status to answer in place of taking the message; 0 to take it. Vonage's SMS API answers 200 whatever happens, so Status 200 with a
	// Code is a refusal there.
	Status int
	// Code is the provider's own code for what went wrong, such as "20429" or
	// "Throttling"; empty for one that fits Status. With Lose it is the error code of a
	// Twilio message that was not delivered.
	Code string
	// Message is the sentence that goes with Code; empty for one that fits.
	Message string
	// Lose answers as if all were well and delivers nothing.
	Lose bool
}

// maxBody is how much of a request is read, in bytes.
const maxBody = 1 << 20

// maxPath is how long a path is at most, in bytes; parts of it are remembered.
const maxPath = 500

// maxText is the longest text that is taken from a webhook, in characters. The
// providers have limits of their own.
const maxText = 10_000

// Handler is an http.Handler for the APIs of the providers. It is safe for use by many
// goroutines. Close it when it is no longer needed.
type Handler struct {
	config Config
	routes *http.ServeMux
	calls  *callbacks

	mu            sync.Mutex
	faults        map[Endpoint][]Fault
	messages      kept[*twilioMessage]
	verifications kept[*verification]
}

// New returns a Handler that delivers to config.Sink.
func New(config Config) *Handler {
	if config.Keep <= 0 {
		config.Keep = 1000
	}
	h := &Handler{
		config:        config,
		routes:        http.NewServeMux(),
		calls:         newCallbacks(config.CallbackHosts),
		faults:        map[Endpoint][]Fault{},
		messages:      kept[*twilioMessage]{limit: config.Keep},
		verifications: kept[*verification]{limit: config.Keep},
	}
	const accounts, services = "/2010-04-01/Accounts/{account}", "/v2/Services/{service}"
	h.route(TwilioMessages, "POST "+accounts+"/Messages.json", refuseTwilio, (*request).createMessage)
	h.route("", "GET "+accounts+"/Messages.json", refuseTwilio, (*request).listMessages)
	h.route("", "GET "+accounts+"/Messages/{sid}", refuseTwilio, (*request).fetchMessage)
	h.route("", "/2010-04-01/", refuseTwilio, (*request).noTwilioResource)
	h.route(TwilioVerify, "POST "+services+"/Verifications", refuseTwilio, (*request).createVerification)
	h.route("", "GET "+services+"/Verifications/{sid}", refuseTwilio, (*request).fetchVerification)
	h.route(TwilioVerify, "POST "+services+"/VerificationCheck", refuseTwilio, (*request).checkVerification)
	h.route("", "/v2/Services/", refuseTwilio, (*request).noTwilioResource)
	h.route(SNS, "POST /{$}", refuseSNS, (*request).publish)
	h.route(Webhook, "POST /intake/http", refuseWebhook, (*request).webhook)
	h.route("", "/intake/", refuseWebhook, func(req *request) {
		req.refuse(http.StatusNotFound, "", "POST /intake/http?to=POINTER&text=POINTER takes messages; nothing else is here")
	})
	h.route(VonageSMS, "POST /sms/json", refuseVonageSMS, (*request).vonageSMS)
	h.route(VonageMessages, "POST /v1/messages", refuseVonageMessage, (*request).vonageMessage)
	return h
}

// Handles reports whether a request is for the handler, so that it can stand beside
// others on one address.
func (h *Handler) Handles(r *http.Request) bool {
	_, pattern := h.routes.Handler(r)
	return pattern != ""
}

// ServeHTTP answers as the provider would whose API the request is for.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.routes.ServeHTTP(w, r) }

// Close stops the status callbacks and waits until they have ended.
func (h *Handler) Close() { h.calls.close() }

// Fail makes an endpoint go wrong. Of several faults the one that was set first
// applies. It returns an error for an unknown endpoint, a Status that none of the
// providers answers, and negative numbers.
func (h *Handler) Fail(endpoint Endpoint, fault Fault) error {
	switch {
	case !slices.Contains(Endpoints(), endpoint):
		return fmt.Errorf("there is no endpoint %q; the endpoints are %q", endpoint, Endpoints())
	case fault.Status != 0 && (fault.Status < 200 || fault.Status > 599):
		return fmt.Errorf("a fault cannot answer with the status %d", fault.Status)
	case fault.Times < 0 || fault.Delay < 0:
		return errors.New("a fault's times and delay cannot be negative")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults[endpoint] = append(h.faults[endpoint], fault)
	return nil
}

// Faults returns the faults of an endpoint that still wait for requests.
func (h *Handler) Faults(endpoint Endpoint) []Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.faults[endpoint])
}

// ClearFaults ends all faults.
func (h *Handler) ClearFaults() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.faults)
}

// Reset forgets all messages, verifications and faults.
func (h *Handler) Reset() {
	h.ClearFaults()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages.all, h.verifications.all = nil, nil
}

// takeFault returns the fault that a request meets, if it meets one, and counts it.
func (h *Handler) takeFault(endpoint Endpoint) (fault Fault, met bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.faults[endpoint]
	if len(all) == 0 {
		return Fault{}, false
	}
	fault = all[0]
	switch fault.Times {
	case 0:
	case 1:
		h.faults[endpoint] = all[1:]
	default:
		all[0].Times--
	}
	return fault, true
}

// request is one request to an API.
type request struct {
	*Handler
	w     http.ResponseWriter
	r     *http.Request
	body  []byte
	fault Fault
	form  refuser
	seen  Answered
}

// Header returns the header of the answer.
func (req *request) Header() http.Header { return req.w.Header() }

// Write adds to the answer.
func (req *request) Write(p []byte) (int, error) { return req.w.Write(p) }

// WriteHeader begins the answer.
func (req *request) WriteHeader(status int) {
	req.seen.Status = status
	req.w.WriteHeader(status)
}

// refuser answers in the way of a provider that a message is not taken. An empty code
// stands for one that fits the status.
type refuser func(w http.ResponseWriter, status int, code, message string)

// refuse refuses a request. An empty message stands for one that fits the status.
func (req *request) refuse(status int, code, message string) {
	if message == "" {
		message = http.StatusText(status)
	}
	message = plainText(message)
	req.seen.Refusal = strings.TrimSpace(code + " " + message)
	req.form(req, status, code, message)
}

// route registers an operation. Its faults are those of endpoint, "" for none, and
// refuse writes its refusals.
func (h *Handler) route(endpoint Endpoint, pattern string, refuse refuser, serve func(*request)) {
	h.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		req := &request{Handler: h, w: w, r: r, form: refuse, seen: Answered{Endpoint: endpoint, Request: r}}
		req.serve(serve)
		if h.config.Answered != nil && req.seen.Status != 0 {
			h.config.Answered(req.seen)
		}
	})
}

// serve reads the request and carries it out, unless a fault forbids it.
func (req *request) serve(carryOut func(*request)) {
	if len(req.r.URL.Path) > maxPath {
		req.refuse(http.StatusRequestURITooLong, "", "")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(req.w, req.r.Body, maxBody))
	if err != nil {
		status, why := http.StatusBadRequest, "The body cannot be read"
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			status, why = http.StatusRequestEntityTooLarge, "The body is longer than 1 MiB"
		}
		req.refuse(status, "", why)
		return
	}
	req.body = body
	if req.seen.Endpoint != "" {
		req.fault, req.seen.Fault = req.takeFault(req.seen.Endpoint)
	}
	if !sleep(req.r.Context(), req.fault.Delay) {
		return // the client has left
	}
	if req.fault.Status != 0 {
		req.refuse(req.fault.Status, req.fault.Code, req.fault.Message)
		return
	}
	carryOut(req)
}

// sleep waits and reports whether the context lasted so long.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// errLost is why a message did not arrive that a fault lost.
var errLost = errors.New("lost by a fault")

// refusal is a provider's code and sentence for what is wrong with a message. %s in the
// sentence stands for the number or sender that it is about. Without a sentence it is
// nothing that the provider minds.
type refusal struct{ code, message string }

// rules are what a provider asks of a message, in the order in which it is looked at.
type rules struct {
	status                                               int // of all refusals
	noTo, badTo, noFrom, badFrom, noText, longText, lost refusal
	isSender                                             func(from string) bool
	length                                               func(text string) int
	longest                                              int
}

// check returns what is wrong with a message, if anything is. It writes the receiver in
// E.164.
func (r *rules) check(m *Message) (refusal, bool) {
	to, isNumber := receiver(m.To)
	no, about := refusal{}, m.To
	switch {
	case m.To == "" && r.noTo.message != "":
		no = r.noTo
	case !isNumber:
		no = r.badTo
	case m.From == "" && r.noFrom.message != "":
		no = r.noFrom
	case m.From != "" && !r.isSender(m.From):
		no, about = r.badFrom, m.From
	case isBlank(m.Text):
		no = r.noText
	case r.length(m.Text) > r.longest:
		no = r.longText
	}
	no.message = strings.ReplaceAll(no.message, "%s", cutTo(about, maxName))
	m.From, m.To = plainText(m.From), to
	return no, no.message != ""
}

// take delivers a message that keeps the rules, and returns its id. It reports whether
// it did; otherwise it has refused the request.
func (req *request) take(r rules, m Message) (id string, ok bool) {
	no, refused := r.check(&m)
	if !refused {
		var err error
		if id, err = req.deliver(m); err == nil || req.fault.Lose {
			return id, true
		}
		no = r.lost
	}
	req.refuse(r.status, no.code, no.message)
	return "", false
}

// deliver hands a message to the sink, unless a fault loses it.
func (req *request) deliver(m Message) (id string, err error) {
	if req.fault.Lose {
		return "", errLost
	}
	return req.config.Sink.Deliver(m)
}

// maxName is how many bytes a sender's name has where the provider sets no limit, and
// how many of one are shown.
const maxName = 100

// isShort is for providers that take any sender.
func isShort(from string) bool { return len(from) <= maxName }

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

// plainText returns text as valid UTF-8.
func plainText(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }

// isBlank reports whether a text shows nothing.
func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// kept holds the latest of some things, in the order in which they came.
type kept[T any] struct {
	limit int
	all   []T
}

// add adds one and lets the oldest go when there are too many.
func (k *kept[T]) add(one T) {
	if len(k.all) >= k.limit {
		k.all = append(k.all[:0:0], k.all[len(k.all)-k.limit+1:]...)
	}
	k.all = append(k.all, one)
}

// last returns the newest that fits, and whether there is one.
func (k *kept[T]) last(fits func(T) bool) (found T, ok bool) {
	for i := len(k.all) - 1; i >= 0; i-- {
		if fits(k.all[i]) {
			return k.all[i], true
		}
	}
	return found, false
}
