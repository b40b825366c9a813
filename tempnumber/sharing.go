package tempnumber

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/slot"
	"github.com/tempnumber/tempnumber-go/tempnumber/sharing"
)

// Sharing opens the log by which programs that use one key share its limits: package
// filelog has one for the programs of a machine, redislog one for many machines. See
// WithSharing.
type Sharing interface {
	// Open returns the log of a name, which stands for a key and a base URL and tells
	// nothing of either. It is called once for each client.
	Open(name string) (sharing.Log, error)
}

// ErrSharing is matched by every *SharingError.
var ErrSharing = errors.New("the log that programs share the key by cannot be reached; check it, or leave WithSharing out where one program alone uses the key")

// SharingError says that a request was not sent, because the log of WithSharing could not
// be read or written, and without it nobody knows whether the limit has room. It matches
// ErrSharing, and ctx's error where ctx ended meanwhile.
type SharingError struct {
	Err error // what the log said
}

func (e *SharingError) Error() string { return fmt.Sprintf("tempnumber: %v: %v", ErrSharing, e.Err) }

// Is matches ErrSharing.
func (e *SharingError) Is(target error) bool { return target == ErrSharing }

// Unwrap returns what the log said.
func (e *SharingError) Unwrap() error { return e.Err }

// newHub returns what connects a client with the log of its key.
func newHub(with Sharing, limiter Limiter, key, base string, attempt time.Duration, logger *slog.Logger) (*share.Hub, error) {
	own, ok := limiter.(queues)
	if !ok {
		return nil, invalid("WithSharing counts by limits of its own; give WithLimiter what NewLimiter makes, or leave it out")
	}
	sealer, err := share.NewSealer(key, base)
	if err != nil {
		return nil, fmt.Errorf("tempnumber: WithSharing: %w", err)
	}
	log, err := with.Open(sealer.Name())
	if err != nil {
		return nil, &SharingError{err}
	}
	limits := make(map[string]share.Limit, len(own))
	for endpoint, queue := range own {
		limits[string(endpoint)] = share.Limit(queue.limit)
	}
	return share.NewHub(share.Config{
		Log: log, Sealer: sealer, Limits: limits, Attempt: attempt, Logger: logger,
		Single: string(EndpointGetActivation), List: string(EndpointListActivations),
	}), nil
}

// sharedLimiter is the Limiter of programs that share a log.
type sharedLimiter struct {
	queues // the limits; their slots are not used
	hub    *share.Hub
}

func (l sharedLimiter) Acquire(ctx context.Context, request SlotRequest) (Slot, error) {
	if _, limited := l.queues[request.Endpoint]; !limited {
		return unlimited{}, ctx.Err()
	}
	s, err := l.hub.Acquire(ctx, string(request.Endpoint))
	if err != nil {
		return nil, sharedError(slotError(request.Endpoint, err))
	}
	return held{s}, nil
}

func (l sharedLimiter) Pause(endpoint Endpoint, d time.Duration) {
	if _, limited := l.queues[endpoint]; limited {
		l.hub.Pause(string(endpoint), d)
	}
}

// sharedError makes an error of the log public.
func sharedError(err error) error {
	var unreachable *share.UnreachableError
	if !errors.As(err, &unreachable) {
		return err
	}
	shared := &SharingError{unreachable.Err}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fmt.Errorf("%w: %w", ended, shared)
		}
	}
	return shared
}

// lookSlot is the slot of a look that the programs have agreed on. It is given back
// together with what the look has shown.
type lookSlot struct{ *share.LookSlot }

func (s lookSlot) Release(outcome Outcome) { s.Outcome = slot.Outcome(outcome) }

// SendBy returns when the look has to be on its way.
func (s lookSlot) SendBy() time.Time { return s.LookSlot.SendBy }

// sharedActivation is an Activation as programs tell it each other.
type sharedActivation struct {
	Activation
	PhoneParts [4]string
	NoPhone    struct{} `json:"Phone"` // the parts say more
}

