package tempnumber

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/stretchr/testify/require"
)

// bomb returns size spaces, compressed.
func bomb(t *testing.T, size int) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for size > 0 {
		n, err := zip.Write(spaces[:min(size, len(spaces))])
		require.NoError(t, err)
		size -= n
	}
	require.NoError(t, zip.Close())
	return packed.Bytes()
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchedHeap is a body that records the largest heap seen while it is read.
type watchedHeap struct {
	io.ReadCloser
	peak *uint64
}

func (w watchedHeap) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	*w.peak = max(*w.peak, heap())
	return n, err
}

// heapGrowth returns how much the heap grows in a call that is answered with packed, a compressed body.
func heapGrowth(t *testing.T, status int, packed []byte, call func(*Client) error) (grown int64, err error) {
	t.Helper()
	url, transport, _ := pipeServer(t, http1, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		_, _ = w.Write(packed)
	}))
	var peak uint64
	client, err := New(testKey, WithBaseURL(url), WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := transport.RoundTrip(r)
		if err == nil {
			resp.Body = watchedHeap{resp.Body, &peak}
		}
		return resp, err
	})}))
	require.NoError(t, err)
	runtime.GC()
	before := heap()
	err = call(client)
	require.Positive(t, peak)
	return int64(peak) - int64(before), err
}

func TestDecompressionBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second or more")
	}
	balance := func(c *Client) error { _, err := c.Balance(t.Context()); return err }
	for name, c := range map[string]struct {
		status int
		limit  int
		call   func(*Client) error
	}{
		"an error":     {404, maxErrorBody, balance},
		"data":         {200, 4 << 20, balance},
		"a price list": {200, 64 << 20, func(c *Client) error { _, err := c.PricesByService(t.Context()); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := heapGrowth(t, c.status, bomb(t, 1), c.call)
			require.Error(t, err)
			packed := bomb(t, c.limit+16<<20)
			grown, err := heapGrowth(t, c.status, packed, c.call)
			require.Error(t, err)
			var api *APIError
			if errors.As(err, &api) {
				require.Empty(t, api.Body)
			} else {
				require.ErrorIs(t, err, ErrInvalidResponse)
			}
			t.Logf("%d packed bytes, limit %d: the heap grew by %d, %.2f times the limit; %d without the connection", len(packed), c.limit, grown, float64(grown)/float64(c.limit), grown-connection)
			require.Less(t, grown-connection, int64(2*c.limit))
		})
	}
}
