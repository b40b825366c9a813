package tempnumbertest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/intake"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// What another process can set at most.
const (
	maxFaults     = 1000
	maxFaultBytes = 16 << 20 // of all texts in faults
	maxAutoSMS    = 1000
)

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

func (c controlled) DeliverSMSTo(number, text string) (tempnumber.ActivationID, error) {
	return c.deliverTo(number, text)
}

func (c controlled) AcceptSMS(from, to, text string) (control.Message, error) {
	m, err := c.Server.AcceptSMS(from, to, text)
	return control.Message(m), err
}

// convert converts the elements of a list. The result is never nil.
func convert[From, To any](from []From, element func(From) To) []To {
	to := make([]To, len(from))
	for i, f := range from {
		to[i] = element(f)
	}
	return to
}

func (c controlled) AwaitMessages(ctx context.Context, wait time.Duration, to string, since int64) []control.Message {
	found, topic := []control.Message{}, "message" // of any number: not woken by every request
	if to != "" {
		to = phoneOf(to)
		topic = to
	}
	c.wait(ctx, wait, topic, func(time.Time) bool {
		for _, m := range c.inbox.after(since) {
			if to == "" || m.To == to {
				found = append(found, control.Message(m))
			}
		}
		return len(found) > 0
	})
	return found
}

func (c controlled) AwaitCode(ctx context.Context, wait time.Duration, number string, after int64) (control.Message, error) {
	var (
		m   *Message
		err error
	)
	to := phoneOf(number)
	c.wait(ctx, wait, to, func(now time.Time) bool {
		m, err = c.newestFor(now, number, after)
		return m != nil
	})
	switch {
	case m != nil:
		return control.Message(*m), nil
	case wait > 0:
		return control.Message{}, &control.Error{StatusCode: http.StatusNotFound, Message: fmt.Sprintf("no newer SMS came to %s within %v; %v", to, wait, err)}
	}
	return control.Message{}, &control.Error{StatusCode: http.StatusNotFound, Message: err.Error()}
}

// newestFor returns a copy of the newest SMS to a number, or why there is none.
func (s *Server) newestFor(now time.Time, number string, after int64) (*Message, error) {
	a, err := s.core.LastOf(now, number)
	waits := err == nil && now.Before(a.ExpiresAt) &&
		(a.Status == tempnumber.StatusNumberReceived || a.Status == tempnumber.StatusSMSRequested || a.Status == tempnumber.StatusRetryRequested)
	if err == nil {
		err = fmt.Errorf("no SMS has come to %s yet; activation %d is %s", phoneOf(number), a.ID, a.Status)
	}
	if after < 0 && waits { // what came before is not what is waited for
		return nil, err
	}
	if newest := s.inbox.newestTo(phoneOf(number), max(after, 0)); newest != nil {
		found := *newest
		return &found, nil
	}
	return nil, err
}

func (c controlled) Watch(ctx context.Context, wait time.Duration, after int64) ([]control.Event, int64) {
	var events []control.Event
	if after < 0 {
		c.locked(func(time.Time) { after = c.feed.next })
	}
	c.wait(ctx, wait, anything, func(now time.Time) bool {
		events = c.eventsAfter(now, after)
		after = c.feed.next
		return len(events) > 0
	})
	return events, after
}

// maxEventRequests is how many requests are shown at once to those who watch.
const maxEventRequests = 50

// eventsAfter returns what happened after the event with an id, each thing once.
func (c controlled) eventsAfter(now time.Time, after int64) []control.Event {
	next := c.feed.next
	if after > next || next-after > int64(len(c.feed.recent)) {
		return []control.Event{{ID: next, Kind: "reset"}}
	}
	var events []control.Event
	seen := map[happening]bool{}
	requests := 0
	for id := next; id > after; id-- { // the newest first, since only the newest of a thing counts
		h := c.feed.recent[(id-1)%int64(len(c.feed.recent))]
		if seen[h] {
			continue
		}
		seen[h] = true
		var data any
		switch h.kind {
		case "reset":
			return []control.Event{{ID: next, Kind: "reset"}}
		case "activation":
			a, err := c.core.Look(now, tempnumber.ActivationID(h.id))
			if err != nil {
				continue
			}
			data = control.Activation(activationFrom(a))
		case "message":
			m := c.inbox.at(h.id)
			if m == nil {
				continue
			}
			data = control.Message(*m)
		case "request":
			r := c.log.at(h.id)
			if requests++; r == nil || requests > maxEventRequests {
				continue
			}
			data = control.Request(*r)
		case "settings":
			data = c.settings()
		}
		events = append(events, control.Event{ID: id, Kind: h.kind, Data: data})
	}
	slices.Reverse(events)
	return events
}

