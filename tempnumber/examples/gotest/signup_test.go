// Package gotest shows end-to-end tests of a sign-up by SMS: many at a time, each
// with a number of its own, against the service in a box. The app is a web server
// here; yours may be one in another process.
package gotest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/examples/internal/signup"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestPeopleOfEveryCountrySignUp(t *testing.T) {
	box := tempnumbertest.NewServer()
	app := httptest.NewServer(signup.New(box.DeliverSMSTo)) // in place of an SMS gateway
	t.Cleanup(app.Close)
	client := box.Client(t) // one for all, so that all waits share the rate limits

	for _, country := range []string{"us", "gb", "de", "fr"} {
		t.Run(country, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()

			number, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: country})
			if err != nil {
				t.Fatal(err)
			}
			submit(t, app.URL+"/signup", map[string]string{"phone": number.Phone.E164()})
			sms, err := client.WaitSMS(ctx, number.ID)
			if err != nil {
				t.Fatal(err)
			}
			submit(t, app.URL+"/verify", map[string]string{"phone": number.Phone.E164(), "code": string(sms.Code)})
		})
	}
}

// submit fills in a form of the app and sends it.
func submit(t *testing.T, url string, form map[string]string) {
	t.Helper()
	body, err := json.Marshal(form)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		t.Fatalf("the app answered %s", resp.Status)
	}
}
