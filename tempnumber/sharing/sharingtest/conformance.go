package sharingtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// TestLog tests what package sharing asks of a log. open returns the same log, one
// that is empty at first, each time as another program would open it. lose makes the log
// forget what it holds, as its engine may; nil where that cannot be.
func TestLog(t *testing.T, open func(t *testing.T) sharing.Log, lose func(t *testing.T)) {
	t.Helper()
	l := logTest{t, open(t), open(t)}
	for _, test := range []struct {
		name string
		run  func(logTest)
	}{
		{"entries come in order", logTest.order},
		{"fences exclude each other", logTest.fences},
		{"wait tells of what is new", logTest.wait},
		{"a context ends a call", logTest.context},
		{"snapshots replace entries", logTest.compact},
		{"many append at once", logTest.race},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(logTest{t, l.a, l.b})
		})
	}
	if lose != nil {
		t.Run("what was lost begins a new epoch", func(t *testing.T) {
			lost := logTest{t, l.a, l.b}
			before := lost.end()
			lose(t)
			lost.lost(before)
		})
	}
}

// logTest tests one log, which two programs have opened.
type logTest struct {
	*testing.T
	a, b sharing.Log
}

func (t logTest) read(log sharing.Log, after sharing.Cursor) sharing.View {
	t.Helper()
	v, err := log.Read(t.Context(), after)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	t.check(after, v)
	return v
}

func (t logTest) append(log sharing.Log, a sharing.Append) sharing.View {
	t.Helper()
	v, err := log.Append(t.Context(), a)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	t.check(a.After, v)
	return v
}

// check looks for what must not be in any view.
func (t logTest) check(after sharing.Cursor, v sharing.View) {
	t.Helper()
	if v.Epoch.ID == "" {
		t.Fatal("the epoch has no ID")
	}
	position, at := int64(0), time.Duration(0)
	if after.Epoch == v.Epoch.ID {
		position = after.Position
	}
	if v.Snapshot != nil {
		if v.Snapshot.UpTo.Position <= position {
			t.Fatalf("a snapshot up to %d after a cursor at %d", v.Snapshot.UpTo.Position, position)
		}
		position = v.Snapshot.UpTo.Position
	}
	for _, e := range v.Entries {
		if e.Position != position+1 {
			t.Fatalf("entry %d comes after %d", e.Position, position)
		}
		if e.At < at || e.At > v.Now {
			t.Fatalf("entry %d is of %v, the one before of %v, and now is %v", e.Position, e.At, at, v.Now)
		}
		position, at = e.Position, e.At
	}
}

// end returns the cursor at the log's end.
func (t logTest) end() sharing.Cursor {
	t.Helper()
	return t.read(t.a, sharing.Cursor{}).Cursor(sharing.Cursor{})
}

func (t logTest) order() {
	start := t.end()
	if v := t.append(t.a, sharing.Append{After: sharing.Cursor{Epoch: "another"}, Data: []byte("x")}); v.Appended {
		t.Fatal("appended to another epoch")
	}
	cursor := start
	for i := range 20 {
		log := []sharing.Log{t.a, t.b}[i%2]
		v := t.append(log, sharing.Append{After: cursor, Data: []byte(strconv.Itoa(i))})
		if !v.Appended || len(v.Entries) == 0 || string(v.Entries[len(v.Entries)-1].Data) != strconv.Itoa(i) {
			t.Fatalf("append %d: %+v", i, v)
		}
		cursor = v.Cursor(cursor)
	}
	for _, log := range []sharing.Log{t.a, t.b} {
		v := t.read(log, start)
		if len(v.Entries) != 20 {
			t.Fatalf("%d entries instead of 20", len(v.Entries))
		}
		for i, e := range v.Entries {
			if string(e.Data) != strconv.Itoa(i) {
				t.Fatalf("entry %d holds %q", i, e.Data)
			}
		}
		if v := t.read(log, cursor); len(v.Entries) != 0 || v.Cursor(cursor) != cursor {
			t.Fatalf("after the end: %+v", v)
		}
	}
	long := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	t.append(t.a, sharing.Append{After: cursor, Data: long})
	if v := t.read(t.b, cursor); len(v.Entries) != 1 || !bytes.Equal(v.Entries[0].Data, long) {
		t.Fatal("a long entry came back otherwise")
	}
}

func (t logTest) fences() {
	cursor := t.end()
	put := func(log sharing.Log, fence uint8, test bool) bool {
		t.Helper()
		return t.append(log, sharing.Append{After: cursor, Fence: fence, Test: test, Data: []byte("f")}).Appended
	}
	if !put(t.a, 0, false) || !put(t.b, 7, true) {
		t.Fatal("nothing of the fence stands after the cursor")
	}
	if put(t.a, 7, true) || put(t.b, 7, true) {
		t.Fatal("appended though an entry of the same fence stands after the cursor")
	}
	if !put(t.a, 8, true) {
		t.Fatal("another fence is in the way")
	}
	if !put(t.a, 7, false) || !put(t.b, 0, true) {
		t.Fatal("refused without a test, or without a fence")
	}
	v := t.append(t.a, sharing.Append{After: cursor, Fence: 8, Test: true, Data: []byte("late")})
	if v.Appended || len(v.Entries) != 5 {
		t.Fatalf("who is refused gets the rest: %+v", v)
	}
	cursor = v.Cursor(cursor)
	if !put(t.b, 7, true) {
		t.Fatal("refused though everything is known")
	}
}

