package transport

import (
	"io"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNotSent(t *testing.T) {
	const order = "the order"
	get := func(h *httptrace.ClientTrace) { h.GetConn("service:443") }
	got := func(h *httptrace.ClientTrace) { h.GotConn(httptrace.GotConnInfo{}) }
	for name, c := range map[string]struct {
		reports []func(*httptrace.ClientTrace)
		read    int  // the body is read after so many reports; below 0 it never is
		want    bool // not sent
	}{
		"nothing is reported":               {nil, -1, false},
		"wanted, and never got":             {[]func(*httptrace.ClientTrace){get}, -1, true},
		"wanted often, and never got":       {[]func(*httptrace.ClientTrace){get, get}, -1, true},
		"got":                               {[]func(*httptrace.ClientTrace){get, got}, -1, false},
		"got, and wanted again":             {[]func(*httptrace.ClientTrace){get, got, get}, -1, false},
		"got, as its headers show":          {[]func(*httptrace.ClientTrace){get, func(h *httptrace.ClientTrace) { h.WroteHeaders() }}, -1, false},
		"got, as a header shows":            {[]func(*httptrace.ClientTrace){get, func(h *httptrace.ClientTrace) { h.WroteHeaderField("", nil) }}, -1, false},
		"got, as the answer shows":          {[]func(*httptrace.ClientTrace){get, func(h *httptrace.ClientTrace) { h.GotFirstResponseByte() }}, -1, false},
		"the body was taken before":         {[]func(*httptrace.ClientTrace){get}, 0, true},
		"the body went another way":         {[]func(*httptrace.ClientTrace){get}, 1, false},
		"the body is taken by a connection": {[]func(*httptrace.ClientTrace){get, got}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			var e sendTracker
			e.begin([]byte(order), time.Time{})
			body, trace := io.NopCloser(&e), &e.trace
			for i := range len(c.reports) + 1 {
				if i == c.read {
					text, err := io.ReadAll(body)
					require.NoError(t, err)
					require.Equal(t, order, string(text))
				}
				if i < len(c.reports) {
					c.reports[i](trace)
				}
			}
			require.Equal(t, c.want, e.notSent())
			e.rest = []byte(order)
			text, err := io.ReadAll(body)
			if c.want {
				require.ErrorIs(t, err, errAttemptOver, "it can no longer be sent")
				require.Empty(t, text)
			} else {
				require.NoError(t, err)
				require.Equal(t, order, string(text))
			}
			require.NoError(t, body.Close())
		})
	}
}
