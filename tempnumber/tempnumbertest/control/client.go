package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Client drives a server in another process, such as the one of the command
// tempnumber mock, through its control API. NewClient makes one. Its methods do what
// those of a tempnumbertest.Server do; their errors are an *Error, or what net/http
// returned.
type Client struct {
	base   string
	client *http.Client
}

// NewClient returns a Client for the server at a base URL: the one that it prints,
// or that clients of the service use, with or without /v1 or /api/v1 at its end.
func NewClient(baseURL string) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(baseURL, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("control: %q is no base URL; write it like http://127.0.0.1:8025", baseURL)
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/v1"), "/api")
	return &Client{base: u.String(), client: &http.Client{}}, nil
}

// Error is a refusal of the control API.
type Error struct {
	StatusCode int    // 400 malformed, 404 no such thing, 409 not possible now
	Message    string // what is wrong
}

func (e *Error) Error() string {
	return fmt.Sprintf("control: %d: %s", e.StatusCode, e.Message)
}

func problem(status int, format string, args ...any) *Error {
	return &Error{StatusCode: status, Message: fmt.Sprintf(format, args...)}
}

func badRequest(message string) *Error {
	return &Error{StatusCode: http.StatusBadRequest, Message: message}
}

// DeliverSMS is Server.DeliverSMS.
func (c *Client) DeliverSMS(ctx context.Context, id tempnumber.ActivationID, text string) error {
	return c.call(ctx, "POST", "/control/sms", smsBody{ID: id, Text: text}, nil)
}

// DeliverSMSTo is Server.DeliverSMSTo.
func (c *Client) DeliverSMSTo(ctx context.Context, phone, text string) error {
	return c.call(ctx, "POST", "/control/sms", smsBody{Number: phone, Text: text}, nil)
}

// AutoDeliver is Server.AutoDeliver.
func (c *Client) AutoDeliver(ctx context.Context, delay time.Duration, text string) error {
	return c.call(ctx, "PUT", "/control/auto-sms", AutoSMS{Delay: Duration(delay), Text: text}, nil)
}

// AddAutoSMS lets SMS arrive by themselves at some numbers. It replaces the rule that
// names the same ones; of several that fit, the one that names more counts.
func (c *Client) AddAutoSMS(ctx context.Context, rule AutoSMS) error {
	return c.call(ctx, "PUT", "/control/auto-sms", rule, nil)
}

// StopAutoDeliver ends AutoDeliver and all rules of AddAutoSMS. SMS that are on their way arrive.
func (c *Client) StopAutoDeliver(ctx context.Context) error {
	return c.call(ctx, "DELETE", "/control/auto-sms", nil, nil)
}

// Activations is Server.Activations.
func (c *Client) Activations(ctx context.Context) ([]Activation, error) {
	var all []Activation
	err := c.call(ctx, "GET", "/control/activations", nil, &all)
	return all, err
}

// Activation returns one activation.
func (c *Client) Activation(ctx context.Context, id tempnumber.ActivationID) (Activation, error) {
	var found Activation
	err := c.call(ctx, "GET", "/control/activations/"+id.String(), nil, &found)
	return found, err
}

// LastCode returns the code in the newest SMS of a phone number, as the service
// reads it, and the whole text. Before there is one it is an error.
func (c *Client) LastCode(ctx context.Context, phone string) (code, text string, err error) {
	var body codeBody
	err = c.call(ctx, "GET", "/control/codes/"+url.PathEscape(phone), nil, &body)
	return body.Code, body.Message, err
}

// AcceptSMS is Server.AcceptSMS.
func (c *Client) AcceptSMS(ctx context.Context, from, to, text string) (Message, error) {
	var m Message
	err := c.call(ctx, "POST", "/control/messages", messageBody{from, to, text}, &m)
	return m, err
}

// AwaitCode returns the newest SMS to a phone number as soon as there is one, within
// wait, ten minutes at most. With after above zero it is one that came after the
// message with that id; with 0 it is none that the number had before it began to wait.
// When none comes it is an *Error with status 404.
func (c *Client) AwaitCode(ctx context.Context, phone string, wait time.Duration, after int64) (Message, error) {
	query := url.Values{"wait": {wait.String()}}
	if after > 0 {
		query.Set("after", strconv.FormatInt(after, 10))
	}
	var body codeBody
	err := c.call(ctx, "GET", "/control/codes/"+url.PathEscape(phone)+"?"+query.Encode(), nil, &body)
	return Message{ID: body.MessageID, To: body.Number, Text: body.Message, Code: body.Code, ActivationID: body.ID}, err
}

// AwaitMessages returns the SMS to a phone number, or to all with an empty one, that
// came after the message with the id since, as soon as there are some. When none came
// within wait, ten minutes at most, there are none and it is no error.
func (c *Client) AwaitMessages(ctx context.Context, phone string, wait time.Duration, since int64) ([]Message, error) {
	query := url.Values{"to": {phone}, "wait": {wait.String()}, "since": {strconv.FormatInt(since, 10)}}
	var all []Message
	err := c.call(ctx, "GET", "/control/messages?"+query.Encode(), nil, &all)
	return all, err
}

// Expire is Server.Expire.
func (c *Client) Expire(ctx context.Context, id tempnumber.ActivationID) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/expire", nil, nil)
}

