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
			ServiceIconURL: iconURL(w.IconBaseURL, s.ServiceIconPath),
			CountryID:      s.CountryID,
			CountryName:    s.CountryName,
			CountryIconURL: iconURL(w.IconBaseURL, s.CountryIconPath),
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
	return priceList(body, maxElements, odd, [3]string{"s", "countries", "c"},
		func(id string, price Amount) CountryPrice { return CountryPrice{id, price} },
		func(id string, prices []CountryPrice) ServicePrices { return ServicePrices{id, prices} })
}

// countryPrices decodes the price list by country.
func countryPrices(body []byte, maxElements int, odd *oddFields) ([]CountryPrices, error) {
	return priceList(body, maxElements, odd, [3]string{"c", "services", "s"},
		func(id string, price Amount) ServicePrice { return ServicePrice{id, price} },
		func(id string, prices []ServicePrice) CountryPrices { return CountryPrices{id, prices} })
}

// priceList decodes a price list straight into its public type: it has hundreds of thousands of entries. names are
// those in JSON of an entry's id, of its list, and of the id there. An id that repeats takes memory once. What has
// no id, or no price that can be read, is left out: a price that is not known is not zero.
func priceList[Row, Price any](body []byte, maxElements int, odd *oddFields, names [3]string,
	newPrice func(id string, price Amount) Price, newRow func(id string, prices []Price) Row,
) ([]Row, error) {
	r := lenient.NewReader(body, maxElements)
	ids := make(map[string]string)
	var rows []Row
	var prices []Price // of the present row; copied when the row ends
	var rowID, priceID string
	var price Amount
	var known bool
	id := func(to *string) error {
		v, err := r.Value()
		if *to = ids[string(v.Text)]; *to == "" && (v.Kind == lenient.String || v.Kind == lenient.Number) {
			*to = string(v.Text)
			ids[*to] = *to
		}
		return err
	}
	priceField := func(key []byte) error {
		switch string(key) {
		case names[2]:
			return id(&priceID)
		case "p":
			v, err := r.Value()
			units, notDecimal := lenient.Decimal(string(v.Text), amountDecimals)
			if price, known = Amount(units), notDecimal == nil && units >= 0; !known && (v.Kind == lenient.String || v.Kind == lenient.Number) {
				price, known = odd.price("p", json.Number(v.Text))
			}
			return err
		}
		return r.Skip()
	}
	element := func(object func(key []byte) error) (whole bool, err error) {
		if r.Next() != '{' {
			return false, r.Skip()
		}
		return true, r.Object(object)
	}
	priceElement := func() error {
		priceID, known = "", false
		_, err := element(priceField)
		if known && priceID != "" {
			prices = append(prices, newPrice(priceID, price))
		} else {
			odd.Rows++
		}
		return err
	}
	rowField := func(key []byte) error {
		switch string(key) {
		case names[0]:
			return id(&rowID)
		case names[1]:
			if prices = prices[:0]; r.Next() == '[' {
				return r.Array(priceElement)
			}
		}
		return r.Skip()
	}
	err := r.Array(func() error {
		rowID, prices = "", prices[:0]
		whole, err := element(rowField)
		if whole && rowID != "" {
			rows = append(rows, newRow(rowID, append(make([]Price, 0, len(prices)), prices...)))
		} else {
			odd.Rows++
		}
		return err
	})
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, err
	}
	return append(make([]Row, 0, len(rows)), rows...), nil
}
