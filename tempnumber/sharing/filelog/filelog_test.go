package filelog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/filelog"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
)

func open(t testing.TB, dir string) sharing.Log {
	t.Helper()
	log, err := filelog.In(dir).Open("test")
	require.NoError(t, err)
	return log
}

func TestLog(t *testing.T) {
	for name, lose := range map[string]func(dir string) error{
		"deleted": func(dir string) error { return os.Remove(filepath.Join(dir, "test.log")) },
		"emptied": func(dir string) error { return os.Truncate(filepath.Join(dir, "test.log"), 0) },
		"both deleted": func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "test.log")), os.Remove(filepath.Join(dir, "test.lock")))
		},
		"lock file deleted":   func(dir string) error { return os.Remove(filepath.Join(dir, "test.lock")) },
		"lock file emptied":   func(dir string) error { return os.Truncate(filepath.Join(dir, "test.lock"), 0) },
		"lock file torn":      func(dir string) error { return os.Truncate(filepath.Join(dir, "test.lock"), 30) },
		"another file put in": func(dir string) error { return os.WriteFile(filepath.Join(dir, "test.log"), []byte("hello"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			sharingtest.TestLog(t,
				func(t *testing.T) sharing.Log { return open(t, dir) },
				func(t *testing.T) {
					require.NoError(t, lose(dir))
					if name == "both deleted" { // which only those notice that were there before
						return
					}
					// Who only reads need not notice that the lock file is not what it was; nobody acts without
					// an append, which does.
					put(t, open(t, dir))
					_, err := open(t, dir).Append(t.Context(), sharing.Append{After: sharing.Cursor{Epoch: "any"}})
					require.NoError(t, err)
				})
		})
	}
}

// put appends entries, one after the other.
func put(t testing.TB, log sharing.Log, texts ...string) sharing.Cursor {
	t.Helper()
	v, err := log.Read(t.Context(), sharing.Cursor{})
	require.NoError(t, err)
	cursor := v.Cursor(sharing.Cursor{})
	for _, text := range texts {
		v, err = log.Append(t.Context(), sharing.Append{After: cursor, Data: []byte(text)})
		require.NoError(t, err)
		require.True(t, v.Appended)
		cursor = v.Cursor(cursor)
	}
	return cursor
}

// texts reads a log from its beginning.
func texts(t testing.TB, log sharing.Log) (texts []string, epoch sharing.Epoch) {
	t.Helper()
	v, err := log.Read(t.Context(), sharing.Cursor{})
	require.NoError(t, err)
	for _, e := range v.Entries {
		texts = append(texts, string(e.Data))
	}
	return texts, v.Epoch
}

func TestFirstUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "tempnumber")
	put(t, open(t, dir), "a")
	got, epoch := texts(t, open(t, dir))
	require.Equal(t, []string{"a"}, got)
	require.True(t, epoch.New, "nobody was there before")
	names := []string{"test.lock", "test.log"}
	if runtime.GOOS == "windows" { // which has no modes, and locks a file of its own
		names = []string{"test.guard", "test.lock", "test.log"}
	} else {
		for _, name := range names {
			info, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		}
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	require.Equal(t, names, found, "nothing else is left")
}

// A file that was cut at any byte holds less than was said, so a new epoch begins.
func TestCutAtAnyByte(t *testing.T) {
	dir := t.TempDir()
	put(t, open(t, dir), "one", "two", "three")
	path := filepath.Join(dir, "test.log")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	lock, err := os.ReadFile(filepath.Join(dir, "test.lock"))
	require.NoError(t, err)
	_, before := texts(t, open(t, dir))
	for cut := len(whole) - 60; cut < len(whole); cut++ {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "test.lock"), lock, 0o600))
		log := open(t, dir)
		_, err := log.Append(t.Context(), sharing.Append{After: sharing.Cursor{Epoch: before.ID, Position: 3}, Data: []byte("x")})
		require.NoError(t, err)
		got, epoch := texts(t, open(t, dir))
		require.NotEqual(t, before.ID, epoch.ID, "cut at %d of %d", cut, len(whole))
		require.False(t, epoch.New)
		require.Empty(t, got)
	}
}

