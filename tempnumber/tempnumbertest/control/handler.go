package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

const (
	prefix   = "/control"
	health   = "/healthz"
	jsonType = "application/json"
	maxBody  = 1 << 20 // of a request
)

// Box is the service that the API drives. Its methods do what those of a
// tempnumbertest.Server do. An error that is tempnumber.ErrNotFound is answered as
// 404, any other as 409. More methods may be added.
type Box interface {
	DeliverSMS(id tempnumber.ActivationID, text string) error
	// DeliverSMSTo returns the activation whose number it was.
	DeliverSMSTo(number, text string) (tempnumber.ActivationID, error)
	// AcceptSMS takes in an SMS to any number.
	AcceptSMS(from, to, text string) (Message, error)
	// AwaitMessages returns those to a number, or to all with an empty one, whose id is
	// above since, as soon as there are some or the time is over.
	AwaitMessages(ctx context.Context, wait time.Duration, to string, since int64) []Message
	// AwaitCode returns the newest SMS to a number as soon as there is one whose id is
	// above after. With a negative after it is the newest that counts for who waits now.
	AwaitCode(ctx context.Context, wait time.Duration, number string, after int64) (Message, error)
	// Watch returns what happened after the event with an id, as soon as something has
	// or the time is over, and the id to go on from.
	Watch(ctx context.Context, wait time.Duration, after int64) ([]Event, int64)
	// AddAutoSMS replaces the rule for the same numbers, or adds one.
	AddAutoSMS(rule AutoSMS) error
	StopAutoDeliver()

	Activations() []Activation
	Activation(id tempnumber.ActivationID) (Activation, error)
	Expire(id tempnumber.ActivationID) error
	Refund(id tempnumber.ActivationID) error
	Forget(id tempnumber.ActivationID) error
	FailActivation(id tempnumber.ActivationID, reason int64) error
	SetStatus(id tempnumber.ActivationID, status tempnumber.Status) error
	SetRetryAvailable(id tempnumber.ActivationID, available bool) error

	Settings() Settings
	SetBalance(balance tempnumber.Amount)
	SetReviewBalance(balance tempnumber.Amount)
	HoldAccount(onHold bool)
	SetEmailVerified(verified bool)
	SetRules(rules Rules)
	SetDialect(names []string) error
	SetLatency(latency time.Duration)
	SetPrice(serviceID, countryID string, price tempnumber.Amount) error
	SetAvailable(serviceID, countryID string, available bool) error

	Fail(fault Fault) error
	ClearFaults()
	Requests() []Request
	Reset()
}

// Handles reports whether a path belongs to the control API.
func Handles(urlPath string) bool {
	return urlPath == prefix || strings.HasPrefix(urlPath, prefix+"/") || urlPath == health
}

