package filelog

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// The file is a header and records. Both have a length and a checksum before them.

const magic = "tempnumber log 1\n"

// header is the beginning of a file.
type header struct {
	Epoch    string
	Began    time.Duration
	New      bool
	Base     int64 // the position that the snapshot goes up to
	BaseAt   time.Duration
	Snapshot []byte
	Fences   [256]int64
}

func (h header) encode() []byte {
	b, _ := json.Marshal(h) // nothing in it cannot be written
	return appendFrame([]byte(magic), b)
}

func readHeader(b []byte) (h header, rest []byte, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte(magic))
	if !ok {
		return h, nil, false
	}
	frame, rest, ok := readFrame(b)
	return h, rest, ok && json.Unmarshal(frame, &h) == nil && h.Epoch != ""
}

func appendRecord(b []byte, e sharing.Entry) []byte {
	frame := binary.AppendVarint(nil, e.Position)
	frame = binary.AppendVarint(frame, int64(e.At))
	frame = append(append(frame, e.Fence), e.Data...)
	return appendFrame(b, frame)
}

func readRecord(b []byte) (e sharing.Entry, rest []byte, ok bool) {
	frame, rest, ok := readFrame(b)
	if !ok {
		return e, b, false
	}
	position, n := binary.Varint(frame)
	if n <= 0 {
		return e, b, false
	}
	frame = frame[n:]
	at, n := binary.Varint(frame)
	if n <= 0 || len(frame) == n {
		return e, b, false
	}
	return sharing.Entry{Position: position, At: time.Duration(at), Fence: frame[n], Data: frame[n+1:]}, rest, true
}

func appendFrame(b, frame []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(frame)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(frame))
	return append(b, frame...)
}

func readFrame(b []byte) (frame, rest []byte, ok bool) {
	if len(b) < 8 {
		return nil, b, false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b)-8) {
		return nil, b, false
	}
	frame = b[8 : 8+n]
	return frame, b[8+n:], crc32.ChecksumIEEE(frame) == binary.LittleEndian.Uint32(b[4:])
}

// lockState is what stands in the lock file: how far the log went, so that one that was cut off is noticed.
type lockState struct {
	Epoch, Boot string
	Position    int64
	intact      bool
}

const stateSize = 160 // of the lock file; it never grows, so a full disk does not matter

// readState reads the lock file. The state of an empty file is zero; one that was torn is not intact.
func readState(path string) (s lockState, err error) {
	b, err := os.ReadFile(path) //nolint:gosec // the program says where logs are
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if len(b) == 0 {
		return s, nil
	}
	if frame, _, ok := readFrame(b); ok && json.Unmarshal(bytes.TrimRight(frame, " "), &s) == nil && s.Epoch != "" {
		s.intact = true
		return s, nil
	}
	return lockState{Boot: "unknown"}, nil
}

func (s lockState) write(path string) error {
	b, _ := json.Marshal(s) // nothing in it cannot be written
	for len(b) < stateSize-8 {
		b = append(b, ' ')
	}
	f, err := os.OpenFile(path, stateFlags, 0o600) //nolint:gosec // the program says where logs are
	if err != nil {
		return err
	}
	_, err = f.WriteAt(appendFrame(nil, b), 0)
	return errors.Join(err, f.Close())
}

func newID() string { return rand.Text()[:16] }
