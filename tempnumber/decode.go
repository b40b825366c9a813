package tempnumber

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
)

// This file is the one place where generated models become public types. The
// document's numbers arrive as text, exact and whatever their size.

// answer turns what the road gave into a public value: wire is the generated
// model of the answer, convert carries it over. It never gives a zero value
// together with a nil error.
func answer[W, T any](c *Client, resp *http.Response, err error, convert func(*W) (T, error)) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	body, failure := bodyOf(resp)
	if failure != nil {
		return none, failure
	}
	value, err := decode(body, convert)
	if err != nil {
		path := strings.TrimPrefix(resp.Request.URL.EscapedPath(), c.road.base.EscapedPath())
		return none, &ResponseError{StatusCode: resp.StatusCode, Method: resp.Request.Method, Path: path, Err: err}
	}
	return value, nil
}

// decode reads a body that is to hold the generated model W. Data after it is an error.
func decode[W, T any](body []byte, convert func(*W) (T, error)) (T, error) {
	var none T
	if err := checkElements[W](body); err != nil {
		return none, err
	}
	var wire *W
	if err := json.Unmarshal(body, &wire); err != nil {
		return none, decodeProblem(body, err)
	}
	if wire == nil {
		return none, errors.New("it is null")
	}
	value, err := convert(wire)
	if err != nil {
		return none, err
	}
	return value, nil
}

// decodeProblem says what is wrong with a body without repeating any of it:
// it may hold an SMS.
func decodeProblem(body []byte, err error) error {
	var typeErr *json.UnmarshalTypeError
	var syntaxErr *json.SyntaxError
	switch {
	case len(body) == 0:
		return errors.New("it is empty")
	case errors.As(err, &typeErr):
		return fmt.Errorf("the field %q has a %s", typeErr.Field, typeErr.Value[:kindLength(typeErr.Value)])
	case errors.As(err, &syntaxErr):
		return fmt.Errorf("it is not JSON from byte %d on", syntaxErr.Offset)
	}
	return errors.New("a field has a value of the wrong kind")
}

// kindLength is how much of "number 123" is the kind of value: the value itself may be a code.
func kindLength(value string) int {
	if i := strings.IndexByte(value, ' '); i >= 0 {
		return i
	}
	return len(value)
}

func activationFrom(w *gen.ActivationData) (*Activation, error) {
	var fields fieldReader
	a := &Activation{
		ID:             ActivationID(fields.integer("id", w.ID)),
		Status:         Status(w.Status),
		ServiceID:      w.ServiceID,
		ServiceName:    w.ServiceName,
		ServiceIconURL: iconURL(w.IconBaseURL, w.ServiceIconPath),
		CountryID:      w.CountryID,
		CountryName:    w.CountryName,
		CountryIconURL: iconURL(w.IconBaseURL, w.CountryIconPath),
		Phone: Phone{
			number:      fields.digits("number", w.Number),
			countryCode: fields.digits("countryCode", w.CountryCode),
			national:    fields.digits("nationalNumber", w.NationalNumber),
			formatted:   w.FormatNumber,
		},
		Message:        w.Message,
		Price:          fields.amount("price", w.Price),
		CreatedAt:      fields.time("createdAt", w.CreatedAt),
		ExpiresAt:      fields.time("numberExpireAt", w.NumberExpireAt),
		ServerTime:     fields.time("utc", w.UTC),
		RetryAvailable: w.RetryAvailable,
		Rating:         fields.integer("rating", w.Rating),
		Reason:         fields.integer("reason", w.Reason),
	}
	code, err := codeFrom(w.Code, w.Message)
	fields.note(err)
	a.Code = code
	if fields.err == nil && a.ID < 1 {
		fields.note(errors.New("it has no activation id"))
	}
	if fields.err != nil {
		return nil, fields.err
	}
	return a, nil
}