func (c controlled) AddAutoSMS(rule control.AutoSMS) (err error) {
	rule.Number = phoneOf(rule.Number)
	c.set(func() {
		same := func(r control.AutoSMS) bool {
			return r.ServiceID == rule.ServiceID && r.CountryID == rule.CountryID && r.Number == rule.Number
		}
		rules := append(slices.DeleteFunc(slices.Clone(c.auto), same), rule)
		if len(rules) > maxAutoSMS {
			err = fmt.Errorf("there are %d rules already; DELETE /control/auto-sms ends them", maxAutoSMS)
			return
		}
		slices.SortStableFunc(rules, func(a, b control.AutoSMS) int { return narrowness(b) - narrowness(a) })
		c.setAuto(rules)
	})
	return err
}

// setAuto lets SMS arrive by themselves; the first rule that fits counts. The caller
// holds the lock.
func (s *Server) setAuto(rules []control.AutoSMS) {
	s.auto = rules
	s.core.SetAutoSMS(func(waiting service.Activation) (time.Duration, string, bool) {
		a := activationFrom(waiting)
		for _, r := range rules {
			if (r.ServiceID == "" || r.ServiceID == a.ServiceID) && (r.CountryID == "" || r.CountryID == a.CountryID) && (r.Number == "" || r.Number == a.Phone) {
				return time.Duration(r.Delay), r.Text, true
			}
		}
		return 0, "", false
	})
}

// narrowness returns how many of service, country and number a rule names.
func narrowness(rule control.AutoSMS) int {
	n := 0
	for _, named := range [...]string{rule.ServiceID, rule.CountryID, rule.Number} {
		if named != "" {
			n++
		}
	}
	return n
}

func (c controlled) StopAutoDeliver() { c.AutoDeliverFunc(nil) }

func (c controlled) Activations() []control.Activation {
	return convert(c.Server.Activations(), func(a Activation) control.Activation { return control.Activation(a) })
}

func (c controlled) Activation(id tempnumber.ActivationID) (control.Activation, error) {
	var found service.Activation
	err := c.control(func(now time.Time) (err error) {
		found, err = c.core.Look(now, id)
		return err
	})
	if err != nil {
		return control.Activation{}, err
	}
	return control.Activation(activationFrom(found)), nil
}

func (c controlled) Settings() control.Settings {
	var settings control.Settings
	c.locked(func(time.Time) { settings = c.settings() })
	return settings
}

// settings returns the settings. The caller holds the lock.
func (c controlled) settings() control.Settings {
	settings := control.Settings{
		Dialect: c.dialect.Names(), AllDialects: DialectNames(), Latency: control.Duration(c.latency),
		OnHold: c.core.OnHold() != nil, EmailVerified: c.core.EmailVerified(),
		AutoSMS: append([]control.AutoSMS{}, c.auto...), Faults: []control.Fault{}, BusiestInWindow: map[string]int{},
	}
	settings.Balance, settings.ReviewBalance = c.core.Balance()
	settings.Rules.PendingCap, settings.Rules.DeliveryPercent = c.core.Rules()
	for endpoint, a := range c.limits.endpoints {
		settings.Rules.RateLimits = settings.Rules.RateLimits || a.limited
		settings.BusiestInWindow[string(endpoint)] = a.most
	}
	for _, endpoint := range intake.Endpoints() {
		settings.Intake = append(settings.Intake, string(endpoint))
		for _, f := range c.intake.Faults(endpoint) {
			settings.Faults = append(settings.Faults, control.Fault{
				Endpoint: tempnumber.Endpoint(endpoint), Times: f.Times, Delay: control.Duration(f.Delay), Status: f.Status, Name: f.Code, Message: f.Message, Lose: f.Lose,
			})
		}
	}
	for _, p := range c.faults {
		settings.Faults = append(settings.Faults, faultOnWire(p.endpoint, p.Fault))
	}
	return settings
}