func (t logTest) wait() {
	cursor := t.end()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	told := make(chan error, 1)
	go func() { told <- t.b.Wait(ctx, cursor) }()
	begun := time.NewTimer(100 * time.Millisecond)
	defer begun.Stop()
	<-begun.C
	t.append(t.a, sharing.Append{After: cursor, Data: []byte("new")})
	start := time.Now()
	if err := <-told; err != nil || time.Since(start) > time.Second {
		t.Fatalf("Wait returned %v after %v", err, time.Since(start))
	}
	if err := t.b.Wait(ctx, cursor); err != nil {
		t.Fatalf("Wait for what is there: %v", err)
	}
}

func (t logTest) context() {
	cursor := t.end()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := t.a.Append(ended, sharing.Append{After: cursor, Data: []byte("x")}); err == nil {
		t.Fatal("Append does not heed its context")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	for ctx.Err() == nil {
		if err := t.a.Wait(ctx, cursor); err != nil && ctx.Err() == nil {
			t.Fatalf("Wait: %v", err)
		}
	}
	if time.Since(start) > 5*time.Second {
		t.Fatal("Wait does not heed its context")
	}
}

func (t logTest) compact() {
	start := t.end()
	cursor := start
	for i := range 10 {
		fence := uint8(20)
		if i == 9 {
			fence = 21
		}
		v := t.append(t.a, sharing.Append{After: cursor, Fence: fence, Data: []byte(strconv.Itoa(i))})
		cursor = v.Cursor(cursor)
	}
	all := t.read(t.b, start).Entries
	upTo := sharing.Cursor{Epoch: start.Epoch, Position: all[6].Position}
	compact := func(s sharing.Snapshot) {
		t.Helper()
		if err := t.b.Compact(t.Context(), s); err != nil {
			t.Fatalf("Compact: %v", err)
		}
	}
	compact(sharing.Snapshot{UpTo: upTo, At: all[6].At, Data: []byte("all before")})
	compact(sharing.Snapshot{UpTo: sharing.Cursor{Epoch: start.Epoch, Position: all[3].Position}, At: all[3].At, Data: []byte("older")})
	compact(sharing.Snapshot{UpTo: sharing.Cursor{Epoch: "another", Position: all[8].Position}, At: all[8].At, Data: []byte("of another")})
	for _, log := range []sharing.Log{t.a, t.b, t.b} {
		v := t.read(log, sharing.Cursor{})
		if v.Snapshot == nil || string(v.Snapshot.Data) != "all before" || v.Snapshot.UpTo != upTo || v.Snapshot.At != all[6].At || len(v.Entries) != 3 {
			t.Fatalf("from the beginning: %+v", v)
		}
		if v := t.read(log, upTo); v.Snapshot != nil || len(v.Entries) != 3 {
			t.Fatalf("from the snapshot on: %+v", v)
		}
		if v := t.read(log, cursor); v.Snapshot != nil || len(v.Entries) != 0 {
			t.Fatalf("at the end: %+v", v)
		}
	}
	behind := sharing.Cursor{Epoch: start.Epoch, Position: all[4].Position}
	if v := t.append(t.a, sharing.Append{After: behind, Fence: 20, Test: true, Data: []byte("x")}); v.Appended || v.Snapshot == nil {
		t.Fatal("the snapshot made a fence be forgotten")
	}
	if v := t.append(t.a, sharing.Append{After: cursor, Fence: 20, Test: true, Data: []byte("after")}); !v.Appended || v.Entries[0].Position != cursor.Position+1 {
		t.Fatal("nothing can be appended after a snapshot")
	}
	if v := t.read(t.b, cursor); len(v.Entries) != 1 || string(v.Entries[0].Data) != "after" {
		t.Fatal("what was appended after a snapshot is not there for others")
	}
}

// race lets many append with a test at once: each entry has to be the first that its writer did not know.
func (t logTest) race() {
	start := t.end()
	const writers, each = 4, 25
	var all sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		all.Go(func() {
			log, cursor, done := []sharing.Log{t.a, t.b}[w%2], start, 0
			for tries := 0; done < each && tries < 100_000; tries++ {
				v, err := log.Append(t.Context(), sharing.Append{After: cursor, Fence: 9, Test: true, Data: fmt.Appendf(nil, "%d", cursor.Position)})
				if err != nil && !errors.Is(err, sharing.ErrBusy) {
					errs[w] = err
					return
				}
				if err == nil {
					cursor = v.Cursor(cursor)
				}
				if v.Appended {
					done++
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	v := t.read(t.b, start)
	if len(v.Entries) != writers*each {
		t.Fatalf("%d entries instead of %d", len(v.Entries), writers*each)
	}
	if i := slices.IndexFunc(v.Entries, func(e sharing.Entry) bool { return string(e.Data) != fmt.Sprint(e.Position-1) }); i >= 0 {
		t.Fatalf("entry %d was appended by one who knew up to %s", v.Entries[i].Position, v.Entries[i].Data)
	}
}

func (t logTest) lost(before sharing.Cursor) {
	for _, log := range []sharing.Log{t.a, t.b} {
		v := t.read(log, before)
		if v.Epoch.ID == before.Epoch {
			t.Fatal("the epoch is the same")
		}
		if v.Epoch.New {
			t.Fatal("the epoch is said to be new, though others were before it")
		}
		if age := v.Now - v.Epoch.Began; age < 0 || age > time.Minute {
			t.Fatalf("the epoch is said to be %v old", age)
		}
		if v := t.append(log, sharing.Append{After: before, Data: []byte("of before")}); v.Appended {
			t.Fatal("appended by one who does not know of the loss")
		}
	}
	v := t.read(t.a, sharing.Cursor{})
	if v := t.append(t.b, sharing.Append{After: v.Cursor(sharing.Cursor{}), Data: []byte("anew")}); !v.Appended {
		t.Fatal("nothing can be appended after a loss")
	}
}
