// Package signup is the app under test of the examples: a small web app that
// signs people up by phone number and verifies them by a code in an SMS.
package signup

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"sync"
)

// App is an http.Handler with two requests:
//
//	POST /signup {"phone": "+18454123223"}                    202: the code is on its way
//	POST /verify {"phone": "+18454123223", "code": "05678"}   200 when it is the last code sent, else 403
//
// Signing up again sends a new code, and the former one is no longer good.
type App struct {
	send func(phone, text string) error

	mu       sync.Mutex
	codes    map[string]string // by phone number
	verified map[string]bool
}

// New makes an app that sends its SMS with send.
func New(send func(phone, text string) error) *App {
	return &App{send: send, codes: make(map[string]string), verified: make(map[string]bool)}
}

// Verified tells whether the owner of a number has proved to have it.
func (a *App) Verified(phone string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.verified[phone]
}

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var form struct{ Phone, Code string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&form); err != nil || form.Phone == "" {
		http.Error(w, "send JSON with a phone number", http.StatusBadRequest)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /signup":
		a.signUp(w, form.Phone)
	case "POST /verify":
		a.verify(w, form.Phone, form.Code)
	default:
		http.NotFound(w, r)
	}
}

func (a *App) signUp(w http.ResponseWriter, phone string) {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000))
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return
	}
	code := fmt.Sprintf("%05d", n)
	a.mu.Lock()
	a.codes[phone] = code
	a.mu.Unlock()
	if err := a.send(phone, "Your Examplia code is "+code+". Do not share it."); err != nil {
		http.Error(w, "the SMS could not be sent", http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (a *App) verify(w http.ResponseWriter, phone, code string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if want, ok := a.codes[phone]; !ok || code != want {
		http.Error(w, "that is not the code", http.StatusForbidden)
		return
	}
	delete(a.codes, phone)
	a.verified[phone] = true
}