func activationPageFrom(w *gen.ActivationsHistory) (*ActivationPage, error) {
	var fields fieldReader
	p := &ActivationPage{
		Activations: make([]*Activation, 0, len(w.Activations)),
		Page:        int(fields.integer("page", w.Page)),
		PageSize:    int(fields.integer("limit", w.Limit)),
		Pages:       int(fields.integer("pages", w.Pages)),
		Total:       int(fields.integer("total", w.Total)),
	}
	for i := range w.Activations {
		a, err := activationFrom(&w.Activations[i])
		if err != nil {
			return nil, fmt.Errorf("activation %d of the page: %w", i+1, err)
		}
		p.Activations = append(p.Activations, a)
	}
	if fields.err != nil {
		return nil, fields.err
	}
	return p, nil
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
	list := make([]ServicePrices, 0, len(*w))
	for _, s := range *w {
		prices := ServicePrices{ServiceID: s.ServiceID, Countries: make([]CountryPrice, 0, len(s.Countries))}
		for _, c := range s.Countries {
			prices.Countries = append(prices.Countries, CountryPrice{CountryID: c.CountryID, Price: fields.amount("p", c.Price)})
		}
		list = append(list, prices)
	}
	return list, fields.err
}

func countryPricesFrom(w *[]gen.PriceByCountry) ([]CountryPrices, error) {
	var fields fieldReader
	list := make([]CountryPrices, 0, len(*w))
	for _, c := range *w {
		prices := CountryPrices{CountryID: c.CountryID, Services: make([]ServicePrice, 0, len(c.Services))}
		for _, s := range c.Services {
			prices.Services = append(prices.Services, ServicePrice{ServiceID: s.ServiceID, Price: fields.amount("p", s.Price)})
		}
		list = append(list, prices)
	}
	return list, fields.err
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

// confirmed checks the answer of an update, which carries nothing else.
func confirmed(w *gen.Response200) (bool, error) {
	if w.Result != gen.Response200ResultSuccess {
		return false, errors.New("its result is not success")
	}
	return true, nil
}

// fieldReader carries numbers over and keeps the first thing that went wrong.
// Its errors name a field and not its value.
type fieldReader struct{ err error }

func (f *fieldReader) note(err error) {
	if f.err == nil {
		f.err = err
	}
}

// integer reads a whole number; a fraction of zeros, as some languages print it, is dropped.
func (f *fieldReader) integer(name string, n json.Number) int64 {
	if n == "" {
		return 0
	}
	whole, fraction, _ := strings.Cut(string(n), ".")
	if i, err := strconv.ParseInt(whole, 10, 64); err == nil && strings.Trim(fraction, "0") == "" {
		return i
	}
	x, err := n.Float64()
	// Above 2^53 a floating point number no longer tells integers apart.
	if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		f.note(fmt.Errorf("the field %q is not a whole number", name))
		return 0
	}
	return int64(x)
}

// digits reads a part of a phone number; none is "".
func (f *fieldReader) digits(name string, n json.Number) string {
	if n == "" || allDigits(string(n)) {
		return string(n)
	}
	i := f.integer(name, n)
	if i < 0 {
		f.note(fmt.Errorf("the field %q is negative", name))
	}
	return strconv.FormatInt(i, 10)
}

// time reads unix seconds; none, and 0, are the zero time.
func (f *fieldReader) time(name string, n json.Number) time.Time {
	x, err := strconv.ParseFloat(string(n), 64)
	switch {
	case n == "" || err == nil && x == 0:
		return time.Time{}
	case err != nil || x < 0 || x > math.MaxInt32*100: // far beyond any real moment
		f.note(fmt.Errorf("the field %q is not a time in unix seconds", name))
		return time.Time{}
	}
	seconds, fraction := math.Modf(x)
	return time.Unix(int64(seconds), int64(fraction*1e9)).UTC()
}

func (f *fieldReader) amount(name string, n json.Number) Amount {
	a, err := amountFrom(n)
	if err != nil {
		f.note(fmt.Errorf("the field %q is not an amount", name))
	}
	return a
}

// amountFrom reads an amount of the service; none is 0.
func amountFrom(n json.Number) (Amount, error) {
	if n == "" {
		return 0, nil
	}
	return ParseAmount(string(n))
}

// iconURL makes an icon's path absolute; what is missing or cannot be read is "".
func iconURL(base, path string) string {
	if path == "" {
		return ""
	}
	u, err := url.Parse(path)
	if err == nil && u.IsAbs() {
		return path
	}
	if b, berr := url.Parse(base); err != nil || berr != nil || !b.IsAbs() {
		return ""
	}
	return strings.TrimRight(base, "/") + "/" + strings.TrimLeft(path, "/")
}
