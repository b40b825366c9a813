// Package sharing has the interface of a log by which programs that use one API key
// share its limits, and what they have seen. Package filelog is one on a machine,
// package redislog one for many machines; sharingtest tests a log of your own.
//
// A log is a sequence of entries that all programs of a key append to and read. It
// keeps no rules: what an entry means, and whether a request may be sent, each program
// works out for itself from the entries, which are sealed with the API key.
//
// # A log of your own
//
// Anything will do that appends an entry only if no other of the same fence was appended since, keeps the order, has a
// clock that is the same for all, and says by another epoch when it has lost something. That is some 150 lines over a
// store that compares and sets one value; the example of package sharingtest is such a log, and TestLog there tests it.
//
// # Size
//
// A key's limits bound how much there is to say. A request is two or three entries of some 100 bytes, a wait one as it
// begins, and a program that waits says once in 48 s that it is still there. Every entry is read by every program.
// So twenty programs with a wait each write 2.5 entries (0.7 kB) in a second, and 1,000 programs with 5,000 waits 24
// (2.9 kB), which are 49,000 operations of Redis in a second and 5 MB that it sends. Worked out by the replay in
// virtual time, with what an operation costs a real Redis 7 (append 31 µs, read 20 µs, wait 9 µs):
//
//   - What gives first is the key itself: it lists ten pages a minute, so with 5,000 waits an SMS is seen two minutes
//     late, with 1,500 one minute, with 20 3.4 s.
//   - Next is one Redis: 1,000 programs of one key keep it busy for 73 % of the time. That grows with the square of
//     the programs, and is all of it at 1,170.
//   - Keys have nothing to do with each other. 200 of them with 20 programs each are 20,000 operations in a second,
//     31 % of one Redis; it carries some 640 such keys.
//   - A program computes for 0.5 ms in each second at 20 waits, for 3 ms at 3,500, and for some 10 ms at 5,000. By a file
//     all do so on one machine: 700 programs with 3,500 waits keep two cores busy.
//   - A newcomer reads 1,000 waits of 64 bytes in 1 ms.
package sharing

import (
	"context"
	"errors"
	"time"
)

// Log is the log of one key. Its methods may be called from several goroutines, and must
// return when ctx ends.
type Log interface {
	// Read returns what was appended after a cursor.
	Read(ctx context.Context, after Cursor) (View, error)
	// Append adds an entry at the end, unless a.After is of another epoch, or a.Test is
	// set and an entry with the same fence stands after a.After. Either way it returns
	// what stands after a.After, the new entry included: View.Appended reports whether
	// it was added. After an error the entry may be in the log or not, or get there later.
	Append(ctx context.Context, a Append) (View, error)
	// Wait returns when something may stand after a cursor, or a little later.
	Wait(ctx context.Context, after Cursor) error
	// Compact replaces all entries up to s.UpTo by the snapshot, which says the same. It
	// does nothing if s.UpTo is of another epoch, or behind the snapshot that is there.
	Compact(ctx context.Context, s Snapshot) error
}

// Cursor is a place in a log. The zero Cursor is before everything.
type Cursor struct {
	Epoch    string
	Position int64 // of the last entry that is known; positions ascend by one
}

// Append is what Log.Append appends.
type Append struct {
	After Cursor // what the caller knows
	Fence uint8  // a group of entries that exclude each other; 0 for none
	Test  bool   // append only if no entry of the same fence stands after After
	Data  []byte
}

// View is what stands in a log after a cursor.
type View struct {
	Epoch Epoch
	// Now is the log's clock, at some moment during the call. Where it counts from does
	// not matter. It should not be possible to set it.
	Now      time.Duration
	Appended bool      // of Append: the entry was added
	Snapshot *Snapshot // when the cursor was behind it, or of another epoch; the entries follow it
	Entries  []Entry
}

// Cursor returns the place at the end of the view.
func (v View) Cursor(before Cursor) Cursor {
	c := Cursor{Epoch: v.Epoch.ID, Position: before.Position}
	if before.Epoch != c.Epoch {
		c.Position = 0
	}
	if v.Snapshot != nil {
		c.Position = v.Snapshot.UpTo.Position
	}
	if n := len(v.Entries); n > 0 {
		c.Position = v.Entries[n-1].Position
	}
	return c
}

// Epoch is the time in which a log has lost nothing. A log that was emptied, cut off or
// brought back from an older copy, or may have been, begins a new one with a new ID.
type Epoch struct {
	ID    string
	Began time.Duration // by the log's clock
	// New reports that nobody can have used the key by this log before the epoch, so that
	// nothing is lost.
	New bool
}

// Entry is one entry of a log.
type Entry struct {
	Position int64
	At       time.Duration // by the log's clock, when it was appended; it does not descend
	Fence    uint8
	Data     []byte
}

// Snapshot stands for all entries up to a place.
type Snapshot struct {
	UpTo Cursor
	At   time.Duration // by the log's clock: the At of the entry at UpTo
	Data []byte
}

// ErrBusy is matched by the error of a log that could not be locked in time, because
// another program holds it, perhaps stopped.
var ErrBusy = errors.New("another program holds the log and does not go on")
