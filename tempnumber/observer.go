package tempnumber

import "time"

// Observer receives the events of a client, so that a program can count them. Observe
// is called from many goroutines and must return quickly. An Event holds no
// secret: no key, no phone number, no text and no code.
type Observer interface {
	Observe(Event)
}

// EventKind says what an Event is about.
type EventKind string

// The kinds of events.
const (
	EventSlot        EventKind = "slot"         // a slot was granted; Duration is how long it took
	EventAttempt     EventKind = "attempt"      // a request ended; Duration is how long it took, StatusCode 0 means no answer
	EventRateLimited EventKind = "rate_limited" // the service answered that a rate limit is used up; Duration is the pause that follows
	// EventPoll: the poller that all waits share has had a look. ActivationID is
	// which activation, 0 for a page of the history. Duration is how long it took, the
	// time until it had its slot included.
	EventPoll EventKind = "poll"
	// EventFound: an activation showed up that an order with an unknown outcome may
	// have bought, after its caller had gone on; ask Reconcile. ActivationID is which.
	EventFound EventKind = "found"
	// EventUnreadable: an answer held something that could not be read, and that counts as absent. Field is the name
	// of a field, told once for each client; or Rows is how many entries of a list were left out.
	EventUnreadable EventKind = "unreadable"
)

// Event is one thing that a client did.
type Event struct {
	Kind       EventKind
	Endpoint   Endpoint
	Attempt    int           // 1 for the first attempt of a call
	StatusCode int           // of an attempt that was answered, else 0
	Duration   time.Duration // see the kind
	// ActivationID is the activation that the event is about; 0 where it is about none.
	ActivationID ActivationID
	Field        string // of EventUnreadable: the field's name in the service's document
	Rows         int    // of EventUnreadable: how many entries of a list
}
