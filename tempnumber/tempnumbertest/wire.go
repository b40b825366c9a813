package tempnumbertest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/gen"
	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// iconBaseURL is where the paths of icons start. There are no pictures behind it.
const iconBaseURL = "https://temp-number.org/icons"

func serviceIcon(id string) string { return "/services/" + id + ".svg" }

func countryIcon(id string) string { return "/countries/" + id + ".svg" }

// number writes a sum of money.
func number(amount tempnumber.Amount) json.Number { return json.Number(amount.String()) }

// integer writes a whole number.
func integer[N int | int64 | tempnumber.ActivationID](n N) json.Number {
	return json.Number(strconv.FormatInt(int64(n), 10))
}

// unix writes a moment in whole seconds.
func unix(t time.Time) json.Number { return integer(t.Unix()) }

// digits writes a number that is known by its digits. A JSON number has no leading zeros.
func digits(s string) json.Number { return json.Number(strings.TrimLeft(s, "0")) }

// activationData is the model of the document, with a text and a code that are
// always there, even empty.
type activationData struct {
	gen.ActivationData

	Message *string         `json:"message,omitempty"`
	Code    json.RawMessage `json:"code,omitempty"`
}

// activationOnWire writes an activation.
func (s *Server) activationOnWire(a service.Activation) activationData {
	data := activationData{Message: &a.Message, Code: s.dialect.code(a.Code)}
	data.ActivationData = gen.ActivationData{
		ID:              integer(a.ID),
		Status:          gen.ActivationStatus(a.Status),
		ServiceID:       a.Service.ID,
		ServiceName:     a.Service.Name,
		ServiceIconPath: serviceIcon(a.Service.ID),
		CountryID:       a.Country.ID,
		CountryName:     a.Country.Name,
		CountryIconPath: countryIcon(a.Country.ID),
		IconBaseURL:     iconBaseURL,
		Number:          digits(a.Number.Digits()),
		CountryCode:     digits(a.Number.CallingCode),
		NationalNumber:  digits(a.Number.National),
		FormatNumber:    a.Number.Formatted,
		Price:           number(a.Price),
		CreatedAt:       unix(a.CreatedAt),
		NumberExpireAt:  unix(a.ExpiresAt),
		UTC:             unix(a.Now),
		RetryAvailable:  a.CanRetry,
		Rating:          integer(0),
		Reason:          integer(a.Reason),
	}
	if s.dialect.EarlyCountryCode {
		data.CountryCode = digits(a.Country.CallingCode)
	}
	return data
}

// activationsHistory is the model of the document, with the activations of this package.
type activationsHistory struct {
	gen.ActivationsHistory

	Activations []activationData `json:"activations"`
}

// historyOnWire writes a page of the history.
func (s *Server) historyOnWire(page service.Page) activationsHistory {
	history := activationsHistory{Activations: make([]activationData, 0, len(page.Activations))}
	history.ActivationsHistory = gen.ActivationsHistory{
		Page:  integer(page.Page),
		Limit: integer(page.Limit),
		Pages: integer(page.Pages),
		Total: integer(page.Total),
	}
	for _, a := range page.Activations {
		if s.dialect.StaleHistory && a.Now.Before(a.ExpiresAt) {
			a = asOrdered(a)
		}
		data := s.activationOnWire(a)
		if s.dialect.HideMessages {
			data.Message, data.Code = nil, nil
		}
		history.Activations = append(history.Activations, data)
	}
	return history
}

// asOrdered returns an activation as if no SMS had come.
func asOrdered(a service.Activation) service.Activation {
	a.Message, a.Code, a.CanRetry = "", "", false
	a.Status = tempnumber.StatusSMSRequested
	if a.Number.Digits() == "" {
		a.Status = tempnumber.StatusNumberRequested
	}
	return a
}

// singleService is the model of the document, with the offers of this package.
type singleService struct {
	gen.SingleService

	Services []offerData `json:"services"`
}

// offerData is the model of the document, with a warning that is always there.
type offerData struct {
	gen.Service

	Warning string `json:"warning"`
}

// offerOnWire writes one service in one country. There are no warnings.
func offerOnWire(offer service.Offer, language string) singleService {
	entry := gen.Service{
		ServiceID:       offer.Service.ID,
		ServiceName:     offer.Service.Name,
		ServiceIconPath: serviceIcon(offer.Service.ID),
		CountryID:       offer.Country.ID,
		CountryName:     offer.Country.Name,
		CountryIconPath: countryIcon(offer.Country.ID),
		IsVirtual:       offer.Country.Virtual,
		Snippet:         snippet(offer.Service.Name, language),
		Price:           number(offer.Price),
		HasNumbers:      offer.Available,
	}
	return singleService{gen.SingleService{IconBaseURL: iconBaseURL}, []offerData{{Service: entry}}}
}

// snippet is a note on a service, in the language that a tag such as "de" or
// "de-AT" asks for, in English where that one is not spoken here. What it says is
// made up.
func snippet(serviceName, language string) string {
	text := "Receive the SMS of %s."
	tag, _, _ := strings.Cut(strings.ToLower(language), "-")
	switch tag {
	case "de":
		text = "Die SMS von %s empfangen."
	case "fr":
		text = "Recevez le SMS de %s."
	case "es":
		text = "Reciba el SMS de %s."
	}
	return fmt.Sprintf(text, serviceName)
}
