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

// openSnapshot reads the snapshot of a view, if there is one. The first message says who made it.
func (h *Hub) openSnapshot(v sharing.View) (messages []message, err error) {
	if v.Snapshot == nil {
		return nil, nil
	}
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
