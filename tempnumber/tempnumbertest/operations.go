package tempnumbertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/gen/server"
	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// operations are the handlers of the API's operations. They run under the server's
// lock, as of s.now.
type operations struct{ *Server }

var _ server.ServerInterface = operations{}

// newRoutes returns the router of the API's operations.
func newRoutes(s *Server) *http.ServeMux {
	mux := http.NewServeMux()
	server.HandlerWithOptions(operations{s}, server.StdHTTPServerOptions{
		BaseRouter: mux,
		ErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
			s.refuse(w, service.InvalidRequest, err.Error())
		},
	})
	return mux
}

// GetActivationsHistory answers with a page of the history.
func (o operations) GetActivationsHistory(w http.ResponseWriter, _ *http.Request, params gen.GetActivationsHistoryParams) {
	page, limit := int64(1), int64(10) // the documented defaults
	if params.Page != nil {
		page = *params.Page
	}
	if params.Limit != nil {
		limit = *params.Limit
	}
	if page < 1 || limit < 1 {
		o.refuse(w, service.InvalidRequest, "page and limit are numbers from 1 on")
		return
	}
	found, err := o.core.History(o.now, service.PageQuery{
		Page: int(min(page, 1<<30)), Limit: int(min(limit, int64(o.dialect.maxPageSize()))),
		OldestFirst: o.dialect.OldestFirst, HidePending: o.dialect.HidePending,
	})
	if err != nil {
		o.fail(w, err)
		return
	}
	o.answer(w, o.historyOnWire(found))
}

// NewActivation orders a number.
func (o operations) NewActivation(w http.ResponseWriter, r *http.Request) {
	order, err := readOrder(r)
	if err != nil {
		o.refuse(w, service.InvalidRequest, err.Error())
		return
	}
	ordered, err := o.core.Order(o.now, order)
	if err != nil {
		o.fail(w, err)
		return
	}
	o.answer(w, o.activationOnWire(ordered))
}

// GetActivation answers with one activation.
func (o operations) GetActivation(w http.ResponseWriter, _ *http.Request, activationID int64) {
	found, err := o.core.Activation(o.now, tempnumber.ActivationID(activationID))
	if err != nil {
		o.fail(w, err)
		return
	}
	o.answer(w, o.activationOnWire(found))
}

// UpdateActivation asks for another SMS.
func (o operations) UpdateActivation(w http.ResponseWriter, r *http.Request, activationID int64) {
	fields, err := readObject(r)
	if err == nil && string(fields["status"]) != `"retry"` {
		err = errors.New(`status must be "retry"`)
	}
	if err != nil {
		o.refuse(w, service.InvalidRequest, err.Error())
		return
	}
	if err := o.core.Retry(o.now, tempnumber.ActivationID(activationID)); err != nil {
		o.fail(w, err)
		return
	}
	o.answer(w, gen.Response200{Result: gen.Response200ResultSuccess})
}

// GetPricelistByCountry answers with all prices by country.
func (o operations) GetPricelistByCountry(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, jsonType, o.lists.byCountry(o.core, o.dialect))
}

// GetPricelistByService answers with all prices by service.
func (o operations) GetPricelistByService(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, jsonType, o.lists.byService(o.core, o.dialect))
}

// GetSingleService answers with one service in one country.
func (o operations) GetSingleService(w http.ResponseWriter, _ *http.Request, serviceID, countryID string, params gen.GetSingleServiceParams) {
	language := ""
	if params.PrxLang != nil {
		language = *params.PrxLang
	}
	offer, err := o.core.Offer(serviceID, countryID)
	if err != nil {
		o.fail(w, err)
		return
	}
	o.answer(w, offerOnWire(offer, language))
}

// GetUserBalance answers with the money of the account.
func (o operations) GetUserBalance(w http.ResponseWriter, _ *http.Request) {
	available, inReview := o.core.Balance()
	o.answer(w, gen.UserBalance{Balance: number(available), ReviewBalance: number(inReview)})
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