// Refund is Server.Refund.
func (c *Client) Refund(ctx context.Context, id tempnumber.ActivationID) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/refund", nil, nil)
}

// FailActivation is Server.FailActivation.
func (c *Client) FailActivation(ctx context.Context, id tempnumber.ActivationID, reason int64) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/fail", failBody{reason}, nil)
}

// Forget is Server.Forget.
func (c *Client) Forget(ctx context.Context, id tempnumber.ActivationID) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/forget", nil, nil)
}

// SetStatus is Server.SetStatus.
func (c *Client) SetStatus(ctx context.Context, id tempnumber.ActivationID, status tempnumber.Status) error {
	return c.call(ctx, "PUT", "/control/activations/"+id.String(), changeBody{Status: &status}, nil)
}

// SetRetryAvailable is Server.SetRetryAvailable.
func (c *Client) SetRetryAvailable(ctx context.Context, id tempnumber.ActivationID, available bool) error {
	return c.call(ctx, "PUT", "/control/activations/"+id.String(), changeBody{RetryAvailable: &available}, nil)
}

// Settings returns all settings, the faults that still wait and the balance.
func (c *Client) Settings(ctx context.Context) (Settings, error) {
	var settings Settings
	err := c.call(ctx, "GET", "/control/settings", nil, &settings)
	return settings, err
}

// SetRules sets which rules refuse requests.
func (c *Client) SetRules(ctx context.Context, rules Rules) error {
	return c.call(ctx, "PUT", "/control/rules", rules, nil)
}

// SetDialect is Server.SetDialect, by the names of tempnumbertest.ParseDialect.
func (c *Client) SetDialect(ctx context.Context, names ...string) error {
	return c.call(ctx, "PUT", "/control/dialect", dialectBody{append([]string{}, names...)}, nil)
}

// SetLatency is Server.SetLatency, one minute at most.
func (c *Client) SetLatency(ctx context.Context, latency time.Duration) error {
	d := Duration(latency)
	return c.call(ctx, "PUT", "/control/latency", latencyBody{&d}, nil)
}

// Balance is Server.Balance.
func (c *Client) Balance(ctx context.Context) (tempnumber.Amount, error) {
	var body struct {
		Balance tempnumber.Amount `json:"balance"`
	}
	err := c.call(ctx, "GET", "/control/balance", nil, &body)
	return body.Balance, err
}

// SetBalance is Server.SetBalance.
func (c *Client) SetBalance(ctx context.Context, balance tempnumber.Amount) error {
	return c.call(ctx, "PUT", "/control/balance", balanceBody{Balance: &balance}, nil)
}

// SetReviewBalance is Server.SetReviewBalance.
func (c *Client) SetReviewBalance(ctx context.Context, balance tempnumber.Amount) error {
	return c.call(ctx, "PUT", "/control/balance", balanceBody{ReviewBalance: &balance}, nil)
}

// HoldAccount is Server.HoldAccount.
func (c *Client) HoldAccount(ctx context.Context, onHold bool) error {
	return c.call(ctx, "PUT", "/control/account", accountBody{OnHold: &onHold}, nil)
}

// SetEmailVerified is Server.SetEmailVerified.
func (c *Client) SetEmailVerified(ctx context.Context, verified bool) error {
	return c.call(ctx, "PUT", "/control/account", accountBody{EmailVerified: &verified}, nil)
}

// SetPrice is Server.SetPrice.
func (c *Client) SetPrice(ctx context.Context, serviceID, countryID string, price tempnumber.Amount) error {
	return c.call(ctx, "PUT", "/control/prices", priceBody{Service: serviceID, Country: countryID, Price: &price}, nil)
}

// SetAvailable is Server.SetAvailable.
func (c *Client) SetAvailable(ctx context.Context, serviceID, countryID string, available bool) error {
	return c.call(ctx, "PUT", "/control/prices", priceBody{Service: serviceID, Country: countryID, Available: &available}, nil)
}

// Fail is Server.Fail.
func (c *Client) Fail(ctx context.Context, fault Fault) error {
	return c.call(ctx, "POST", "/control/faults", fault, nil)
}

// ClearFaults is Server.ClearFaults.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.call(ctx, "DELETE", "/control/faults", nil, nil)
}

// Requests is Server.Requests, for one endpoint, or for all with an empty one.
func (c *Client) Requests(ctx context.Context, endpoint tempnumber.Endpoint) ([]Request, error) {
	var all []Request
	err := c.call(ctx, "GET", "/control/requests?endpoint="+url.QueryEscape(string(endpoint)), nil, &all)
	return all, err
}

// Reset is Server.Reset.
func (c *Client) Reset(ctx context.Context) error {
	return c.call(ctx, "POST", "/control/reset", nil, nil)
}

// Healthy is nil when the server runs.
func (c *Client) Healthy(ctx context.Context) error {
	return c.call(ctx, "GET", "/healthz", nil, nil)
}

// maxAnswer is how much of an answer is read: 10,000 activations with long texts.
const maxAnswer = 64 << 20

// call sends a request and reads its answer into a value; either may be nil.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("control: %w", err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	req.Header.Set("Content-Type", jsonType)
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var problem struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(answer, &problem) != nil || problem.Error == "" {
			problem.Error = http.StatusText(resp.StatusCode)
		}
		return &Error{StatusCode: resp.StatusCode, Message: problem.Error}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("control: the answer is not understood: %w", err)
	}
	return nil
}
