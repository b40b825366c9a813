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

// poller looks at activations on behalf of all waits of a client, with a goroutine and the looks that it has in
// flight while anybody waits. The coordinator decides what to look at next, and when, for this program or for all that
// share the key; the poller sends the looks and hands out what they show.
type poller struct {
	service     looker
	coordinator share.Coordinator
	tells       bool // the coordinator tells others what was seen

	mu      sync.Mutex
	waits   map[ActivationID][]*wait // several may wait for one activation
	looking context.Context          //nolint:containedctx // of the looks, while anybody waits
	stop    context.CancelFunc       // nil while nobody does
}

// looker is what the poller needs of a caller.
type looker interface {
	activation(ctx context.Context, id ActivationID, p priority) (*Activation, error)
	page(ctx context.Context, params ListParams, p priority) (*ActivationPage, error)
	notify(e Event)
}

// join begins a wait. seen is when its activation was last seen, zero when that is not known.
func (p *poller) join(w *wait, seen time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop == nil {
		p.looking, p.stop = context.WithCancel(context.Background())
	}
	p.waits[w.id] = append(p.waits[w.id], w)
	age := time.Duration(-1)
	if !seen.IsZero() {
		age = max(time.Since(seen), 0)
	}
	p.coordinator.Join(int64(w.id), p.special(w.id), age, time.Until(w.deadline))
}

// leave ends a wait, however it came to its end.
func (p *poller) leave(w *wait) {
	p.mu.Lock()
	others := slices.DeleteFunc(p.waits[w.id], func(other *wait) bool { return other == w })
	if p.waits[w.id] = others; len(others) == 0 {
		delete(p.waits, w.id)
		p.coordinator.Leave(int64(w.id))
	}
	p.mu.Unlock()
	p.coordinator.Flush()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waits) == 0 && p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

// snapshot returns what is known of a wait, and takes its updates out.
func (p *poller) snapshot(w *wait) wait {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := *w
	w.updates = nil
	return seen
}

// special reports whether a wait for an activation has to judge SMS itself.
func (p *poller) special(id ActivationID) bool {
	return slices.ContainsFunc(p.waits[id], (*wait).special)
}

// open reports whether a wait for an activation has not ended.
func (p *poller) open(id ActivationID) bool {
	return slices.ContainsFunc(p.waits[id], func(w *wait) bool { return !w.done })
}

// observe takes in what a call of the program has shown of activations.
func (p *poller) observe(seen []*Activation, at sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if items := p.see(seen, at); len(items) > 0 {
		p.coordinator.Say(items...)
	}
}

// look sends a look, hands out what it shows, and tells the coordinator.
func (p *poller) look(ctx context.Context, look poll.Look, s *share.LookSlot) {
	background := priority{background: true, granted: s.Granted}
	if s.Granted == nil {
		background.slot = lookSlot{s}
	}
	event := Event{Kind: EventPoll, Endpoint: EndpointGetActivation, ActivationID: ActivationID(look.ID)}
	start := time.Now()
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
				end.Rows = append(end.Rows, share.Row{Activation: int64(a.ID), Flags: flagsOf(a.Status)})
			}
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
	if look.IsList() && errors.Is(err, ErrInvalidRequest) {
		end.Flags |= share.Refused
	}
	p.mu.Lock()
	end.Age = time.Since(look.Sent)
	p.coordinator.Looked(look, s, append([]share.Fact{end}, p.see(seen, sighting{look.Sent, look.IsList()})...))
	if err != nil && !look.IsList() && ctx.Err() == nil {
		p.fail(event.ActivationID, err)
	}
	p.mu.Unlock()
	event.Duration = time.Since(start)
	p.service.notify(event)
}

// fail hands it to the waits that a look at their activation failed.
func (p *poller) fail(id ActivationID, err error) {
	for _, w := range p.waits[id] {
		if w.fail(err) {
			p.coordinator.Say(share.Fact{Kind: share.Confirm, Activation: int64(id)})
		}
	}
	p.leaveIfOver(id)
}

// leaveIfOver lets the coordinator know when all waits for an activation have ended, before their goroutines leave.
func (p *poller) leaveIfOver(id ActivationID) {
	if len(p.waits[id]) > 0 && !p.open(id) {
		p.coordinator.Leave(int64(id))
	}
}

// see shows activations to their waits, and returns what the coordinator is to know of them. p.mu is held until it does,
// so that nobody who waited goes on before.
func (p *poller) see(seen []*Activation, at sighting) (facts []share.Fact) {
	for _, a := range seen {
		id := int64(a.ID)
		if !p.coordinator.Awaited(id) && len(p.waits[a.ID]) == 0 {
			continue
		}
		open, special := p.open(a.ID), p.special(a.ID)
		confirm := p.hand(a, at)
		item := itemOf(a, at, p.tells)
		item.Ended = open && !p.open(a.ID) && a.Status.HasSMS() && !special
		facts = append(facts, item)
		if confirm {
			facts = append(facts, share.Fact{Kind: share.Confirm, Activation: id})
		}
		if !item.Ended {
			p.leaveIfOver(a.ID)
		}
	}
	return facts
}

// hand shows an activation to its waits and reports whether a single look has to say more: of an SMS without its
// text, for a wait that must not take an older SMS for the next, or because one answer alone ends no wait in vain.
func (p *poller) hand(a *Activation, at sighting) (confirm bool) {
	textless := a.Status.HasSMS() && a.Message == "" && a.Code == ""
	for _, w := range p.waits[a.ID] {
		switch {
		case at.list && a.Status.HasSMS() && w.options.after != nil:
			confirm = confirm || !w.done && w.isNew(a)
		case at.list && textless:
			confirm = confirm || !w.done
		case w.see(a, at):
			confirm = true
		}
	}
	return confirm
}

// follower is what the coordinator sees of a poller.
type follower struct{ *poller }

// Send sends a look that the coordinator has decided on.
func (p follower) Send(look poll.Look, s *share.LookSlot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waits) == 0 { // nobody waits any more
		p.coordinator.Looked(look, s, []share.Fact{{Kind: share.Seen, ID: s.ID, Flags: share.Failed}})
		return
	}
	go p.look(p.looking, look, s)
}

// Show takes in what other programs have seen.
func (p follower) Show(seen []share.Sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range seen {
		if s.Own {
			continue // its waits know already
		}
		a, ok := activationOf(s.Data)
		if !ok {
			continue
		}
		if p.hand(a, sighting{s.Sent, s.List}) {
			p.coordinator.Say(share.Fact{Kind: share.Confirm, Activation: int64(a.ID)})
		}
		p.leaveIfOver(a.ID)
	}
}

// Expired ends waits whose time is over.
func (p follower) Expired(ids []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		for _, w := range p.waits[ActivationID(id)] {
			w.expire()
		}
	}
}

// Unreachable ends all waits, because the log has failed for long.
func (p follower) Unreachable(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, waits := range p.waits {
		for _, w := range waits {
			w.finish(sharedError(err))
		}
		p.coordinator.Leave(int64(id))
	}
}
