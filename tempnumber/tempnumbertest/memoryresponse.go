package tempnumbertest

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// memoryResponse is one answer on its way from the server to the client without
// a connection: a ResponseWriter at one end, an http.Response at the other.
type memoryResponse struct {
	latency func() time.Duration // of each way; nil for none
	leave   func()               // tells the server that the client has gone
	left    <-chan struct{}      // closed by leave
	noBody  bool                 // the request was a HEAD
	reader  *io.PipeReader
	writer  *io.PipeWriter

	// The server's end.
	header http.Header
	wrote  bool
	broken error // what the client sees when the server gives up; nil for a plain end

	// Set before started is closed, for both.
	started chan struct{}
	status  int
	sent    http.Header
	lost    error // why there is no answer at all
}

func newMemoryResponse(r *http.Request, leave func(), latency func() time.Duration) *memoryResponse {
	w := &memoryResponse{
		latency: latency, leave: leave, left: r.Context().Done(), noBody: r.Method == http.MethodHead,
		header: http.Header{}, started: make(chan struct{}),
	}
	w.reader, w.writer = io.Pipe()
	return w
}

// serve lets a handler answer a request.
func (w *memoryResponse) serve(handler http.Handler, r *http.Request) {
	defer func() {
		switch crash := recover(); crash {
		case nil:
			w.finish()
		case http.ErrAbortHandler:
			w.abort()
		default:
			panic(crash)
		}
	}()
	w.travel(nil) // whether or not the client waits: the request is on its way
	handler.ServeHTTP(w, r)
}

// travel takes the time of one way.
func (w *memoryResponse) travel(left <-chan struct{}) {
	if w.latency != nil {
		pause(left, w.latency())
	}
}

// Header is what WriteHeader will send.
func (w *memoryResponse) Header() http.Header { return w.header }

// WriteHeader sends the header, once.
func (w *memoryResponse) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	w.travel(w.left)
	w.status, w.sent = status, w.header.Clone()
	if w.sent.Get("Date") == "" {
		w.sent.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	close(w.started)
}

// Write sends a part of the body. It returns when the client has read it, or left.
func (w *memoryResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.noBody {
		return len(p), nil
	}
	return w.writer.Write(p)
}

// Flush sends the header; what was written has been sent already.
func (w *memoryResponse) Flush() { w.WriteHeader(http.StatusOK) }

// finish ends an answer that is complete.
func (w *memoryResponse) finish() {
	w.WriteHeader(http.StatusOK)
	_ = w.writer.Close()
}

// reset makes the coming abort look like a TCP reset.
func (w *memoryResponse) reset() {
	w.broken = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

// abort ends the connection in the middle of an answer, or before its beginning.
func (w *memoryResponse) abort() {
	early, late := io.EOF, io.ErrUnexpectedEOF
	if w.broken != nil {
		early, late = w.broken, w.broken
	}
	if !w.wrote {
		w.wrote, w.lost = true, early
		close(w.started)
	}
	_ = w.writer.CloseWithError(late)
}

// abandon is the client giving up. Later reads of the body return the reason.
func (w *memoryResponse) abandon(reason error) {
	w.leave()
	_ = w.writer.CloseWithError(reason)
}

// response is what the client gets, once the header is there.
func (w *memoryResponse) response(r *http.Request) *http.Response {
	length, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	body := &memoryBody{from: w}
	body.unwatch = context.AfterFunc(r.Context(), func() { w.abandon(context.Cause(r.Context())) })
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: length, Request: r,
	}
}

// memoryBody is the body of an answer as the client reads it.
type memoryBody struct {
	from    *memoryResponse
	unwatch func() bool // stops watching the request's context
	closed  atomic.Bool
}

// Read waits for the server to write more.
func (b *memoryBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.from.reader.Read(p)
	if err != nil {
		b.unwatch()
		b.from.leave()
	}
	return n, err
}

// Close tells the server that nobody reads on.
func (b *memoryBody) Close() error {
	b.closed.Store(true)
	b.unwatch()
	b.from.leave()
	return b.from.reader.Close()
}
