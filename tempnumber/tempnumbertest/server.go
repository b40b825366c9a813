package tempnumbertest

import (
	"net/http"
	"sync"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/control"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/intake"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// DefaultKey is the API key that a Server accepts unless WithKey says another.
const DefaultKey = "offline-key"

// Server is the service in a box, for one account with one key. NewServer makes
// one. Its methods may be called from many goroutines.
type Server struct {
	config config
	routes *http.ServeMux // of the API's operations
	intake *intake.Handler

	mu      sync.Mutex // guards all below
	now     time.Time  // as of which an operation is carried out
	core    *service.Service
	latency time.Duration
	dialect Dialect
	limits  limits
	log     requestLog
	faults  faults
	lists   priceLists
	inbox   inbox
	feed    feed
	auto    []control.AutoSMS
}

// NewServer makes a service with a catalogue, 100 dollars and no activations.
// It needs no closing. It panics when an option makes no sense: that is a mistake
// in a test.
func NewServer(opts ...Option) *Server {
	s := &Server{config: defaultConfig()}
	for _, opt := range opts {
		opt(&s.config)
	}
	s.config.check()
	s.routes = newRoutes(s)
	s.intake = intake.New(intake.Config{Sink: sink{s}, Answered: s.answeredApp, CallbackHosts: s.config.allowedHosts})
	s.start()
	return s
}

// Reset brings the server back to where it was when it was made: no activations,
// requests, faults or SMS to come, nothing that apps sent, and the balance and prices of
// the beginning.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intake.Reset()
	s.start()
}

func (s *Server) start() {
	s.core = service.New(s.config.core)
	s.speak(s.config.dialect)
	s.limits = newLimits(s.config.limits, s.config.countRefused)
	s.latency = s.config.delay
	s.setAuto(s.config.auto)
	s.core.Changed = func(id tempnumber.ActivationID) { s.happened(happening{"activation", int64(id)}, anything) }
	s.core.Delivered = s.delivered
	s.log.clear(s.config.requestLog)
	s.inbox.clear()
	s.happened(happening{kind: "reset"}, anything)
	s.faults = nil
}

// SetDialect sets how answers are written from now on. Activations that were ordered
// keep their ids.
func (s *Server) SetDialect(dialect Dialect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speak(dialect)
}

func (s *Server) speak(dialect Dialect) {
	s.happened(happening{kind: "settings"}, anything)
	s.dialect = dialect
	s.core.SetIDs(service.IDOrder(dialect.IDs))
	s.core.SetConsumes(dialect.ServiceConsumed)
	s.lists = priceLists{}
}

// locked lets what is due happen, and then do, which must be short.
func (s *Server) locked(do func(now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.core.Advance(now)
	do(now)
	s.wind()
}
