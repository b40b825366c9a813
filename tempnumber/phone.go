package tempnumber

import "strings"

// Phone is a rented phone number. The zero Phone means that there is no number
// yet. Phones compare with ==.
type Phone struct {
	number      string // country code and national part, digits only
	countryCode string
	national    string // the service's own national number, for want of a country code
	formatted   string
}

// E164 returns the number in the form of ITU-T E.164, with its plus sign:
// "+18454123223". It is empty when there is no number.
func (p Phone) E164() string {
	if p.number == "" {
		return ""
	}
	return "+" + p.number
}

// National returns the part after the country code, "8454123223", the form that
// many sign-up pages ask for. Leading zeros of a national number that are not
// part of its international form are not in it. Where the service has no
// country code, it is the service's own national number, else the whole number.
func (p Phone) National() string {
	if p.countryCode != "" {
		if rest, ok := strings.CutPrefix(p.number, p.countryCode); ok && rest != "" {
			return rest
		}
	}
	if p.national != "" {
		return p.national
	}
	return p.number
}

// CountryCode returns the calling code without a plus sign, "1" or "49"; empty where the service said none.
func (p Phone) CountryCode() string { return p.countryCode }

// String returns the number as the service formats it for people, or in E.164 where it does not.
// It is empty when there is no number.
func (p Phone) String() string {
	if p.formatted != "" && !p.IsZero() {
		return p.formatted
	}
	return p.E164()
}

// IsZero reports whether there is no number to dial, whatever else the service said.
func (p Phone) IsZero() bool { return p.number == "" }

// MarshalText returns the number in E.164, so that a Phone is plain text in JSON.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.E164()), nil }
