package tempnumbertest

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// set changes a setting and says so to those who watch.
func (s *Server) set(change func()) {
	s.locked(func(time.Time) {
		change()
		s.happened(happening{kind: "settings"}, anything)
	})
}

// SetLimits is WithLimits from now on. Counting starts anew. It panics when a limit
// makes no sense.
func (s *Server) SetLimits(limits tempnumber.Limits) {
	if err := checkLimits(limits); err != nil {
		panic("tempnumbertest: SetLimits: " + err.Error())
	}
	s.set(func() { s.limits = newLimits(limits, s.config.countRefused) })
}

// SetPendingCap is WithPendingCap from now on.
func (s *Server) SetPendingCap(n int) { s.set(func() { s.core.SetPendingCap(n) }) }

// SetDeliveryRule is WithDeliveryRule from now on. Without a rule all pairs are open.
func (s *Server) SetDeliveryRule(rule DeliveryRule) {
	s.set(func() { s.core.SetDelivery(service.DeliveryRule(rule)) })
}

// SetLatency lets every request to the API lie so long before anything is done with
// it, over HTTP as well; 0 for not at all. WithLatency comes on top.
func (s *Server) SetLatency(latency time.Duration) { s.set(func() { s.latency = latency }) }
