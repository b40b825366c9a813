package tempnumbertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// maxControlBody is how much of a request to the control API is read.
const maxControlBody = 1 << 20

// controlOperations are the operations of the control API. The package's doc
// describes them to users.
func (s *Server) controlOperations() []controlOperation {
	operations := []controlOperation{
		{"POST /control/sms", "an SMS arrives at a number", s.controlSMS},
		{"PUT /control/auto-sms", "an SMS arrives by itself at every number", s.controlAutoSMS},
		{"DELETE /control/auto-sms", "no SMS arrives by itself any more", s.controlNoAutoSMS},
		{"GET /control/activations", "all activations, the oldest first", s.controlActivations},
		{"GET /control/activations/{id}", "one activation", s.controlActivation},
		{"POST /control/activations/{id}/{end}", "an activation ends: expire, refund, fail or forget", s.controlEnd},
		{"GET /control/codes/{number}", "the newest SMS of a number and its code", s.controlCode},
		{"GET /control/balance", "the balance", s.controlBalance},
		{"PUT /control/balance", "sets the balance", s.controlSetBalance},
		{"PUT /control/account", "puts the account on hold, or takes it off", s.controlAccount},
		{"PUT /control/prices", "sets a price, or whether there are numbers", s.controlPrice},
		{"POST /control/faults", "requests go wrong or take long", s.controlFault},
		{"DELETE /control/faults", "nothing goes wrong any more", s.controlNoFaults},
		{"GET /control/requests", "the newest requests, the oldest of them first", s.controlRequests},
		{"POST /control/reset", "everything as at the start", s.controlReset},
		{"GET /healthz", "tells that the server runs", func(*http.Request) (any, error) { return statusBody{"ok"}, nil }},
	}
	index := make(map[string]string, len(operations))
	for _, o := range operations {
		index[o.pattern] = o.does
	}
	return append(operations, controlOperation{"GET /control", "this list", func(*http.Request) (any, error) { return index, nil }})
}

// statusBody is the answer of operations that have nothing else to say.
type statusBody struct {
	Status string `json:"status"`
}

// controlSMS lets an SMS arrive.
func (s *Server) controlSMS(r *http.Request) (any, error) {
	var sms smsBody
	if err := readControl(r, &sms); err != nil {
		return nil, err
	}
	if (sms.ID == 0) == (sms.Number == "") {
		return nil, badRequest(`give either "id" or "number"`)
	}
	id := sms.ID
	err := s.control(func(now time.Time) error {
		var err error
		if sms.Number != "" {
			id, err = s.core.DeliverTo(now, sms.Number, sms.Text)
			return err
		}
		return s.core.Deliver(now, id, sms.Text)
	})
	if err != nil {
		return nil, err
	}
	return s.find(id)
}

// controlAutoSMS lets SMS arrive by themselves.
func (s *Server) controlAutoSMS(r *http.Request) (any, error) {
	var sms autoSMSBody
	if err := readControl(r, &sms); err != nil {
		return nil, err
	}
	s.AutoDeliver(time.Duration(sms.Delay), sms.Text)
	return sms, nil
}

func (s *Server) controlNoAutoSMS(*http.Request) (any, error) {
	s.AutoDeliverFunc(nil)
	return statusBody{"ok"}, nil
}

func (s *Server) controlActivations(*http.Request) (any, error) {
	all := s.Activations()
	bodies := make([]activationBody, 0, len(all))
	for _, a := range all {
		bodies = append(bodies, activationBody(a))
	}
	return bodies, nil
}

func (s *Server) controlActivation(r *http.Request) (any, error) {
	id, err := tempnumber.ParseActivationID(r.PathValue("id"))
	if err != nil {
		return nil, badRequest("the id in the path is a whole number from 1 on")
	}
	return s.find(id)
}

// find gives one activation for the control API.
func (s *Server) find(id tempnumber.ActivationID) (activationBody, error) {
	var found activationBody
	err := s.control(func(now time.Time) error {
		a, err := s.core.Look(now, id)
		if err == nil {
			found = activationBody(activationFrom(a))
		}
		return err
	})
	return found, err
}

