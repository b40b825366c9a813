package control

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
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

// Message is one SMS that came to the server, whoever it was for.
type Message struct {
	ID           int64                   `json:"id"` // counts from 1
	At           time.Time               `json:"at"`
	From         string                  `json:"from"`
	To           string                  `json:"to"` // in E.164 when it is a number
	Text         string                  `json:"text"`
	Code         string                  `json:"code"`
	ActivationID tempnumber.ActivationID `json:"activation"` // 0 when nobody waited for it
	Note         string                  `json:"note"`       // why nobody took it
}

// Request is one request that the server received. It never holds a key.
type Request struct {
	ID         int64               `json:"id"` // counts from 1
	At         time.Time           `json:"at"`
	Endpoint   tempnumber.Endpoint `json:"endpoint"` // empty when it is not an operation of the API; of an app that sends an SMS, how: "twilio-messages"
	Method     string              `json:"method"`
	Path       string              `json:"path"` // as it came, with the prefix; as all texts the first 512 bytes
	Query      string              `json:"query"`
	Body       string              `json:"body"`
	UserAgent  string              `json:"user_agent"`
	Language   string              `json:"language"`   // of the prx-lang header
	Authorized bool                `json:"authorized"` // the key was the right one
	Fault      bool                `json:"fault"`      // a fault was injected
	Rule       string              `json:"rule"`       // which rule refused it, and how to switch it off; of an app, what is wrong with its SMS
	Status     int                 `json:"status"`     // of the answer; 0 when there was none, or none yet
}

// Fault is something that goes wrong with requests to an endpoint. Its fields do what
// those of tempnumbertest.Fault do.
type Fault struct {
	Endpoint    tempnumber.Endpoint `json:"endpoint"`       // empty for every one
	Path        string              `json:"path,omitempty"` // only requests whose path ends so; empty for all
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
	// Lose is for the APIs by which apps send SMS, such as "twilio-messages": the answer
	// is as if all were well and no SMS arrives. Beside it they know Times, Delay, Status,
	// Message and Name, which is the provider's own code there.
	Lose bool `json:"lose,omitempty"`
}

// check refuses a fault that could never be seen. intake are the endpoints by which
// apps send SMS.
func (f Fault) check(intake []string) error {
	if slices.Contains(intake, string(f.Endpoint)) {
		known := Fault{Endpoint: f.Endpoint, Times: f.Times, Delay: f.Delay, Status: f.Status, Name: f.Name, Message: f.Message, Lose: f.Lose}
		if len(f.Header) > 0 || !reflect.DeepEqual(f, known) {
			return badRequest(fmt.Sprintf(`a fault of %s has "times", "delay", "status", "name", "message" and "lose" alone`, f.Endpoint))
		}
	} else if err := checkEndpoint(f.Endpoint); err != nil {
		return err
	} else if f.Lose {
		return badRequest(fmt.Sprintf(`"lose" is for the endpoints by which apps send SMS: %s`, strings.Join(intake, ", ")))
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

// AutoSMS is an SMS that comes by itself to every number that begins to wait for one,
// or to those of a service, of a country, or to one number.
type AutoSMS struct {
	Delay     Duration `json:"delay"`
	Text      string   `json:"text"`              // {code} becomes six digits
	ServiceID string   `json:"service,omitempty"` // empty for all
	CountryID string   `json:"country,omitempty"`
	Number    string   `json:"number,omitempty"`
}

// Rules are the service's own rules that refuse requests.
type Rules struct {
	RateLimits      bool `json:"rate_limits"`      // those that the server was made with, or none
	PendingCap      int  `json:"pending_cap"`      // 0 for none
	DeliveryPercent int  `json:"delivery_percent"` // 0 for none
}

// Settings are what can be changed while the server runs.
type Settings struct {
	Dialect         []string          `json:"dialect"` // names, see tempnumbertest.ParseDialect
	Rules           Rules             `json:"rules"`
	Latency         Duration          `json:"latency"`
	OnHold          bool              `json:"on_hold"`
	EmailVerified   bool              `json:"email_verified"`
	Balance         tempnumber.Amount `json:"balance"`
	ReviewBalance   tempnumber.Amount `json:"review_balance"`
	AutoSMS         []AutoSMS         `json:"auto_sms"` // the first that fits counts
	Faults          []Fault           `json:"faults"`   // those that still wait for requests
	AllDialects     []string          `json:"all_dialects"`
	Intake          []string          `json:"intake"`            // the endpoints by which apps send SMS, for faults
	BusiestInWindow map[string]int    `json:"busiest_in_window"` // by endpoint: the most requests in a window of its limit
}

// Event is something that happened.
type Event struct {
	ID   int64
	Kind string // activation, message, request, settings; reset when all is to be read anew
	Data any    // an Activation, a Message, a Request, the Settings; nil for reset
}

// smsBody is an SMS to a number, which is named by its activation or by itself.
type smsBody struct {
	ID     tempnumber.ActivationID `json:"id,omitempty"`
	Number string                  `json:"number,omitempty"`
	Text   string                  `json:"text"`
}

type codeBody struct {
	ID        tempnumber.ActivationID `json:"id"` // 0 when nobody rents the number
	Number    string                  `json:"number"`
	Code      string                  `json:"code"`
	Message   string                  `json:"message"`
	MessageID int64                   `json:"message_id"` // for ?after=
}

type failBody struct {
	Reason int64 `json:"reason"`
}

type balanceBody struct {
	Balance       *tempnumber.Amount `json:"balance,omitempty"`
	ReviewBalance *tempnumber.Amount `json:"review_balance,omitempty"`
}

type accountBody struct {
	OnHold        *bool `json:"on_hold,omitempty"`
	EmailVerified *bool `json:"email_verified,omitempty"`
}

type rulesBody struct {
	RateLimits      *bool `json:"rate_limits"`
	PendingCap      *int  `json:"pending_cap"`
	DeliveryPercent *int  `json:"delivery_percent"`
}

type dialectBody struct {
	Dialect []string `json:"dialect"`
}

type latencyBody struct {
	Latency *Duration `json:"latency"`
}

type messageBody struct {
	From string `json:"from"`
	To   string `json:"to"`
	Text string `json:"text"`
}

type changeBody struct {
	Status         *tempnumber.Status `json:"status,omitempty"`
	RetryAvailable *bool              `json:"retry_available,omitempty"`
}

type priceBody struct {
	Service   string             `json:"service"`
	Country   string             `json:"country"`
	Price     *tempnumber.Amount `json:"price,omitempty"`
	Available *bool              `json:"available,omitempty"`
}
