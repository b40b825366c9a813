package tempnumber

import (
	"context"
	"errors"
	"fmt"

	"github.com/tempnumber/tempnumber-go/gen"
)

// ServicePrices is what one service costs, country by country.
type ServicePrices struct {
	ServiceID string
	Countries []CountryPrice // never nil
}

// CountryPrice is a price in one country.
type CountryPrice struct {
	CountryID string // ISO 3166-1 alpha-2, in lower case
	Price     Amount
}

// CountryPrices is what the services cost in one country.
type CountryPrices struct {
	CountryID string         // ISO 3166-1 alpha-2, in lower case
	Services  []ServicePrice // never nil
}

// ServicePrice is the price of one service.
type ServicePrice struct {
	ServiceID string
	Price     Amount
}

// PricesByService gives the whole price list, ordered by service: thousands of
// services in more than 150 countries. The limit is 3 requests a minute, so keep
// the list.
func (c *Client) PricesByService(ctx context.Context) ([]ServicePrices, error) {
	resp, err := c.raw.GetPricelistByService(ctx)
	return answer(c, resp, err, servicePricesFrom)
}

// PricesByCountry gives the whole price list, ordered by country. The limit is 3
// requests a minute, so keep the list.
func (c *Client) PricesByCountry(ctx context.Context) ([]CountryPrices, error) {
	resp, err := c.raw.GetPricelistByCountry(ctx)
	return answer(c, resp, err, countryPricesFrom)
}

// Offer is what the service has for one service in one country.
type Offer struct {
	ServiceID      string
	ServiceName    string
	ServiceIconURL string // absolute
	CountryID      string // ISO 3166-1 alpha-2, in lower case
	CountryName    string
	CountryIconURL string // absolute
	Virtual        bool   // the numbers are virtual, not from SIM cards
	Snippet        string // a note on the service, in the language asked for
	Warning        string // a warning about the service, in the language asked for
	Price          Amount
	HasNumbers     bool // numbers are to be had now
}

// OfferOption sets one thing about Offer.
type OfferOption func(*offerOptions)

type offerOptions struct{ language string }

// Language asks for names and notes in a language, "en" or "de-AT". The default
// is the service's own, English; so is the empty tag.
func Language(tag string) OfferOption {
	return func(o *offerOptions) { o.language = tag }
}

// Offer gives the price of one service in one country, and whether it has
// numbers. It is cheaper than a price list. Errors: ErrInvalidRequest or
// ErrNotFound (the document declares the former alone) when the service
// has no such pair, and what every call can give.
func (c *Client) Offer(ctx context.Context, serviceID, countryID string, opts ...OfferOption) (*Offer, error) {
	if err := checkID("serviceID", serviceID); err != nil {
		return nil, err
	}
	if err := checkID("countryID", countryID); err != nil {
		return nil, err
	}
	var options offerOptions
	for _, opt := range opts {
		opt(&options)
	}
	var params gen.GetSingleServiceParams
	if options.language != "" {
		if err := checkID("language", options.language); err != nil {
			return nil, err
		}
		params.PrxLang = &options.language
	}
	resp, err := c.raw.GetSingleService(ctx, serviceID, countryID, &params)
	return answer(c, resp, err, func(w *gen.SingleService) (*Offer, error) {
		offers, err := offersFrom(w)
		if err != nil {
			return nil, err
		}
		if len(offers) == 0 {
			return nil, fmt.Errorf("it holds no offer: %w", ErrNotFound)
		}
		for _, o := range offers {
			if o.ServiceID == serviceID && o.CountryID == countryID {
				return o, nil
			}
		}
		if len(offers) == 1 {
			return offers[0], nil // the ids may be left out, or written in another case
		}
		return nil, errors.New("it does not hold the one offer that was asked for")
	})
}
