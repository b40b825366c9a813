package filelog_test

import (
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
)

// hold holds a lock, as a program does that was stopped in the middle.
func hold(t *testing.T, path string) (release func()) {
	t.Helper()
	lock := flock.New(path)
	ok, err := lock.TryLock()
	require.NoError(t, err)
	require.True(t, ok)
	return func() { require.NoError(t, lock.Unlock()) }
}
