package tempnumbertest

import (
	"encoding/json"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest/internal/service"
)

// Dialect is how the server writes its answers. The zero Dialect writes them as
// the document says; the fields are what real servers of this kind were seen to
// do, or may do because the document leaves it open.
type Dialect struct {
	// NumericCodes writes a code of digits as a JSON number, without its leading
	// zeros, as the vendor's own sample answer does.
	NumericCodes bool
	// StringNumbers writes every JSON number as a JSON string.
	StringNumbers bool
	// ServiceConsumed ends an activation that got its SMS with the status
	// serviceConsumed when its number expires. It is not documented.
	ServiceConsumed bool

	// ErrorNames is how the names of errors are written.
	ErrorNames ErrorNames
	// HTMLErrors writes errors as HTML pages, as proxies do. Only the status is left.
	HTMLErrors bool
	// RetryAfter says in a 429 for too many requests when to come back, in seconds.
	RetryAfter bool
	// RateLimitReset says it by X-RateLimit-Reset, in unix seconds, as the vendor's
	// newer product does.
	RateLimitReset bool

	// OldestFirst turns the history round.
	OldestFirst bool
	// HidePending leaves activations that wait for an SMS out of the history.
	HidePending bool
	// HideMessages leaves texts and codes out of the history.
	HideMessages bool
	// MaxPageSize is the largest page of the history; a larger limit gets this one.
	// 0 means 100.
	MaxPageSize int
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

// code writes the code of an SMS, nil when there is none.
func (d Dialect) code(code string) json.RawMessage {
	switch {
	case code == "":
		return nil
	case d.NumericCodes && strings.Trim(code, "0123456789") == "":
		if code = strings.TrimLeft(code, "0"); code == "" {
			code = "0"
		}
		return json.RawMessage(code)
	}
	return json.RawMessage(`"` + code + `"`) // letters and digits alone
}

// rewrite turns JSON as documented into the dialect's.
func (d Dialect) rewrite(body []byte) []byte {
	if !d.StringNumbers {
		return body
	}
	return quoteNumbers(body)
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
