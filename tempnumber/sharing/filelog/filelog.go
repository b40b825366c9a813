// Package filelog is a log of package sharing in a file, for the programs of one machine.
//
//	client, err := tempnumber.New(key, tempnumber.WithSharing(filelog.In(dir)))
//
// Each key and base URL has two files in the directory, readable by their owner alone:
// NAME.log holds the entries, NAME.lock is what programs lock, and remembers how far the
// log went. Windows lets nobody read what is locked, so there they lock a third file,
// NAME.guard. Lock files must not be deleted while programs run. The name is a hash, and
// entries are sealed with the key.
//
// The directory must be on a disk of the machine: locks on network file systems cannot be
// relied on. Containers share a log by a common volume, if they run on one kernel.
//
// # What happens when
//
//   - A program dies: what it held comes back when its lease ends, its waits after two minutes.
//   - A program is stopped while it holds the lock: calls of others fail with
//     sharing.ErrBusy, and nothing is sent. The lock is never broken.
//   - The log is deleted, cut off or unreadable: a new epoch begins, and nothing is sent until
//     nothing of before can count any more, about three minutes.
//   - The disk is full: an entry that was half written is taken back, and the call fails.
//   - The machine starts anew: the clock counts from there, and so does the epoch.
//   - Both files are deleted: programs that run notice, but one that starts takes itself for the
//     first.
//
// # Time
//
// The log's clock on Linux, macOS and Windows is the time since the machine started, the time it slept included:
// nobody can set it. Elsewhere it is the wall clock, which never goes back in the log. Where that is set forward,
// programs go by their own as well; one that begins later learns of it by what others have said since.
package filelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

const (
	// lookEvery is how often Wait looks whether the file has changed.
	lookEvery = 50 * time.Millisecond
	// lockEvery is how often a lock that another holds is tried again.
	lockEvery = time.Millisecond
	// lockFor is how long it is tried. Programs hold it for less than a millisecond, unless they are stopped.
	lockFor = time.Second
)

// Directory holds logs. It is what tempnumber.WithSharing asks for.
type Directory string

// In returns the logs in a directory, which is made when it is missing.
func In(dir string) Directory { return Directory(dir) }

