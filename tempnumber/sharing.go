package tempnumber

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/share"
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

// sharedActivation is an Activation as programs tell it each other.
type sharedActivation struct {
	Activation
	PhoneParts [4]string
	NoPhone    struct{} `json:"Phone"` // the parts say more
}

// itemOf returns what the coordinator is told of an activation, and other programs if there are any.
func itemOf(a *Activation, at sighting, tells bool) share.Fact {
	f := share.Fact{Kind: share.Item, Activation: int64(a.ID), Flags: flagsOf(a.Status)}
	if tells { // without data, because JSON cannot write a time, others look for themselves
		f.Data, _ = json.Marshal(sharedActivation{Activation: *a, PhoneParts: [4]string{a.Phone.number, a.Phone.countryCode, a.Phone.national, a.Phone.formatted}})
	}
	if !at.sent.IsZero() {
		f.Age = time.Since(at.sent)
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

// flagsOf returns what a status says of SMS.
func flagsOf(s Status) share.Flags {
	switch {
	case s.HasSMS():
		return share.HasSMS | share.HadSMS
	case s == StatusRetryRequested:
		return share.HadSMS
	}
	return 0
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
