//go:build check

package consumer

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSize keeps the tool small enough to be fetched for each job of a CI. What makes it grow by half at once
// is text/template: with it the linker keeps every exported method.
func TestSize(t *testing.T) {
	program := filepath.Join(t.TempDir(), "tempnumber")
	t.Setenv("CGO_ENABLED", "0")
	t.Setenv("GOOS", "linux")
	t.Setenv("GOARCH", "amd64")
	run(t, filepath.Join("..", "..", ".."), "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./tempnumber/cmd/tempnumber")
	binary, err := os.ReadFile(program)
	require.NoError(t, err)
	require.LessOrEqual(t, len(binary), 14_000_000, "bytes, of the stripped program")

	var packed bytes.Buffer
	pack, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	_, err = pack.Write(binary)
	require.NoError(t, err)
	require.NoError(t, pack.Close())
	require.LessOrEqual(t, packed.Len(), 6_000_000, "bytes, of the program in an archive")
	t.Logf("%d bytes, %d in an archive", len(binary), packed.Len())
}
