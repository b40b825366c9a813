package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// A number is ordered, typed into the app, and gets its code through twilio-go, with
// nothing changed but the address that the app sends to.
func TestSignUpThroughTwilio(t *testing.T) {
	box := tempnumbertest.NewServer()
	gateway := httptest.NewServer(box.ControlHandler())
	t.Cleanup(gateway.Close)
	app := httptest.NewServer(newApp(newTwilio(account, "any", gateway.URL), sender))
	t.Cleanup(app.Close)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := box.Client(t)
	number, err := client.CreateActivation(ctx, tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"})
	if err != nil {
		t.Fatal(err)
	}
	phone := number.Phone.E164()
	submit(t, app.URL+"/signup", map[string]string{"phone": phone})
	sms, err := client.WaitSMS(ctx, number.ID)
	if err != nil {
		t.Fatal(err)
	}
	submit(t, app.URL+"/verify", map[string]string{"phone": phone, "code": string(sms.Code)})
}

// submit fills in a form of the app and sends it.
func submit(t *testing.T, url string, form map[string]string) {
	t.Helper()
	body, err := json.Marshal(form)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("%s answered %s", url, resp.Status)
	}
}