// Handler returns the control API of a box: what Handles says belongs to it. It asks
// for no key, so serve it on the loopback interface only.
func Handler(box Box) http.Handler {
	mux := http.NewServeMux()
	for _, o := range (api{box}).operations() {
		mux.HandleFunc(o.pattern, o.serve)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem(http.StatusNotFound, "there is no %s %s; GET %s lists the operations", r.Method, r.URL.Path, prefix).answer(w)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; path.Clean(p) != p { // a ServeMux would redirect
			problem(http.StatusNotFound, "there is no path %s", p).answer(w)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// operation is one operation of the API.
type operation struct {
	pattern string // method and path
	does    string // in a few words, for GET /control
	do      func(*http.Request) (any, error)
	query   []string // the query parameters that it has
}

// serve carries the operation out and answers with JSON.
func (o operation) serve(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := o.checkQuery(r)
	var value any
	if err == nil {
		if o.query != nil { // it may wait; none of these has a body
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		value, err = o.do(r)
	}
	stream, streams := value.(func(http.ResponseWriter))
	switch {
	case err == nil && streams:
		stream(w)
		return
	case err == nil:
		answer(w, http.StatusOK, value)
		return
	}
	var refused *Error
	switch {
	case errors.As(err, &refused):
	case errors.Is(err, tempnumber.ErrNotFound):
		refused = problem(http.StatusNotFound, "%s", withoutPackage(err))
	default: // the box says that this cannot be done now
		refused = problem(http.StatusConflict, "%s", withoutPackage(err))
	}
	refused.answer(w)
}

// checkQuery refuses parameters that the operation does not have, since a mistyped
// one would do nothing and nobody would notice.
func (o operation) checkQuery(r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badRequest("the query of the URL cannot be read")
	}
	for name, values := range query {
		if !slices.Contains(o.query, name) {
			return badRequest(fmt.Sprintf("there is no query parameter %q here; there are [%s]", name, strings.Join(o.query, " ")))
		}
		if len(values) > 1 {
			return badRequest(fmt.Sprintf("the query parameter %q is given more than once", name))
		}
	}
	return nil
}

func withoutPackage(err error) string { return strings.TrimPrefix(err.Error(), "tempnumbertest: ") }

// answer sends the problem as JSON.
func (e *Error) answer(w http.ResponseWriter) {
	answer(w, e.StatusCode, struct {
		Error string `json:"error"`
	}{e.Message})
}

func answer(w http.ResponseWriter, status int, value any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic("control: " + err.Error()) // the types of this package can all be written
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client has left: nobody to tell
}

// api has the operations of the control API as methods.
type api struct{ box Box }

// operations returns the operations of the API. The package's doc describes them.
func (a api) operations() []operation {
	all := []operation{
		{"POST /control/sms", "an SMS arrives at a number that waits for one", a.sms, nil},
		{"POST /control/messages", "an SMS arrives at any number", a.accept, nil},
		{"GET /control/messages", "the newest SMS, the oldest of them first", a.messages, []string{"wait", "to", "since", "limit"}},
		{"GET /control/codes/{number}", "the newest SMS of a number and its code", a.code, []string{"wait", "after"}},
		{"GET /control/events", "all that happens, as server-sent events", a.events, []string{"after"}},
		{"PUT /control/auto-sms", "an SMS arrives by itself at numbers", a.autoSMS, nil},
		{"DELETE /control/auto-sms", "no SMS arrives by itself any more", a.noAutoSMS, nil},
		{"GET /control/activations", "all activations, the oldest first", a.activations, []string{"limit"}},
		{"GET /control/activations/{id}", "one activation", a.activation, nil},
		{"PUT /control/activations/{id}", "sets a status, or whether another SMS may be asked for", a.change, nil},
		{"POST /control/activations/{id}/{end}", "an activation ends: expire, refund, fail or forget", a.end, nil},
		{"GET /control/settings", "all settings, faults and the balance", a.settings, nil},
		{"GET /control/balance", "the balance", a.balance, nil},
		{"PUT /control/balance", "sets the balance", a.setBalance, nil},
		{"PUT /control/account", "puts the account on hold or off, verifies its e-mail address or not", a.account, nil},
		{"PUT /control/prices", "sets a price, or whether there are numbers", a.price, nil},
		{"PUT /control/rules", "sets the rules that refuse requests", a.rules, nil},
		{"PUT /control/dialect", "sets how answers are written", a.dialect, nil},
		{"PUT /control/latency", "makes the whole API slow", a.latency, nil},
		{"POST /control/faults", "requests go wrong or take long", a.fault, nil},
		{"DELETE /control/faults", "nothing goes wrong any more", a.noFaults, nil},
		{"GET /control/requests", "the newest requests, the oldest of them first", a.requests, []string{"endpoint", "limit"}},
		{"POST /control/reset", "everything as at the start", a.reset, nil},
		{"GET " + documentPath, "the document of this API, OpenAPI 3.0.3", document, nil},
		{"GET " + health, "reports that the server runs", ok, nil},
	}
	index := make(map[string]string, len(all)+1)
	all = append(all, operation{"GET " + prefix, "this list", func(*http.Request) (any, error) { return index, nil }, nil})
	for _, o := range all {
		index[o.pattern] = o.does
	}
	return all
}

// ok is the answer of operations that have nothing else to say.
func ok(*http.Request) (any, error) {
	return struct {
		Status string `json:"status"`
	}{"ok"}, nil
}

func (a api) sms(r *http.Request) (any, error) {
	var sms smsBody
	if err := read(r, &sms); err != nil {
		return nil, err
	}
	if (sms.ID == 0) == (sms.Number == "") {
		return nil, badRequest(`give either "id" or "number"`)
	}
	if err := checkText(sms.Text); err != nil {
		return nil, err
	}
	id := sms.ID
	var err error
	if sms.Number != "" {
		id, err = a.box.DeliverSMSTo(sms.Number, sms.Text)
	} else {
		err = a.box.DeliverSMS(id, sms.Text)
	}
	if err != nil {
		return nil, err
	}
	return a.box.Activation(id)
}

// maxText is how many characters an SMS has at most.
const maxText = 10_000

// checkText refuses a text that is no SMS.
func checkText(text string) error {
	switch {
	case text == "":
		return badRequest(`"text" is not empty`)
	case utf8.RuneCountInString(text) > maxText:
		return badRequest(fmt.Sprintf(`"text" has %d characters at most`, maxText))
	}
	return nil
}

// checkNames refuses numbers and names that are longer than any is. It takes each with
// the name of its field.
func checkNames(fields ...[2]string) error {
	const longest = 100
	for _, field := range fields {
		if utf8.RuneCountInString(field[1]) > longest {
			return badRequest(fmt.Sprintf("%q has %d characters at most", field[0], longest))
		}
	}
	return nil
}

func (a api) autoSMS(r *http.Request) (any, error) {
	var sms AutoSMS
	if err := read(r, &sms); err != nil {
		return nil, err
	}
	if err := checkText(sms.Text); err != nil {
		return nil, err
	}
	if err := checkNames([2]string{"service", sms.ServiceID}, [2]string{"country", sms.CountryID}, [2]string{"number", sms.Number}); err != nil {
		return nil, err
	}
	return sms, a.box.AddAutoSMS(sms)
}

func (a api) noAutoSMS(r *http.Request) (any, error) {
	a.box.StopAutoDeliver()
	return ok(r)
}

func (a api) activations(r *http.Request) (any, error) { return newest(r, a.box.Activations()) }

// newest returns the last elements of a list, as many as the query parameter limit says.
func newest[T any](r *http.Request, all []T) ([]T, error) {
	if text := r.URL.Query().Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			return nil, badRequest(`"limit" is a whole number from 1 on`)
		}
		all = all[max(0, len(all)-limit):]
	}
	return all, nil
}

func (a api) activation(r *http.Request) (any, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return a.box.Activation(id)
}

// pathID returns the activation that the path names.
func pathID(r *http.Request) (tempnumber.ActivationID, error) {
	id, err := tempnumber.ParseActivationID(r.PathValue("id"))
	if err != nil {
		return 0, badRequest("the id in the path is a whole number from 1 on")
	}
	return id, nil
}

func (a api) end(r *http.Request) (any, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	switch end := r.PathValue("end"); end {
	case "expire":
		err = a.box.Expire(id)
	case "refund":
		err = a.box.Refund(id)
	case "forget":
		err = a.box.Forget(id)
	case "fail":
		var why failBody
		if err := read(r, &why); err != nil {
			return nil, err
		}
		err = a.box.FailActivation(id, why.Reason)
	default:
		return nil, problem(http.StatusNotFound, "an activation ends by expire, refund, fail or forget, not by %q", end)
	}
	if err != nil {
		return nil, err
	}
	return a.box.Activation(id)
}

func (a api) change(r *http.Request) (any, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	var change changeBody
	if err := read(r, &change); err != nil {
		return nil, err
	}
	if (change.Status == nil || *change.Status == "") && change.RetryAvailable == nil {
		return nil, badRequest(`give "status" or "retry_available"`)
	}
	if change.Status != nil {
		err = a.box.SetStatus(id, *change.Status)
	}
	if err == nil && change.RetryAvailable != nil {
		err = a.box.SetRetryAvailable(id, *change.RetryAvailable)
	}
	if err != nil {
		return nil, err
	}
	return a.box.Activation(id)
}

func (a api) settings(*http.Request) (any, error) { return a.box.Settings(), nil }

func (a api) balance(*http.Request) (any, error) {
	settings := a.box.Settings()
	return balanceBody{&settings.Balance, &settings.ReviewBalance}, nil
}

func (a api) setBalance(r *http.Request) (any, error) {
	var b balanceBody
	if err := read(r, &b); err != nil {
		return nil, err
	}
	if b.Balance == nil && b.ReviewBalance == nil {
		return nil, badRequest(`give "balance" or "review_balance", in dollars`)
	}
	if b.Balance != nil {
		a.box.SetBalance(*b.Balance)
	}
	if b.ReviewBalance != nil {
		a.box.SetReviewBalance(*b.ReviewBalance)
	}
	return a.balance(r)
}

func (a api) account(r *http.Request) (any, error) {
	var account accountBody
	if err := read(r, &account); err != nil {
		return nil, err
	}
	if account.OnHold == nil && account.EmailVerified == nil {
		return nil, badRequest(`give "on_hold" or "email_verified", true or false`)
	}
	if account.OnHold != nil {
		a.box.HoldAccount(*account.OnHold)
	}
	if account.EmailVerified != nil {
		a.box.SetEmailVerified(*account.EmailVerified)
	}
	return account, nil
}

func (a api) rules(r *http.Request) (any, error) {
	var change rulesBody
	if err := read(r, &change); err != nil {
		return nil, err
	}
	rules := a.box.Settings().Rules
	switch {
	case change.RateLimits == nil && change.PendingCap == nil && change.DeliveryPercent == nil:
		return nil, badRequest(`give "rate_limits" true or false, "pending_cap" or "delivery_percent"; 0 is none`)
	case change.PendingCap != nil && *change.PendingCap < 0:
		return nil, badRequest(`"pending_cap" is not below zero; 0 is none`)
	case change.DeliveryPercent != nil && (*change.DeliveryPercent < 0 || *change.DeliveryPercent > 100):
		return nil, badRequest(`"delivery_percent" is from 0 to 100; 0 is none`)
	}
	if change.RateLimits != nil {
		rules.RateLimits = *change.RateLimits
	}
	if change.PendingCap != nil {
		rules.PendingCap = *change.PendingCap
	}
	if change.DeliveryPercent != nil {
		rules.DeliveryPercent = *change.DeliveryPercent
	}
	a.box.SetRules(rules)
	return rules, nil
}

func (a api) dialect(r *http.Request) (any, error) {
	var body dialectBody
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Dialect == nil {
		return nil, badRequest(`give "dialect", a list of names; an empty one is as documented`)
	}
	if err := a.box.SetDialect(body.Dialect); err != nil {
		return nil, badRequest(withoutPackage(err))
	}
	return dialectBody{a.box.Settings().Dialect}, nil
}

func (a api) latency(r *http.Request) (any, error) {
	var body latencyBody
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Latency == nil || *body.Latency > Duration(time.Minute) {
		return nil, badRequest(`give "latency", a time from 0s to 1m`)
	}
	a.box.SetLatency(time.Duration(*body.Latency))
	return body, nil
}

func (a api) price(r *http.Request) (any, error) {
	var p priceBody
	if err := read(r, &p); err != nil {
		return nil, err
	}
	switch {
	case p.Service == "" || p.Country == "":
		return nil, badRequest(`give "service" and "country"`)
	case p.Price == nil && p.Available == nil:
		return nil, badRequest(`give "price" in dollars, or "available"`)
	case p.Price != nil && *p.Price <= 0:
		return nil, badRequest(`"price" is above zero`)
	}
	if p.Price != nil {
		if err := a.box.SetPrice(p.Service, p.Country, *p.Price); err != nil {
			return nil, err
		}
	}
	if p.Available != nil {
		if err := a.box.SetAvailable(p.Service, p.Country, *p.Available); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (a api) fault(r *http.Request) (any, error) {
	var f Fault
	if err := read(r, &f); err != nil {
		return nil, err
	}
	if err := f.check(a.box.Settings().Intake); err != nil {
		return nil, err
	}
	if err := a.box.Fail(f); err != nil {
		return nil, err
	}
	return f, nil
}

func (a api) noFaults(r *http.Request) (any, error) {
	a.box.ClearFaults()
	return ok(r)
}

func (a api) requests(r *http.Request) (any, error) {
	endpoint := tempnumber.Endpoint(r.URL.Query().Get("endpoint"))
	if err := checkEndpoint(endpoint); err != nil && !slices.Contains(a.box.Settings().Intake, string(endpoint)) {
		return nil, err
	}
	found := []Request{}
	for _, request := range a.box.Requests() {
		if endpoint == "" || request.Endpoint == endpoint {
			found = append(found, request)
		}
	}
	return newest(r, found)
}

func (a api) reset(r *http.Request) (any, error) {
	a.box.Reset()
	return ok(r)
}

// read reads the body of a request, which is one JSON object and nothing else. No
// body is an empty object. Its Content-Type does not matter.
func read(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	var tooLarge *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &tooLarge):
		return problem(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	case errors.As(err, &kind) && kind.Field != "":
		return badRequest(fmt.Sprintf("%q must not be a %s", kind.Field, kind.Value))
	case err != nil:
		return badRequest("the body: " + strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("the body is one JSON object and nothing else")
	}
	return nil
}
