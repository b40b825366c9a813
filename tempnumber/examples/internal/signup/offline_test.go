package signup_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/examples/internal/signup"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

func TestSignUp(t *testing.T) {
	server := tempnumbertest.NewServer()
	client := server.Client(t)
	app := signup.New(server.DeliverSMSTo) // your app, sending its SMS into the box

	activation, err := client.ReceiveSMS(t.Context(),
		tempnumber.CreateActivationParams{ServiceID: "facebook", CountryID: "us"},
		func(_ context.Context, a *tempnumber.Activation) error { return typeNumber(app, a.Phone.E164()) })
	if err != nil {
		t.Fatal(err)
	}
	if err := typeCode(app, activation.Phone.E164(), activation.Code); err != nil {
		t.Fatal(err)
	}
}

func typeNumber(app http.Handler, phone string) error {
	return submit(app, "/signup", fmt.Sprintf(`{"phone": %q}`, phone))
}

func typeCode(app http.Handler, phone string, code tempnumber.Code) error {
	return submit(app, "/verify", fmt.Sprintf(`{"phone": %q, "code": %q}`, phone, code))
}

func submit(app http.Handler, path, form string) error {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(form)))
	if w.Code >= http.StatusBadRequest {
		return fmt.Errorf("%s: the app answered %d", path, w.Code)
	}
	return nil
}
