package tempnumbertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// Dialect is how the server writes its answers. The zero Dialect writes them as
// the document says, with message, code and warning always there, "" when there is
// nothing; the fields are what real servers of this kind were seen to do, or may do
// because the document leaves it open. ParseDialect reads one from names.
type Dialect struct {
	// NumericCodes writes a code of digits as a JSON number, without its leading
	// zeros, as the vendor's own sample answer does.
	NumericCodes bool
	// StringNumbers writes every JSON number as a JSON string.
	StringNumbers bool
	// ServiceConsumed ends an activation that got its SMS with the status
	// serviceConsumed when its number expires. It is not documented.
	ServiceConsumed bool

	// Missing is how a value that is not there is written: the text, the code and,
	// until there is one, the number of an activation, and the warning of an offer.
	Missing Missing
	// BareActivations writes null for all of an activation but its id, status, number,
	// text and code.
	BareActivations bool
	// EarlyCountryCode writes the calling code of an activation before its number is there.
	EarlyCountryCode bool
	// Times is how createdAt, numberExpireAt and utc are written.
	Times Times
	// Numbers is how the phone number of an activation is written.
	Numbers Numbers
	// Bools is how true and false are written.
	Bools Bools

	// ErrorNames is how the names of errors are written.
	ErrorNames ErrorNames
	// HTMLErrors writes errors as HTML pages, as proxies do. Only the status is left.
	HTMLErrors bool
	// NewPrices is how a refusal for a price that has changed shows the present one.
	NewPrices NewPrices
	// RetryAfter says in a 429 for too many requests when to come back, in seconds.
	RetryAfter bool
	// RateLimitReset says it by X-RateLimit-Reset, in unix seconds, as the vendor's
	// newer product does.
	RateLimitReset bool

	// IDs is how the ids of activations follow each other.
	IDs IDs
	// OldestFirst turns the history round.
	OldestFirst bool
	// HidePending leaves activations that wait for an SMS out of the history.
	HidePending bool
	// HideMessages leaves texts and codes out of the history.
	HideMessages bool
	// StaleHistory shows an activation in the history as it was ordered, without its
	// SMS, until its number has expired.
	StaleHistory bool
	// MaxPageSize is the largest page of the history; a larger limit gets this one.
	// 0 means 100.
	MaxPageSize int
}

// Missing is a way to write values that are not there.
type Missing int

// The ways to write values that are not there.
const (
	MissingAsEmptyText Missing = iota // message, code and warning are "", the others are left out
	MissingAsNull                     // null
	MissingLeftOut                    // no field at all
	MissingAsText                     // "", a number too
	MissingAsZero                     // message, code and warning are "", numbers are 0
)

// Times is a way to write moments.
type Times int

// The ways to write moments.
const (
	UnixSeconds Times = iota // 1672531200
	UnixMillis               // 1672531200000
	ISOTimes                 // "2023-01-01T00:00:00Z"
	TextTimes                // "1672531200"
)

// Numbers is a way to write phone numbers.
type Numbers int

// The ways to write phone numbers.
const (
	DigitNumbers  Numbers = iota // 18454123223
	PlusNumbers                  // "+18454123223"
	SpacedNumbers                // "+1 845-412-3223"
)

// Bools is a way to write true and false.
type Bools int

// The ways to write true and false.
const (
	PlainBools  Bools = iota // true
	NumberBools              // 1
	TextBools                // "true"
)

// IDs is an order of ids.
type IDs int

// The orders of ids.
const (
	AscendingIDs IDs = iota // 12312, 12313, …
	DescendingIDs
	RandomIDs // a later one may be higher or lower; the same at every run
)

// NewPrices is a way to show the present price in a refusal.
type NewPrices int

// The ways to show the present price in a refusal.
const (
	NewPriceField        NewPrices = iota // newPrice
	NewAndSuggestedPrice                  // newPrice and suggestedPrice
	SuggestedPriceField                   // suggestedPrice
)

// namedDialect is one thing that a Dialect can do.
type namedDialect struct {
	name string
	set  func(*Dialect)
}

