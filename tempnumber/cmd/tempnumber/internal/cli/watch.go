package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// watch notes on standard error what delays a command, each thing once.
type watch struct {
	console *console
	over    func() bool // the command was interrupted: failures are expected now

	mu      sync.Mutex
	refused map[tempnumber.Endpoint]bool // the rate limit was used up at least once
	tries   int                          // that failed, since the service was last there
	since   time.Time                    // the first of them
	status  int                          // of the last of them; 0 means no answer
	dial    error                        // why there was no connection
	drawn   bool                         // a wait draws the live line, and tells of the trouble in it
	sent    bool                         // an order has left, or is about to, and has not ended
}

// Observe receives what the client does.
func (w *watch) Observe(e tempnumber.Event) {
	if e.Endpoint == tempnumber.EndpointCreateActivation && (e.Kind == tempnumber.EventSlot || e.Kind == tempnumber.EventAttempt) {
		w.mu.Lock()
		w.sent = e.Kind == tempnumber.EventSlot
		w.mu.Unlock()
	}
	if w.over() {
		return
	}
	switch e.Kind {
	case tempnumber.EventRateLimited:
		w.rateLimited(e)
	case tempnumber.EventAttempt:
		w.attempted(e)
	}
}

func (w *watch) rateLimited(e tempnumber.Event) {
	w.mu.Lock()
	again := w.refused[e.Endpoint]
	if w.refused == nil {
		w.refused = map[tempnumber.Endpoint]bool{}
	}
	w.refused[e.Endpoint] = true
	w.mu.Unlock()
	if !again {
		w.console.note("the rate limit of %s is used up, by another process it seems; waiting %v", e.Endpoint, e.Duration.Round(time.Second))
	}
}

func (w *watch) attempted(e tempnumber.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.StatusCode != 0 && e.StatusCode < 500 {
		if w.tries > 1 {
			w.console.note("the service answers again, after %s", w.failedTries())
		}
		w.tries, w.dial = 0, nil
		return
	}
	if w.tries++; w.tries == 1 {
		w.since = time.Now().Add(-e.Duration)
	}
	w.status = e.StatusCode
	// The loss of an order is told as what it is, and the live line tells of the rest.
	if w.tries == 1 && e.Endpoint != tempnumber.EndpointCreateActivation && !w.console.live {
		w.console.note("the service does not answer (%s); trying again", w.reason())
	}
	if w.console.live && !w.drawn {
		w.console.show(w.trouble())
	}
}

// dialFailed notes why no connection came about.
func (w *watch) dialFailed(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dial = err
}

// reason says in few words why there was no answer. The caller holds the lock.
func (w *watch) reason() string {
	switch {
	case w.status != 0:
		return fmt.Sprintf("%d %s", w.status, http.StatusText(w.status))
	case w.dial != nil:
		return reasonOf(w.dial)
	}
	return "no answer"
}

// trouble says on the live line that the service is away. The caller holds the lock.
func (w *watch) trouble() string {
	if w.tries == 0 {
		return ""
	}
	return fmt.Sprintf("service away, %s: %s", w.failedTries(), w.reason())
}

// failedTries counts what failed. The caller holds the lock.
func (w *watch) failedTries() string {
	if w.tries == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries in %s", w.tries, clock(time.Since(w.since)))
}

// drawnBy notes that a wait draws the live line, or does so no more.
func (w *watch) drawnBy(wait bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drawn = wait
}

// liveTrouble returns what the live line says of a service that is away, else nothing.
func (w *watch) liveTrouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble()
}

// manyTries counts what failed in brackets, where it is more than one.
func (w *watch) manyTries() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tries < 2 {
		return ""
	}
	return " (" + w.failedTries() + ")"
}

// wasRefused reports whether a rate limit was used up.
func (w *watch) wasRefused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.refused) > 0
}

// orderSent reports whether an order may be at the service now: not while it waits
// for its turn, or to be tried again.
func (w *watch) orderSent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// lastFailure returns how the last tries failed: the status, 0 for no answer, and
// the reason in words. ok is false when the last try did not fail.
func (w *watch) lastFailure() (status int, reason string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, w.reason(), w.tries > 0
}

// dialing returns a transport like the client's own that tells the watch why there
// is no connection.
func (w *watch) dialing() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone() // it is one, unless this program replaces it
	transport.MaxResponseHeaderBytes = 64 << 10
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dial(ctx, network, address)
		if err != nil {
			w.dialFailed(err)
		}
		return connection, err
	}
	return transport
}

// reasonOf says in few words why a request was not answered.
func reasonOf(err error) string {
	var host *net.DNSError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var certificate x509.CertificateInvalidError
	var notTLS tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &host) && host.IsNotFound:
		return "there is no host " + visible(host.Name)
	case errors.As(err, &host):
		return "the name " + visible(host.Name) + " cannot be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was cut"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no way to the network"
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &certificate):
		return "its certificate is not trusted here"
	case errors.As(err, &notTLS):
		return "it does not speak TLS"
	case errors.Is(err, tempnumber.ErrAttemptTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return ""
}
