package share

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// orderFence is the fence of orders: what bounds them has to know all that came before.
const orderFence = 254

// Ordered is an order that counts: one of the last 24 hours, or for a program alone the sum of all before.
type Ordered struct {
	Pair       string
	Amount     int64         // what it cost, or costs at most
	Activation int64         // that it bought; 0 where that is not known
	Settled    bool          // it is over
	Unknown    bool          // it is over, and nobody knows what it bought
	Age        time.Duration // since it was written down
	Ended      time.Duration // since it was over
}

// order is an order of a number, on its way or done.
type order struct {
	id         uint64
	program    uint64
	at, ended  time.Duration
	pair       string
	amount     int64
	activation int64
	outcome    int
	settled    bool
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
	return id, h.ended(ctx.Err())
}

// Settle says what became of an order: what it cost and which activation it bought, zeros for nothing.
func (h *Hub) Settle(id uint64, activation, amount int64) {
	h.Say(Fact{Kind: Settled, ID: id, Activation: activation, Amount: amount})
	h.Flush()
}

// Unknown says that nobody knows what an order bought.
func (h *Hub) Unknown(id uint64) {
	h.Say(Fact{Kind: Settled, ID: id, Outcome: Unknown})
	h.Flush()
}

// Paid says what an activation really cost, 0 after it was refunded, if it was bought by an order that counts.
func (h *Hub) Paid(activation, amount int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f, news := h.state.paid(activation, amount); news {
		h.say(f)
	}
}

// order asks the first in line whether it may still be written down, and does so.
func (h *Hub) order() *step {
	for len(h.requests) > 0 {
		r := h.requests[0]
		var err error
		if !r.over {
			err = r.judge(h.state.ordered(h.now()))
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

// order takes in an order, or what became of it.
func (s *State) order(program uint64, f *Fact, at time.Duration) {
	o := s.orders[f.ID]
	begins, ends := f.Kind == Order && o == nil, f.Kind == Settled && o != nil
	switch {
	case begins:
		s.orders[f.ID] = &order{id: f.ID, program: program, at: at - f.Age, pair: f.Pair, amount: f.Amount}
	case ends:
		o.settled, o.ended, o.outcome, o.activation, o.amount = true, at-f.Age, f.Outcome, f.Activation, f.Amount
		if o.pair == "" && o.activation != 0 {
			s.bought[o.activation] = o
		}
	}
}

// paid returns what says that an activation cost another amount. A refund is the last word.
func (s *State) paid(activation, amount int64) (f Fact, news bool) {
	o := s.bought[activation]
	if o == nil || o.amount == 0 || o.amount == amount {
		return f, false
	}
	return Fact{Kind: Settled, ID: o.id, Activation: activation, Amount: amount}, true
}

// lapse lets go of orders that are no longer listed.
func (s *State) lapse(now time.Duration) {
	for id, o := range s.orders {
		if now-o.at < orderLife {
			continue
		}
		if s.keeps {
			s.spent += o.amount
		}
		delete(s.orders, id)
		if s.bought[o.activation] == o {
			delete(s.bought, o.activation)
		}
	}
}

// ordered returns the orders that count.
func (s *State) ordered(now time.Duration) (orders []Ordered) {
	s.lapse(now)
	if s.spent > 0 {
		orders = append(orders, Ordered{Amount: s.spent, Settled: true, Age: orderLife})
	}
	for _, o := range s.orders {
		ordered := Ordered{Pair: o.pair, Amount: o.amount, Activation: o.activation, Settled: o.settled, Age: now - o.at}
		if o.settled {
			ordered.Unknown, ordered.Ended = o.outcome == Unknown, now-o.ended
		}
		orders = append(orders, ordered)
	}
	return orders
}