// namedDialects returns what ParseDialect knows.
func namedDialects() []namedDialect {
	return []namedDialect{
		{"numeric-codes", func(d *Dialect) { d.NumericCodes = true }},
		{"string-numbers", func(d *Dialect) { d.StringNumbers = true }},
		{"service-consumed", func(d *Dialect) { d.ServiceConsumed = true }},
		{"missing-null", func(d *Dialect) { d.Missing = MissingAsNull }},
		{"missing-left-out", func(d *Dialect) { d.Missing = MissingLeftOut }},
		{"missing-text", func(d *Dialect) { d.Missing = MissingAsText }},
		{"missing-zero", func(d *Dialect) { d.Missing = MissingAsZero }},
		{"bare-activations", func(d *Dialect) { d.BareActivations = true }},
		{"early-country-code", func(d *Dialect) { d.EarlyCountryCode = true }},
		{"millis", func(d *Dialect) { d.Times = UnixMillis }},
		{"iso-times", func(d *Dialect) { d.Times = ISOTimes }},
		{"text-times", func(d *Dialect) { d.Times = TextTimes }},
		{"plus-numbers", func(d *Dialect) { d.Numbers = PlusNumbers }},
		{"spaced-numbers", func(d *Dialect) { d.Numbers = SpacedNumbers }},
		{"number-bools", func(d *Dialect) { d.Bools = NumberBools }},
		{"text-bools", func(d *Dialect) { d.Bools = TextBools }},
		{"lower-camel-errors", func(d *Dialect) { d.ErrorNames = LowerCamelNames }},
		{"bare-errors", func(d *Dialect) { d.ErrorNames = BareNames }},
		{"newer-errors", func(d *Dialect) { d.ErrorNames = NewerNames }},
		{"html-errors", func(d *Dialect) { d.HTMLErrors = true }},
		{"suggested-price-too", func(d *Dialect) { d.NewPrices = NewAndSuggestedPrice }},
		{"suggested-price", func(d *Dialect) { d.NewPrices = SuggestedPriceField }},
		{"retry-after", func(d *Dialect) { d.RetryAfter = true }},
		{"rate-limit-reset", func(d *Dialect) { d.RateLimitReset = true }},
		{"descending-ids", func(d *Dialect) { d.IDs = DescendingIDs }},
		{"random-ids", func(d *Dialect) { d.IDs = RandomIDs }},
		{"oldest-first", func(d *Dialect) { d.OldestFirst = true }},
		{"hide-pending", func(d *Dialect) { d.HidePending = true }},
		{"hide-messages", func(d *Dialect) { d.HideMessages = true }},
		{"stale-history", func(d *Dialect) { d.StaleHistory = true }},
		{"small-pages", func(d *Dialect) { d.MaxPageSize = 5 }},
	}
}

// DialectNames returns the names that ParseDialect knows, one for each thing that a
// Dialect can do otherwise than the document says.
func DialectNames() []string {
	var names []string
	for _, known := range namedDialects() {
		names = append(names, known.name)
	}
	return names
}

// ParseDialect returns the Dialect that does all that the names say; with none it is
// the zero Dialect. Of two names that say different things of the same field the
// last one counts.
func ParseDialect(names ...string) (Dialect, error) {
	var d Dialect
	known := namedDialects()
	for _, name := range names {
		i := slices.IndexFunc(known, func(k namedDialect) bool { return k.name == name })
		if i < 0 {
			return Dialect{}, fmt.Errorf("tempnumbertest: there is no dialect %q; there are %s", name, strings.Join(DialectNames(), ", "))
		}
		known[i].set(&d)
	}
	return d, nil
}

// Names returns the names that ParseDialect makes the dialect of.
func (d Dialect) Names() []string {
	names := []string{}
	for _, known := range namedDialects() {
		same := d
		if known.set(&same); same == d {
			names = append(names, known.name)
		}
	}
	return names
}

// maxPageSize is the largest page that the history grants.
func (d Dialect) maxPageSize() int {
	if d.MaxPageSize > 0 {
		return d.MaxPageSize
	}
	return 100
}

// ErrorNames is a way to write the names of errors.
type ErrorNames int

// The ways to write the names of errors. One SDK of the vendor uses several.
const (
	DocumentedNames ErrorNames = iota // "AccountOnHoldException", and "paymentRequired"
	LowerCamelNames                   // "accountOnHoldException"
	BareNames                         // "accountOnHold", without the suffix
	NewerNames                        // those of the vendor's newer product: "MaxPriceExceededException"
)

// errorName writes the name of a refusal.
func (d Dialect) errorName(refusal service.Refusal) string {
	if d.ErrorNames == NewerNames {
		switch refusal {
		case service.PaymentRequired:
			return "PaymentRequiredException"
		case service.PriceChanged:
			return "MaxPriceExceededException"
		case service.TooManyPending:
			return "TooManyActivationsException"
		}
		return string(refusal)
	}
	if refusal == service.NoNumbers {
		refusal = service.NotFound
	}
	name := string(refusal)
	switch d.ErrorNames {
	case LowerCamelNames:
		name = strings.ToLower(name[:1]) + name[1:]
	case BareNames:
		name = strings.TrimSuffix(strings.ToLower(name[:1])+name[1:], "Exception")
	}
	return name
}

