package sharing

import "time"

// Status is what the programs that share a key do at a moment.
type Status struct {
	Programs []Program // the one heard of last first
	Limits   []Limit   // in order of their endpoints
	Waits    []Wait    // the oldest first
	// Unread is how many entries of the log the one that asks has not been able to read: made without the key, or by a
	// program of a later version, beside which nothing is sent until this one is brought up to date.
	Unread int
}

// Program is a program that was heard of within two minutes, or a client in one. One that neither waits nor is in
// a line may have ended.
type Program struct {
	ID     string        // drawn at random when it began
	Self   bool          // it is the one that asks
	Heard  time.Duration // how long ago it was heard of
	Waits  int           // how many activations it waits for
	InLine bool          // it waits to send a request
}

// Limit is what is left of the limit of an endpoint.
type Limit struct {
	Endpoint string
	Requests int           // the limit, as the program that asks knows it
	Window   time.Duration // of the limit
	Free     int           // requests that could be sent now
	InFlight int           // requests that are on their way
	Line     int           // programs that wait to send one
	Next     time.Duration // until the next can go at the soonest, 0 for now
	Closed   time.Duration // for how much longer nothing is sent, because the service or a lost log asks for it
}

// Wait is an activation that is waited for.
type Wait struct {
	Activation int64
	Since      time.Duration // how long it has been waited for
	Left       time.Duration // until the number's time is over
	Programs   int           // how many programs wait for it
}
