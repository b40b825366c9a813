package control

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Activation is an activation as the server has it. Unlike the account's own view it
// shows whether the price went back.
type Activation struct {
	ID        tempnumber.ActivationID `json:"id"`
	Status    tempnumber.Status       `json:"status"`
	ServiceID string                  `json:"service"`
	CountryID string                  `json:"country"`
	Phone     string                  `json:"number"`  // in E.164, with its plus sign; empty while there is none
	Message   string                  `json:"message"` // the text of the newest SMS
	Code      string                  `json:"code"`
	Price     tempnumber.Amount       `json:"price"`
	Refunded  bool                    `json:"refunded"`
	CreatedAt time.Time               `json:"created_at"`
	ExpiresAt time.Time               `json:"expires_at"`
	CanRetry  bool                    `json:"retry_available"` // another SMS may be asked for
}

// Request is one request that the server received. It never holds a key.
type Request struct {
	At         time.Time           `json:"at"`
	Endpoint   tempnumber.Endpoint `json:"endpoint"` // empty when it is no operation of the API
	Method     string              `json:"method"`
	Path       string              `json:"path"` // as it came, with the prefix
	Query      string              `json:"query"`
	Body       string              `json:"body"` // the first 512 bytes
	UserAgent  string              `json:"user_agent"`
	Language   string              `json:"language"`   // of the prx-lang header
	Authorized bool                `json:"authorized"` // the key was the right one
	Fault      bool                `json:"fault"`      // a fault was injected
	Status     int                 `json:"status"`     // of the answer; 0 when there was none, or none yet
}

// Fault is something that goes wrong with requests to an endpoint. Its fields do what
// those of tempnumbertest.Fault do.
type Fault struct {
	Endpoint    tempnumber.Endpoint `json:"endpoint"` // empty for every one
	Times       int                 `json:"times,omitempty"`
	Skip        int                 `json:"skip,omitempty"`
	Delay       Duration            `json:"delay,omitempty"`
	AfterCommit bool                `json:"after_commit,omitempty"`
	LateCommit  Duration            `json:"late_commit,omitempty"`
	Status      int                 `json:"status,omitempty"`
	Name        string              `json:"name,omitempty"`
	Message     string              `json:"message,omitempty"`
	NewPrice    tempnumber.Amount   `json:"new_price,omitempty"`
	HTML        bool                `json:"html,omitempty"`
	NoBody      bool                `json:"no_body,omitempty"`
	Body        string              `json:"body,omitempty"`
	Header      map[string]string   `json:"header,omitempty"`
	AnswerDelay Duration            `json:"answer_delay,omitempty"`
	SlowBody    Duration            `json:"slow_body,omitempty"`
	CutBody     bool                `json:"cut_body,omitempty"`
	Drop        bool                `json:"drop,omitempty"`
	Reset       bool                `json:"reset,omitempty"`
	Hang        bool                `json:"hang,omitempty"`
}

// check refuses a fault that could never be seen.
func (f Fault) check() error {
	if err := checkEndpoint(f.Endpoint); err != nil {
		return err
	}
	if f.Status != 0 && (f.Status < http.StatusOK || f.Status > 599) {
		return badRequest(fmt.Sprintf(`"status" %d is no status of an answer; those are from 200 to 599`, f.Status))
	}
	if f.Times < 0 || f.Skip < 0 {
		return badRequest(`"times" and "skip" are not below zero; "times" 0 means always`)
	}
	return nil
}

// checkEndpoint refuses an endpoint that the API does not have, since nothing
// would ever be seen of it.
func checkEndpoint(endpoint tempnumber.Endpoint) error {
	if _, known := tempnumber.DefaultLimits()[endpoint]; known || endpoint == "" {
		return nil
	}
	return badRequest(fmt.Sprintf(`%q is no endpoint of the API; write it like %q, or "" for all`, endpoint, tempnumber.EndpointGetActivation))
}

// maxDuration is the longest time that can be asked for.
const maxDuration = Duration(24 * time.Hour)

// Duration is a length of time from 0 to 24 hours, in JSON a text with its unit: "90s".
type Duration time.Duration

// MarshalText writes the time with its unit.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a time with its unit.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 || Duration(parsed) > maxDuration {
		return fmt.Errorf("%q is no time from 0s to 24h; write it with its unit, 90s or 2m", text)
	}
	*d = Duration(parsed)
	return nil
}

// smsBody is an SMS to a number, which is named by its activation or by itself.
type smsBody struct {
	ID     tempnumber.ActivationID `json:"id,omitempty"`
	Number string                  `json:"number,omitempty"`
	Text   string                  `json:"text"`
}

type autoSMSBody struct {
	Delay Duration `json:"delay"`
	Text  string   `json:"text"`
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
	Balance       *tempnumber.Amount `json:"balance,omitempty"`
	ReviewBalance *tempnumber.Amount `json:"review_balance,omitempty"`
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
