package tempnumbertest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// AnyEndpoint makes Fail apply to requests to every endpoint.
const AnyEndpoint tempnumber.Endpoint = ""

// Fault is something that goes wrong with a request. The key and the rate limit
// come first: a request that they refuse meets no fault.
//
// A Fault with none of its fields set applies to every request and does nothing.
// One that only takes time or spoils an answer (Delay, AnswerDelay, CutBody,
// SlowBody, Header) leaves the request to be carried out. One that puts something
// in the place of the answer (Status, Name, NewPrice, HTML, Body, NoBody) or loses
// it (Drop, Reset, Hang, Refuse) keeps the request from being carried out, unless
// AfterCommit or LateCommit says otherwise.
type Fault struct {
	// Times is how many requests the fault applies to; 0 for all, until ClearFaults.
	Times int
	// Skip is how many requests it lets through before.
	Skip int
	// Only reports whether the fault can apply to a request; nil means every one. The others do not count
	// for Skip and Times. It must not call the Server.
	Only func(Request) bool

	// Delay is how long the request lies before it is carried out or answered. A
	// request whose client leaves meanwhile is carried out at its time all the same.
	Delay time.Duration
	// AfterCommit carries the request out before its answer is replaced or lost.
	AfterCommit bool
	// LateCommit carries the request out so long after its answer was replaced or
	// lost. Without something in its place the answer is lost as by Drop.
	LateCommit time.Duration

	// Status is the HTTP status that is answered. 0 means the one that Name stands
	// for, 502 with HTML, 200 with Body or NoBody.
	Status int
	// Name is the errorName that is answered, as it is written. Empty means the
	// documented one of Status, and expectedPriceErrorException with NewPrice.
	Name string
	// Message is the errorMessage that is answered; empty means the text of Status.
	Message string
	// NewPrice is the newPrice that is answered; 0 for none.
	NewPrice tempnumber.Amount
	// HTML answers with a page such as a proxy shows.
	HTML bool
	// NoBody answers with no body at all; a Status below 400 alone does so, too.
	NoBody bool
	// Body is answered as it is, as JSON unless Header says another Content-Type.
	Body string
	// Header is added to the answer, whoever makes it.
	Header http.Header

	// AnswerDelay is how long the answer lies before its first byte is sent.
	AnswerDelay time.Duration
	// SlowBody is how long each byte of the answer's body takes.
	SlowBody time.Duration
	// CutBody ends the connection in the middle of the answer's body.
	CutBody bool
	// Drop ends the connection without an answer.
	Drop bool
	// Reset ends it by a TCP reset where the server can do that, else as Drop does.
	Reset bool
	// Hang sends nothing and keeps the connection open until the client leaves.
	Hang bool
	// Refuse lets no connection come about, through Client and Transport: the request
	// is not seen by the server. Through a real connection it is the same as Reset.
	Refuse bool

	path string // only requests whose path ends so; empty for all
}

// replaces reports whether the fault puts an answer in the place of the service's.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Name != "" || f.NewPrice != 0 || f.HTML || f.Body != "" || f.NoBody
}

// loses reports whether there is to be no answer at all.
func (f *Fault) loses() bool {
	return f.Drop || f.Reset || f.Hang || f.Refuse || f.LateCommit > 0 && !f.replaces()
}

// commits reports whether the request is carried out in its turn, unless it is late.
func (f *Fault) commits() bool {
	return f.AfterCommit || !f.replaces() && !f.loses()
}

// Fail makes requests to an endpoint go wrong, or to every one with AnyEndpoint.
// Of several faults for one request the one that was set first applies.
func (s *Server) Fail(endpoint tempnumber.Endpoint, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &pendingFault{endpoint, fault})
	s.happened(happening{kind: "settings"}, anything)
}

// ClearFaults ends all faults. Faults that were injected already take their course.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.happened(happening{kind: "settings"}, anything)
}

// pendingFault is a fault that waits for requests. Its Times and Skip are counted down.
type pendingFault struct {
	endpoint tempnumber.Endpoint
	Fault
}

type faults []*pendingFault

// concerns reports whether the fault is meant for a request.
func (p *pendingFault) concerns(r Request) bool {
	return (p.endpoint == AnyEndpoint || p.endpoint == r.Endpoint) && strings.HasSuffix(r.Path, p.path) && (p.Only == nil || p.Only(r))
}

// take returns the fault to inject into a request, nil when there is none, and counts it.
func (f *faults) take(r Request) *Fault {
	for i, p := range *f {
		if !p.concerns(r) {
			continue
		}
		if p.Skip > 0 {
			p.Skip--
			continue
		}
		taken := p.Fault
		f.count(i)
		return &taken
	}
	return nil
}

// refuse reports whether any of the faults refuses connections.
func (f faults) refuse() bool {
	return slices.ContainsFunc(f, func(p *pendingFault) bool { return p.Refuse })
}

// takeRefusal reports whether the fault that a request would meet refuses its
// connection, and counts it then. Other faults are left for take.
func (f *faults) takeRefusal(r Request) bool {
	for i, p := range *f {
		switch {
		case !p.concerns(r) || p.Skip > 0:
			continue
		case !p.Refuse:
			return false
		}
		f.count(i)
		return true
	}
	return false
}

// count counts a use of the fault at place i, and removes it with the last one.
func (f *faults) count(i int) {
	switch p := (*f)[i]; p.Times {
	case 0:
	case 1:
		*f = slices.Delete(slices.Clone(*f), i, i+1)
	default:
		p.Times--
	}
}
