package transport

import (
	"errors"
	"io"
	"net/http/httptrace"
	"sync"
	"time"
)

// sendTracker gathers what shows that a request never left: net/http asked for a connection and never got
// one. Once there is a connection nothing is sure, because net/http writes on another goroutine, which may
// still run when the call has ended. A transport that reports nothing proves nothing.
//
// A caller's transport may use a second way that it does not report, when the first has no connection. Such a
// way has to read the body, so the body is tracked as well, and cannot be read once the request counts as not
// sent. An error's text proves nothing: one and the same loss shows as an EOF, a reset, a stream error, a
// deadline or a cancel.
type sendTracker struct {
	mu        sync.Mutex
	asked     bool   // for a connection
	connected bool   // there was one
	bypassed  bool   // the body was read although a connection was only asked for
	over      bool   // the request counts as not sent: its body must not be read any more
	rest      []byte // of the body
	sendBy    time.Time
	conn      *guardedConn // that the request is written to; nil when it is not known
	late      bool         // its first byte was refused
	trace     httptrace.ClientTrace
}

// begin sets the body and the hooks by which net/http reports.
func (t *sendTracker) begin(body []byte, sendBy time.Time) {
	t.sendBy = sendBy
	connected := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.connected = true
	}
	t.rest = body
	t.trace.GetConn = func(string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.asked = true
	}
	t.trace.GotConn = func(info httptrace.GotConnInfo) {
		connected()
		if !sendBy.IsZero() {
			t.guard(info.Conn)
		}
	}
	// These come after GotConn. They catch a transport that forgets GotConn.
	t.trace.WroteHeaders, t.trace.GotFirstResponseByte = connected, connected
	if !sendBy.IsZero() {
		t.trace.WroteRequest = func(httptrace.WroteRequestInfo) { t.unguard(false) }
	}
	if len(body) > 0 { // net/http allocates for each header field, so only what can do harm pays for it
		t.trace.WroteHeaderField = func(string, []string) { connected() }
	}
}

// notSent reports whether an attempt that ended without an answer surely never left. If so, its body cannot
// be read from then on.
func (t *sendTracker) notSent() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = t.asked && !t.connected && !t.bypassed || t.late
	return t.over
}

var errAttemptOver = errors.New("the attempt is over and its request must not be sent any more")

// Read reads the request's body, the only copy that an attempt hands out. There is no GetBody, so net/http
// cannot send it twice by itself. It would: over HTTP/2 after a refused stream, over HTTP/1 when a transport
// adds an idempotency key. It reads under the lock: either notSent knows of it, or it reads nothing.
func (t *sendTracker) Read(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return 0, errAttemptOver
	}
	if isLate(t.sendBy) && t.conn == nil {
		return 0, ErrLate
	}
	t.bypassed = t.bypassed || t.asked && !t.connected
	if len(t.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}
