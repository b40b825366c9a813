package tempnumber

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptrace"
	"sync"
)

// verdict is what is known of a request after its attempt. The error's text
// cannot tell: one and the same loss shows as an EOF, a reset, a stream error, a
// deadline or a cancel.
type verdict int

const (
	verdictUnknown verdict = iota // it may have been carried out, or may still be
	verdictNotSent                // it surely never left
	verdictRefused                // the service itself refused it: a 4xx answer in its own form
	verdictDone                   // a whole answer came that says success
)

// evidence gathers what shows that a request never left: the transport asked for
// a connection and never got one. Once there is a connection nothing is sure any
// more, because the transport writes on a goroutine of its own, which may still
// be at it when the call has already ended. A transport that reports nothing
// gives no evidence, and so does not count as not sent.
//
// The reports are net/http's, and what runs between this package and net/http may
// have other ways than the one it reports: a second transport for when the first
// has no connection, say. Such a way has to read the request's body, so the body
// is watched as well, and given to nobody once the request counts as not sent.
type evidence struct {
	mu     sync.Mutex
	wanted bool // a connection was asked for
	got    bool // there was one
	taken  bool // the body was read, though a connection was only asked for
	over   bool // the verdict is out: the body is not to be had any more
}

// hooks are the reports of net/http.
func (e *evidence) hooks() *httptrace.ClientTrace {
	connected := func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.got = true
	}
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.wanted = true
		},
		GotConn: func(httptrace.GotConnInfo) { connected() },
		// These come after GotConn; a transport that forgets GotConn is caught by them.
		WroteHeaderField:     func(string, []string) { connected() },
		WroteHeaders:         connected,
		GotFirstResponseByte: connected,
	}
}

// body gives the bytes of a request's body, once, under watch.
func (e *evidence) body(data []byte) io.ReadCloser {
	return &watchedBody{evidence: e, rest: bytes.NewReader(data)}
}

// verdict judges an attempt that ended without an answer.
func (e *evidence) verdict() verdict {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.wanted && !e.got && !e.taken {
		e.over = true
		return verdictNotSent
	}
	return verdictUnknown
}

// watchedBody tells the evidence when it is read. It is the only copy of a body
// that an attempt gives away: there is no GetBody, so that net/http cannot send
// it twice by itself. It would: over HTTP/2 after a stream was refused or broke
// by a protocol error, over HTTP/1 when a transport adds an idempotency key.
type watchedBody struct {
	evidence *evidence
	rest     *bytes.Reader
}

var errAttemptOver = errors.New("the attempt is over and its request is not to be sent any more")

// Read reads under the evidence's lock: what is read is known to the verdict, and
// what comes after the verdict reads nothing.
func (b *watchedBody) Read(p []byte) (int, error) {
	b.evidence.mu.Lock()
	defer b.evidence.mu.Unlock()
	if b.evidence.over {
		return 0, errAttemptOver
	}
	b.evidence.taken = b.evidence.taken || b.evidence.wanted && !b.evidence.got
	return b.rest.Read(p)
}

// Close has nothing to close.
func (b *watchedBody) Close() error { return nil }
