package tempnumbertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"syscall"
)

// Transport reaches the server in memory, with no listener and no connection. It
// answers requests to any host, gives up when a request's context ends, hands on
// bodies while they are written, and reports to net/http/httptrace. A body
// that is neither read to its end nor closed keeps a goroutine, as with net/http.
func (s *Server) Transport() http.RoundTripper { return memoryTransport{s} }

type memoryTransport struct{ server *Server }

// RoundTrip sends one request.
func (t memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := outgoingBody(r)
	if err == nil {
		err = checkOutgoing(r)
	}
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	serverContext, leave := context.WithCancel(context.Background())
	incoming := atServer(r.Clone(serverContext), body)
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if err := t.connect(incoming, body, trace); err != nil {
		leave()
		return nil, err
	}
	w := newMemoryResponse(incoming, leave, t.server.config.latency)
	go w.serve(t.server, incoming)
	select {
	case <-w.started:
	case <-ctx.Done():
		w.abandon(context.Cause(ctx))
		return nil, context.Cause(ctx)
	}
	if w.lost != nil {
		leave()
		return nil, w.lost
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return w.response(r), nil
}

// outgoingBody takes a request's body into memory. It always closes it.
func outgoingBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.ContentLength > 0 && int64(len(body)) != r.ContentLength {
		err = fmt.Errorf("http: ContentLength=%d with Body length %d", r.ContentLength, len(body))
	}
	return body, err
}

// checkOutgoing refuses what net/http refuses to send, without repeating any value.
func checkOutgoing(r *http.Request) error {
	if r.URL == nil || r.URL.Host == "" || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return errors.New("tempnumbertest: the request needs an http or https URL with a host")
	}
	for name, values := range r.Header {
		for _, value := range values {
			if strings.ContainsAny(value, "\r\n\x00") {
				return fmt.Errorf("tempnumbertest: the value of the header %q has a line break or a zero byte in it", name)
			}
		}
	}
	return nil
}

// atServer makes of a request what a server sees of it.
func atServer(r *http.Request, body []byte) *http.Request {
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.RequestURI = r.URL.RequestURI()
	r.URL.Scheme, r.URL.Host, r.URL.User = "", "", nil
	r.Body, r.GetBody, r.ContentLength = io.NopCloser(bytes.NewReader(body)), nil, int64(len(body))
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.RemoteAddr = "127.0.0.1:0"
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	return r
}

// connect does what a dialer would, and fails when a Fault refuses the connection.
func (t memoryTransport) connect(r *http.Request, body []byte, trace *httptrace.ClientTrace) error {
	if trace.GetConn != nil {
		trace.GetConn(r.Host)
	}
	if t.server.refuses(r, body) {
		err := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		if trace.ConnectDone != nil {
			trace.ConnectDone("tcp", r.Host, err)
		}
		return err
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	return nil
}

// refuses reports whether a Fault keeps a connection from coming about.
func (s *Server) refuses(r *http.Request, body []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.faults.refuse() { // as nearly always
		return false
	}
	endpoint, _ := s.route(withoutPrefix(r))
	return s.faults.takeRefusal(s.describe(r, endpoint, body))
}