// Open opens the log of a name. It fails when the directory cannot be written.
func (d Directory) Open(name string) (sharing.Log, error) {
	if name == "" || strings.ContainsAny(name, `/\`) || d == "" {
		return nil, fmt.Errorf("filelog: %q in %q is no name of a log", name, string(d))
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, fmt.Errorf("filelog: %w", err)
	}
	l := &Log{path: filepath.Join(string(d), name+".log"), lockPath: filepath.Join(string(d), name+".lock"), guardPath: filepath.Join(string(d), name+guardSuffix)}
	if err := l.writable(); err != nil {
		return nil, fmt.Errorf("filelog: %w", err)
	}
	return l, nil
}

// writable finds out whether the directory can be written, without leaving anything.
func (l *Log) writable() error {
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.CreateTemp(filepath.Dir(l.path), ".try*"); err == nil {
			defer func() { _ = os.Remove(f.Name()) }()
		}
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// Log is a log in a file. Directory.Open makes it.
type Log struct {
	path, lockPath, guardPath string

	mu   sync.Mutex // one call at a time
	boot string
	file *logFile // nil until it was opened, and after a failure
	head header   // of the file
	read int64    // how far the file was read
	last int64    // the position there
	at   time.Duration
	// entries are those since base, so that a cursor of this program is answered without reading again.
	entries []sharing.Entry
	fences  [256]int64
}

// Read returns what was appended after a cursor.
func (l *Log) Read(ctx context.Context, after sharing.Cursor) (sharing.View, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return sharing.View{}, err
	}
	if l.follow() && !l.behind(after) { // nothing to mend
		return l.view(after), nil
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return sharing.View{}, err
	}
	defer unlock()
	if err := l.mend(after); err != nil {
		return sharing.View{}, fmt.Errorf("filelog: %w", err)
	}
	return l.view(after), nil
}

// Append adds an entry at the end.
func (l *Log) Append(ctx context.Context, a sharing.Append) (sharing.View, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	unlock, err := l.lock(ctx)
	if err != nil {
		return sharing.View{}, err
	}
	defer unlock()
	if err := l.mend(a.After); err != nil {
		return sharing.View{}, fmt.Errorf("filelog: %w", err)
	}
	if a.After.Epoch != l.head.Epoch || a.Test && l.fences[a.Fence] > a.After.Position {
		return l.view(a.After), nil
	}
	e := sharing.Entry{Position: l.last + 1, At: max(now(), l.at), Fence: a.Fence, Data: bytes.Clone(a.Data)}
	if err := l.write(e); err != nil {
		return sharing.View{}, fmt.Errorf("filelog: %w", err)
	}
	v := l.view(a.After)
	v.Appended = true
	return v, nil
}

// Wait returns when the file has changed after a cursor. It looks twenty times a second.
func (l *Log) Wait(ctx context.Context, after sharing.Cursor) error {
	timer := time.NewTimer(lookEvery)
	defer timer.Stop()
	for {
		l.mu.Lock()
		changed := l.file == nil || l.head.Epoch != after.Epoch || l.last > after.Position || l.changed()
		l.mu.Unlock()
		if changed {
			return nil
		}
		timer.Reset(lookEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Compact replaces the entries up to a place by a snapshot: it writes a new file.
func (l *Log) Compact(ctx context.Context, s sharing.Snapshot) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := l.mend(s.UpTo); err != nil {
		return fmt.Errorf("filelog: %w", err)
	}
	if s.UpTo.Epoch != l.head.Epoch || s.UpTo.Position <= l.head.Base || s.UpTo.Position > l.last {
		return nil
	}
	head := l.head
	head.Base, head.BaseAt, head.Snapshot, head.Fences = s.UpTo.Position, s.At, s.Data, l.fences
	b := head.encode()
	for _, e := range l.entries {
		if e.Position > head.Base {
			b = appendRecord(b, e)
		}
	}
	if err := l.replace(b); err != nil {
		return fmt.Errorf("filelog: %w", err)
	}
	return nil
}

// view returns what stands after a cursor, as far as the file was read.
func (l *Log) view(after sharing.Cursor) sharing.View {
	v := sharing.View{
		Epoch: sharing.Epoch{ID: l.head.Epoch, Began: l.head.Began, New: l.head.New},
		Now:   max(now(), l.at),
	}
	position := after.Position
	if after.Epoch != l.head.Epoch {
		position = 0
	}
	if l.head.Base > position {
		position = l.head.Base
		v.Snapshot = &sharing.Snapshot{UpTo: sharing.Cursor{Epoch: l.head.Epoch, Position: l.head.Base}, At: l.head.BaseAt, Data: l.head.Snapshot}
	}
	if skip := position - l.head.Base; skip < int64(len(l.entries)) {
		v.Entries = l.entries[skip:len(l.entries):len(l.entries)]
	}
	return v
}

// lock locks the lock file for this program. What is locked must still be the file of that name: another may
// have replaced it meanwhile.
func (l *Log) lock(ctx context.Context) (unlock func(), err error) {
	for {
		lock := flock.New(l.guardPath, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		ok, err := lock.TryLock()
		if err == nil && !ok {
			ok, err = tryFor(ctx, lock)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			_ = lock.Close()
			return nil, fmt.Errorf("filelog: %w: %w", sharing.ErrBusy, err)
		case err != nil:
			_ = lock.Close()
			return nil, fmt.Errorf("filelog: %w", err)
		case !ok:
			_ = lock.Close()
			return nil, fmt.Errorf("filelog: %w", sharing.ErrBusy)
		}
		if ctx.Err() != nil {
			_ = lock.Close()
			return nil, ctx.Err()
		}
		locked, err := lock.Stat()
		named, errNamed := os.Stat(l.guardPath)
		if err == nil && errNamed == nil && os.SameFile(locked, named) {
			return func() { _ = lock.Close() }, nil
		}
		_ = lock.Close()
	}
}

// tryFor tries to lock until ctx ends, but not for long. It is false without an error when another program holds the lock.
func tryFor(ctx context.Context, lock *flock.Flock) (locked bool, err error) {
	within, cancel := context.WithTimeout(ctx, lockFor)
	defer cancel()
	locked, err = lock.TryLockContext(within, lockEvery)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return false, nil
	}
	return locked, err
}

// behind reports whether the file ends before a cursor of the same epoch: both files were brought back from a copy.
func (l *Log) behind(after sharing.Cursor) bool {
	return after.Epoch == l.head.Epoch && after.Position > l.last
}

// changed reports whether the file is another one, or has another length, than was read.
func (l *Log) changed() bool {
	info, err := os.Stat(l.path)
	if err != nil {
		return true
	}
	own, err := l.file.Stat()
	return err != nil || !os.SameFile(info, own) || info.Size() != l.read
}

// follow reads on without the lock. It reports whether that was enough: the file is the same one and has not
// shrunk. A record that is not whole yet is left for later.
func (l *Log) follow() bool {
	if l.file == nil {
		return false
	}
	info, err := os.Stat(l.path)
	if err != nil {
		return false
	}
	own, err := l.file.Stat()
	if err != nil || !os.SameFile(info, own) || info.Size() < l.read {
		return false
	}
	return l.readOn(info.Size()) == nil
}

// readOn takes in whole records up to a size.
func (l *Log) readOn(size int64) error {
	if size == l.read {
		return nil
	}
	b := make([]byte, size-l.read)
	n, err := l.file.ReadAt(b, l.read)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	b = b[:n]
	for {
		e, rest, ok := readRecord(b)
		if !ok || e.Position != l.last+1 {
			return nil
		}
		l.read += int64(len(b) - len(rest))
		l.take(e)
		b = rest
	}
}

func (l *Log) take(e sharing.Entry) {
	l.last, l.at = e.Position, e.At
	l.entries = append(l.entries, e)
	if e.Fence != 0 {
		l.fences[e.Fence] = e.Position
	}
}

// mend brings the file into order under the lock: it reads on, cuts off a torn end, and begins a new epoch
// when something is missing.
func (l *Log) mend(after sharing.Cursor) error {
	state, err := readState(l.lockPath)
	if err != nil {
		return err
	}
	if l.boot == "" {
		l.boot = bootID()
	}
	boot := l.boot
	switch {
	case state == (lockState{}) && l.head.Epoch == "" && !exists(l.path): // the first of all
		return l.begin(true, now(), boot)
	case state.Boot != "" && state.Boot != boot && state.intact: // what was held before the start counts from the start
		return l.begin(false, 0, boot)
	case !state.intact:
		return l.begin(false, now(), boot)
	}
	if !l.follow() {
		if err := l.open(); err != nil {
			return l.begin(false, now(), boot)
		}
	}
	if !settable && now() < max(l.at, l.head.Began) {
		return l.begin(false, 0, boot) // the machine has started anew and does not say so
	}
	if l.head.Epoch != state.Epoch || l.last < state.Position || l.behind(after) {
		return l.begin(false, now(), boot)
	}
	if info, err := l.file.Stat(); err != nil {
		return err
	} else if info.Size() > l.read {
		if err := l.file.Truncate(l.read); err != nil { // a torn end: its writer has died
			return err
		}
	}
	if l.last > state.Position { // its writer died before it could say so
		state.Position = l.last
		return state.write(l.lockPath)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

var errNoLog = errors.New("the file is not a log")

// open opens the file of the name and reads it from its beginning.
func (l *Log) open() error {
	l.close()
	f, err := openFile(l.path)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		b := make([]byte, info.Size())
		if _, err = f.ReadAt(b, 0); errors.Is(err, io.EOF) {
			err = nil
		}
		head, rest, ok := readHeader(b)
		if err == nil && !ok {
			err = errNoLog
		}
		if err == nil {
			l.file, l.head, l.read = f, head, int64(len(b)-len(rest))
			l.last, l.at, l.entries, l.fences = head.Base, head.BaseAt, nil, head.Fences
			return l.readOn(info.Size())
		}
	}
	_ = f.Close()
	return err
}

func (l *Log) close() {
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}

// begin begins a new epoch.
func (l *Log) begin(first bool, began time.Duration, boot string) error {
	head := header{Epoch: newID(), Began: began, New: first}
	// The lock file goes first: should the program die in between, the log is of another epoch, and a new one begins.
	state := lockState{Epoch: head.Epoch, Boot: boot}
	if err := state.write(l.lockPath); err != nil {
		return err
	}
	return l.replace(head.encode())
}

// replace replaces the file, and opens it.
func (l *Log) replace(b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(l.path), filepath.Base(l.path)+".new*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if closed := f.Close(); err == nil {
		err = closed
	}
	l.close()
	if err == nil {
		err = rename(f.Name(), l.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return l.open()
}

// write appends a record, and notes in the lock file that it is there. A record that was not written whole is taken back.
func (l *Log) write(e sharing.Entry) error {
	b := appendRecord(nil, e)
	if _, err := l.file.WriteAt(b, l.read); err != nil {
		return errors.Join(err, l.file.Truncate(l.read))
	}
	if err := (lockState{Epoch: l.head.Epoch, Boot: l.boot, Position: e.Position}).write(l.lockPath); err != nil {
		return err // it may have been read already, so it stays
	}
	l.read += int64(len(b))
	l.take(e)
	return nil
}
