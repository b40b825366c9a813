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

// Balance is the money of the account.
type Balance struct {
	Available Amount // what can be spent
	InReview  Amount // what the service still holds for review
}

// offer asks for one service in one country.
func (c *caller) offer(ctx context.Context, serviceID, countryID, language string) (*Offer, error) {
	if err := checkID("serviceID", serviceID); err != nil {
		return nil, err
	}
	if err := checkID("countryID", countryID); err != nil {
		return nil, err
	}
	var params gen.GetSingleServiceParams
	if language != "" {
		if err := checkID("language", language); err != nil {
			return nil, err
		}
		params.PrxLang = &language
	}
	req, err := gen.NewGetSingleServiceRequest(c.server, serviceID, countryID, &params)
	return answer(c.do(ctx, req, err, call{endpoint: EndpointOffer}), func(w *gen.SingleService) (*Offer, error) {
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

func offersFrom(w *gen.SingleService) ([]*Offer, error) {
	var fields fieldReader
	offers := make([]*Offer, 0, len(w.Services))
	for _, s := range w.Services {
		offers = append(offers, &Offer{
			ServiceID:      s.ServiceID,
			ServiceName:    s.ServiceName,
			ServiceIconURL: iconURL(w.IconBaseURL, s.ServiceIconPath),
			CountryID:      s.CountryID,
			CountryName:    s.CountryName,
			CountryIconURL: iconURL(w.IconBaseURL, s.CountryIconPath),
			Virtual:        s.IsVirtual,
			Snippet:        s.Snippet,
			Warning:        s.Warning,
			Price:          fields.amount("price", s.Price),
			HasNumbers:     s.HasNumbers,
		})
	}
	if fields.err != nil {
		return nil, fields.err
	}
	return offers, nil
}

func servicePricesFrom(w *[]gen.PriceByService) ([]ServicePrices, error) {
	var fields fieldReader
	list := listFrom(*w, func(s gen.PriceByService) ServicePrices {
		return ServicePrices{s.ServiceID, listFrom(s.Countries, func(c gen.CountryPrice) CountryPrice {
			return CountryPrice{c.CountryID, fields.amount("p", c.Price)}
		})}
	})
	return list, fields.err
}

func countryPricesFrom(w *[]gen.PriceByCountry) ([]CountryPrices, error) {
	var fields fieldReader
	list := listFrom(*w, func(c gen.PriceByCountry) CountryPrices {
		return CountryPrices{c.CountryID, listFrom(c.Services, func(s gen.ServicePrice) ServicePrice {
			return ServicePrice{s.ServiceID, fields.amount("p", s.Price)}
		})}
	})
	return list, fields.err
}

// listFrom converts a list, which is never nil.
func listFrom[W, T any](wire []W, convert func(W) T) []T {
	list := make([]T, 0, len(wire))
	for _, w := range wire {
		list = append(list, convert(w))
	}
	return list
}

func balanceFrom(w *gen.UserBalance) (*Balance, error) {
	var fields fieldReader
	if w.Balance == "" {
		return nil, errors.New("it has no balance")
	}
	b := &Balance{
		Available: fields.amount("balance", w.Balance),
		InReview:  fields.amount("review_balance", w.ReviewBalance),
	}
	if fields.err != nil {
		return nil, fields.err
	}
	return b, nil
}
