package share

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// Status is what the log says at a moment.
type Status struct {
	Programs []Program
	Lines    []Line
	Waits    []Waiting
	Unread   int // entries that could not be read: made without the key, or of a later version
}

// Program is one that has been heard of within two minutes, or waits.
type Program struct {
	ID    uint64
	Self  bool
	Heard time.Duration // how long ago
	Waits int           // activations that it waits for
}

// Line is an endpoint.
type Line struct {
	Endpoint string
	Free     int           // slots
	Waiting  int           // programs in line
	Next     time.Duration // until the next in line can go at the soonest, 0 for now
	Closed   time.Duration // how much longer nobody can
}

// Waiting is an activation that is waited for.
type Waiting struct {
	Activation int64
	Since      time.Duration // how long
	Left       time.Duration // until the number's time is over
	Programs   int           // that wait for it
}

// Status reads the log once, and returns what it says.
func (h *Hub) Status(ctx context.Context) (s Status, err error) {
	done := make(chan error, 1)
	h.mu.Lock()
	h.readers = append(h.readers, done)
	h.wake()
	h.mu.Unlock()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		if why := h.unreachable(); why != nil {
			err = &joined{why, err}
		}
		return s, err
	}
	now := h.now()
	h.state.Advance(now)
	s = h.state.status(h.self, now)
	s.Unread = h.unread
	return s, nil
}

func (s *State) status(self uint64, now time.Duration) (status Status) {
	waits := make(map[uint64]int)
	for id, a := range s.waits {
		status.Waits = append(status.Waits, Waiting{id, now - a.since, a.expires - now, len(a.by)})
		for program := range a.by {
			waits[program]++
		}
	}
	slices.SortFunc(status.Waits, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(b.Since, a.Since), cmp.Compare(a.Activation, b.Activation))
	})
	for program, at := range s.heard {
		if program != 0 {
			status.Programs = append(status.Programs, Program{program, program == self, now - at, waits[program]})
		}
	}
	slices.SortFunc(status.Programs, func(a, b Program) int {
		return cmp.Or(cmp.Compare(a.Heard, b.Heard), cmp.Compare(a.ID, b.ID))
	})
	for _, endpoint := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[endpoint]
		line := Line{Endpoint: endpoint, Free: max(l.slots.Free(), 0), Waiting: len(l.tickets), Closed: max(l.slots.Paused()-now, 0)}
		if at, ok := l.slots.Next(0, now); ok {
			line.Next = at - now
		}
		status.Lines = append(status.Lines, line)
	}
	return status
}
