package tempnumber

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code is the code that the service read out of an SMS, as text: leading zeros
// are part of it. The empty Code means that the service found none; the whole
// text is in Activation.Message. A code is a secret, so keep it out of logs.
type Code string

// codeFrom reads the code as the service sent it. The document promises a string, the vendor's own sample
// shows a number; a number has lost its leading zeros, and the message still has them.
func codeFrom(raw, message string) (code Code, ok bool) {
	text := strings.TrimSpace(raw)
	switch {
	case text == "" || text == "null":
		return "", true
	case text[0] == '"':
		var s string
		err := json.Unmarshal([]byte(text), &s)
		return Code(s), err == nil
	case allDigits(text):
		return Code(withLeadingZeros(text, message)), true
	case text[0] == '-' || text[0] >= '0' && text[0] <= '9':
		return Code(text), true
	}
	return "", false
}

// withLeadingZeros returns the shortest run of zeros followed by digits which
// stands in message as a whole token, or digits themselves where there is none.
func withLeadingZeros(digits, message string) string {
	best := ""
	for from := 0; ; {
		i := strings.Index(message[from:], digits)
		if i < 0 {
			break
		}
		end := from + i + len(digits)
		start := from + i
		for start > 0 && message[start-1] == '0' {
			start--
		}
		from += i + 1
		before, _ := utf8.DecodeLastRuneInString(message[:start])
		after, _ := utf8.DecodeRuneInString(message[end:])
		if start > 0 && joins(before) || end < len(message) && joins(after) {
			continue
		}
		if found := message[start:end]; best == "" || len(found) < len(best) {
			best = found
		}
	}
	if best == "" {
		return digits
	}
	return best
}

// joins reports whether r next to a digit makes one token with it. Only digits and
// Latin letters do: scripts without spaces between words put a code right beside
// their letters.
func joins(r rune) bool {
	return unicode.IsDigit(r) || r < utf8.RuneSelf && unicode.IsLetter(r)
}
