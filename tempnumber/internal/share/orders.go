package share

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// orderFence is the fence of orders: what bounds them has to know all that came before.
const orderFence = 254

// Ordered is an order that counts against a cap: one of the last 24 hours.
type Ordered struct {
	Own        bool // by this program
	Pair       string
	Amount     int64 // what it cost, or costs at most
	Activation int64 // that it bought; 0 where that is not known
	Settled    bool  // it is over
	Age        time.Duration
}

// request is an order that waits to be written down.
type request struct {
	fact  Fact
	judge func(before []Ordered) error
	done  chan error
	asked bool // an entry with it is under way
	over  bool // nobody waits for it any more
}

// Order writes an order down before it is sent, unless judge refuses it for what all programs have ordered
// before. judge may be called several times, the last time with all that there was. It returns the order's id.
func (h *Hub) Order(ctx context.Context, pair string, amount int64, judge func(before []Ordered) error) (id uint64, err error) {
	id = rand.Uint64() | 1
	r := &request{fact: Fact{Kind: Order, ID: id, Pair: pair, Amount: amount}, judge: judge, done: make(chan error, 1)}
	h.mu.Lock()
	h.requests = append(h.requests, r)
	h.wake()
	h.mu.Unlock()
	select {
	case err = <-r.done:
		return id, err
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r.over = true
	if !r.asked {
		h.requests = slices.DeleteFunc(h.requests, func(other *request) bool { return other == r })
	}
	err = ctx.Err()
	if why := h.unreachable(); why != nil {
		err = &joined{why, err}
	}
	return id, err
}

// joined is an error of the log that became one of a context.
type joined struct {
	*UnreachableError
	ended error
}

func (e *joined) Unwrap() []error { return []error{e.UnreachableError, e.ended} }

// Settle says what became of an order: what it cost and which activation it bought, zeros for nothing.
func (h *Hub) Settle(id uint64, activation, amount int64) {
	h.Say(Fact{Kind: Settled, ID: id, Activation: activation, Amount: amount})
	h.flush()
}

// Refunded says that an activation was refunded, if an order that counts has bought it.
func (h *Hub) Refunded(activation int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.state.orders {
		if o.activation == activation && o.amount > 0 {
			h.say(Fact{Kind: Refund, Activation: activation})
			return
		}
	}
}

// order asks the first in line whether it may still be written down, and does so.
func (h *Hub) order() *step {
	for len(h.requests) > 0 {
		r := h.requests[0]
		var err error
		if !r.over {
			err = r.judge(h.state.ordered(h.self, h.now()))
		}
		if err == nil && !r.over {
			r.asked = true
			return &step{fence: orderFence, test: true, facts: []Fact{r.fact}}
		}
		h.requests = h.requests[1:]
		r.done <- err
	}
	return nil
}

// written lets those go on whose orders the log shows.
func (h *Hub) written() {
	h.requests = slices.DeleteFunc(h.requests, func(r *request) bool {
		if !r.asked || h.state.orders[r.fact.ID] == nil {
			return false
		}
		if r.over { // it was given up
			h.say(Fact{Kind: Settled, ID: r.fact.ID})
		}
		r.done <- nil
		return true
	})
}

func (h *Hub) failOrders(err error) {
	for _, r := range h.requests {
		r.done <- err
	}
	h.requests = nil
}

// ordered returns the orders that count.
func (s *State) ordered(self uint64, now time.Duration) (orders []Ordered) {
	for _, o := range s.orders {
		orders = append(orders, Ordered{o.program == self, o.pair, o.amount, o.activation, o.settled, now - o.at})
	}
	return orders
}
