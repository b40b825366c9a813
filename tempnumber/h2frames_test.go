package tempnumber

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The parts of HTTP/2 (RFC 9113) that a server needs to lose an order in ways
// that the server of net/http does not.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	codeNone, codeProtocolError, codeInternalError, codeRefusedStream, codeCancel, codeEnhanceYourCalm = 0, 1, 2, 7, 8, 11
)

type h2Conn struct {
	net.Conn
	r *bufio.Reader
}

func (c h2Conn) send(kind, flags byte, stream uint32, payload ...byte) {
	head := []byte{0, 0, byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	_, _ = c.Write(append(head, payload...))
}

// readOrder reads frames until a stream is complete and returns its number.
func (c h2Conn) readOrder() (stream uint32, err error) {
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(c.r, head); err != nil {
			return 0, err
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, c.r, length); err != nil {
			return 0, err
		}
		const endStream = 1
		if kind, flags := head[3], head[4]; kind == frameData && flags&endStream != 0 {
			return binary.BigEndian.Uint32(head[5:]), nil
		} else if kind == frameSettings && flags == 0 {
			go c.send(frameSettings, 1, 0)
		}
	}
}

// h2Client returns a client of a server that counts every complete order and then
// calls finish.
func h2Client(t *testing.T, finish func(c h2Conn, stream uint32), orders *atomic.Int32) *Client {
	t.Helper()
	url, transport, _ := pipeServer(t, http2, http.NotFoundHandler())
	certificate := serverCertificate(t)
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			conn := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
			c := h2Conn{conn, bufio.NewReader(conn)}
			if _, err := io.ReadFull(c.r, make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
				return
			}
			go c.send(frameSettings, 0, 0)
			for {
				stream, err := c.readOrder()
				if err != nil {
					return
				}
				orders.Add(1)
				go finish(c, stream) // a pipe has no buffer, so a write blocks until it is read
			}
		}()
		return client, nil
	}
	c, err := New(testKey, WithBaseURL(url), WithHTTPClient(&http.Client{Transport: transport}),
		WithRetry(RetryPolicy{MaxAttempts: 3, MinDelay: time.Millisecond}))
	require.NoError(t, err)
	return c
}

// net/http repeats a request by itself after a refused stream, a GOAWAY or a
// protocol error, because correct servers send these before they do any work.
// An order does not rely on that.
func TestHTTP2OrderArrivesOnce(t *testing.T) {
	reset := func(code byte) func(h2Conn, uint32) {
		return func(c h2Conn, stream uint32) { c.send(frameReset, 0, stream, 0, 0, 0, code) }
	}
	goAway := func(code byte) func(h2Conn, uint32) {
		return func(c h2Conn, _ uint32) { c.send(frameGoAway, 0, 0, 0, 0, 0, 0, 0, 0, 0, code) } // it has processed no stream
	}
	for name, finish := range map[string]func(h2Conn, uint32){
		"stream refused":       reset(codeRefusedStream),
		"protocol error":       reset(codeProtocolError),
		"internal error":       reset(codeInternalError),
		"cancelled":            reset(codeCancel),
		"go away":              goAway(codeNone),
		"go away, too much":    goAway(codeEnhanceYourCalm),
		"go away, and hang up": func(c h2Conn, s uint32) { goAway(codeNone)(c, s); _ = c.Close() },
		"hang up":              func(c h2Conn, _ uint32) { _ = c.Close() },
		"status 200, then reset": func(c h2Conn, stream uint32) {
			c.send(frameHeaders, 4, stream, 0x88) // :status 200, end of headers
			c.send(frameData, 0, stream, '{')
			reset(codeRefusedStream)(c, stream)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var orders atomic.Int32
				c := h2Client(t, finish, &orders)
				_, err := c.CreateActivation(t.Context(), facebook())
				require.ErrorIs(t, err, ErrOutcomeUnknown)
				require.EqualValues(t, 1, orders.Load())
			})
		})
	}
}

// A transport of the caller may add an Idempotency-Key, with which net/http repeats
// an order by itself when a reused connection breaks.
func TestTransportIdempotencyKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		url, transport, _ := pipeServer(t, http1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.ServeHTTP(w, r)
			if s.bought("facebook") > 1 {
				hangUp(r) // on a connection that was used before
				abort()
			}
		}))
		c, err := New(testKey, WithBaseURL(url), WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			again := r.Clone(r.Context())
			again.Header.Set("Idempotency-Key", "theirs")
			return transport.RoundTrip(again)
		})}))
		require.NoError(t, err)
		_, err = c.CreateActivation(t.Context(), facebook())
		require.NoError(t, err)
		_, err = c.CreateActivation(t.Context(), facebook())
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		require.Equal(t, 2, s.bought("facebook"))
	})
}

func TestIdempotencyKeyIsRefused(t *testing.T) {
	s := &shop{}
	c := s.client(t, nil)
	for _, name := range []string{"Idempotency-Key", "idempotency-key", "X-Idempotency-Key", "x-idempotency-KEY"} {
		for _, value := range []string{"", "x"} {
			_, err := c.Raw().GetUserBalance(t.Context(), func(_ context.Context, r *http.Request) error {
				r.Header[name] = []string{value}
				return nil
			})
			require.ErrorIs(t, err, ErrInvalidInput, name)
		}
	}
}
