package tempnumber

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber/internal/lenient"
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
	Price          Amount // 0 when it is not known
	HasNumbers     bool   // numbers are to be had now
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
	return answer(c, c.do(ctx, req, err, call{endpoint: EndpointOffer}), model(func(w *gen.SingleService, odd *oddFields) (*Offer, error) {
		offers, err := offersFrom(w, odd)
		if err != nil {
			return nil, err
		}
		if len(offers) == 0 {
			return nil, fmt.Errorf("it holds no offer: %w", ErrNotFound)
		}
		for _, o := range offers {
			same := o.ServiceID == serviceID && o.CountryID == countryID
			// The only one may leave the ids out, or write them in another case.
			if same || len(offers) == 1 && sameOrNone(o.ServiceID, serviceID) && sameOrNone(o.CountryID, countryID) {
				return o, nil
			}
		}
		return nil, errors.New("it does not hold the one offer that was asked for")
	}))
}

func offersFrom(w *gen.SingleService, odd *oddFields) ([]*Offer, error) {
	offers := make([]*Offer, 0, len(w.Services))
	for _, s := range w.Services {
		price, _ := odd.price("price", s.Price)
		offers = append(offers, &Offer{
			ServiceID:      s.ServiceID,
			ServiceName:    s.ServiceName,
			ServiceIconURL: lenient.URL(w.IconBaseURL, s.ServiceIconPath),
			CountryID:      s.CountryID,
			CountryName:    s.CountryName,
			CountryIconURL: lenient.URL(w.IconBaseURL, s.CountryIconPath),
			Virtual:        s.IsVirtual,
			Snippet:        s.Snippet,
			Warning:        s.Warning,
			Price:          price,
			HasNumbers:     s.HasNumbers,
		})
	}
	return offers, nil
}

// balanceFrom needs the balance: it is money, and zero would be a claim.
func balanceFrom(w *gen.UserBalance, odd *oddFields) (*Balance, error) {
	available, known := odd.amount("balance", w.Balance)
	if !known {
		return nil, errors.New("it has no balance that can be read")
	}
	inReview, _ := odd.amount("review_balance", w.ReviewBalance)
	return &Balance{Available: available, InReview: inReview}, nil
}

// servicePrices decodes the price list by service.
func servicePrices(body []byte, maxElements int, odd *oddFields) ([]ServicePrices, error) {
	return priceList(body, maxElements, odd, lenient.Names{ID: "s", List: "countries", ItemID: "c", Value: "p"},
		func(id string, price Amount) CountryPrice { return CountryPrice{id, price} },
		func(id string, prices []CountryPrice) ServicePrices { return ServicePrices{id, prices} })
}

// countryPrices decodes the price list by country.
func countryPrices(body []byte, maxElements int, odd *oddFields) ([]CountryPrices, error) {
	return priceList(body, maxElements, odd, lenient.Names{ID: "c", List: "services", ItemID: "s", Value: "p"},
		func(id string, price Amount) ServicePrice { return ServicePrice{id, price} },
		func(id string, prices []ServicePrice) CountryPrices { return CountryPrices{id, prices} })
}

// priceList decodes a price list straight into its public type: it has hundreds of thousands of entries. What has
// no price that can be read is left out: a price that is not known is not zero.
func priceList[Row, Price any](body []byte, maxElements int, odd *oddFields, names lenient.Names,
	newPrice func(id string, price Amount) Price, newRow func(id string, prices []Price) Row,
) ([]Row, error) {
	return lenient.Table(body, maxElements, &odd.Odd, names, func(v lenient.Value) (price Amount, known bool) {
		if units, err := lenient.Decimal(string(v.Text), amountDecimals); err == nil && units >= 0 {
			return Amount(units), true
		}
		return odd.price(names.Value, json.Number(v.Text))
	}, newPrice, newRow)
}
