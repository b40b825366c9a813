package poll

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/bench/arrival"
)

const (
	lifetime  = 20 * time.Minute
	smsAfter  = 20 * time.Second // on average, exponentially distributed
	roundTrip = 150 * time.Millisecond

	orderEvery = 1500 * time.Millisecond // the documented limit
)

// singles and lists are the budgets that the service documents.
func singles() Budget { return Budget{Requests: 80, Window: 2 * time.Minute, Reserve: 8} }
func lists() Budget   { return Budget{Requests: 10, Window: time.Minute, Reserve: 1} }

// simulation runs a policy against a service in virtual time. Everything in it
// happens in one order, so that the same seed always gives the same figures.
type simulation struct {
	service
	waits    int           // how many there are at once
	pool     time.Duration // how long each wait that ends is followed by the next order; 0 for a batch
	pageOne  bool          // a worse poller: it never looks further than page 1
	resumed  bool          // nobody knows when the activations were last seen
	failing  float64       // the share of requests that fail
	flaky    int64         // single looks at ids divisible by it fail often
	seed     uint64
	delay    arrival.Delay   // of an SMS; nil for smsAfter on average
	orders   time.Duration   // how long orders go on at the limit after the waits that begin at once
	latency  []time.Duration // from the SMS at the server to the answer that shows it
	lost     int             // waits that expired although their SMS had come
	expired  int             // waits that expired without an SMS
	atLast   int             // SMS that came long before the number's time was over, and were seen after it
	turn     int             // single looks
	due      map[int64]int   // the turn of the single look that each wait has at the latest, as the package states it
	missed   int             // turns that were later
	policy   *Policy
	now      time.Time
	start    time.Time
	events   events
	happened int
	alarm    time.Time
	waiting  map[int64]bool
	slots    map[bool][]time.Time // when each is free again, by whether it is a list's
	random   *rand.Rand
}

// run begins all waits at once and goes on until the last has ended.
func (s *simulation) run() {
	s.start = time.Unix(1_000_000_000, 0)
	s.now, s.random = s.start, rand.New(rand.NewPCG(s.seed, 1))
	s.single, s.list = limit{n: 80, window: 2 * time.Minute}, limit{n: 10, window: time.Minute}
	s.policy = New(singles(), lists())
	s.due, s.waiting, s.slots = make(map[int64]int), make(map[int64]bool), make(map[bool][]time.Time)
	for range s.waits {
		s.order()
	}
	for at := orderEvery; at < s.orders; at += orderEvery {
		s.at(s.start.Add(at), func() {
			s.order()
			s.step()
		})
	}
	s.step()
	for s.events.Len() > 0 {
		next := heap.Pop(&s.events).(event)
		s.now = next.at
		next.do()
	}
}

// order begins a wait for a new activation.
func (s *simulation) order() {
	delay := time.Duration(s.random.ExpFloat64() * float64(smsAfter))
	if s.delay != nil {
		delay = s.delay(s.random, s.now.Sub(s.start))
	}
	a := s.service.order(s.now, delay)
	seen := s.now
	if s.resumed {
		seen = time.Time{}
	}
	s.waiting[a.id] = true
	s.due[a.id] = s.turn + 2*len(s.waiting)
	s.policy.Add(a.id, s.now, seen, a.expires)
}

// finish ends a wait, with its SMS or without.
func (s *simulation) finish(id int64) {
	if !s.waiting[id] {
		return
	}
	delete(s.waiting, id)
	delete(s.due, id)
	s.policy.Remove(id)
	if s.now.Sub(s.start) < s.pool {
		s.order()
	}
}

// deliver ends a wait whose SMS an answer has just shown.
func (s *simulation) deliver(id int64) {
	if s.waiting[id] {
		a := s.activation(id)
		s.latency = append(s.latency, s.now.Sub(a.sms))
		if s.now.After(a.expires) && a.expires.Sub(a.sms) > 5*time.Minute {
			s.atLast++
		}
	}
	s.finish(id)
}

