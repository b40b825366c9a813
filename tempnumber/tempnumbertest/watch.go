package tempnumbertest

import (
	"context"
	"time"
)

// happening is something that happened to a thing with an id. What the thing is like
// now is looked up when somebody wants to know.
type happening struct {
	kind string // activation, message, request, settings, reset
	id   int64
}

// anything is the topic of those who wait for whatever happens.
const anything = ""

// feed lets requests wait for what happens. There is no goroutine while nobody waits.
type feed struct {
	recent  [1024]happening
	next    int64 // how many happened so far
	topics  map[string]chan struct{}
	waiting int
	due     time.Time     // when the clockwork looks next; zero for not at all
	sooner  chan struct{} // something is due before that
	stop    chan struct{}
}

// happened notes what happened and wakes those who wait for the topic, for the kind or
// for anything. The caller holds the lock.
func (s *Server) happened(h happening, topic string) {
	f := &s.feed
	f.recent[f.next%int64(len(f.recent))] = h
	f.next++
	for _, t := range [...]string{anything, h.kind, topic} {
		if woken := f.topics[t]; woken != nil {
			close(woken)
			delete(f.topics, t)
		}
	}
}

// wait calls ready under the lock, now and after everything that happens to the
// topic, until it returns true, d is over or ctx has ended.
func (s *Server) wait(ctx context.Context, d time.Duration, topic string, ready func(now time.Time) bool) {
	over := time.NewTimer(d)
	defer over.Stop()
	held := false
	for {
		var (
			found bool
			woken chan struct{}
		)
		s.locked(func(now time.Time) {
			if found = ready(now); found || d <= 0 {
				return
			}
			if !held {
				s.feed.waiting++
				held = true
			}
			woken = s.feed.wake(topic)
			s.wind()
		})
		if found || d <= 0 {
			s.leave(held)
			return
		}
		select {
		case <-woken:
		case <-over.C:
			d = 0 // one last look
		case <-ctx.Done():
			s.leave(held)
			return
		}
	}
}

// wake returns the channel that is closed when something happens to the topic.
func (f *feed) wake(topic string) chan struct{} {
	if f.topics == nil {
		f.topics = map[string]chan struct{}{}
	}
	if f.topics[topic] == nil {
		f.topics[topic] = make(chan struct{})
	}
	return f.topics[topic]
}

// leave counts out one who waited.
func (s *Server) leave(held bool) {
	if !held {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.feed.waiting--; s.feed.waiting == 0 {
		clear(s.feed.topics)
		if s.feed.stop != nil {
			close(s.feed.stop)
			s.feed.stop, s.feed.due = nil, time.Time{}
		}
	}
}

// wind lets the clockwork run while somebody waits, so that what is due happens
// though nobody asks. The caller holds the lock.
func (s *Server) wind() {
	f := &s.feed
	if f.waiting == 0 {
		return
	}
	next, ok := s.core.Next()
	if !ok || !f.due.IsZero() && !next.Before(f.due) {
		return
	}
	f.due = next
	if f.stop == nil {
		f.stop, f.sooner = make(chan struct{}), make(chan struct{}, 1)
		go s.clockwork(f.stop, f.sooner, next)
		return
	}
	select {
	case f.sooner <- struct{}{}:
	default:
	}
}

// clockwork advances the service to each moment at which something is due.
func (s *Server) clockwork(stop, sooner chan struct{}, next time.Time) {
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	for {
		select {
		case <-stop:
			return
		case <-sooner:
		case <-timer.C:
		}
		s.mu.Lock()
		if s.feed.stop != stop { // nobody waits any more
			s.mu.Unlock()
			return
		}
		s.core.Advance(time.Now())
		due, ok := s.core.Next()
		if !ok {
			due = time.Now().Add(time.Hour) // wind says when there is something
		}
		s.feed.due = due
		s.mu.Unlock()
		timer.Reset(time.Until(due))
	}
}
