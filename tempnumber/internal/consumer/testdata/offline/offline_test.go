// Package offline is somebody's test of a sign-up that sends an SMS.
package offline

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestSignUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := tempnumbertest.NewServer()
		client := server.Client(t)
		server.AutoDeliver(time.Minute, "Your code is 0815")

		params := tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"}
		rented, err := client.CreateActivation(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.WaitSMS(t.Context(), rented.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Code != "0815" {
			t.Fatalf("code %q", got.Code)
		}
	})
}
