package tempnumber

import (
	"io"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyAConnectionThatNeverCameIsEvidence(t *testing.T) {
	const order = "the order"
	get := func(h *httptrace.ClientTrace) { h.GetConn("service:443") }
	got := func(h *httptrace.ClientTrace) { h.GotConn(httptrace.GotConnInfo{}) }
	for name, c := range map[string]struct {
		reports []func(*httptrace.ClientTrace)
		read    int // the body is read after so many reports; below 0 it never is
		want    verdict
	}{
		"nothing is told":                   {nil, -1, verdictUnknown},
		"wanted, and never got":             {[]func(*httptrace.ClientTrace){get}, -1, verdictNotSent},
		"wanted often, and never got":       {[]func(*httptrace.ClientTrace){get, get}, -1, verdictNotSent},
		"got":                               {[]func(*httptrace.ClientTrace){get, got}, -1, verdictUnknown},
		"got, and wanted again":             {[]func(*httptrace.ClientTrace){get, got, get}, -1, verdictUnknown},
		"got, as its headers tell":          {[]func(*httptrace.ClientTrace){get, func(h *httptrace.ClientTrace) { h.WroteHeaders() }}, -1, verdictUnknown},
		"got, as a header tells":            {[]func(*httptrace.ClientTrace){get, func(h *httptrace.ClientTrace) { h.WroteHeaderField("", nil) }}, -1, verdictUnknown},
		"got, as the answer tells":          {[]func(*httptrace.ClientTrace){get, func(h *httptrace.ClientTrace) { h.GotFirstResponseByte() }}, -1, verdictUnknown},
		"the body was taken before":         {[]func(*httptrace.ClientTrace){get}, 0, verdictNotSent},
		"the body went another way":         {[]func(*httptrace.ClientTrace){get}, 1, verdictUnknown},
		"the body is taken by a connection": {[]func(*httptrace.ClientTrace){get, got}, 2, verdictUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			var e evidence
			body, hooks := e.body([]byte(order)), e.hooks()
			for i := range len(c.reports) + 1 {
				if i == c.read {
					text, err := io.ReadAll(body)
					require.NoError(t, err)
					require.Equal(t, order, string(text))
				}
				if i < len(c.reports) {
					c.reports[i](hooks)
				}
			}
			require.Equal(t, c.want, e.verdict())
			text, err := io.ReadAll(e.body([]byte(order)))
			if c.want == verdictNotSent {
				require.ErrorIs(t, err, errAttemptOver, "nobody can send it any more")
				require.Empty(t, text)
			} else {
				require.NoError(t, err)
				require.Equal(t, order, string(text))
			}
			require.NoError(t, body.Close())
		})
	}
}
