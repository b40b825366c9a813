package tempnumber

import (
	"context"
	"errors"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
)

// Limit is how many requests an endpoint takes in any window of time.
type Limit struct {
	Requests int
	Window   time.Duration
}

// Limits maps each endpoint to its limit. An endpoint that is missing has none.
type Limits map[Endpoint]Limit

// DefaultLimits returns the limits that the vendor documents for the API 1.3.8 in
// the README of its JavaScript package. Each call returns a map of its own.
func DefaultLimits() Limits {
	limits := make(Limits)
	for _, o := range operations() {
		limits[o.endpoint] = Limit{o.requests, o.window}
	}
	return limits
}

// Limiter lets requests through, so that the service never counts more than its
// limits allow. Every attempt of every call takes a slot of its own before it is
// sent. The one that NewLimiter makes may be shared by several clients of one
// key within a process; an implementation of your own may share one key among
// processes. Its methods are called from many goroutines.
//
// The waits of a client pace their looks by the limits of the one in use, if it has
// the method Limit(Endpoint) (limit Limit, limited bool), and by DefaultLimits if not.
type Limiter interface {
	// Acquire waits for a slot. It returns ctx's error when ctx ends first, and a
	// *ThrottledError at once when the slot is known to come after ctx's deadline.
	Acquire(ctx context.Context, request SlotRequest) (Slot, error)
	// Pause closes an endpoint for a while, because the service said so. It is
	// called before the slot of the refused request is released.
	Pause(endpoint Endpoint, d time.Duration)
}

// SlotRequest says what a slot is wanted for. More may be added to it.
type SlotRequest struct {
	Endpoint Endpoint
	// Background marks a look of the shared poller: a limiter keeps some slots
	// back from these, so that calls of the program itself need not wait for them.
	Background bool
}

// Slot is the right to send one request. Release must be called exactly once,
// when it is known what became of the request.
type Slot interface {
	Release(outcome Outcome)
}

// Outcome is what became of the request that a slot was taken for.
type Outcome int

// The outcomes of a request, as far as its limit is concerned.
const (
	OutcomeNotSent  = Outcome(slot.NotSent)  // surely never written: the slot is free at once
	OutcomeAnswered = Outcome(slot.Answered) // an answer began: the slot is held for a window from now
	OutcomeNoAnswer = Outcome(slot.NoAnswer) // nothing came back: the request may still arrive, so the slot is held longer
)

// NewLimiter returns a limiter for the given limits, nil meaning DefaultLimits.
// It panics on a limit that is not positive: that is a mistake in a program.
func NewLimiter(limits Limits) Limiter {
	if limits == nil {
		limits = DefaultLimits()
	}
	l := make(queues, len(limits))
	for endpoint, limit := range limits {
		if limit.Requests < 1 || limit.Window <= 0 {
			panic("tempnumber: NewLimiter: the limit of " + string(endpoint) + " must have at least one request and a window above zero")
		}
		l[endpoint] = &queue{slot.New(limit.Requests, limit.Window), limit}
	}
	return l
}

// queues is the Limiter of one process: a queue by the slot rule per endpoint.
type queues map[Endpoint]*queue

type queue struct {
	*slot.Queue
	limit Limit
}

func (l queues) Acquire(ctx context.Context, request SlotRequest) (Slot, error) {
	queue, limited := l[request.Endpoint]
	if !limited {
		return unlimited{}, ctx.Err()
	}
	s, err := queue.Acquire(ctx, request.Background)
	if err != nil {
		return nil, slotError(request.Endpoint, err)
	}
	return held{s}, nil
}

// slotError makes an error of a queue public.
func slotError(endpoint Endpoint, err error) error {
	err = sharedError(err) // which goes first: without the log nobody knows when a slot comes
	var late *slot.LateError
	if errors.As(err, &late) {
		return &ThrottledError{Endpoint: endpoint, Wait: late.Wait}
	}
	return err
}

func (l queues) Pause(endpoint Endpoint, d time.Duration) {
	if queue, limited := l[endpoint]; limited {
		queue.Pause(d)
	}
}

// Limit returns the limit of an endpoint; limited is false when it has none.
func (l queues) Limit(endpoint Endpoint) (limit Limit, limited bool) {
	queue, limited := l[endpoint]
	if !limited {
		return Limit{}, false
	}
	return queue.limit, true
}

// limitOf returns the limit of an endpoint in the limiter in use, the documented one if it does not say.
func limitOf(l Limiter, endpoint Endpoint) Limit {
	if knows, ok := l.(interface {
		Limit(Endpoint) (Limit, bool)
	}); ok {
		if limit, limited := knows.Limit(endpoint); limited {
			return limit
		}
	}
	o := endpoint.operation()
	return Limit{o.requests, o.window}
}

// held passes a slot's outcome on to its queue.
type held struct{ slot *slot.Slot }

func (h held) Release(outcome Outcome) { h.slot.Release(slot.Outcome(outcome)) }

// sendBy returns when a request has to be on its way for which a slot was taken, zero where that does not matter.
func sendBy(s Slot) time.Time {
	switch s := s.(type) {
	case held:
		return s.slot.SendBy
	case lookSlot:
		return s.SendBy
	}
	return time.Time{}
}

// lookSlot is the slot of a look that the programs have agreed on. It is given back
// together with what the look has shown.
type lookSlot struct{ *share.LookSlot }

func (s lookSlot) Release(outcome Outcome) { s.Outcome = slot.Outcome(outcome) }

// unlimited is the slot of an endpoint without a limit.
type unlimited struct{}

func (unlimited) Release(Outcome) {}
