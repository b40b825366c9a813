// Package sharingtest tests logs of package sharing, and has one in memory for tests.
package sharingtest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// Memory holds logs in memory, for clients of one process. The zero Memory is ready.
// Its methods may be called from many goroutines.
type Memory struct {
	mu   sync.Mutex
	logs map[string]*MemoryLog
}

// Open returns the log of a name. It is what tempnumber.WithSharing asks for.
func (m *Memory) Open(name string) (sharing.Log, error) { return m.Log(name), nil }

// Log returns the log of a name.
func (m *Memory) Log(name string) *MemoryLog {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.logs == nil {
		m.logs = make(map[string]*MemoryLog)
	}
	log := m.logs[name]
	if log == nil {
		log = &MemoryLog{start: time.Now(), epoch: sharing.Epoch{ID: "1", New: true}, changed: make(chan struct{})}
		m.logs[name] = log
	}
	return log
}

// Names returns the names of the logs that were opened.
func (m *Memory) Names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.logs {
		names = append(names, name)
	}
	return names
}

// MemoryLog is a sharing.Log in memory that can be broken.
type MemoryLog struct {
	start time.Time

	mu       sync.Mutex
	epochs   int
	epoch    sharing.Epoch
	snapshot *sharing.Snapshot
	entries  []sharing.Entry
	last     int64
	fences   [256]int64
	changed  chan struct{} // closed when something is appended
	fault    error
	lost     bool
	skew     time.Duration
	appends  int
	bytes    int
}

// Fail lets all calls fail with err from now on, nil for none. With lost, entries are
// appended all the same, as when an answer gets lost.
func (l *MemoryLog) Fail(err error, lost bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault, l.lost = err, lost
	l.tell()
}

// Forget empties the log, as a server without a disk does when it restarts.
func (l *MemoryLog) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs++
	l.epoch = sharing.Epoch{ID: strconv.Itoa(1 + l.epochs), Began: l.now()}
	l.snapshot, l.entries, l.last, l.fences = nil, nil, 0, [256]int64{}
	l.tell()
}

// Skew moves the log's clock.
func (l *MemoryLog) Skew(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.skew += d
}

// Appends returns how many entries were appended so far, and how many bytes.
func (l *MemoryLog) Appends() (entries, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.appends, l.bytes
}

// Data returns what is in the log now.
func (l *MemoryLog) Data() [][]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var data [][]byte
	if l.snapshot != nil {
		data = append(data, l.snapshot.Data)
	}
	for _, e := range l.entries {
		data = append(data, e.Data)
	}
	return data
}

func (l *MemoryLog) now() time.Duration { return time.Since(l.start) + l.skew }

func (l *MemoryLog) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *MemoryLog) view(after sharing.Cursor) sharing.View {
	v := sharing.View{Epoch: l.epoch, Now: l.now()}
	position := after.Position
	if after.Epoch != l.epoch.ID {
		position = 0
	}
	if l.snapshot != nil && position < l.snapshot.UpTo.Position {
		v.Snapshot, position = l.snapshot, l.snapshot.UpTo.Position
	}
	for i, e := range l.entries {
		if e.Position > position {
			v.Entries = slices.Clone(l.entries[i:])
			break
		}
	}
	return v
}

// Read returns what was appended after a cursor.
func (l *MemoryLog) Read(ctx context.Context, after sharing.Cursor) (sharing.View, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return sharing.View{}, ctx.Err()
	}
	return l.view(after), l.fault
}

// Append adds an entry.
func (l *MemoryLog) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return sharing.View{}, ctx.Err()
	case l.fault != nil && !l.lost:
		return sharing.View{}, l.fault
	case a.After.Epoch != l.epoch.ID, a.Test && l.fences[a.Fence] > a.After.Position:
		return l.view(a.After), l.fault
	}
	l.last++
	l.appends++
	l.bytes += len(a.Data)
	at := l.now()
	if n := len(l.entries); n > 0 {
		at = max(at, l.entries[n-1].At)
	}
	l.entries = append(l.entries, sharing.Entry{Position: l.last, At: at, Fence: a.Fence, Data: slices.Clone(a.Data)})
	if a.Fence != 0 {
		l.fences[a.Fence] = l.last
	}
	l.tell()
	v := l.view(a.After)
	v.Appended = true
	return v, l.fault
}

// Wait returns when something was appended after a cursor.
func (l *MemoryLog) Wait(ctx context.Context, after sharing.Cursor) error {
	l.mu.Lock()
	changed, there := l.changed, after.Epoch != l.epoch.ID || l.last > after.Position
	l.mu.Unlock()
	if there {
		return nil
	}
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Compact replaces the entries up to a place by a snapshot.
func (l *MemoryLog) Compact(_ context.Context, s sharing.Snapshot) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.UpTo.Epoch != l.epoch.ID || l.snapshot != nil && s.UpTo.Position <= l.snapshot.UpTo.Position || s.UpTo.Position > l.last {
		return l.fault
	}
	l.snapshot = &s
	l.entries = slices.DeleteFunc(slices.Clone(l.entries), func(e sharing.Entry) bool { return e.Position <= s.UpTo.Position })
	return l.fault
}
