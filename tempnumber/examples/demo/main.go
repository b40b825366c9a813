// Command demo runs the main job from end to end, offline: a number is rented,
// an app under test sends an SMS to it, the code is read and typed in, and then
// once more with another SMS on the same number.
//
// The service in a box and the app are real HTTP servers on the loopback
// interface; the client talks to the first as it would to the real one.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/examples/internal/signup"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, 2*time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

// run is the demo; smsDelay is how long an SMS of the app is on its way.
func run(ctx context.Context, out io.Writer, smsDelay time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	d := demo{out: out, start: time.Now()}

	box := tempnumbertest.NewServer()
	boxURL, closeBox, err := serve(box)
	if err != nil {
		return err
	}
	defer closeBox()
	appURL, closeApp, err := serve(signup.New(func(phone, text string) error {
		time.AfterFunc(smsDelay, func() {
			if err := box.DeliverSMSTo(phone, text); err != nil {
				d.say("app", "the SMS did not arrive: %v", err)
			}
		})
		return nil
	}))
	if err != nil {
		return err
	}
	defer closeApp()
	d.say("start", "service in a box at %s, app under test at %s", boxURL, appURL)

	client, err := tempnumber.New(tempnumbertest.DefaultKey, tempnumber.WithBaseURL(boxURL))
	if err != nil {
		return err
	}
	offer, err := client.Offer(ctx, "facebook", "us")
	if err != nil {
		return err
	}
	d.say("offer", "%s in %s for %v dollars", offer.ServiceName, offer.CountryName, offer.Price)

	first, err := client.ReceiveSMS(ctx,
		tempnumber.CreateActivationParams{ServiceID: offer.ServiceID, CountryID: offer.CountryID, MaxPrice: offer.Price},
		func(ctx context.Context, a *tempnumber.Activation) error {
			d.say("rented", "%s, activation %v, for another %v", a.Phone.E164(), a.ID, a.Remaining().Round(time.Second))
			return d.signUp(ctx, appURL, a.Phone.E164())
		}, tempnumber.OnUpdate(d.status))
	if err != nil {
		return err
	}
	if err := d.verify(ctx, appURL, first); err != nil {
		return err
	}

	d.say("again", "asking for another SMS on the same number")
	if err := client.RequestAnotherSMS(ctx, first.ID); err != nil {
		return err
	}
	if err := d.signUp(ctx, appURL, first.Phone.E164()); err != nil {
		return err
	}
	second, err := client.WaitSMS(ctx, first.ID, tempnumber.After(first), tempnumber.OnUpdate(d.status))
	if err != nil {
		return err
	}
	if err := d.verify(ctx, appURL, second); err != nil {
		return err
	}

	balance, err := client.Balance(ctx)
	if err != nil {
		return err
	}
	d.say("cost", "%v dollars for both; %v are left", second.Price, balance.Available)
	return nil
}

// demo writes what happens, with the time since the start.
type demo struct {
	out   io.Writer
	start time.Time
}

func (d demo) say(what, format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, "%5.1fs  %-8s %s\n", time.Since(d.start).Seconds(), what, fmt.Sprintf(format, args...))
}

func (d demo) status(a *tempnumber.Activation) error {
	d.say("status", "%s", a.Status)
	return nil
}

// signUp types the number into the app.
func (d demo) signUp(ctx context.Context, appURL, phone string) error {
	d.say("app", "signing up with %s", phone)
	return post(ctx, appURL+"/signup", map[string]string{"phone": phone})
}

// verify types the code into the app.
func (d demo) verify(ctx context.Context, appURL string, a *tempnumber.Activation) error {
	d.say("message", "%q", a.Message)
	d.say("code", "%s", a.Code)
	if err := post(ctx, appURL+"/verify", map[string]string{"phone": a.Phone.E164(), "code": string(a.Code)}); err != nil {
		return err
	}
	d.say("app", "the code is right, the account is verified")
	return nil
}

func post(ctx context.Context, url string, form map[string]string) error {
	body, err := json.Marshal(form)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the app answered %s", resp.Status)
	}
	return nil
}

// serve starts an HTTP server on a free port of the loopback interface.
func serve(h http.Handler) (baseURL string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "demo:", err)
		}
	}()
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}
