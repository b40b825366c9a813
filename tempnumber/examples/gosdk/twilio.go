// Command gosdk is the app under test of the examples, sending through twilio-go. It
// prints its URL. TWILIO_URL makes it send to another address than Twilio's.
package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/tempnumber/tempnumber-go/tempnumber/examples/internal/signup"
)

func main() {
	sms := newTwilio(os.Getenv("TWILIO_ACCOUNT_SID"), os.Getenv("TWILIO_AUTH_TOKEN"), os.Getenv("TWILIO_URL"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + listener.Addr().String())
	web := &http.Server{Handler: newApp(sms, os.Getenv("TWILIO_FROM")), ReadHeaderTimeout: 5 * time.Second}
	panic(web.Serve(listener))
}

// newApp returns the app, which sends from a number.
func newApp(sms *twilio.RestClient, from string) *signup.App {
	return signup.New(func(phone, text string) error {
		_, err := sms.Api.CreateMessage((&api.CreateMessageParams{}).SetTo(phone).SetFrom(from).SetBody(text))
		return err
	})
}

// newTwilio returns a client of twilio-go. It has no setting for the address, so an
// address other than Twilio's is set by the transport.
func newTwilio(account, token, address string) *twilio.RestClient {
	c := &client.Client{Credentials: client.NewCredentials(account, token)}
	c.SetAccountSid(account)
	if to, err := url.Parse(address); err == nil && address != "" {
		c.HTTPClient = &http.Client{Transport: sendTo{to}, Timeout: 10 * time.Second}
	}
	return twilio.NewRestClientWithParams(twilio.ClientParams{Client: c})
}

// sendTo sends every request to another address.
type sendTo struct{ address *url.URL }

func (s sendTo) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = s.address.Scheme, s.address.Host, s.address.Host
	return http.DefaultTransport.RoundTrip(r)
}
