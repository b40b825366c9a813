package control

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// maxWait is how long a request can wait for something.
const maxWait = 10 * time.Minute

// documentPath is where the document of the API is.
const documentPath = prefix + "/openapi.yaml"

//go:embed openapi.yaml
var documentText []byte

func document(*http.Request) (any, error) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(documentText) // the client has left: nobody to tell
	}, nil
}

// waitOf returns the query parameter wait; 0 when it is not there.
func waitOf(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("wait")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxWait {
		return 0, badRequest(fmt.Sprintf(`"wait" %q is no time from 0s to 10m; write it with its unit, 30s`, text))
	}
	return d, nil
}

// idOf returns a query parameter that is the id of a message or of an event, and
// none when it is not there.
func idOf(r *http.Request, name string, none int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return none, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, badRequest(fmt.Sprintf("%q is an id, a whole number that is not below zero", name))
	}
	return id, nil
}

func (a api) accept(r *http.Request) (any, error) {
	var m messageBody
	if err := read(r, &m); err != nil {
		return nil, err
	}
	if m.To == "" {
		return nil, badRequest(`give "to", a phone number`)
	}
	if err := checkNames([2]string{"from", m.From}, [2]string{"to", m.To}); err != nil {
		return nil, err
	}
	if err := checkText(m.Text); err != nil {
		return nil, err
	}
	return a.box.AcceptSMS(m.From, m.To, m.Text)
}

func (a api) messages(r *http.Request) (any, error) {
	wait, err := waitOf(r)
	if err != nil {
		return nil, err
	}
	since, err := idOf(r, "since", 0)
	if err != nil {
		return nil, err
	}
	to := r.URL.Query().Get("to")
	if err := checkNames([2]string{"to", to}); err != nil {
		return nil, err
	}
	return newest(r, a.box.AwaitMessages(r.Context(), wait, to, since))
}

func (a api) code(r *http.Request) (any, error) {
	wait, err := waitOf(r)
	if err != nil {
		return nil, err
	}
	after, err := idOf(r, "after", -1)
	if err != nil {
		return nil, err
	}
	m, err := a.box.AwaitCode(r.Context(), wait, r.PathValue("number"), after)
	if err != nil {
		return nil, err
	}
	return codeBody{m.ActivationID, m.To, m.Code, m.Text, m.ID}, nil
}

const (
	eventPause   = 100 * time.Millisecond // between two batches, so that a busy server does not write to watchers alone
	eventSilence = 15 * time.Second       // after which a comment shows that the connection lives
	writeTime    = 30 * time.Second       // for a batch
)

// events streams what happens. A client that comes back with Last-Event-ID gets what
// it missed, or is told to read all anew.
func (a api) events(r *http.Request) (any, error) {
	after, err := idOf(r, "after", -1)
	if err != nil {
		return nil, err
	}
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil && last >= 0 {
		after = last
	}
	if after < 0 { // from now on: before the client sees that it is connected
		_, after = a.box.Watch(r.Context(), 0, after)
	}
	return func(w http.ResponseWriter) { a.stream(w, r, after) }, nil
}

func (a api) stream(w http.ResponseWriter, r *http.Request, after int64) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	connection := http.NewResponseController(w)
	var events []Event
	for send := ": ok\n\n"; ; {
		_ = connection.SetWriteDeadline(time.Now().Add(writeTime)) // not every connection has one
		if _, err := w.Write([]byte(send)); err != nil || connection.Flush() != nil {
			return
		}
		if events != nil && !sleep(r, eventPause) {
			return
		}
		events, after = a.box.Watch(r.Context(), eventSilence, after)
		if r.Context().Err() != nil {
			return
		}
		send = ":\n\n"
		if len(events) > 0 {
			send = written(events)
		}
	}
}

// written writes events as a stream has them.
func written(events []Event) string {
	var b []byte
	for _, e := range events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			panic("control: " + err.Error()) // the types of this package can all be written
		}
		b = fmt.Appendf(b, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, data)
	}
	return string(b)
}

// sleep waits for d and reports whether the client is still there.
func sleep(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
