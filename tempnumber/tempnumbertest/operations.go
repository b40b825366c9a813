package tempnumbertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/gen/server"
	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// operations are the operations of the API. They carry nothing out: each of them
// puts into the plan what is to be done.
type operations struct{ *Server }

var _ server.ServerInterface = operations{}

// planInvalid plans a refusal of parameters that the routes could not read.
func planInvalid(w http.ResponseWriter, r *http.Request, err error) {
	planRefusal(w, r, err.Error())
}

// planned plans what a request asks for. The routes are given plans alone.
func planned(w http.ResponseWriter, r *http.Request, act func(now time.Time) answer) {
	if p, ok := w.(*plan); ok {
		p.endpoint, p.act = tempnumber.Endpoint(r.Pattern), act
	}
}

// planRefusal plans a refusal for what a request says.
func planRefusal(w http.ResponseWriter, r *http.Request, why string) {
	planned(w, r, func(time.Time) answer { return refusal(service.InvalidRequest, why) })
}

// GetActivationsHistory shows a page of the history.
func (o operations) GetActivationsHistory(w http.ResponseWriter, r *http.Request, params gen.GetActivationsHistoryParams) {
	page, limit := int64(1), int64(10) // the documented defaults
	if params.Page != nil {
		page = *params.Page
	}
	if params.Limit != nil {
		limit = *params.Limit
	}
	if page < 1 || limit < 1 {
		planRefusal(w, r, "page and limit are numbers from 1 on")
		return
	}
	dialect := o.config.dialect
	query := service.PageQuery{
		Page: int(min(page, 1<<30)), Limit: int(min(limit, int64(dialect.maxPageSize()))),
		OldestFirst: dialect.OldestFirst, HidePending: dialect.HidePending,
	}
	planned(w, r, func(now time.Time) answer {
		found, err := o.core.History(now, query)
		if err != nil {
			return failure(err)
		}
		return success(func() any { return o.historyOnWire(found) })
	})
}

// NewActivation orders a number.
func (o operations) NewActivation(w http.ResponseWriter, r *http.Request) {
	order, err := readOrder(r)
	if err != nil {
		planRefusal(w, r, err.Error())
		return
	}
	planned(w, r, func(now time.Time) answer {
		ordered, err := o.core.Order(now, order)
		if err != nil {
			return failure(err)
		}
		return success(func() any { return o.activationOnWire(ordered) })
	})
}

// GetActivation shows one activation.
func (o operations) GetActivation(w http.ResponseWriter, r *http.Request, activationID int64) {
	planned(w, r, func(now time.Time) answer {
		found, err := o.core.Activation(now, tempnumber.ActivationID(activationID))
		if err != nil {
			return failure(err)
		}
		return success(func() any { return o.activationOnWire(found) })
	})
}

// UpdateActivation asks for another SMS.
func (o operations) UpdateActivation(w http.ResponseWriter, r *http.Request, activationID int64) {
	fields, err := readObject(r)
	if err == nil && string(fields["status"]) != `"retry"` {
		err = errors.New(`status must be "retry"`)
	}
	if err != nil {
		planRefusal(w, r, err.Error())
		return
	}
	planned(w, r, func(now time.Time) answer {
		if err := o.core.Retry(now, tempnumber.ActivationID(activationID)); err != nil {
			return failure(err)
		}
		return success(func() any { return gen.Response200{Result: gen.Response200ResultSuccess} })
	})
}

// GetPricelistByCountry shows all prices by country.
func (o operations) GetPricelistByCountry(w http.ResponseWriter, r *http.Request) {
	planned(w, r, func(time.Time) answer { return o.lists.byCountry(o.core, o.config.dialect) })
}

// GetPricelistByService shows all prices by service.
func (o operations) GetPricelistByService(w http.ResponseWriter, r *http.Request) {
	planned(w, r, func(time.Time) answer { return o.lists.byService(o.core, o.config.dialect) })
}

// GetSingleService shows one service in one country.
func (o operations) GetSingleService(w http.ResponseWriter, r *http.Request, serviceID, countryID string, params gen.GetSingleServiceParams) {
	language := ""
	if params.PrxLang != nil {
		language = *params.PrxLang
	}
	planned(w, r, func(time.Time) answer {
		offer, err := o.core.Offer(serviceID, countryID)
		if err != nil {
			return failure(err)
		}
		return success(func() any { return offerOnWire(offer, language) })
	})
}

// GetUserBalance shows the money of the account.
func (o operations) GetUserBalance(w http.ResponseWriter, r *http.Request) {
	planned(w, r, func(time.Time) answer {
		available, inReview := o.core.Balance()
		return success(func() any {
			return gen.UserBalance{Balance: number(available), ReviewBalance: number(inReview)}
		})
	})
}

// readOrder reads the body of an order.
func readOrder(r *http.Request) (service.Order, error) {
	fields, err := readObject(r)
	if err != nil {
		return service.Order{}, err
	}
	var order service.Order
	for name, field := range map[string]*string{"serviceId": &order.ServiceID, "countryId": &order.CountryID} {
		if json.Unmarshal(fields[name], field) != nil || *field == "" {
			return service.Order{}, errors.New("serviceId and countryId are required, as strings that are not empty")
		}
	}
	if expected, said := fields["expectedPrice"]; said {
		price, err := tempnumber.ParseAmount(string(expected))
		if err != nil || price < 0 {
			return service.Order{}, errors.New("expectedPrice is a number of dollars, not below zero")
		}
		order.Expected = &price
	}
	return order, nil
}

// readObject reads a request's body, which must be one JSON object.
func readObject(r *http.Request) (map[string]json.RawMessage, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, errors.New("the body must be sent with Content-Type: application/json")
	}
	var fields map[string]json.RawMessage
	decoder := json.NewDecoder(r.Body)
	if err := decoder.Decode(&fields); err != nil || fields == nil {
		return nil, errors.New("the body must be a JSON object")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the body must be one JSON object and nothing else")
	}
	for name, field := range fields {
		fields[name] = bytes.TrimSpace(field)
	}
	return fields, nil
}
