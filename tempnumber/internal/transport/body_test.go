package transport

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestReadAtMost(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 100_000, 1 << 20, 3_000_001} {
		text := bytes.Repeat([]byte("x"), size)
		for name, r := range map[string]io.Reader{
			"whole": bytes.NewReader(text), "in halves": iotest.HalfReader(bytes.NewReader(text)), "the end with the data": iotest.DataErrReader(bytes.NewReader(text)),
		} {
			got, err := ReadAtMost(r, int64(size))
			require.NoError(t, err, name)
			require.True(t, bytes.Equal(text, got), name)
		}
		_, err := ReadAtMost(bytes.NewReader(append(text, 'x')), int64(size))
		require.ErrorIs(t, err, ErrTooLarge)
	}
	_, err := ReadAtMost(iotest.ErrReader(io.ErrUnexpectedEOF), 10)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = ReadAtMost(idle{}, 10)
	require.ErrorIs(t, err, io.ErrNoProgress)
	got, err := ReadAtMost(iotest.OneByteReader(bytes.NewReader(bytes.Repeat([]byte("x"), 1000))), 1000)
	require.NoError(t, err)
	require.Len(t, got, 1000)
}

// idle is a reader that makes no progress.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
