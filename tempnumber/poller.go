package tempnumber

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
)

// poller looks at activations on behalf of all waits of a client: it is one
// goroutine, which begins with the first wait and ends with the last, and the
// looks that it has in flight. The policy decides what to look at next, and when;
// the poller sends the looks and hands out what they show.
type poller struct {
	service looker
	limiter Limiter    // whose budget the looks share
	hub     *share.Hub // decides for all programs that share the key; nil for a program alone

	mu      sync.Mutex
	policy  *poll.Policy             // nil until the first wait, and with a hub
	waits   map[ActivationID][]*wait // several may wait for one activation
	running bool
	woken   signal // given when the policy must be asked anew

	looking context.Context //nolint:containedctx // with a hub: of the looks, while anybody waits
	stop    context.CancelFunc
}

// looker is what the poller needs of a caller.
type looker interface {
	activation(ctx context.Context, id ActivationID, p priority) (*Activation, error)
	page(ctx context.Context, params ListParams, p priority) (*ActivationPage, error)
	notify(e Event)
}

func newPoller(service looker, limiter Limiter, hub *share.Hub) *poller {
	p := &poller{
		service: service,
		limiter: limiter,
		hub:     hub,
		waits:   make(map[ActivationID][]*wait),
		woken:   make(signal, 1),
	}
	if hub != nil {
		hub.Follow(sharedLooks{p})
	}
	return p
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
	if p.hub != nil {
		p.joinShared(w, seen)
		return
	}
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
	others := slices.DeleteFunc(p.waits[w.id], func(other *wait) bool { return other == w })
	if p.waits[w.id] = others; len(others) == 0 {
		delete(p.waits, w.id)
	}
	if p.hub != nil {
		if len(p.waits) == 0 {
			p.stop()
		}
		p.mu.Unlock()
		if len(others) == 0 {
			p.hub.Ended(int64(w.id))
		}
		return
	}
	defer p.mu.Unlock()
	if len(others) == 0 {
		p.policy.Remove(int64(w.id))
	}
	p.woken.give()
}

// joinShared begins a wait that all programs know of.
func (p *poller) joinShared(w *wait, seen time.Time) {
	if len(p.waits) == 0 {
		p.looking, p.stop = context.WithCancel(context.Background())
	}
	p.waits[w.id] = append(p.waits[w.id], w)
	age := time.Duration(-1)
	if !seen.IsZero() {
		age = max(time.Since(seen), 0)
	}
	special := slices.ContainsFunc(p.waits[w.id], (*wait).special)
	p.hub.Join(int64(w.id), special, age, time.Until(w.deadline))
}

