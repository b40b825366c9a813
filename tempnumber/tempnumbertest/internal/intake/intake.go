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
	// Keep is how many messages can be asked for their status, and how many
	// verifications can be open; 0 means 1,000. The oldest go first.
	Keep int
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

// maxFaults is how many faults an endpoint can have at once.
const maxFaults = 1000

// maxBody is how much of a request is read, in bytes.
const maxBody = 1 << 20

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
	if len(h.faults[endpoint]) >= maxFaults {
		return fmt.Errorf("%s has %d faults already", endpoint, maxFaults)
	}
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

// takeFault returns the fault that a request meets, and counts it.
func (h *Handler) takeFault(endpoint Endpoint) Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.faults[endpoint]
	if len(all) == 0 {
		return Fault{}
	}
	fault := all[0]
	switch fault.Times {
	case 0:
	case 1:
		h.faults[endpoint] = all[1:]
	default:
		all[0].Times--
	}
	return fault
}

// request is one request to an API.
type request struct {
	*Handler
	w     http.ResponseWriter
	r     *http.Request
	body  []byte
	fault Fault
	form  func(w http.ResponseWriter, r *http.Request, status int, code, message string)
}

// refuse answers in the way of the provider that the message is not taken.
func (req *request) refuse(status int, code, message string) {
	req.form(req.w, req.r, status, code, message)
}

// route registers an operation. Its faults are those of endpoint, "" for none, and
// refuse writes its refusals.
func (h *Handler) route(endpoint Endpoint, pattern string,
	refuse func(w http.ResponseWriter, r *http.Request, status int, code, message string), serve func(*request),
) {
	h.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		req := &request{Handler: h, w: w, r: r, form: refuse}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status, why := http.StatusBadRequest, "The body cannot be read"
			if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
				status, why = http.StatusRequestEntityTooLarge, "The body is longer than 1 MiB"
			}
			req.refuse(status, "", why)
			return
		}
		req.body = body
		if endpoint != "" {
			req.fault = h.takeFault(endpoint)
		}
		if !sleep(r.Context(), req.fault.Delay) {
			return // the client has left
		}
		if req.fault.Status != 0 {
			req.refuse(req.fault.Status, req.fault.Code, req.fault.Message)
			return
		}
		serve(req)
	})
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

// deliver hands a message to the sink, unless a fault loses it.
func (req *request) deliver(from, to, text string) (id string, err error) {
	if req.fault.Lose {
		return "", errLost
	}
	return req.config.Sink.Deliver(Message{From: plainText(from), To: to, Text: text})
}

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
