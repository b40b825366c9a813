package share

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// step is what run does next.
type step struct {
	fence  uint8
	test   bool
	facts  []Fact
	claims map[uint64]claim
	spoken bool // the facts are from the outbox
	read   bool
}

// idle reports whether there is nothing to do. h.mu is held, as in all below but carryOut.
func (h *Hub) idle() bool {
	if len(h.outbox) > 0 || len(h.waits) > 0 || len(h.readers) > 0 || len(h.requests) > 0 {
		return false
	}
	for endpoint, q := range h.queues {
		if q.WaitingLocked() > 0 || h.state.lines[endpoint].place(h.self) >= 0 && h.failing < 0 {
			return false
		}
	}
	return true
}

// decide returns what to say to the log now, or nil and when to decide again, and what
// has expired.
func (h *Hub) decide(now time.Duration) (s *step, next time.Duration, expired []int64) {
	next = now + time.Minute
	if h.reread || h.stale || h.cursor.Epoch == "" || len(h.readers) > 0 {
		h.stale = false
		return &step{read: true}, 0, nil
	}
	ids := h.state.Advance(now)
	expired = slices.DeleteFunc(ids, func(id int64) bool { _, waits := h.waits[id]; return !waits })
	for _, id := range expired {
		delete(h.waits, id)
	}
	if len(h.outbox) == 0 {
		for id, w := range h.waits {
			if !h.state.Waits(h.self, id) {
				f := w.fact
				f.For, f.Age = f.For-(now-w.at), f.Age+now-w.at
				h.outbox = append(h.outbox, f)
			}
		}
		if len(h.waits) > 0 && now-h.spoken >= renewWaits {
			h.outbox = append(h.outbox, Fact{Kind: Alive})
		}
	}
	if n := min(len(h.outbox), sayAtMost); n > 0 {
		s = &step{spoken: true}
		// A pause moves the fence, so that nobody takes a slot without knowing of it.
		switch i := slices.IndexFunc(h.outbox[:n], func(f Fact) bool { return f.Kind == Pause }); {
		case i == 0:
			n, s.fence = 1, fence(h.outbox[0].Endpoint)
		case i > 0:
			n = i
		}
		s.facts = slices.Clone(h.outbox[:n])
		h.outbox, h.speaking = h.outbox[n:], true
		return s, 0, expired
	}
	if s := h.order(); s != nil {
		return s, 0, expired
	}
	for endpoint, q := range h.queues {
		s, at := h.queue(endpoint, q, now)
		if s != nil {
			return s, 0, expired
		}
		next = min(next, at)
	}
	if len(h.waits) > 0 {
		s, at := h.look(now)
		if s != nil {
			return s, 0, expired
		}
		next = min(next, at, h.spoken+renewWaits)
	}
	h.works() // as far as is known: there is nothing to say
	return nil, next, expired
}

// queue serves those who wait for a slot.
func (h *Hub) queue(endpoint string, q *slot.Queue, now time.Duration) (s *step, next time.Duration) {
	next = now + time.Minute
	l, waiting := h.state.lines[endpoint], q.WaitingLocked()
	placed := l.place(h.self) >= 0
	if waiting == 0 {
		if placed {
			return &step{facts: []Fact{{Kind: Leave, Endpoint: endpoint}}}, 0
		}
		return nil, next
	}
	if k := q.GrantableLocked(now); k > 0 {
		s = &step{fence: fence(endpoint), test: true, claims: make(map[uint64]claim, k)}
		for range k {
			id := rand.Uint64() | 1
			s.claims[id] = claim{endpoint: endpoint, sendBy: time.Now().Add(timeToSend)}
			s.facts = append(s.facts, Fact{Kind: Hold, Endpoint: endpoint, ID: id, For: h.lease()})
		}
		return s, 0
	}
	renew := now
	if placed {
		renew = l.tickets[l.place(h.self)].renewed + renewTicket
	}
	if now >= renew {
		s = &step{facts: []Fact{{Kind: Ticket, Endpoint: endpoint}}}
		if !placed {
			s.fence, s.test = fence(endpoint), true
			h.tell(endpoint, waiting, now)
		}
		return s, 0
	}
	if at, ok := l.slots.Next(l.ahead(h.self), now); ok {
		next = max(at, now+time.Millisecond)
	}
	return nil, min(next, renew)
}

// tell logs why the program waits.
func (h *Hub) tell(endpoint string, waiting int, now time.Duration) {
	l := h.state.lines[endpoint]
	attrs := []any{"endpoint", endpoint, "calls", waiting, "programs_ahead", len(l.tickets), "free", max(l.slots.Free(), 0)}
	if until := l.slots.Paused(); until > now {
		attrs = append(attrs, "closed_for", (until - now).Round(time.Millisecond))
	}
	if at, ok := l.slots.Next(l.ahead(h.self), now); ok {
		attrs = append(attrs, "next_slot_in", (at - now).Round(time.Millisecond))
	}
	h.Logger.Debug("tempnumber: waits for a slot of the limit that programs share", attrs...)
}

// look sends the next look, if it is the program's turn.
func (h *Hub) look(now time.Duration) (s *step, next time.Duration) {
	look, again := h.state.Next(now)
	if look == (poll.Look{}) {
		h.lookAt = -1
		return nil, max(again, now+time.Millisecond)
	}
	if h.lookAt < 0 {
		h.lookAt = now
	}
	if turn := h.lookAt + h.state.Turn(h.self); now < turn {
		return nil, turn
	}
	endpoint, id := h.state.endpointOf(look), rand.Uint64()|1
	return &step{
		fence: fence(endpoint), test: true,
		claims: map[uint64]claim{id: {endpoint: endpoint, sendBy: time.Now().Add(timeToSend), look: &look}},
		facts: []Fact{
			{Kind: Hold, Endpoint: endpoint, ID: id, For: h.lease()},
			{Kind: Look, ID: id, Activation: look.ID, Page: look.Page, Size: look.Size},
		},
	}, 0
}

// fence returns the fence of an endpoint's slots. Two that have the same one cost a conflict now and then.
func fence(endpoint string) uint8 {
	f := fnv.New32a()
	_, _ = f.Write([]byte(endpoint))
	return uint8(f.Sum32()%254) + 1
}
