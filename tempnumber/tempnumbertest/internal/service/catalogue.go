package service

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// Catalogue is what can be rented: every service in every country.
type Catalogue struct {
	Services  []Listing
	Countries []Country
	// uneven lets prices differ a little from pair to pair, as the real ones do.
	uneven bool
}

// Listing is one service of a catalogue.
type Listing struct {
	ID, Name string
	Price    tempnumber.Amount // about; countries differ
}

// Country is one country of a catalogue.
type Country struct {
	ID, Name    string
	CallingCode string // without a plus sign
	// Pattern is a national number as people write it, # for a digit that differs.
	Pattern string
	// PricePercent is what numbers cost here, compared with the services' prices.
	PricePercent int
	// Virtual says that the numbers come from no SIM card.
	Virtual bool
}

// maxNumberDigits is the length of the longest phone numbers by ITU-T E.164.
const maxNumberDigits = 15

// Check returns an error that says what is wrong with a catalogue.
func (c Catalogue) Check() error {
	if len(c.Services) == 0 || len(c.Countries) == 0 {
		return errors.New("a catalogue needs a service and a country at least")
	}
	seen := map[string]bool{}
	for _, l := range c.Services {
		if l.ID == "" || l.Price <= 0 || seen[l.ID] {
			return fmt.Errorf("service %q: each one needs an id of its own and a price above zero", l.ID)
		}
		seen[l.ID] = true
	}
	clear(seen)
	for _, l := range c.Countries {
		if l.ID == "" || l.PricePercent <= 0 || seen[l.ID] {
			return fmt.Errorf("country %q: each one needs an id of its own and a price level above zero", l.ID)
		}
		seen[l.ID] = true
		if strings.Trim(l.CallingCode, "0123456789") != "" || l.CallingCode == "" || l.CallingCode[0] == '0' {
			return fmt.Errorf("country %q: a calling code is digits alone, without a plus sign", l.ID)
		}
		free := strings.Count(l.Pattern, "#")
		if digits := len(l.CallingCode) + free + len(onlyDigits(l.Pattern)); free < 4 || digits > maxNumberDigits {
			return fmt.Errorf("country %q: the pattern of its numbers needs 4 free digits (#) at least, and %d digits with the calling code at most", l.ID, maxNumberDigits)
		}
	}
	return nil
}

// Offer is one service in one country.
type Offer struct {
	Service   *Listing
	Country   *Country
	Price     tempnumber.Amount
	Available bool
}

// prices are the catalogue for looking things up, and what was changed of it since.
type prices struct {
	catalogue Catalogue
	services  map[string]*Listing
	countries map[string]*Country
	changed   map[pair]tempnumber.Amount
	soldOut   map[pair]bool
	version   int // grows with every change of a price
}

func newPrices(catalogue Catalogue) prices {
	p := prices{
		catalogue: catalogue, services: map[string]*Listing{}, countries: map[string]*Country{},
		changed: map[pair]tempnumber.Amount{}, soldOut: map[pair]bool{},
	}
	for i, l := range catalogue.Services {
		p.services[l.ID] = &catalogue.Services[i]
	}
	for i, l := range catalogue.Countries {
		p.countries[l.ID] = &catalogue.Countries[i]
	}
	return p
}

// price is the price of a service in a country.
func (p prices) price(service *Listing, country *Country) tempnumber.Amount {
	if changed, ok := p.changed[pair{service.ID, country.ID}]; ok {
		return changed
	}
	if !p.catalogue.uneven {
		return service.Price / 100 * tempnumber.Amount(country.PricePercent)
	}
	h := fnv.New32a()
	h.Write([]byte(service.ID + "/" + country.ID))
	spread := 80 + int(h.Sum32()>>8%41) // per cent
	const step = tempnumber.Cent / 2
	about := service.Price / 10_000 * tempnumber.Amount(country.PricePercent*spread)
	return max((about+step/2)/step, 1) * step
}

// Offer shows one service in one country.
func (s *Service) Offer(serviceID, countryID string) (Offer, error) {
	service, known := s.prices.services[serviceID]
	country, knownToo := s.prices.countries[countryID]
	if !known || !knownToo {
		return Offer{}, refuse(InvalidRequest, "There is no such service or no such country")
	}
	return Offer{service, country, s.prices.price(service, country), !s.prices.soldOut[pair{serviceID, countryID}]}, nil
}

// SetPrice changes the price of a service in a country.
func (s *Service) SetPrice(serviceID, countryID string, price tempnumber.Amount) error {
	if _, err := s.Offer(serviceID, countryID); err != nil {
		return unknown("the catalogue has no service %q in country %q", serviceID, countryID)
	}
	s.prices.changed[pair{serviceID, countryID}] = price
	s.prices.version++
	return nil
}

// SetAvailable says whether numbers of a country are to be had for a service.
func (s *Service) SetAvailable(serviceID, countryID string, available bool) error {
	if _, err := s.Offer(serviceID, countryID); err != nil {
		return unknown("the catalogue has no service %q in country %q", serviceID, countryID)
	}
	s.prices.soldOut[pair{serviceID, countryID}] = !available
	return nil
}

// Catalogue is what can be rented here.
func (s *Service) Catalogue() Catalogue { return s.prices.catalogue }

// PriceVersion changes whenever a price has.
func (s *Service) PriceVersion() int { return s.prices.version }

// Price is the price of a service in a country of the catalogue.
func (s *Service) Price(service *Listing, country *Country) tempnumber.Amount {
	return s.prices.price(service, country)
}
