package tempnumbertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Control drives a server in another process, such as the one of the command
// tempnumber mock, through its control API. NewControl makes one. Its methods do
// what those of Server do; their errors are a *ControlError, or what net/http gave.
type Control struct {
	base   string
	client *http.Client
}

// NewControl makes a Control for the server at a base URL: the one that it prints,
// or that clients of the service use, with or without /v1 or /api/v1 at its end.
func NewControl(baseURL string) (*Control, error) {
	u, err := url.Parse(strings.TrimRight(baseURL, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("tempnumbertest: %q is no base URL; write it like http://127.0.0.1:8025", baseURL)
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/v1"), "/api")
	return &Control{base: u.String(), client: &http.Client{}}, nil
}

// ControlError is a refusal of the control API.
type ControlError struct {
	StatusCode int    // 400 malformed, 404 no such thing, 409 not possible now
	Message    string // what is wrong
}

func (e *ControlError) Error() string {
	return fmt.Sprintf("tempnumbertest: control: %d: %s", e.StatusCode, e.Message)
}

func controlProblem(status int, format string, args ...any) *ControlError {
	return &ControlError{StatusCode: status, Message: fmt.Sprintf(format, args...)}
}

func badRequest(message string) *ControlError {
	return &ControlError{StatusCode: http.StatusBadRequest, Message: message}
}

// DeliverSMS is Server.DeliverSMS.
func (c *Control) DeliverSMS(ctx context.Context, id tempnumber.ActivationID, text string) error {
	return c.call(ctx, "POST", "/control/sms", smsBody{ID: id, Text: text}, nil)
}

// DeliverSMSTo is Server.DeliverSMSTo.
func (c *Control) DeliverSMSTo(ctx context.Context, phone, text string) error {
	return c.call(ctx, "POST", "/control/sms", smsBody{Number: phone, Text: text}, nil)
}

// AutoDeliver is Server.AutoDeliver.
func (c *Control) AutoDeliver(ctx context.Context, delay time.Duration, text string) error {
	return c.call(ctx, "PUT", "/control/auto-sms", autoSMSBody{span(delay), text}, nil)
}

// StopAutoDeliver ends AutoDeliver. SMS that are on their way arrive.
func (c *Control) StopAutoDeliver(ctx context.Context) error {
	return c.call(ctx, "DELETE", "/control/auto-sms", nil, nil)
}

// Activations is Server.Activations.
func (c *Control) Activations(ctx context.Context) ([]Activation, error) {
	var bodies []activationBody
	if err := c.call(ctx, "GET", "/control/activations", nil, &bodies); err != nil {
		return nil, err
	}
	all := make([]Activation, 0, len(bodies))
	for _, body := range bodies {
		all = append(all, Activation(body))
	}
	return all, nil
}

// Activation gives one activation.
func (c *Control) Activation(ctx context.Context, id tempnumber.ActivationID) (Activation, error) {
	var body activationBody
	err := c.call(ctx, "GET", "/control/activations/"+id.String(), nil, &body)
	return Activation(body), err
}

// LastCode gives the code in the newest SMS of a phone number, as the service
// reads it, and the whole text. Before there is one it is an error.
func (c *Control) LastCode(ctx context.Context, phone string) (code, text string, err error) {
	var body codeBody
	err = c.call(ctx, "GET", "/control/codes/"+url.PathEscape(phone), nil, &body)
	return body.Code, body.Message, err
}

// Expire is Server.Expire.
func (c *Control) Expire(ctx context.Context, id tempnumber.ActivationID) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/expire", nil, nil)
}

// Refund is Server.Refund.
func (c *Control) Refund(ctx context.Context, id tempnumber.ActivationID) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/refund", nil, nil)
}

// FailActivation is Server.FailActivation.
func (c *Control) FailActivation(ctx context.Context, id tempnumber.ActivationID, reason int64) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/fail", failBody{reason}, nil)
}

// Forget is Server.Forget.
func (c *Control) Forget(ctx context.Context, id tempnumber.ActivationID) error {
	return c.call(ctx, "POST", "/control/activations/"+id.String()+"/forget", nil, nil)
}