// snapshot returns what is known of a wait, and takes its updates out.
func (p *poller) snapshot(w *wait) wait {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := *w
	w.updates = nil
	return seen
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

// observe takes in what a call of the program has shown of activations.
func (p *poller) observe(seen []*Activation, at sighting) {
	if p.hub != nil {
		p.hub.Say(p.items(seen, at)...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range seen {
		switch {
		case len(p.waits[a.ID]) == 0:
		case p.hub != nil:
			p.handShared(a, at)
		default:
			p.see(a, at)
			p.woken.give()
		}
	}
}

// see hands an activation to its waits and tells the policy.
func (p *poller) see(a *Activation, at sighting) {
	if p.hand(a, at) {
		p.confirm(a.ID)
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
			p.confirm(a.ID)
		}
	}
	return hint
}

// confirm asks for a single look at an activation before all others.
func (p *poller) confirm(id ActivationID) {
	if p.hub != nil {
		p.hub.Say(share.Fact{Kind: share.Confirm, Activation: int64(id)})
		return
	}
	p.policy.Confirm(int64(id))
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

// sharedLooks follows the log by which programs share what they see.
type sharedLooks struct{ *poller }

// Send sends a look that the programs have agreed on.
func (p sharedLooks) Send(look poll.Look, s *share.LookSlot) {
	p.mu.Lock()
	ctx := p.looking
	p.mu.Unlock()
	if ctx == nil || ctx.Err() != nil { // nobody waits any more
		p.hub.Looked(look, s, []share.Fact{{Kind: share.Seen, ID: s.ID, Flags: share.Failed}})
		return
	}
	go p.lookShared(ctx, look, s)
}

// lookShared sends a look, and tells all programs what it shows.
func (p *poller) lookShared(ctx context.Context, look poll.Look, s *share.LookSlot) {
	background := priority{background: true, slot: lookSlot{s}}
	event := Event{Kind: EventPoll, Endpoint: EndpointGetActivation, ActivationID: ActivationID(look.ID)}
	start := time.Now()
	at := sighting{look.Sent, look.IsList()}
	end := share.Fact{Kind: share.Seen, ID: s.ID, Activation: look.ID, Page: look.Page, Size: look.Size}
	var seen []*Activation
	var err error
	if look.IsList() {
		event.Endpoint = EndpointListActivations
		end.Flags |= share.List
		var page *ActivationPage
		if page, err = p.service.page(ctx, ListParams{Page: look.Page, PageSize: look.Size}, background); err == nil {
			seen, end.Total = page.Activations, page.Total
			for _, a := range seen {
				row := share.Row{Activation: int64(a.ID)}
				if arrived(a.Status) {
					row.Flags = share.HasSMS
				}
				end.Rows = append(end.Rows, row)
			}
		} else if errors.Is(err, ErrInvalidRequest) {
			end.Flags |= share.Refused
		}
	} else {
		var a *Activation
		if a, err = p.service.activation(ctx, ActivationID(look.ID), background); err == nil {
			seen = []*Activation{a}
		}
	}
	if err != nil {
		end.Flags |= share.Failed
	}
	end.Age = time.Since(look.Sent)
	p.hub.Looked(look, s, append([]share.Fact{end}, p.items(seen, at)...))
	p.mu.Lock()
	for _, a := range seen {
		p.handShared(a, at)
	}
	if err != nil && !look.IsList() && ctx.Err() == nil {
		id := ActivationID(look.ID)
		for _, w := range p.waits[id] {
			if w.fail(err) {
				p.confirm(id)
			}
		}
		if len(p.waits[id]) > 0 && !p.open(id) {
			p.hub.Leave(int64(id))
		}
	}
	p.mu.Unlock()
	event.Duration = time.Since(start)
	p.service.notify(event)
}

// items returns what other programs are told of activations: of those that somebody waits for.
func (p *poller) items(seen []*Activation, at sighting) (items []share.Fact) {
	for _, a := range seen {
		if p.hub.Awaited(int64(a.ID)) {
			items = append(items, itemOf(a, at))
		}
	}
	return items
}

// handShared shows an activation to its waits, and lets the programs know when they end.
func (p *poller) handShared(a *Activation, at sighting) {
	waits := p.waits[a.ID]
	if len(waits) == 0 || !p.open(a.ID) {
		return
	}
	special := slices.ContainsFunc(waits, (*wait).special)
	if p.hand(a, at) {
		p.confirm(a.ID)
	}
	switch {
	case p.open(a.ID):
	case a.Status.HasSMS() && !special:
		p.hub.Found(int64(a.ID)) // which all programs see for themselves
	default:
		p.hub.Leave(int64(a.ID))
	}
}

// Show takes in what other programs have seen.
func (p sharedLooks) Show(seen []share.Sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range seen {
		if s.Own {
			continue // its waits know already
		}
		if a, ok := activationOf(s.Data); ok {
			p.handShared(a, sighting{s.Sent, s.List})
		}
	}
}

// Expired ends waits whose time is over.
func (p sharedLooks) Expired(ids []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		for _, w := range p.waits[ActivationID(id)] {
			w.expire()
		}
	}
}

// Unreachable ends all waits, because the log has failed for long.
func (p sharedLooks) Unreachable(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, waits := range p.waits {
		for _, w := range waits {
			w.finish(sharedError(err))
		}
		p.hub.Found(int64(id)) // nobody could be told
	}
}
