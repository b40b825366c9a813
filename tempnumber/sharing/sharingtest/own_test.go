package sharingtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing/sharingtest"
)

// The example's log is a right one.
func TestOwnLog(t *testing.T) {
	cells := NewCells()
	sharingtest.TestLog(t, func(t *testing.T) sharing.Log {
		log, err := cells.Open("a")
		require.NoError(t, err)
		return log
	}, func(t *testing.T) {
		written, err := cells.Put(t.Context(), "a", nil, cells.version["a"])
		require.NoError(t, err)
		require.True(t, written)
	})
}
