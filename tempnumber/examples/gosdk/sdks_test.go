package main

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	verify "github.com/twilio/twilio-go/rest/verify/v2"
)

// smsURL is the address of the intake.
func smsURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv("SMS_URL")
	if url == "" {
		t.Skip("needs SMS_URL, the address of a service in a box")
	}
	return url
}

const (
	account = "AC00000000000000000000000000000001"
	sender  = "+15005550006"
)

func to() string {
	if number := os.Getenv("SMS_TO"); number != "" {
		return number
	}
	return "+18454123223"
}

func create(c *twilio.RestClient, to, from, body string) (*api.ApiV2010Message, error) {
	return c.Api.CreateMessage((&api.CreateMessageParams{}).SetTo(to).SetFrom(from).SetBody(body))
}

// fails requires an error of the SDK's own type with a code.
func fails(t *testing.T, err error, code int) {
	t.Helper()
	var refused *client.TwilioRestError
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("got %v, want a TwilioRestError with code %d", err, code)
	}
}

func TestTwilioMessages(t *testing.T) {
	c := newTwilio(account, "token", smsURL(t))
	m, err := create(c, to(), sender, "Your twilio-go code is 05678")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; *m.Status != "delivered" && i < 100; i++ {
		time.Sleep(20 * time.Millisecond)
		if m, err = c.Api.FetchMessage(*m.Sid, nil); err != nil {
			t.Fatal(err)
		}
	}
	if *m.Status != "delivered" || *m.NumSegments != "1" || m.ErrorCode != nil {
		t.Errorf("got status %s, segments %s, error %v", *m.Status, *m.NumSegments, m.ErrorCode)
	}
	all, err := c.Api.ListMessage((&api.ListMessageParams{}).SetTo(to()).SetPageSize(1).SetLimit(2))
	if err != nil || len(all) == 0 {
		t.Errorf("list: %d messages, %v", len(all), err)
	}
}

func TestTwilioRefusals(t *testing.T) {
	c := newTwilio(account, "token", smsURL(t))
	for number, code := range map[string]int{"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614} {
		_, err := create(c, number, sender, "x")
		fails(t, err, code)
	}
	for number, code := range map[string]int{"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611} {
		_, err := create(c, to(), number, "x")
		fails(t, err, code)
	}
}

func TestTwilioVerify(t *testing.T) {
	c := newTwilio(account, "token", smsURL(t))
	const service, code = "VA00000000000000000000000000000002", "778899"
	started, err := c.VerifyV2.CreateVerification(service, (&verify.CreateVerificationParams{}).SetTo(to()).SetChannel("sms").SetCustomCode(code))
	if err != nil || *started.Status != "pending" {
		t.Fatal(started, err)
	}
	check := func(code string) (*verify.VerifyV2VerificationCheck, error) {
		return c.VerifyV2.CreateVerificationCheck(service, (&verify.CreateVerificationCheckParams{}).SetTo(to()).SetCode(code))
	}
	if checked, err := check("000000"); err != nil || *checked.Status != "pending" || *checked.Valid {
		t.Error(checked, err)
	}
	if checked, err := check(code); err != nil || *checked.Status != "approved" || !*checked.Valid {
		t.Error(checked, err)
	}
	_, err = check(code)
	fails(t, err, 20404)
}

func TestSNS(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_SNS", smsURL(t)) // no other change
	conf, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("us-east-1"), config.WithRetryMaxAttempts(1),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("k", "s", "")))
	if err != nil {
		t.Fatal(err)
	}
	c := sns.NewFromConfig(conf)
	number, text, short := to(), "Your sns-go code is 05678", "12"
	sent, err := c.Publish(t.Context(), &sns.PublishInput{PhoneNumber: &number, Message: &text})
	if err != nil || len(*sent.MessageId) != 36 {
		t.Fatal(sent, err)
	}
	_, err = c.Publish(t.Context(), &sns.PublishInput{PhoneNumber: &short, Message: &text})
	if invalid := (*types.InvalidParameterException)(nil); !errors.As(err, &invalid) {
		t.Errorf("got %v, want an InvalidParameterException", err)
	}
}