// itemOf returns what other programs are told of an activation.
func itemOf(a *Activation, at sighting) share.Fact {
	data, err := json.Marshal(sharedActivation{Activation: *a, PhoneParts: [4]string{a.Phone.number, a.Phone.countryCode, a.Phone.national, a.Phone.formatted}})
	if err != nil {
		data = nil // a time that JSON cannot write: others look for themselves
	}
	f := share.Fact{Kind: share.Item, Activation: int64(a.ID), Age: time.Since(at.sent), Flags: flagsOf(a), Data: data}
	if at.sent.IsZero() {
		f.Age = 0
	}
	if at.list {
		f.Flags |= share.List
	}
	if a.Message != "" || a.Code != "" {
		f.Flags |= share.HasText
	}
	if !a.ExpiresAt.IsZero() && !a.ServerTime.IsZero() {
		if f.For = a.Remaining(); f.For == 0 {
			f.For = -1 * time.Millisecond
		}
	}
	return f
}

func flagsOf(a *Activation) (flags share.Flags) {
	if a.Status.HasSMS() {
		flags |= share.HasSMS
	}
	return flags
}

// activationOf reads what another program has told of an activation.
func activationOf(data []byte) (*Activation, bool) {
	var s sharedActivation
	if json.Unmarshal(data, &s) != nil || s.ID < 1 {
		return nil, false
	}
	a := s.Activation
	a.Phone = Phone{s.PhoneParts[0], s.PhoneParts[1], s.PhoneParts[2], s.PhoneParts[3]}
	return &a, true
}

// SharedStatus is what programs that share a key do at a moment.
type SharedStatus struct {
	Programs []SharedProgram // the one heard of last first
	Limits   []SharedLimit
	Waits    []SharedWait // the oldest first
	// Unread is how many entries of the log this client has not been able to read: made without the key, or by a
	// program of a later version, beside which nothing is sent until this one is brought up to date.
	Unread int
}

// SharedProgram is a program that was heard of within two minutes, or a client in one.
type SharedProgram struct {
	ID    string        // drawn at random when it began
	Self  bool          // it is this client
	Heard time.Duration // how long ago it was heard of
	Waits int           // how many activations it waits for
}

// SharedLimit is what is left of a limit.
type SharedLimit struct {
	Endpoint Endpoint
	Limit    Limit         // as this client knows it
	Free     int           // requests that could be sent now
	Line     int           // programs that wait for a slot
	Next     time.Duration // until the next request can be sent at the soonest, 0 for now
	Closed   time.Duration // for how much longer nothing is sent, because the service or a lost log asks for it
}

// SharedWait is an activation that is waited for.
type SharedWait struct {
	ID       ActivationID
	Since    time.Duration // how long it has been waited for
	Left     time.Duration // until the number's time is over
	Programs int           // how many programs wait for it
}

// statusOf returns what a log says.
func statusOf(ctx context.Context, limiter Limiter) (*SharedStatus, error) {
	shared, ok := limiter.(sharedLimiter)
	if !ok {
		return nil, invalid("SharedStatus: the client shares its key with nobody; see WithSharing")
	}
	s, err := shared.hub.Status(ctx)
	if err != nil {
		return nil, sharedError(err)
	}
	status := &SharedStatus{Unread: s.Unread}
	for _, p := range s.Programs {
		status.Programs = append(status.Programs, SharedProgram{fmt.Sprintf("%016x", p.ID), p.Self, p.Heard, p.Waits})
	}
	for _, l := range s.Lines {
		limit := shared.queues[Endpoint(l.Endpoint)].limit
		status.Limits = append(status.Limits, SharedLimit{Endpoint(l.Endpoint), limit, l.Free, l.Waiting, l.Next, l.Closed})
	}
	for _, w := range s.Waits {
		status.Waits = append(status.Waits, SharedWait{ActivationID(w.Activation), w.Since, w.Left, w.Programs})
	}
	return status, nil
}
