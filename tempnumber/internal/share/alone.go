package share

import (
	"context"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
)

// Alone is the Coordinator of a program that shares its key with nobody. It decides by the same State as a Hub, which
// it tells everything itself. Slots come from the program's own limiter. It has a goroutine while the program
// waits for an SMS.
type Alone struct {
	Follower Follower
	Limit    func(endpoint string) Limit
	Single   string // the endpoint of looks at one activation
	List     string // and of looks at pages of the history

	mu      sync.Mutex
	start   time.Time
	state   *State // nil until something is asked of it
	last    uint64 // the newest id of a look or an order
	running bool
	woken   chan struct{}
}

// self is the id of the one program there is.
const self = 1

// lock locks the coordinator, and returns the moment.
func (a *Alone) lock() (now time.Duration) {
	a.mu.Lock()
	if a.state == nil {
		a.start, a.woken = time.Now(), make(chan struct{}, 1)
		a.state = NewState(a.start, map[string]Limit{a.Single: a.Limit(a.Single), a.List: a.Limit(a.List)}, a.Single, a.List)
		a.state.keeps = true
		clear(a.state.lines) // whether a slot is free is for the limiter to say
	}
	return time.Since(a.start)
}

// Join begins a wait.
func (a *Alone) Join(id int64, special bool, seen, left time.Duration) {
	now := a.lock()
	defer a.mu.Unlock()
	a.state.Apply(self, []Fact{waitFact(id, special, seen, left)}, now)
	a.wake()
}

// Leave ends it.
func (a *Alone) Leave(id int64) {
	a.lock()
	defer a.mu.Unlock()
	a.state.end(self, id)
	a.wake()
}

// Flush does nothing: there are no others.
func (a *Alone) Flush() {}

// Awaited reports whether the program waits for an activation.
func (a *Alone) Awaited(id int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state != nil && a.state.Awaited(id)
}

// Say takes in what the program has seen.
func (a *Alone) Say(facts ...Fact) {
	now := a.lock()
	defer a.mu.Unlock()
	for i := range facts {
		if !facts[i].Ended { // an older answer than the wait has seen already
			facts[i].Flags &^= HasSMS
		}
	}
	a.state.Apply(self, facts, now)
	a.wake()
}

// Looked takes in what a look has shown. One that got no slot does not keep the next one from its own.
func (a *Alone) Looked(_ poll.Look, s *LookSlot, facts []Fact) {
	s.Granted()
	a.Say(facts...)
}

// Order writes an order down.
func (a *Alone) Order(_ context.Context, pair string, amount int64, judge func(before []Ordered) error) (id uint64, err error) {
	now := a.lock()
	defer a.mu.Unlock()
	if err := judge(a.state.ordered(now)); err != nil {
		return 0, err
	}
	a.last++
	a.state.Apply(self, []Fact{{Kind: Order, ID: a.last, Pair: pair, Amount: amount}}, now)
	return a.last, nil
}

// Settle says what became of an order.
func (a *Alone) Settle(id uint64, activation, amount int64) {
	a.Say(Fact{Kind: Settled, ID: id, Activation: activation, Amount: amount})
}

// Unknown says that nobody knows what an order bought.
func (a *Alone) Unknown(id uint64) { a.Say(Fact{Kind: Settled, ID: id, Outcome: Unknown}) }

// Paid says what an activation really cost.
func (a *Alone) Paid(activation, amount int64) {
	now := a.lock()
	defer a.mu.Unlock()
	if f, news := a.state.paid(activation, amount); news {
		a.state.Apply(self, []Fact{f}, now)
	}
}

// wake lets run decide anew, and starts it if somebody waits. a.mu is held.
func (a *Alone) wake() {
	if !a.running && len(a.state.waits) > 0 {
		a.running = true
		go a.run()
		return
	}
	select {
	case a.woken <- struct{}{}:
	default: // it is woken already
	}
}

// run sends looks until nobody waits any more.
func (a *Alone) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, goOn := a.step()
		if !goOn {
			return
		}
		timer.Reset(next)
		select {
		case <-a.woken:
		case <-timer.C:
		}
	}
}

// step sends what is due, and returns in how long the next step is. It is false when nobody waits.
func (a *Alone) step() (next time.Duration, goOn bool) {
	now := a.lock()
	a.state.Apply(self, nil, now) // the program is there
	expired := a.state.Advance(now)
	var looks []looking
	look, again := a.state.Next(now)
	for ; look != (poll.Look{}); look, again = a.state.Next(now) {
		a.last++
		a.state.commit(a.last, look)
		looks = append(looks, looking{look, &LookSlot{ID: a.last, Granted: a.granted(look)}})
	}
	goOn = len(a.state.waits) > 0
	a.running = goOn
	a.mu.Unlock()
	if len(expired) > 0 {
		a.Follower.Expired(expired)
	}
	for _, l := range looks {
		a.Follower.Send(l.look, l.slot)
	}
	return again - now, goOn
}

// granted returns what takes in that a look has its slot.
func (a *Alone) granted(look poll.Look) func() {
	return sync.OnceFunc(func() {
		a.lock()
		defer a.mu.Unlock()
		a.state.policy.Granted(look, time.Now())
		a.wake()
	})
}
