// Package service is the core of the service in a box: numbers, money, SMS and
// the rules between them, apart from HTTP.
//
// It has no clock, no lock, no goroutine and no timer. Whoever uses it says what
// time it is, never an earlier one than before, and keeps callers apart. What
// was due in between (an SMS, an expiry, a request that arrives late) happens
// first, in the order of its time.
package service

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Config says how a service behaves.
type Config struct {
	Catalogue  Catalogue
	Balance    tempnumber.Amount
	Lifetime   time.Duration // how long a number lives
	PendingCap int           // how many activations may wait at once; 0 for no cap
	// PendingPerDollar is how many more may wait for each whole dollar of balance.
	PendingPerDollar int
	Delivery         DeliveryRule
	// NumberAfter is how long an order waits for its number, WaitAfter how long it
	// then takes until an SMS is waited for. Both are mostly zero.
	NumberAfter, WaitAfter time.Duration
	// GoneAfter is how long an activation can be read by its id after its number
	// has expired; 0 for as long as it is kept. The history still shows it.
	GoneAfter time.Duration
	// Keep is how many activations are kept. The oldest that have ended are dropped first.
	Keep int
	// Consumes ends activations that got their SMS as serviceConsumed.
	Consumes bool
	// EmailUnverified begins with an account whose e-mail address is not verified.
	EmailUnverified bool
	Seed            uint64
}

// Service is the state of the service, for one account.
type Service struct {
	// Changed is called with each activation that has changed, Delivered with each that
	// has got an SMS. Both may be nil. They must not call the Service.
	Changed   func(tempnumber.ActivationID)
	Delivered func(at time.Time, a Activation, sms SMS)

	config Config
	prices prices
	events events
	rates  map[pair]*tally
	auto   AutoSMS
	codes  uint64 // that were given to SMS so far

	balance, inReview tempnumber.Amount
	onHold            bool
	emailUnverified   bool
	consumes          bool
	ids               IDOrder

	kept     []*activation // the newest of all that were ordered, the oldest first
	ordered  int64
	pending  int
	texts    int                    // bytes of the SMS that they hold
	byNumber map[string]*activation // those whose number lives
	newest   map[string]*activation // the newest of those that are kept, by number
	numbers  map[string]*numberer   // by country
}

// New opens a service.
func New(config Config) *Service {
	return &Service{
		config:  config,
		prices:  newPrices(config.Catalogue),
		rates:   map[pair]*tally{},
		balance: config.Balance,

		emailUnverified: config.EmailUnverified,
		consumes:        config.Consumes,

		byNumber: map[string]*activation{},
		newest:   map[string]*activation{},
		numbers:  map[string]*numberer{},
	}
}

// SetIDs sets how the ids of activations follow each other from now on.
func (s *Service) SetIDs(order IDOrder) { s.ids = order }

// SetConsumes sets whether activations that got their SMS end as serviceConsumed.
func (s *Service) SetConsumes(consumes bool) { s.consumes = consumes }

// pair is one service in one country.
type pair struct{ service, country string }
