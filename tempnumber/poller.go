package tempnumber

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
)

// poller looks at activations on behalf of all waits of a client: it is one
// goroutine, which begins with the first wait and ends with the last, and the
// looks that it has in flight. The policy decides what to look at next, and when;
// the poller sends the looks and hands out what they show.
type poller struct {
	service looker
	limiter Limiter // whose budget the looks share

	mu      sync.Mutex
	policy  *poll.Policy             // nil until the first wait
	waits   map[ActivationID][]*wait // several may wait for one activation
	running bool
	woken   signal // given when the policy must be asked anew
}

// looker is what the poller needs of a caller.
type looker interface {
	activation(ctx context.Context, id ActivationID, p priority) (*Activation, error)
	page(ctx context.Context, params ListParams, p priority) (*ActivationPage, error)
	notify(e Event)
}

func newPoller(service looker, limiter Limiter) *poller {
	return &poller{
		service: service,
		limiter: limiter,
		waits:   make(map[ActivationID][]*wait),
		woken:   make(signal, 1),
	}
}

// budget returns what the poller may spend of an endpoint's limit: a tenth is left
// to the program's own calls, as the limiter leaves it too.
func budget(limiter Limiter, e Endpoint) poll.Budget {
	limit := limitOf(limiter, e)
	return poll.Budget{Requests: limit.Requests, Window: limit.Window, Reserve: limit.Requests / 10}
}

// join begins a wait. seen is when its activation was last seen, zero when that is not known.
func (p *poller) join(w *wait, seen time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.policy == nil {
		p.policy = poll.New(budget(p.limiter, EndpointGetActivation), budget(p.limiter, EndpointListActivations))
	}
	p.policy.Add(int64(w.id), time.Now(), seen, w.deadline)
	p.waits[w.id] = append(p.waits[w.id], w)
	if !p.running {
		p.running = true
		go p.run()
	}
	p.woken.give()
}

// leave ends a wait, however it came to its end.
func (p *poller) leave(w *wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	others := slices.DeleteFunc(p.waits[w.id], func(other *wait) bool { return other == w })
	if p.waits[w.id] = others; len(others) == 0 {
		delete(p.waits, w.id)
		p.policy.Remove(int64(w.id))
	}
	p.woken.give()
}

// snapshot returns what is known of a wait, and takes its updates out.
func (p *poller) snapshot(w *wait) *wait {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := *w
	w.updates = nil
	return &seen
}

// run sends looks until nobody waits any more.
func (p *poller) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, goOn := p.step(ctx)
		if !goOn {
			return
		}
		timer.Stop()
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
		select {
		case <-p.woken:
		case <-timer.C:
		}
	}
}

// step sends what is due and returns when the next step is: zero when there is
// nothing to look at, because waits that have ended have yet to leave. It is false
// when the last one has.
func (p *poller) step(ctx context.Context) (next time.Time, goOn bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waits) == 0 {
		p.running = false
		return time.Time{}, false
	}
	now := time.Now()
	for _, id := range p.policy.Expired(now) {
		for _, w := range p.waits[ActivationID(id)] {
			w.expire()
		}
	}
	for {
		look, again := p.policy.Peek(now)
		if look == (poll.Look{}) {
			return again, true
		}
		p.policy.Commit(look)
		go p.look(ctx, look)
	}
}

// look sends one look and hands out what it shows.
func (p *poller) look(ctx context.Context, look poll.Look) {
	granted := false
	grant := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !granted {
			granted = true
			p.policy.Granted(look, time.Now())
			p.woken.give()
		}
	}
	background := priority{background: true, granted: grant}
	event := Event{Kind: EventPoll, Endpoint: EndpointGetActivation, ActivationID: ActivationID(look.ID)}
	start := time.Now()
	if look.IsList() {
		event.Endpoint = EndpointListActivations
		p.lookAtPage(ctx, look, background)
	} else {
		p.lookAtOne(ctx, look, background)
	}
	event.Duration = time.Since(start)
	defer p.service.notify(event)
	grant() // a look that got no slot does not keep the next one from its own
	p.mu.Lock()
	defer p.mu.Unlock()
	p.policy.Ended(look, time.Now())
	p.woken.give()
}

func (p *poller) lookAtOne(ctx context.Context, look poll.Look, background priority) {
	id := ActivationID(look.ID)
	a, err := p.service.activation(ctx, id, background)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.see(a, sighting{sent: look.Sent})
		return
	}
	for _, w := range p.waits[id] {
		if w.fail(err) {
			p.policy.Confirm(look.ID)
		}
	}
	p.syncPolicy(id)
}

// observe takes in what a call of the program has shown of an activation.
func (p *poller) observe(a *Activation, at sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waits[a.ID]) > 0 {
		p.see(a, at)
		p.woken.give()
	}
}

// see hands an activation to its waits and tells the policy.
func (p *poller) see(a *Activation, at sighting) {
	if p.hand(a, at) {
		p.policy.Confirm(int64(a.ID))
	}
	if arrived := a.Status.HasSMS() && !p.open(a.ID); arrived || !at.list {
		p.policy.Looked(int64(a.ID), at.sent, time.Now(), arrived)
	}
	p.syncPolicy(a.ID)
}

// hand shows an activation to its waits and reports whether it has an SMS of which
// only a single look can say more: without its text, or for a wait that must not take
// an older SMS for the next.
func (p *poller) hand(a *Activation, at sighting) (hint bool) {
	textless := a.Status.HasSMS() && a.Message == "" && a.Code == ""
	for _, w := range p.waits[a.ID] {
		switch {
		case at.list && a.Status.HasSMS() && w.options.after != nil:
			hint = hint || !w.done && w.isNew(a)
		case at.list && textless:
			hint = hint || !w.done
		case w.see(a, at):
			p.policy.Confirm(int64(a.ID))
		}
	}
	return hint
}

func (p *poller) lookAtPage(ctx context.Context, look poll.Look, background priority) {
	page, err := p.service.page(ctx, ListParams{Page: look.Page, PageSize: look.Size}, background)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case errors.Is(err, ErrInvalidRequest):
		p.policy.Refused(look)
		return
	case err != nil:
		return
	}
	shown := poll.Page{Sent: look.Sent, Number: look.Page, Size: look.Size, Total: page.Total}
	for _, a := range page.Activations {
		hint := p.hand(a, sighting{look.Sent, true})
		shown.Items = append(shown.Items, poll.Item{ID: int64(a.ID), Arrived: hint || arrived(a.Status) && !p.open(a.ID)})
	}
	p.policy.Listed(shown)
	for _, a := range page.Activations {
		p.syncPolicy(a.ID)
	}
}

// arrived reports whether an activation's first SMS has come.
func arrived(s Status) bool { return s.HasSMS() || s == StatusRetryRequested }

// open reports whether a wait for an activation has not ended.
func (p *poller) open(id ActivationID) bool {
	for _, w := range p.waits[id] {
		if !w.done {
			return true
		}
	}
	return false
}

// syncPolicy updates the policy with what became of the waits for an activation: when
// they end, or that all of them have. The goroutines that waited leave later.
func (p *poller) syncPolicy(id ActivationID) {
	if !p.open(id) {
		p.policy.Remove(int64(id))
		return
	}
	for _, w := range p.waits[id] {
		if !w.done {
			p.policy.Expire(int64(id), w.deadline, time.Now())
		}
	}
}