// Balance is Server.Balance.
func (c *Control) Balance(ctx context.Context) (tempnumber.Amount, error) {
	var body balanceBody
	err := c.call(ctx, "GET", "/control/balance", nil, &body)
	return body.Balance, err
}

// SetBalance is Server.SetBalance.
func (c *Control) SetBalance(ctx context.Context, balance tempnumber.Amount) error {
	return c.call(ctx, "PUT", "/control/balance", map[string]tempnumber.Amount{"balance": balance}, nil)
}

// SetReviewBalance is Server.SetReviewBalance.
func (c *Control) SetReviewBalance(ctx context.Context, balance tempnumber.Amount) error {
	return c.call(ctx, "PUT", "/control/balance", map[string]tempnumber.Amount{"review_balance": balance}, nil)
}

// HoldAccount is Server.HoldAccount.
func (c *Control) HoldAccount(ctx context.Context, onHold bool) error {
	return c.call(ctx, "PUT", "/control/account", accountBody{&onHold}, nil)
}

// SetPrice is Server.SetPrice.
func (c *Control) SetPrice(ctx context.Context, serviceID, countryID string, price tempnumber.Amount) error {
	return c.call(ctx, "PUT", "/control/prices", priceBody{Service: serviceID, Country: countryID, Price: &price}, nil)
}

// SetAvailable is Server.SetAvailable.
func (c *Control) SetAvailable(ctx context.Context, serviceID, countryID string, available bool) error {
	return c.call(ctx, "PUT", "/control/prices", priceBody{Service: serviceID, Country: countryID, Available: &available}, nil)
}

// Fail is Server.Fail. Of each header the first value is sent; Only cannot be sent
// to another process and is an error.
func (c *Control) Fail(ctx context.Context, endpoint tempnumber.Endpoint, fault Fault) error {
	if fault.Only != nil {
		return errors.New("tempnumbertest: Fail: the Only of a Fault works inside the server's process alone")
	}
	return c.call(ctx, "POST", "/control/faults", faultBodyOf(endpoint, fault), nil)
}

// ClearFaults is Server.ClearFaults.
func (c *Control) ClearFaults(ctx context.Context) error {
	return c.call(ctx, "DELETE", "/control/faults", nil, nil)
}

// Requests is Server.Requests, for one endpoint, or for all with AnyEndpoint.
func (c *Control) Requests(ctx context.Context, endpoint tempnumber.Endpoint) ([]Request, error) {
	var bodies []requestBody
	if err := c.call(ctx, "GET", "/control/requests?endpoint="+url.QueryEscape(string(endpoint)), nil, &bodies); err != nil {
		return nil, err
	}
	all := make([]Request, 0, len(bodies))
	for _, body := range bodies {
		all = append(all, Request(body))
	}
	return all, nil
}

// Reset is Server.Reset.
func (c *Control) Reset(ctx context.Context) error {
	return c.call(ctx, "POST", "/control/reset", nil, nil)
}

// Healthy is nil when the server runs.
func (c *Control) Healthy(ctx context.Context) error {
	return c.call(ctx, "GET", "/healthz", nil, nil)
}

// maxControlAnswer is how much of an answer is read: 10,000 activations with long texts.
const maxControlAnswer = 64 << 20

// call sends a request and reads its answer into a value; either may be nil.
func (c *Control) call(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("tempnumbertest: control: %w", err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return fmt.Errorf("tempnumbertest: control: %w", err)
	}
	req.Header.Set("Content-Type", jsonType)
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("tempnumbertest: control: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxControlAnswer))
	if err != nil {
		return fmt.Errorf("tempnumbertest: control: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var problem struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(answer, &problem) != nil || problem.Error == "" {
			problem.Error = http.StatusText(resp.StatusCode)
		}
		return &ControlError{StatusCode: resp.StatusCode, Message: problem.Error}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("tempnumbertest: control: the answer is not understood: %w", err)
	}
	return nil
}
