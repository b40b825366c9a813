package tempnumbertest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// ControlHandler serves the service together with its control API, by which tests
// in any language do what the methods of a Server do, and with /healthz. Browsers
// of any origin are let in. The control API asks for no key, so serve it on the
// loopback interface only.
func (s *Server) ControlHandler() http.Handler {
	controlAPI := control.Handler(controlled{s})
	return allowBrowsers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if control.Handles(r.URL.Path) {
			controlAPI.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
}

// allowBrowsers lets pages of any origin send requests, as browsers ask for it by
// CORS, and answers their preflight requests.
func allowBrowsers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Reset")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
		h.Set("Access-Control-Allow-Headers", "x-api-key, content-type, accept, prx-lang")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}

// controlled is a Server as the control API drives it. What is not here is a method
// of Server.
type controlled struct{ *Server }

var _ control.Box = controlled{}

// control calls do with the core. The error becomes one of this package.
func (s *Server) control(do func(now time.Time) error) error {
	var err error
	s.locked(func(now time.Time) { err = do(now) })
	if err != nil {
		return fmt.Errorf("tempnumbertest: %w", err)
	}
	return nil
}

// look returns one activation for the control API.
func (c controlled) look(find func(now time.Time) (service.Activation, error)) (control.Activation, error) {
	var found service.Activation
	err := c.control(func(now time.Time) error {
		var err error
		found, err = find(now)
		return err
	})
	if err != nil {
		return control.Activation{}, err
	}
	return control.Activation(activationFrom(found)), nil
}

func (c controlled) DeliverSMSTo(number, text string) (id tempnumber.ActivationID, err error) {
	err = c.control(func(now time.Time) error {
		id, err = c.core.DeliverTo(now, number, text)
		return err
	})
	return id, err
}

func (c controlled) StopAutoDeliver() { c.AutoDeliverFunc(nil) }

func (c controlled) Activations() []control.Activation {
	all := []control.Activation{}
	for _, a := range c.Server.Activations() {
		all = append(all, control.Activation(a))
	}
	return all
}

func (c controlled) Activation(id tempnumber.ActivationID) (control.Activation, error) {
	return c.look(func(now time.Time) (service.Activation, error) { return c.core.Look(now, id) })
}

func (c controlled) LastActivation(number string) (control.Activation, error) {
	return c.look(func(now time.Time) (service.Activation, error) { return c.core.LastOf(now, number) })
}

func (c controlled) Balances() (available, inReview tempnumber.Amount) {
	c.locked(func(time.Time) { available, inReview = c.core.Balance() })
	return available, inReview
}

func (c controlled) Fail(f control.Fault) {
	fault := Fault{
		Times: f.Times, Skip: f.Skip, Delay: time.Duration(f.Delay), AfterCommit: f.AfterCommit,
		LateCommit: time.Duration(f.LateCommit), Status: f.Status, Name: f.Name, Message: f.Message, NewPrice: f.NewPrice,
		HTML: f.HTML, NoBody: f.NoBody, Body: f.Body, AnswerDelay: time.Duration(f.AnswerDelay), SlowBody: time.Duration(f.SlowBody),
		CutBody: f.CutBody, Drop: f.Drop, Reset: f.Reset, Hang: f.Hang,
	}
	if len(f.Header) > 0 {
		fault.Header = http.Header{}
	}
	for name, value := range f.Header {
		fault.Header.Set(name, value)
	}
	c.Server.Fail(f.Endpoint, fault)
}

func (c controlled) Requests() []control.Request {
	seen := c.Server.Requests()
	all := make([]control.Request, len(seen))
	for i, r := range seen {
		all[i] = control.Request(r)
	}
	return all
}
