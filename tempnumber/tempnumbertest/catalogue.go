package tempnumbertest

import (
	"fmt"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// Catalogue is what can be rented: every one of its services in every one of its
// countries. SetAvailable and SetPrice make exceptions.
type Catalogue struct {
	Services  []Service
	Countries []Country
}

// Service is one service of a Catalogue.
type Service struct {
	ID    string // letters, digits, - and _, as the real ones have
	Name  string
	Price tempnumber.Amount // in a country whose prices are 100 %
}

// Country is one country of a Catalogue.
type Country struct {
	ID          string // ISO 3166-1 alpha-2 in lower case, as the service writes it
	Name        string
	CallingCode string // digits without a plus sign, "49"
	// Pattern is a national number as people write it, with # for each digit that
	// differs from number to number, at least four: "151# #######". With the
	// calling code it has 15 digits at most.
	Pattern      string
	PricePercent int  // what numbers cost here, compared with the services' prices
	Virtual      bool // the numbers come from no SIM card
}

// Check returns an error that says what is wrong with a catalogue, nil when nothing is.
func (c Catalogue) Check() error {
	if err := c.core().Check(); err != nil {
		return fmt.Errorf("tempnumbertest: %w", err)
	}
	return nil
}

func (c Catalogue) core() service.Catalogue {
	var core service.Catalogue
	for _, s := range c.Services {
		core.Services = append(core.Services, service.Listing(s))
	}
	for _, l := range c.Countries {
		core.Countries = append(core.Countries, service.Country(l))
	}
	return core
}

// WithCatalogue sets what can be rented. Without it there are 30 well-known
// services in 26 countries, at prices of a believable size.
func WithCatalogue(catalogue Catalogue) Option {
	core := catalogue.core()
	return func(c *config) { c.core.Catalogue = core }
}

// WithLargeCatalogue offers as much as the real service: 3,000 services in 150
// countries, so that a price list has about 10 MB. It is the same at every start.
func WithLargeCatalogue() Option {
	return func(c *config) { c.core.Catalogue = service.LargeCatalogue() }
}
