package tempnumbertest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// These are the bodies of the control API, in JSON. Those that are the same
// as a type of this package but for their names convert to it.

// smsBody is an SMS to a number, which is named by its activation or by itself.
type smsBody struct {
	ID     tempnumber.ActivationID `json:"id,omitempty"`
	Number string                  `json:"number,omitempty"`
	Text   string                  `json:"text"`
}

type autoSMSBody struct {
	Delay span   `json:"delay"`
	Text  string `json:"text"`
}

type activationBody struct {
	ID        tempnumber.ActivationID `json:"id"`
	Status    tempnumber.Status       `json:"status"`
	ServiceID string                  `json:"service"`
	CountryID string                  `json:"country"`
	Phone     string                  `json:"number"`
	Message   string                  `json:"message"`
	Code      string                  `json:"code"`
	Price     tempnumber.Amount       `json:"price"`
	Refunded  bool                    `json:"refunded"`
	CreatedAt time.Time               `json:"created_at"`
	ExpiresAt time.Time               `json:"expires_at"`
	CanRetry  bool                    `json:"retry_available"`
}

type codeBody struct {
	ID      tempnumber.ActivationID `json:"id"`
	Number  string                  `json:"number"`
	Code    string                  `json:"code"`
	Message string                  `json:"message"`
}

type failBody struct {
	Reason int64 `json:"reason"`
}

type balanceBody struct {
	Balance       tempnumber.Amount `json:"balance"`
	ReviewBalance tempnumber.Amount `json:"review_balance"`
}

type accountBody struct {
	OnHold *bool `json:"on_hold"`
}

type priceBody struct {
	Service   string             `json:"service"`
	Country   string             `json:"country"`
	Price     *tempnumber.Amount `json:"price,omitempty"`
	Available *bool              `json:"available,omitempty"`
}

type requestBody struct {
	At         time.Time           `json:"at"`
	Endpoint   tempnumber.Endpoint `json:"endpoint"`
	Method     string              `json:"method"`
	Path       string              `json:"path"`
	Query      string              `json:"query"`
	Body       string              `json:"body"`
	UserAgent  string              `json:"user_agent"`
	Language   string              `json:"language"`
	Authorized bool                `json:"authorized"`
	Fault      bool                `json:"fault"`
	Status     int                 `json:"status"`
}

// faultBody is a Fault and the endpoint it is meant for.
type faultBody struct {
	Endpoint    tempnumber.Endpoint `json:"endpoint"`
	Times       int                 `json:"times,omitempty"`
	Skip        int                 `json:"skip,omitempty"`
	Delay       span                `json:"delay,omitempty"`
	AfterCommit bool                `json:"after_commit,omitempty"`
	LateCommit  span                `json:"late_commit,omitempty"`
	Status      int                 `json:"status,omitempty"`
	Name        string              `json:"name,omitempty"`
	Message     string              `json:"message,omitempty"`
	NewPrice    tempnumber.Amount   `json:"new_price,omitempty"`
	HTML        bool                `json:"html,omitempty"`
	NoBody      bool                `json:"no_body,omitempty"`
	Body        string              `json:"body,omitempty"`
	Header      map[string]string   `json:"header,omitempty"`
	AnswerDelay span                `json:"answer_delay,omitempty"`
	SlowBody    span                `json:"slow_body,omitempty"`
	CutBody     bool                `json:"cut_body,omitempty"`
	Drop        bool                `json:"drop,omitempty"`
	Reset       bool                `json:"reset,omitempty"`
	Hang        bool                `json:"hang,omitempty"`
}

// faultBodyOf writes a fault for the control API.
func faultBodyOf(endpoint tempnumber.Endpoint, f Fault) faultBody {
	body := faultBody{
		Endpoint: endpoint, Times: f.Times, Skip: f.Skip, Delay: span(f.Delay), AfterCommit: f.AfterCommit,
		LateCommit: span(f.LateCommit), Status: f.Status, Name: f.Name, Message: f.Message, NewPrice: f.NewPrice,
		HTML: f.HTML, NoBody: f.NoBody, Body: f.Body, AnswerDelay: span(f.AnswerDelay), SlowBody: span(f.SlowBody),
		CutBody: f.CutBody, Drop: f.Drop, Reset: f.Reset || f.Refuse, Hang: f.Hang,
	}
	for name := range f.Header {
		if body.Header == nil {
			body.Header = map[string]string{}
		}
		body.Header[name] = f.Header.Get(name)
	}
	return body
}

// fault reads what goes wrong, and where.
func (f faultBody) fault() (tempnumber.Endpoint, Fault, error) {
	if err := checkEndpoint(f.Endpoint); err != nil {
		return "", Fault{}, err
	}
	if f.Status != 0 && (f.Status < http.StatusOK || f.Status > 599) {
		return "", Fault{}, badRequest(fmt.Sprintf(`"status" %d is no status of an answer; those are from 200 to 599`, f.Status))
	}
	if f.Times < 0 || f.Skip < 0 {
		return "", Fault{}, badRequest(`"times" and "skip" are not below zero; "times" 0 means always`)
	}
	fault := Fault{
		Times: f.Times, Skip: f.Skip, Delay: time.Duration(f.Delay), AfterCommit: f.AfterCommit,
		LateCommit: time.Duration(f.LateCommit), Status: f.Status, Name: f.Name, Message: f.Message, NewPrice: f.NewPrice,
		HTML: f.HTML, NoBody: f.NoBody, Body: f.Body, AnswerDelay: time.Duration(f.AnswerDelay), SlowBody: time.Duration(f.SlowBody),
		CutBody: f.CutBody, Drop: f.Drop, Reset: f.Reset, Hang: f.Hang,
	}
	if len(f.Header) > 0 {
		fault.Header = http.Header{}
	}
	for name, value := range f.Header {
		fault.Header.Set(name, value)
	}
	return f.Endpoint, fault, nil
}

// checkEndpoint refuses an endpoint that the API does not have, since nothing
// would ever be seen of it.
func checkEndpoint(endpoint tempnumber.Endpoint) error {
	if _, known := tempnumber.DefaultLimits()[endpoint]; known || endpoint == AnyEndpoint {
		return nil
	}
	return badRequest(fmt.Sprintf(`%q is no endpoint of the API; write it like %q, or "" for all`, endpoint, tempnumber.EndpointGetActivation))
}

// maxSpan is the longest time that can be asked for.
const maxSpan = span(24 * time.Hour)

// span is a length of time, in JSON a text with its unit: "90s".
type span time.Duration

// MarshalText writes the time with its unit.
func (d span) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a time with its unit.
func (d *span) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 || span(parsed) > maxSpan {
		return fmt.Errorf("%q is no time from 0s to 24h; write it with its unit, 90s or 2m", text)
	}
	*d = span(parsed)
	return nil
}
