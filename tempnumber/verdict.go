package tempnumber

import (
	"net/http/httptrace"
	"sync/atomic"
)

// verdict is what is known of a request after its attempt. The error's text
// cannot tell: one and the same loss shows as an EOF, a reset, a stream error, a
// deadline or a cancel.
type verdict int

const (
	verdictUnknown  verdict = iota // it may have been carried out
	verdictNotSent                 // it surely never left
	verdictAnswered                // a whole answer came
)

// tracer gathers the evidence that a request never left: the transport asked for
// a connection and never got one. Once there is a connection nothing is sure any
// more, because the transport writes on a goroutine of its own, which may still
// be at it when the call has already ended. A transport that reports nothing
// gives no evidence, and so does not count as not sent.
type tracer struct {
	wanted, got atomic.Bool
}

func (t *tracer) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { t.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.got.Store(true) },
		// These come after GotConn; a transport that forgets GotConn is caught by them.
		WroteHeaderField:     func(string, []string) { t.got.Store(true) },
		WroteHeaders:         func() { t.got.Store(true) },
		GotFirstResponseByte: func() { t.got.Store(true) },
	}
}

// verdict judges an attempt that ended without an answer.
func (t *tracer) verdict() verdict {
	if t.wanted.Load() && !t.got.Load() {
		return verdictNotSent
	}
	return verdictUnknown
}