// A copy of before is a whole log, and who starts has not seen more. That something is missing stands in the lock file.
func TestOlderCopy(t *testing.T) {
	for name, copied := range map[string]func(t *testing.T, dir string) []byte{
		"of the same epoch": func(t *testing.T, dir string) []byte {
			b, err := os.ReadFile(filepath.Join(dir, "test.log"))
			require.NoError(t, err)
			return b
		},
		"of another epoch": func(t *testing.T, _ string) []byte {
			another := t.TempDir()
			put(t, open(t, another), "one", "two", "three", "four")
			b, err := os.ReadFile(filepath.Join(another, "test.log"))
			require.NoError(t, err)
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, open(t, dir), "one", "two")
			_, before := texts(t, open(t, dir))
			older := copied(t, dir)
			put(t, open(t, dir), "three")
			require.NoError(t, os.WriteFile(filepath.Join(dir, "test.log"), older, 0o600))
			got, epoch := texts(t, open(t, dir))
			require.Empty(t, got)
			require.NotEqual(t, before.ID, epoch.ID)
			require.False(t, epoch.New)
			put(t, open(t, dir), "four")
			got, after := texts(t, open(t, dir))
			require.Equal(t, []string{"four"}, got)
			require.Equal(t, epoch, after)
		})
	}
}

// A record that its writer has not finished is no loss.
func TestTornEnd(t *testing.T) {
	dir := t.TempDir()
	reader := open(t, dir)
	cursor := put(t, reader, "one", "two")
	path := filepath.Join(dir, "test.log")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	put(t, open(t, dir), "three")
	longer, err := os.ReadFile(path)
	require.NoError(t, err)
	lock := filepath.Join(dir, "test.lock")
	for torn := len(whole) + 1; torn < len(longer); torn++ {
		dir := t.TempDir()
		log := open(t, dir)
		put(t, log, "one", "two")
		own, err := os.ReadFile(filepath.Join(dir, "test.log"))
		require.NoError(t, err)
		f, err := os.OpenFile(filepath.Join(dir, "test.log"), os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = f.Write(longer[len(whole):torn])
		require.NoError(t, err)
		require.NoError(t, f.Close())
		got, epoch := texts(t, log)
		require.Equal(t, []string{"one", "two"}, got, "it is not there yet")
		put(t, log, "four")
		got, after := texts(t, open(t, dir))
		require.Equal(t, []string{"one", "two", "four"}, got)
		require.Equal(t, epoch.ID, after.ID)
		require.NotEmpty(t, own)
	}
	_, err = os.Stat(lock)
	require.NoError(t, err)
	v, err := reader.Read(t.Context(), cursor)
	require.NoError(t, err)
	require.Len(t, v.Entries, 1)
}

func TestStoppedHolderIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	log := open(t, dir)
	cursor := put(t, log, "one")
	lock := "test.lock"
	if runtime.GOOS == "windows" {
		lock = "test.guard"
	}
	release := hold(t, filepath.Join(dir, lock))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := log.Append(ctx, sharing.Append{After: cursor, Data: []byte("x")})
	require.ErrorIs(t, err, sharing.ErrBusy)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), time.Second)
	start = time.Now()
	_, err = log.Append(t.Context(), sharing.Append{After: cursor, Data: []byte("x")})
	require.ErrorIs(t, err, sharing.ErrBusy)
	require.NotErrorIs(t, err, context.DeadlineExceeded, "nobody's has ended")
	require.Less(t, time.Since(start), 3*time.Second)
	release()
	put(t, log, "two")
}

func TestNotWritable(t *testing.T) {
	if os.Geteuid() > 0 { // it is below 0 on Windows, which has no modes
		dir := t.TempDir()
		require.NoError(t, os.Chmod(dir, 0o500))
		_, err := filelog.In(dir).Open("test")
		require.Error(t, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := filelog.In(file).Open("test")
	require.Error(t, err)
	_, err = filelog.In(t.TempDir()).Open("../test")
	require.Error(t, err)
}

func BenchmarkAppend(b *testing.B) {
	log := open(b, b.TempDir())
	cursor := put(b, log)
	data := make([]byte, 100)
	for b.Loop() {
		v, err := log.Append(b.Context(), sharing.Append{After: cursor, Fence: 1, Test: true, Data: data})
		if err != nil || !v.Appended {
			b.Fatal(err)
		}
		cursor = v.Cursor(cursor)
	}
}