// expire ends a wait in vain. asOf is when the service last said so, or now where it has not: what comes after
// the service has ended a number is not lost.
func (s *simulation) expire(id int64, asOf time.Time) {
	if !s.waiting[id] {
		return
	}
	if s.activation(id).sms.Before(asOf) {
		s.lost++
	} else {
		s.expired++
	}
	s.finish(id)
}

// step does what the poller does whenever something has happened.
func (s *simulation) step() {
	for _, id := range s.policy.Expired(s.now) {
		s.expire(id, s.now)
	}
	for {
		look, again := s.policy.Peek(s.now)
		if look == (Look{}) {
			s.alarm = again
			if !again.IsZero() {
				s.at(again, func() {
					if s.alarm.Equal(s.now) {
						s.step()
					}
				})
			}
			return
		}
		s.commit(look)
		s.send(look)
	}
}

// commit decides on a look, and checks the bound that the package states.
func (s *simulation) commit(l Look) {
	s.policy.Commit(l)
	if l.IsList() {
		return
	}
	s.turn++
	for _, due := range s.due {
		if due < s.turn {
			s.missed++
		}
	}
	s.due[l.ID] = s.turn + 2*len(s.waiting)
}

// send carries a look to the service and its answer back. It takes a slot as the
// client does: given back a window after the answer.
func (s *simulation) send(l Look) {
	budget, slots := singles(), s.slots[l.IsList()]
	if l.IsList() {
		budget = lists()
	}
	slots = slices.DeleteFunc(slots, func(free time.Time) bool { return !free.After(s.now) })
	sent := s.now
	if share := budget.Requests - budget.Reserve; len(slots) >= share {
		sent = slots[len(slots)-share]
	}
	answered := sent.Add(roundTrip)
	s.slots[l.IsList()] = append(slots, answered.Add(budget.Window+budget.Window/1000))

	fails := s.failing > 0 && s.random.Float64() < s.failing || s.flaky > 0 && l.ID > 0 && l.ID%s.flaky == 0 && s.random.Float64() < 0.3
	if s.pageOne && l.IsList() {
		l.Page = 1
	}
	s.at(sent, func() {
		s.policy.Granted(l, s.now)
		s.step()
	})
	var page Page
	var arrived, over bool
	var asOf time.Time // when the service answered
	s.at(sent.Add(roundTrip/2), func() {
		asOf = s.now
		if l.IsList() {
			var ok bool
			page, ok = s.page(s.now, l, s.random)
			fails = fails || !ok
		} else {
			arrived, over = s.look(s.now, l.ID), s.over(s.now, l.ID)
		}
	})
	s.at(answered, func() {
		s.policy.Ended(l, s.now)
		switch {
		case fails:
		case l.IsList():
			s.listShown(page, asOf)
		default:
			s.policy.Looked(l.ID, l.Sent, s.now, arrived)
			if arrived {
				s.deliver(l.ID)
			} else if over {
				s.expire(l.ID, asOf)
			}
		}
		s.step()
	})
}

func (s *simulation) listShown(page Page, asOf time.Time) {
	s.policy.Listed(page)
	for _, item := range page.Items {
		if s.waiting[item.ID] && !item.Arrived && s.over(page.Sent, item.ID) {
			s.expire(item.ID, asOf)
		}
	}
	if s.hideTexts {
		return
	}
	for _, item := range page.Items {
		if item.Arrived {
			s.deliver(item.ID)
		}
	}
}

// mean is the mean latency in seconds.
func mean(latency []time.Duration) float64 {
	var sum time.Duration
	for _, l := range latency {
		sum += l
	}
	return sum.Seconds() / float64(len(latency))
}

// p99 is the latency in seconds that one in a hundred exceeds.
func p99(latency []time.Duration) float64 {
	slices.Sort(latency)
	return latency[len(latency)*99/100].Seconds()
}

// event is something that happens at its time.
type event struct {
	at    time.Time
	order int // among those of the same time
	do    func()
}

// events is a heap, the next event first.
type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].order < e[j].order
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

func (s *simulation) at(at time.Time, do func()) {
	s.happened++
	heap.Push(&s.events, event{at, s.happened, do})
}