// controlEnd ends an activation.
func (s *Server) controlEnd(r *http.Request) (any, error) {
	id, err := tempnumber.ParseActivationID(r.PathValue("id"))
	if err != nil {
		return nil, badRequest("the id in the path is a whole number from 1 on")
	}
	switch end := r.PathValue("end"); end {
	case "expire":
		err = s.Expire(id)
	case "refund":
		err = s.Refund(id)
	case "forget":
		err = s.Forget(id)
	case "fail":
		var why failBody
		if err := readControl(r, &why); err != nil {
			return nil, err
		}
		err = s.FailActivation(id, why.Reason)
	default:
		return nil, controlProblem(http.StatusNotFound, "an activation ends by expire, refund, fail or forget, not by %q", end)
	}
	if err != nil {
		return nil, err
	}
	return s.find(id)
}

// controlCode gives the newest SMS of a number.
func (s *Server) controlCode(r *http.Request) (any, error) {
	var found activationBody
	err := s.control(func(now time.Time) error {
		a, err := s.core.LastOf(now, r.PathValue("number"))
		if err == nil {
			found = activationBody(activationFrom(a))
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case found.Message == "":
		return nil, controlProblem(http.StatusNotFound, "no SMS has come to %s yet; activation %d is %s", found.Phone, found.ID, found.Status)
	}
	return codeBody{found.ID, found.Phone, found.Code, found.Message}, nil
}

func (s *Server) controlBalance(*http.Request) (any, error) {
	var b balanceBody
	s.locked(func(time.Time) { b.Balance, b.ReviewBalance = s.core.Balance() })
	return b, nil
}

func (s *Server) controlSetBalance(r *http.Request) (any, error) {
	var b struct {
		Balance       *tempnumber.Amount `json:"balance"`
		ReviewBalance *tempnumber.Amount `json:"review_balance"`
	}
	if err := readControl(r, &b); err != nil {
		return nil, err
	}
	if b.Balance == nil && b.ReviewBalance == nil {
		return nil, badRequest(`give "balance" or "review_balance", in dollars`)
	}
	if b.Balance != nil {
		s.SetBalance(*b.Balance)
	}
	if b.ReviewBalance != nil {
		s.SetReviewBalance(*b.ReviewBalance)
	}
	return s.controlBalance(r)
}

func (s *Server) controlAccount(r *http.Request) (any, error) {
	var account accountBody
	if err := readControl(r, &account); err != nil {
		return nil, err
	}
	if account.OnHold == nil {
		return nil, badRequest(`give "on_hold", true or false`)
	}
	s.HoldAccount(*account.OnHold)
	return account, nil
}

func (s *Server) controlPrice(r *http.Request) (any, error) {
	var p priceBody
	if err := readControl(r, &p); err != nil {
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
		if err := s.SetPrice(p.Service, p.Country, *p.Price); err != nil {
			return nil, err
		}
	}
	if p.Available != nil {
		if err := s.SetAvailable(p.Service, p.Country, *p.Available); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (s *Server) controlFault(r *http.Request) (any, error) {
	var f faultBody
	if err := readControl(r, &f); err != nil {
		return nil, err
	}
	endpoint, fault, err := f.fault()
	if err != nil {
		return nil, err
	}
	s.Fail(endpoint, fault)
	return f, nil
}

func (s *Server) controlNoFaults(*http.Request) (any, error) {
	s.ClearFaults()
	return statusBody{"ok"}, nil
}

func (s *Server) controlRequests(r *http.Request) (any, error) {
	endpoint := tempnumber.Endpoint(r.URL.Query().Get("endpoint"))
	if err := checkEndpoint(endpoint); err != nil {
		return nil, err
	}
	bodies := []requestBody{}
	for _, request := range s.Requests() {
		if endpoint == AnyEndpoint || request.Endpoint == endpoint {
			bodies = append(bodies, requestBody(request))
		}
	}
	return bodies, nil
}

func (s *Server) controlReset(*http.Request) (any, error) {
	s.Reset()
	return statusBody{"ok"}, nil
}

// readControl reads the body of a request, which is one JSON object and nothing
// else. No body is an empty object. Its Content-Type does not matter.
func readControl(r *http.Request, into any) error {
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
		return controlProblem(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
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