// code writes the code of an SMS.
func (d Dialect) code(code string) json.RawMessage {
	if code != "" && d.NumericCodes && strings.Trim(code, "0123456789") == "" {
		if code = strings.TrimLeft(code, "0"); code == "" {
			code = "0"
		}
		return json.RawMessage(code)
	}
	return json.RawMessage(`"` + code + `"`) // letters and digits alone
}

// write writes a value of the generated models in the dialect.
func (d Dialect) write(value any) []byte {
	body := toJSON(value)
	if d.Missing != MissingAsEmptyText || d.BareActivations || d.Times != UnixSeconds || d.Numbers != DigitNumbers || d.Bools != PlainBools {
		var plain any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if err := decoder.Decode(&plain); err != nil {
			panic("tempnumbertest: " + err.Error()) // it was written here
		}
		body = toJSON(d.retype("", plain))
	}
	if d.StringNumbers {
		body = quoteNumbers(body)
	}
	return body
}

// retype writes one field's value, and what is in it, in the dialect.
func (d Dialect) retype(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		return d.retypeObject(v)
	case []any:
		for i, element := range v {
			v[i] = d.retype("", element)
		}
	case bool:
		return d.Bools.write(v)
	case json.Number:
		switch name {
		case "createdAt", "numberExpireAt", "utc":
			return d.Times.write(v)
		case "number":
			if d.Numbers == PlusNumbers {
				return "+" + v.String()
			}
		}
	}
	return value
}

func (d Dialect) retypeObject(fields map[string]any) any {
	_, activation := fields["retryAvailable"]
	_, offer := fields["hasNumbers"]
	if formatted, ok := fields["formatNumber"]; ok && d.Numbers == SpacedNumbers {
		fields["number"] = formatted
	}
	for name, value := range fields {
		fields[name] = d.retype(name, value)
	}
	switch {
	case activation:
		d.fillMissing(fields, json.Number("0"), "number", "countryCode", "nationalNumber")
		d.fillMissing(fields, "", "message", "code", "formatNumber")
		if d.BareActivations {
			for name := range fields {
				if !slices.Contains([]string{"id", "status", "number", "message", "code"}, name) {
					fields[name] = nil
				}
			}
		}
	case offer:
		d.fillMissing(fields, "", "warning")
	}
	return fields
}

// fillMissing writes those of the named fields that have no value.
func (d Dialect) fillMissing(fields map[string]any, zero any, names ...string) {
	for _, name := range names {
		if value, ok := fields[name]; ok && value != "" {
			continue
		}
		switch d.Missing {
		case MissingAsNull:
			fields[name] = nil
		case MissingLeftOut:
			delete(fields, name)
		case MissingAsText:
			fields[name] = ""
		case MissingAsZero:
			fields[name] = zero
		}
	}
}

// write writes a moment in unix seconds.
func (t Times) write(seconds json.Number) any {
	switch t {
	case UnixMillis:
		return json.Number(seconds.String() + "000")
	case ISOTimes:
		if unix, err := seconds.Int64(); err == nil {
			return time.Unix(unix, 0).UTC().Format(time.RFC3339)
		}
	case TextTimes:
		return seconds.String()
	}
	return seconds
}

func (b Bools) write(value bool) any {
	switch b {
	case NumberBools:
		if value {
			return json.Number("1")
		}
		return json.Number("0")
	case TextBools:
		return fmt.Sprint(value)
	}
	return value
}

// quoteNumbers makes a string of every number in a JSON text.
func quoteNumbers(body []byte) []byte {
	quoted := make([]byte, 0, len(body)+len(body)/8)
	inString, inNumber := false, false
	for i := 0; i < len(body); i++ {
		b := body[i]
		if inString {
			quoted = append(quoted, b)
			if b == '\\' {
				i++
				quoted = append(quoted, body[i])
			}
			inString = b != '"'
			continue
		}
		if number := b >= '0' && b <= '9' || inNumber && strings.IndexByte(".eE+-", b) >= 0 || b == '-'; number != inNumber {
			quoted = append(quoted, '"')
			inNumber = number
		}
		quoted = append(quoted, b)
		inString = b == '"'
	}
	if inNumber {
		quoted = append(quoted, '"')
	}
	return quoted
}
