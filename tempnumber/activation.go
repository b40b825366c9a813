package tempnumber

import (
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/lenient"
)

// ActivationID is the service's number of an activation, at least 1. Write it
// down when it must outlive the process: WaitSMS takes it up again.
type ActivationID int64

// ParseActivationID reads an id written in decimal digits, as String writes it.
// Anything else is a *ValidationError.
func ParseActivationID(s string) (ActivationID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || s[0] == '+' || s[0] == '0' {
		return 0, invalid("activation id %q: it is a whole number from 1 on", clip(s, 40))
	}
	return ActivationID(n), nil
}

// String returns the id in decimal digits.
func (id ActivationID) String() string { return strconv.FormatInt(int64(id), 10) }

// check refuses an id that no activation can have.
func (id ActivationID) check() error {
	if id < 1 {
		return invalid("activation id %d: ids start at 1; use the one that CreateActivation returned", int64(id))
	}
	return nil
}

// Status is where an activation stands. It is an open set: a status that this
// version does not know is kept as the service wrote it, and a wait goes on
// polling through it.
type Status string

// The states of an activation, from the service's document 1.3.8.
// StatusServiceConsumed is not documented; other clients of the API have met it.
const (
	StatusNumberRequested Status = "numberRequested" // asked for, no number yet
	StatusNumberReceived  Status = "numberReceived"  // there is a number
	StatusSMSRequested    Status = "smsRequested"    // waiting for the SMS
	StatusSMSReceived     Status = "smsReceived"     // the SMS is here
	StatusRetryRequested  Status = "retryRequested"  // waiting for another SMS
	StatusRetryReceived   Status = "retryReceived"   // another SMS is here
	StatusError           Status = "error"           // failed for good
	StatusRefunded        Status = "refunded"        // cancelled, the money is back; the ordinary end of a number nobody texted
	StatusServiceConsumed Status = "serviceConsumed" // the SMS was delivered and the number is used up
)

// Known reports whether this version of the package knows the status.
func (s Status) Known() bool {
	switch s {
	case StatusNumberRequested, StatusNumberReceived, StatusSMSRequested, StatusSMSReceived,
		StatusRetryRequested, StatusRetryReceived, StatusError, StatusRefunded, StatusServiceConsumed:
		return true
	}
	return false
}

// Terminal reports whether nothing can happen to the activation any more: it
// failed, was refunded, or is used up. A status with an SMS is not terminal as
// such, because another SMS may be asked for. Unknown statuses are not terminal.
func (s Status) Terminal() bool {
	return s == StatusError || s == StatusRefunded || s == StatusServiceConsumed
}

// HasSMS reports whether an SMS is there to be read.
func (s Status) HasSMS() bool {
	return s == StatusSMSReceived || s == StatusRetryReceived || s == StatusServiceConsumed
}

// Activation is one number rented for one service, and the SMS that came for it.
// The service documents every field as optional: what it left out, and what could not be
// read, is zero here. A Price of 0 means that it is not known.
// Message and Code are secrets; LogValue leaves them out.
type Activation struct {
	ID     ActivationID
	Status Status

	ServiceID      string
	ServiceName    string
	ServiceIconURL string // absolute
	CountryID      string // ISO 3166-1 alpha-2, in lower case
	CountryName    string
	CountryIconURL string // absolute

	Phone   Phone
	Message string // the whole text of the SMS
	Code    Code   // what the service read out of it
	Price   Amount

	CreatedAt  time.Time // UTC
	ExpiresAt  time.Time // when the number ends, by the server's clock, UTC
	ServerTime time.Time // when the service gave this answer, by its own clock, UTC

	RetryAvailable bool  // whether another SMS may be asked for
	Rating         int64 // 0 means none
	Reason         int64 // of a problem, as the service numbers them; 0 means none
}

// Remaining returns how long the number had left when the service answered, by
// the service's two times: the local clock has no part in it. It is 0 when the
// number has ended, or when the service did not say.
func (a *Activation) Remaining() time.Duration {
	if a.ExpiresAt.IsZero() || a.ServerTime.IsZero() {
		return 0
	}
	return max(0, a.ExpiresAt.Sub(a.ServerTime))
}

// sighting is where an activation was seen.
type sighting struct {
	sent time.Time // when it was asked for: what it shows is no older
	list bool      // on a page of the history, which may be behind
}

// LogValue returns what may stand in a log: no number, no text, no code. log/slog calls it for an Activation and
// for a pointer to one; it does not look into slices or into structures of the program's own.
func (a Activation) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("id", int64(a.ID)), slog.String("status", string(a.Status)),
		slog.String("service", a.ServiceID), slog.String("country", a.CountryID),
		slog.String("price", a.Price.String()), slog.Duration("remaining", a.Remaining()))
}

// ActivationPage is one page of the history.
type ActivationPage struct {
	Activations []*Activation // never nil
	Page        int           // of this page, from 1 on
	PageSize    int           // as the service granted it
	Pages       int           // how many pages there are
	Total       int           // how many activations there are on all pages
	// Skipped is how many entries of the page have no id that can be read. They are not in Activations.
	Skipped int
}

// LogValue returns what may stand in a log: how many activations there are, and none of them.
func (p ActivationPage) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("page", p.Page), slog.Int("activations", len(p.Activations)), slog.Int("total", p.Total))
}

// activationFrom needs nothing but an id: a number that was paid for is not lost because of an odd field.
func activationFrom(w *gen.ActivationData, odd *oddFields) (*Activation, error) {
	price, _ := odd.price("price", w.Price)
	a := &Activation{
		ID:             ActivationID(odd.integer("id", w.ID)),
		Status:         Status(w.Status),
		ServiceID:      w.ServiceID,
		ServiceName:    w.ServiceName,
		ServiceIconURL: lenient.URL(w.IconBaseURL, w.ServiceIconPath),
		CountryID:      w.CountryID,
		CountryName:    w.CountryName,
		CountryIconURL: lenient.URL(w.IconBaseURL, w.CountryIconPath),
		Phone: Phone{
			number:      odd.digits("number", w.Number),
			countryCode: odd.digits("countryCode", w.CountryCode),
			national:    odd.digits("nationalNumber", w.NationalNumber),
			formatted:   w.FormatNumber,
		},
		Message:        w.Message,
		Code:           Code(read(odd, "code", string(w.Code), func(raw string) (string, bool) { return lenient.Code(raw, w.Message) })),
		Price:          price,
		CreatedAt:      odd.time("createdAt", w.CreatedAt),
		ExpiresAt:      odd.time("numberExpireAt", w.NumberExpireAt),
		ServerTime:     odd.time("utc", w.UTC),
		RetryAvailable: w.RetryAvailable,
		Rating:         odd.integer("rating", w.Rating),
		Reason:         odd.integer("reason", w.Reason),
	}
	if a.ID < 1 {
		return nil, errors.New("it has no activation id")
	}
	return a, nil
}

func activationPageFrom(w *gen.ActivationsHistory, odd *oddFields) (*ActivationPage, error) {
	p := &ActivationPage{
		Activations: make([]*Activation, 0, len(w.Activations)),
		Page:        int(odd.integer("page", w.Page)),
		PageSize:    int(odd.integer("limit", w.Limit)),
		Pages:       int(odd.integer("pages", w.Pages)),
		Total:       int(odd.integer("total", w.Total)),
	}
	for i := range w.Activations {
		if a, err := activationFrom(&w.Activations[i], odd); err == nil {
			p.Activations = append(p.Activations, a)
		} else {
			odd.Rows++
		}
	}
	p.Skipped = odd.Rows
	return p, nil
}
