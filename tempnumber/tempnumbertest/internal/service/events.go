package service

import (
	"container/heap"
	"time"
)

// events are things that will happen by themselves, the next one first.
type events struct {
	queue eventQueue
	added uint64
}

// event is one thing to come.
type event struct {
	at    time.Time
	rank  rank
	added uint64
	do    func(at time.Time)
	place int // in the queue, -1 once it has left it
}

// rank orders events of the same moment: at its expiry a number is gone, and an
// SMS of that very moment comes too late.
type rank int

const (
	rankExpiry rank = iota
	rankOther
)

func (e *events) add(at time.Time, r rank, do func(time.Time)) *event {
	e.added++
	added := &event{at: at, rank: r, added: e.added, do: do}
	heap.Push(&e.queue, added)
	return added
}

// cancel takes an event out that has not happened yet.
func (e *events) cancel(planned *event) {
	if planned.place >= 0 {
		heap.Remove(&e.queue, planned.place)
	}
}

// Advance lets everything happen that is due by now.
func (s *Service) Advance(now time.Time) {
	for len(s.events.queue) > 0 && !s.events.queue[0].at.After(now) {
		due := s.events.queue[0]
		heap.Pop(&s.events.queue)
		due.do(due.at)
	}
}

// Next returns when the next thing is due, if any is.
func (s *Service) Next() (time.Time, bool) {
	if len(s.events.queue) == 0 {
		return time.Time{}, false
	}
	return s.events.queue[0].at, true
}

// At calls do once Advance reaches at, with that time.
func (s *Service) At(at time.Time, do func(at time.Time)) {
	s.events.add(at, rankOther, do)
}

// eventQueue is a heap of events by time.
type eventQueue []*event

func (q eventQueue) Len() int { return len(q) }

func (q eventQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	switch {
	case !a.at.Equal(b.at):
		return a.at.Before(b.at)
	case a.rank != b.rank:
		return a.rank < b.rank
	}
	return a.added < b.added
}

func (q eventQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *eventQueue) Push(x any) {
	e, _ := x.(*event) // nothing else is pushed
	e.place = len(*q)
	*q = append(*q, e)
}

func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	last.place = -1
	return last
}
