// Package tempnumber is a client of temp-number.org, which rents temporary phone
// numbers by REST API: ask for a number for a service in a country, use it, and
// read the code of the SMS that arrives. It is made for people who test sign-up
// by SMS and second factors of their own.
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//
//		"github.com/tempnumber/tempnumber-go/tempnumber"
//	)
//
//	func main() {
//		client, err := tempnumber.NewFromEnv() // reads TEMPNUMBER_API_KEY
//		if err != nil {
//			log.Fatal(err)
//		}
//		order := tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us", MaxPrice: tempnumber.Dollar}
//		activation, err := client.ReceiveSMS(context.Background(), order, func(_ context.Context, a *tempnumber.Activation) error {
//			fmt.Println("type this number in:", a.Phone.E164())
//			return nil
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println("the code:", activation.Code)
//	}
//
// Package tempnumbertest beside this one is the whole service in a box, for
// tests without network, phone or money.
//
// # Waiting
//
// WaitSMS waits for the SMS of one activation, ReceiveSMS rents the number as
// well. The context is the only time limit beside the life of the number, which
// ends a wait by the service's own clock. The status of an activation is an open
// set: unknown ones are polled on. Whatever ends a wait without an SMS, the
// *WaitError names the activation, so that a number that was paid for can be
// taken up again by its id, from another process too.
//
// # Retries
//
// RetryPolicy says exactly what is repeated. In short: reading is repeated on
// passing failures; an order, which costs money, only when it surely never left
// or was refused for its rate. Redirects are never followed.
//
// # Money
//
// The API knows no idempotency key, so nobody can order twice and pay once. When no
// answer shows whether an order was carried out, CreateActivation does not repeat
// it and returns an *OutcomeUnknownError. Reconcile then looks for the number in the
// account's history; with WithExclusiveKey, for a key that no other program uses,
// CreateActivation does so by itself. WithPurchaseHook shows each Intent before it
// costs money: written down, it outlives a crash.
//
// WithSpendingCap bounds what a client spends, WithDeliveryGuard keeps it from
// orders that would close a service in a country for lack of SMS, and
// DeliveryStats returns how close that is.
//
// # Rate limits
//
// The service counts requests per endpoint and key. Every attempt of every call
// takes a slot from a Limiter first and waits for one in order of arrival;
// NewLimiter keeps the documented limits whatever the network does. A slot that
// would come after the context's deadline is a *ThrottledError at once. Clients
// of one key should share one limiter with WithLimiter.
//
// # Errors
//
// Input that cannot be right is a *ValidationError before anything is sent. An
// answer that is not a 2xx is an *APIError, compared by errors.Is with
// ErrInsufficientFunds and its like. No answer is a *TransportError, an answer
// that cannot be understood a *ResponseError with its HTTP status. A wait ends
// in a *WaitError. Errors and logs never hold the API key, a text or a code.
package tempnumber
