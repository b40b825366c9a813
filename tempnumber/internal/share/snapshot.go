package share

import (
	"encoding/binary"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// snapshot returns what replaces all entries so far, if it is the program's turn to make it.
func (h *Hub) snapshot(v sharing.View) *sharing.Snapshot {
	if !v.Appended || len(v.Entries) == 0 {
		return nil
	}
	last := v.Entries[len(v.Entries)-1]
	if last.Position%compactEvery != 0 {
		return nil
	}
	at := h.localThen - max(0, v.Now-last.At)
	var b []byte
	for _, m := range append([]message{{program: h.self, clock: h.clock(at)}}, h.state.snapshot(at)...) {
		encoded := m.encode()
		b = append(binary.AppendUvarint(b, uint64(len(encoded))), encoded...)
	}
	return &sharing.Snapshot{
		UpTo: h.cursor, At: last.At,
		Data: h.sealer.seal(v.Epoch.ID, snapshotFence, b),
	}
}

// record is what a log shows, opened.
type record struct {
	readings []reading // that the epoch began, the snapshot if there is one, the entries
	snapshot []message
	lost     error // why the snapshot could not be read
	messages []message
	errs     []error // why an entry could not be read
}

// read opens what the log shows.
func (h *Hub) read(v sharing.View) record {
	r := record{readings: []reading{{log: v.Epoch.Began}}, messages: make([]message, len(v.Entries)), errs: make([]error, len(v.Entries))}
	if v.Snapshot != nil {
		r.snapshot, r.lost = h.openSnapshot(v)
		made := reading{log: v.Snapshot.At}
		if len(r.snapshot) > 0 {
			made.program, made.own = r.snapshot[0].program, r.snapshot[0].clock
		}
		r.readings = append(r.readings, made)
	}
	for i, e := range v.Entries {
		data, err := h.sealer.open(v.Epoch.ID, e.Fence, e.Data)
		if err == nil {
			r.messages[i], err = decodeMessage(data)
		}
		r.errs[i] = err
		r.readings = append(r.readings, reading{r.messages[i].program, e.At, r.messages[i].clock})
	}
	return r
}

// openSnapshot reads a snapshot. The first message says who made it.
func (h *Hub) openSnapshot(v sharing.View) (messages []message, err error) {
	b, err := h.sealer.open(v.Epoch.ID, snapshotFence, v.Snapshot.Data)
	if err != nil {
		return nil, err
	}
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, errMalformed
		}
		m, err := decodeMessage(b[used : used+int(n)])
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
		b = b[used+int(n):]
	}
	return messages, nil
}