func (c controlled) SetRules(rules control.Rules) {
	now := c.Settings().Rules
	if rules.RateLimits != now.RateLimits {
		limits := c.config.limits
		if !rules.RateLimits {
			limits = nil
		} else if len(limits) == 0 {
			limits = tempnumber.DefaultLimits()
		}
		c.SetLimits(limits)
	}
	c.SetPendingCap(rules.PendingCap)
	if rules.DeliveryPercent != now.DeliveryPercent {
		rule := DeliveryRule(c.config.core.Delivery)
		if rule.Percent == 0 {
			rule = DeliveryRule(defaultConfig().core.Delivery)
		}
		rule.Percent = rules.DeliveryPercent
		c.SetDeliveryRule(rule)
	}
}

func (c controlled) SetDialect(names []string) error {
	dialect, err := ParseDialect(names...)
	if err == nil {
		c.Server.SetDialect(dialect)
	}
	return err
}

func (c controlled) ClearFaults() {
	c.intake.ClearFaults()
	c.Server.ClearFaults()
}

func (c controlled) Fail(f control.Fault) error {
	all, bytes := c.Settings().Faults, 0
	for _, set := range append(all, f) {
		bytes += len(set.Path) + len(set.Name) + len(set.Message) + len(set.Body)
		for name, value := range set.Header {
			bytes += len(name) + len(value)
		}
	}
	if len(all) >= maxFaults || bytes > maxFaultBytes {
		return fmt.Errorf("there can be %d faults with %d bytes of text; DELETE /control/faults ends those that there are", maxFaults, maxFaultBytes)
	}
	if slices.Contains(intake.Endpoints(), intake.Endpoint(f.Endpoint)) {
		err := c.intake.Fail(intake.Endpoint(f.Endpoint), intake.Fault{
			Times: f.Times, Delay: time.Duration(f.Delay), Status: f.Status, Code: f.Name, Message: f.Message, Lose: f.Lose,
		})
		c.set(func() {})
		return err
	}
	fault := Fault{
		Times: f.Times, Skip: f.Skip, Delay: time.Duration(f.Delay), AfterCommit: f.AfterCommit,
		LateCommit: time.Duration(f.LateCommit), Status: f.Status, Name: f.Name, Message: f.Message, NewPrice: f.NewPrice,
		HTML: f.HTML, NoBody: f.NoBody, Body: f.Body, AnswerDelay: time.Duration(f.AnswerDelay), SlowBody: time.Duration(f.SlowBody),
		CutBody: f.CutBody, Drop: f.Drop, Reset: f.Reset, Hang: f.Hang, path: f.Path,
	}
	if len(f.Header) > 0 {
		fault.Header = http.Header{}
	}
	for name, value := range f.Header {
		fault.Header.Set(name, value)
	}
	c.Server.Fail(f.Endpoint, fault)
	return nil
}

// faultOnWire shows a fault to another process.
func faultOnWire(endpoint tempnumber.Endpoint, f Fault) control.Fault {
	shown := control.Fault{
		Endpoint: endpoint, Path: f.path, Times: f.Times, Skip: f.Skip, Delay: control.Duration(f.Delay), AfterCommit: f.AfterCommit,
		LateCommit: control.Duration(f.LateCommit), Status: f.Status, Name: f.Name, Message: f.Message, NewPrice: f.NewPrice,
		HTML: f.HTML, NoBody: f.NoBody, Body: f.Body, AnswerDelay: control.Duration(f.AnswerDelay), SlowBody: control.Duration(f.SlowBody),
		CutBody: f.CutBody, Drop: f.Drop, Reset: f.Reset || f.Refuse, Hang: f.Hang,
	}
	for name := range f.Header {
		if shown.Header == nil {
			shown.Header = map[string]string{}
		}
		shown.Header[name] = f.Header.Get(name)
	}
	return shown
}

func (c controlled) Requests() []control.Request {
	return convert(c.Server.Requests(), func(r Request) control.Request { return control.Request(r) })
}
