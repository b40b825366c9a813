// Package tempnumbertest is the service in a box: a stand-in for temp-number.org
// that keeps state, enforces the documented rules, and needs no network, phone
// or money.
//
//	package signup_test
//
//	import (
//		"context"
//		"testing"
//
//		"github.com/tempnumber/tempnumber-go/tempnumber"
//		"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
//	)
//
//	func TestSignUp(t *testing.T) {
//		server := tempnumbertest.NewServer()
//		client := server.Client(t)
//		order := tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}
//		activation, err := client.ReceiveSMS(t.Context(), order, func(_ context.Context, a *tempnumber.Activation) error {
//			// Here the app under test sends its SMS to the number.
//			return server.DeliverSMSTo(a.Phone.E164(), "Your code is 05678")
//		})
//		if err != nil {
//			t.Fatal(err)
//		}
//		if activation.Code != "05678" {
//			t.Errorf("the code is %s", activation.Code)
//		}
//	}
//
// # Doors
//
// A Server is an http.Handler. Client returns a client that reaches it in memory,
// with nothing listening; it works inside testing/synctest, where a test that
// waits twenty minutes takes no time. Transport is the same for an http.Client of
// your own, and URL serves real HTTP on the loopback interface. The API's paths
// are served at the root, below /v1 and below /api/v1.
//
// # What it enforces
//
// The key, the form of requests, prices and balance, the life of a number and the
// refund at its end, the rules for another SMS, paging, the cap of pending
// activations, the delivery rate, and the rate limit of every endpoint. Where the
// service's document leaves something open, the server does what the comment of
// the option or field in question says; none of that is proof of what the live
// service does. Dialect has the variants that a client must be able to meet.
//
// # Time
//
// The server has no timers. It looks at time.Now whenever it is asked something,
// and lets what was due in between happen first, in its order. It never sleeps,
// except where a Fault or WithLatency tells it to.
//
// # Around the service
//
// ControlHandler, which URL serves as well, adds what stands around the service:
//
//   - a control API below /control, for tests in any language; package control
//     describes it and has its Go client. A test waits there for a code or a message
//     and gets it the moment it is there;
//   - the APIs by which apps send SMS: an app under test sends by Twilio Messages or
//     Verify, AWS SNS, Vonage or a webhook, unchanged but for the address;
//   - a page at / that shows numbers, messages and requests to a person as they come.
//
// None of them asks for a key. Requests that a page of somebody else can make are
// refused: see ControlHandler.
//
// # Memory
//
// The server keeps the newest 10,000 activations (WithHistoryCap) besides those that
// still wait for an SMS, the newest 10,000 SMS or 16 MiB of them, the newest 10,000
// requests (WithRequestLog) or 8 MiB of them, and the moments of those within the last
// window, two minutes at most. Keys are never kept; all is gone with the process.
package tempnumbertest
