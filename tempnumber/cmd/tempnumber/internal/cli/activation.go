package cli

import (
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// activationView is an activation as it is printed for programs.
type activationView struct {
	ID             tempnumber.ActivationID `json:"id"`
	Status         string                  `json:"status"`
	Service        string                  `json:"service"`
	ServiceName    string                  `json:"service_name"`
	Country        string                  `json:"country"`
	CountryName    string                  `json:"country_name"`
	Number         string                  `json:"number"`       // E.164
	National       string                  `json:"national"`     // without the country code
	CallingCode    string                  `json:"calling_code"` // without a plus sign
	Formatted      string                  `json:"formatted"`
	Code           string                  `json:"code"`
	Message        string                  `json:"message"`
	Price          tempnumber.Amount       `json:"price"`
	CreatedAt      *time.Time              `json:"created_at"` // UTC; null when the service did not say
	ExpiresAt      *time.Time              `json:"expires_at"`
	SecondsLeft    int                     `json:"seconds_left"`
	RetryAvailable bool                    `json:"retry_available"`
}

// view shows an activation with the code that the tool found for it.
func view(a *tempnumber.Activation, code string) activationView {
	return activationView{
		ID:             a.ID,
		Status:         string(a.Status),
		Service:        a.ServiceID,
		ServiceName:    a.ServiceName,
		Country:        a.CountryID,
		CountryName:    a.CountryName,
		Number:         a.Phone.E164(),
		National:       a.Phone.National(),
		CallingCode:    a.Phone.CountryCode(),
		Formatted:      a.Phone.String(),
		Code:           code,
		Message:        a.Message,
		Price:          a.Price,
		CreatedAt:      moment(a.CreatedAt),
		ExpiresAt:      moment(a.ExpiresAt),
		SecondsLeft:    int(a.Remaining() / time.Second),
		RetryAvailable: a.RetryAvailable,
	}
}

// moment is a time for JSON, nil when there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// field returns one field of an activation by the name that --field has for it.
func (v activationView) field(name string) string {
	switch name {
	case "code":
		return v.Code
	case "message":
		return v.Message
	case "number":
		return v.Number
	case "national":
		return v.National
	}
	return v.ID.String()
}
