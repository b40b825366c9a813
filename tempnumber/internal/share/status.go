package share

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// Status reads the log once, and returns what it says.
func (h *Hub) Status(ctx context.Context) (*sharing.Status, error) {
	done := make(chan error, 1)
	h.mu.Lock()
	h.readers = append(h.readers, done)
	h.wake()
	h.mu.Unlock()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		return nil, h.ended(err)
	}
	now := h.now()
	h.state.Advance(now)
	status := h.state.status(h.self, now)
	for i := range status.Limits {
		limit := h.Limits[status.Limits[i].Endpoint]
		status.Limits[i].Requests, status.Limits[i].Window = limit.Requests, limit.Window
	}
	status.Unread = h.unread
	return status, nil
}

func (s *State) status(self uint64, now time.Duration) *sharing.Status {
	status := &sharing.Status{}
	waits := make(map[uint64]int)
	for id, a := range s.waits {
		status.Waits = append(status.Waits, sharing.Wait{Activation: id, Since: now - a.since, Left: a.expires - now, Programs: len(a.by)})
		for _, m := range a.by {
			waits[m.program]++
		}
	}
	slices.SortFunc(status.Waits, func(a, b sharing.Wait) int {
		return cmp.Or(cmp.Compare(b.Since, a.Since), cmp.Compare(a.Activation, b.Activation))
	})
	inLine := make(map[uint64]bool)
	for _, l := range s.lines {
		for _, t := range l.tickets {
			inLine[t.program] = true
		}
	}
	for program, at := range s.heard {
		if program != 0 {
			status.Programs = append(status.Programs, sharing.Program{
				ID: fmt.Sprintf("%016x", program), Self: program == self, Heard: now - at, Waits: waits[program], InLine: inLine[program],
			})
		}
	}
	slices.SortFunc(status.Programs, func(a, b sharing.Program) int {
		return cmp.Or(cmp.Compare(a.Heard, b.Heard), cmp.Compare(a.ID, b.ID))
	})
	for _, endpoint := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[endpoint]
		inFlight, _, _, _ := l.slots.Taken(now)
		line := sharing.Limit{Endpoint: endpoint, Free: max(l.slots.Free(), 0), InFlight: len(inFlight), Line: len(l.tickets), Closed: max(l.slots.Paused()-now, 0)}
		if at, ok := l.slots.Next(0, now); ok {
			line.Next = at - now
		}
		status.Limits = append(status.Limits, line)
	}
	return status
}
