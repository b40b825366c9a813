package tempnumbertest

import (
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// inject answers a request with a fault: it delays, changes, cuts or drops the
// answer, and carries the operation out when the fault says so.
func (s *Server) inject(w http.ResponseWriter, r *http.Request, op *operation, f *Fault) {
	s.locked(func(time.Time) { s.happened(happening{"request", op.id}, anything) })
	turn := time.Now().Add(f.Delay)
	left := !pause(r.Context().Done(), f.Delay)
	var out *reply
	s.locked(func(now time.Time) {
		switch {
		case f.LateCommit > 0:
			s.core.At(turn.Add(f.LateCommit), func(at time.Time) { op.run(at) })
		case f.commits() && left:
			s.core.At(turn, func(at time.Time) { op.run(at) })
		case f.commits():
			out = op.run(now)
		}
	})
	if left || !pause(r.Context().Done(), f.AnswerDelay) {
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case f.Reset, f.Refuse:
		reset(w)
	case f.loses():
		panic(http.ErrAbortHandler)
	}
	if f.replaces() {
		out = f.reply()
	}
	maps.Copy(out.header, f.Header)
	s.locked(func(time.Time) { s.answered(op, out) })
	f.send(w, r, out)
}

// reply returns the answer that a fault puts in the place of the service's.
func (f *Fault) reply() *reply {
	or := func(status int) int {
		if f.Status != 0 {
			return f.Status
		}
		return status
	}
	out := newReply()
	switch {
	case f.HTML:
		status := or(http.StatusBadGateway)
		write(out, status, htmlType, htmlPage(status))
		return out
	case f.Body != "":
		write(out, or(http.StatusOK), jsonType, []byte(f.Body))
		return out
	case f.NoBody || f.Name == "" && f.NewPrice == 0 && f.Status < http.StatusBadRequest:
		out.status = or(http.StatusOK)
		return out
	}
	body := gen.Error{ErrorName: f.Name, ErrorMessage: f.Message}
	switch {
	case f.Name != "":
	case f.NewPrice != 0:
		body.ErrorName = string(service.PriceChanged)
	default:
		body.ErrorName = string(refusalOf(f.Status))
	}
	if f.NewPrice != 0 {
		body.NewPrice = number(f.NewPrice)
	}
	status := or(statusOf(body.ErrorName))
	if body.ErrorMessage == "" {
		body.ErrorMessage = http.StatusText(status)
	}
	write(out, status, jsonType, toJSON(body))
	return out
}

// send writes a reply as well as the fault lets it.
func (f *Fault) send(w http.ResponseWriter, r *http.Request, out *reply) {
	whole := len(out.body)
	if f.CutBody {
		whole /= 2
	}
	if f.SlowBody <= 0 && !f.CutBody {
		out.send(w)
		return
	}
	out.sendHeader(w)
	connection := http.NewResponseController(w)
	piece := max(whole, 1)
	if f.SlowBody > 0 {
		piece = 1
	}
	for at := 0; at < whole; at += piece {
		if _, err := w.Write(out.body[at : at+piece]); err != nil || connection.Flush() != nil || !pause(r.Context().Done(), f.SlowBody) {
			panic(http.ErrAbortHandler)
		}
	}
	if f.CutBody {
		_ = connection.Flush() // the header at least is to be seen
		panic(http.ErrAbortHandler)
	}
}

// reset ends the connection of a request by a TCP reset, or else plainly.
func reset(w http.ResponseWriter) {
	if memory, ok := w.(*memoryResponse); ok {
		memory.reset()
	} else if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // then Close resets
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
