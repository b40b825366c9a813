package share

import (
	"context"
	"errors"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/poll"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// snapshotFence stands in for a fence in what a snapshot is sealed with.
const snapshotFence = 255

// carryOut says something to the log and takes in its answer. It returns how long to
// wait before the next try, after a failure.
func (h *Hub) carryOut(ctx context.Context, s *step) (wait time.Duration) {
	before := h.now()
	h.mu.Lock()
	h.asked = before
	cursor := h.cursor
	for id, c := range s.claims {
		h.claims[id] = c
	}
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	var view sharing.View
	var err error
	if s.read {
		view, err = h.log.Read(ctx, cursor)
	} else {
		data := h.sealer.seal(cursor.Epoch, s.fence, message{h.self, h.clock(before), s.facts}.encode())
		view, err = h.log.Append(ctx, sharing.Append{After: cursor, Fence: s.fence, Test: s.test, Data: data})
	}
	after := h.now()
	h.mu.Lock()
	h.asked = -1
	if s.spoken {
		h.speaking = false
		if !view.Appended {
			h.outbox = append(s.facts, h.outbox...)
		}
	}
	if err != nil {
		h.mu.Unlock()
		if ctx.Err() != nil {
			err = &overdueError{err}
		}
		return h.fails(err, s.read, before, after)
	}
	if h.reread = false; !s.read || !h.unsaid {
		h.works()
	}
	seen := h.take(view, before, after)
	if view.Appended {
		h.spoken = after
	}
	if h.said() {
		close(h.flushed)
		h.flushed = make(chan struct{})
	}
	h.tellReaders(nil)
	h.written()
	looks := h.grant()
	clear(h.claims) // what the log does not show was refused; if it comes late it is given back unused
	for _, q := range h.queues {
		q.ChangedLocked(h.now())
	}
	snapshot := h.snapshot(view)
	h.mu.Unlock()

	if len(seen) > 0 {
		h.Follower.Show(seen)
	}
	for _, l := range looks {
		h.Follower.Send(l.look, l.slot)
	}
	if snapshot != nil {
		_ = h.log.Compact(ctx, *snapshot) // another will try
	}
	return 0
}

func (h *Hub) tellReaders(err error) {
	for _, r := range h.readers {
		r <- err
	}
	h.readers = nil
}

// opened is an entry of the log, or why it cannot be read.
type opened struct {
	message
	err error
}

func (h *Hub) open(v sharing.View) []opened {
	entries := make([]opened, len(v.Entries))
	for i, e := range v.Entries {
		data, err := h.sealer.open(v.Epoch.ID, e.Fence, e.Data)
		if err == nil {
			entries[i].message, err = decodeMessage(data)
		}
		entries[i].err = err
	}
	return entries
}

// take takes in what the log shows. before and after are when it was asked and when the
// answer was there. What the log's clock and those of the programs say of the time that has
// passed must agree: where the log's went faster, as much is taken off the age of what it
// shows, so that a slot is free only when both say so.
func (h *Hub) take(v sharing.View, before, after time.Duration) (seen []Sighting) {
	entries := h.open(v)
	snapshot, lost := h.openSnapshot(v)
	live := h.known && v.Epoch.ID == h.cursor.Epoch
	excess := max(0, v.Now-h.logThen-(before-h.localThen))
	ahead := func(int) time.Duration { return excess }
	if !live {
		jumps := ranAhead(readings(v, snapshot, entries), reading{h.self, v.Now, h.clock(before)})
		ahead = func(i int) time.Duration { return jumps[i] }
	}
	at := func(i int, log time.Duration) time.Duration { return after - max(0, v.Now-log-ahead(i)) }
	switch {
	case v.Snapshot != nil:
		h.replaceBy(snapshot, lost, at(ofSnapshot, v.Snapshot.At))
	case !live:
		h.replace(h.newState())
	}
	if !live {
		h.begin(v.Epoch, at(ofEpoch, v.Epoch.Began), after)
	}
	for i, m := range entries {
		now := at(ofEntries+i, v.Entries[i].At)
		if m.err != nil {
			h.notRead(m.err, now)
			continue
		}
		for _, s := range h.state.Apply(m.program, m.facts, now) {
			seen = append(seen, Sighting{Own: m.program == h.self, Sent: h.start.Add(s.Sent), List: s.List, Data: s.Data})
		}
		for _, f := range m.facts {
			switch {
			case f.Kind == Look:
				h.lookAt = -1
			case f.Kind == Wait && m.program == h.self:
				if _, waits := h.waits[f.Activation]; !waits { // it ended meanwhile
					h.say(Fact{Kind: End, Activation: f.Activation})
				}
			case f.Kind != Hold || m.program != h.self:
			case h.claims[f.ID].endpoint != "":
				h.got = append(h.got, f.ID)
			default: // it was given up
				h.giveBack(f.Endpoint, f.ID, slot.NotSent)
			}
		}
	}
	h.cursor, h.known, h.logThen, h.localThen = v.Cursor(h.cursor), true, v.Now, after
	return seen
}

// begin takes in an epoch that is new to the program.
func (h *Hub) begin(e sharing.Epoch, began, now time.Duration) {
	if h.known { // it was not there when the program last looked
		began = max(began, h.localThen)
	}
	switch {
	case !e.New:
		h.state.Close(began, h.lease())
		if now-began < h.lease() {
			h.Logger.Warn("tempnumber: the log that programs share the key by is empty, or was lost; nothing is sent until no request of before can count any more")
		}
	case h.known: // new to others, and something was lost all the same
		h.state.Close(now, h.lease())
	}
}

// notRead takes in that an entry cannot be read. Anybody can write one without the key, so it says nothing. But one of
// a later format is another program's, and what it holds is not known.
func (h *Hub) notRead(err error, at time.Duration) {
	if h.unread++; !errors.Is(err, errLater) {
		return
	}
	if !h.later {
		h.later = true
		h.Logger.Warn("tempnumber: a program of a later version shares the key, and what it sends is not known here; nothing is sent beside it until this program is brought up to date")
	}
	h.state.Close(at, h.lease())
}

// replace lets everything go by another state.
func (h *Hub) replace(s *State) {
	h.state = s
	h.lookAt = -1
	for endpoint, q := range h.queues {
		q.ReplaceLocked(s.lines[endpoint].slots)
	}
}

// replaceBy begins anew with a snapshot. One that cannot be read closes everything.
func (h *Hub) replaceBy(snapshot []message, lost error, at time.Duration) {
	state := h.newState()
	if lost != nil {
		h.unread++
		state.Close(h.now(), h.lease())
	}
	for _, m := range snapshot {
		state.Apply(m.program, m.facts, at)
	}
	h.replace(state)
}

// grant hands out the slots that the log shows as the program's.
func (h *Hub) grant() (looks []looking) {
	for _, id := range h.got {
		c := h.claims[id]
		switch {
		case !time.Now().Before(c.sendBy): // it took too long
			h.giveBack(c.endpoint, id, slot.NotSent)
		case c.look != nil:
			h.looks++
			looks = append(looks, looking{*c.look, &LookSlot{ID: id, SendBy: c.sendBy, Outcome: slot.NotSent}})
		case !h.queues[c.endpoint].GrantLocked(id, c.sendBy):
			h.giveBack(c.endpoint, id, slot.NotSent)
		}
	}
	h.got = h.got[:0]
	return looks
}

// looking is a look that is about to be sent.
type looking struct {
	look poll.Look
	slot *LookSlot
}
