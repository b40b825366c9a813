package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

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
	AutoDeliver(delay time.Duration, text string)
	StopAutoDeliver()

	Activations() []Activation
	Activation(id tempnumber.ActivationID) (Activation, error)
	// LastActivation returns the newest activation that had a number.
	LastActivation(number string) (Activation, error)
	Expire(id tempnumber.ActivationID) error
	Refund(id tempnumber.ActivationID) error
	Forget(id tempnumber.ActivationID) error
	FailActivation(id tempnumber.ActivationID, reason int64) error

	Balances() (available, inReview tempnumber.Amount)
	SetBalance(balance tempnumber.Amount)
	SetReviewBalance(balance tempnumber.Amount)
	HoldAccount(onHold bool)
	SetPrice(serviceID, countryID string, price tempnumber.Amount) error
	SetAvailable(serviceID, countryID string, available bool) error

	Fail(fault Fault)
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
}

// serve carries the operation out and answers with JSON.
func (o operation) serve(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	value, err := o.do(r)
	if err == nil {
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
		{"POST /control/sms", "an SMS arrives at a number", a.sms},
		{"PUT /control/auto-sms", "an SMS arrives by itself at every number", a.autoSMS},
		{"DELETE /control/auto-sms", "no SMS arrives by itself any more", a.noAutoSMS},
		{"GET /control/activations", "all activations, the oldest first", a.activations},
		{"GET /control/activations/{id}", "one activation", a.activation},
		{"POST /control/activations/{id}/{end}", "an activation ends: expire, refund, fail or forget", a.end},
		{"GET /control/codes/{number}", "the newest SMS of a number and its code", a.code},
		{"GET /control/balance", "the balance", a.balance},
		{"PUT /control/balance", "sets the balance", a.setBalance},
		{"PUT /control/account", "puts the account on hold, or takes it off", a.account},
		{"PUT /control/prices", "sets a price, or whether there are numbers", a.price},
		{"POST /control/faults", "requests go wrong or take long", a.fault},
		{"DELETE /control/faults", "nothing goes wrong any more", a.noFaults},
		{"GET /control/requests", "the newest requests, the oldest of them first", a.requests},
		{"POST /control/reset", "everything as at the start", a.reset},
		{"GET " + health, "reports that the server runs", ok},
	}
	index := make(map[string]string, len(all))
	for _, o := range all {
		index[o.pattern] = o.does
	}
	return append(all, operation{"GET " + prefix, "this list", func(*http.Request) (any, error) { return index, nil }})
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

func (a api) autoSMS(r *http.Request) (any, error) {
	var sms autoSMSBody
	if err := read(r, &sms); err != nil {
		return nil, err
	}
	a.box.AutoDeliver(time.Duration(sms.Delay), sms.Text)
	return sms, nil
}

func (a api) noAutoSMS(r *http.Request) (any, error) {
	a.box.StopAutoDeliver()
	return ok(r)
}

func (a api) activations(*http.Request) (any, error) { return a.box.Activations(), nil }

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

func (a api) code(r *http.Request) (any, error) {
	found, err := a.box.LastActivation(r.PathValue("number"))
	switch {
	case err != nil:
		return nil, err
	case found.Message == "":
		return nil, problem(http.StatusNotFound, "no SMS has come to %s yet; activation %d is %s", found.Phone, found.ID, found.Status)
	}
	return codeBody{found.ID, found.Phone, found.Code, found.Message}, nil
}

func (a api) balance(*http.Request) (any, error) {
	available, inReview := a.box.Balances()
	return balanceBody{&available, &inReview}, nil
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
	if account.OnHold == nil {
		return nil, badRequest(`give "on_hold", true or false`)
	}
	a.box.HoldAccount(*account.OnHold)
	return account, nil
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
	if err := f.check(); err != nil {
		return nil, err
	}
	a.box.Fail(f)
	return f, nil
}

func (a api) noFaults(r *http.Request) (any, error) {
	a.box.ClearFaults()
	return ok(r)
}

func (a api) requests(r *http.Request) (any, error) {
	endpoint := tempnumber.Endpoint(r.URL.Query().Get("endpoint"))
	if err := checkEndpoint(endpoint); err != nil {
		return nil, err
	}
	found := []Request{}
	for _, request := range a.box.Requests() {
		if endpoint == "" || request.Endpoint == endpoint {
			found = append(found, request)
		}
	}
	return found, nil
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
