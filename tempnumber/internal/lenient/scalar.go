package lenient

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unique"
)

// Integer reads a whole number; a plus sign and a fraction of zeros, as some languages print it, are dropped.
// The empty text is 0.
func Integer(text string) (n int64, ok bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	if text == "" {
		return 0, true
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if i, err := strconv.ParseInt(whole, 10, 64); err == nil && strings.Trim(fraction, "0") == "" {
		return i, true
	}
	x, err := strconv.ParseFloat(text, 64)
	// Above 2^53 a floating point number cannot hold every integer.
	if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, false
	}
	return int64(x), true
}

// Digits reads a part of a phone number: digits, perhaps with a plus sign before and with spaces, hyphens, dots
// or brackets between. None, and nothing but zeros, is "".
func Digits(text string) (digits string, ok bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	if strings.ContainsAny(text, ".eE") { // a number as some languages print it
		if n, ok := Integer(text); ok {
			text = strconv.FormatInt(n, 10)
		}
	}
	if strings.HasPrefix(text, "-") {
		return "", false
	}
	text = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ".", "", "(", "", ")", "", "/", "").Replace(text)
	switch {
	case strings.Trim(text, "0") == "":
		return "", true
	case strings.Trim(text, "0123456789") == "" && len(text) <= 20:
		return text, true
	}
	return "", false
}

// URL returns the absolute URL of a path below a base, "" when it is missing or cannot be read.
func URL(base, path string) string {
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
	// Few icons, and many activations that are kept.
	return unique.Make(strings.TrimRight(base, "/") + "/" + strings.TrimLeft(path, "/")).Value()
}

// Time reads a time: unix seconds or milliseconds, as a number or as text, or a date of ISO 8601, which without
// a zone is UTC. None, and 0, are the zero time.
func Time(text string) (t time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, true
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		if x > 1e11 { // as seconds it would be after the year 5000
			x /= 1000
		}
		if x < 0 || x > 1e11 || x != x {
			return time.Time{}, false
		}
		if x == 0 {
			return time.Time{}, true
		}
		seconds, fraction := math.Modf(x)
		return time.Unix(int64(seconds), int64(fraction*1e9)).UTC(), true
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), t.Year() >= 1970
		}
	}
	return time.Time{}, false
}

// Decimal reads a decimal number in the grammar of a JSON number, as a count of the smallest unit, which stands
// at the given decimal. Digits behind that are rounded to the nearest unit. It is an error when something that
// is not zero would become zero.
func Decimal(text string, decimals int) (int64, error) {
	text, negative := strings.CutPrefix(text, "-")
	end, point := 0, -1 // of the digits, and among them
	for ; end < len(text) && text[end] != 'e' && text[end] != 'E'; end++ {
		switch c := text[end]; {
		case c == '.' && point < 0:
			point = end
		case c < '0' || c > '9':
			return 0, errNotDecimal
		}
	}
	whole, exponent := end, 0
	if point >= 0 {
		whole = point
	}
	if end < len(text) {
		var err error
		if exponent, err = strconv.Atoi(text[end+1:]); err != nil || exponent < -99 || exponent > 99 {
			return 0, errNotDecimal
		}
	}
	switch {
	case whole == 0, point == end-1, end > 64:
		return 0, errNotDecimal
	case whole > 1 && text[0] == '0':
		return 0, errors.New("write it without leading zeros")
	}
	var n uint64
	zero := true
	above := whole + exponent + decimals // digits that count and are still to come
	for i := 0; i < end || above > 0 && n > 0; i++ {
		digit := byte('0')
		if i == point {
			continue
		}
		if i < end {
			digit = text[i]
		}
		zero = zero && digit == '0'
		switch {
		case above > 0 && n > math.MaxInt64/10:
			return 0, errTooLarge
		case above > 0:
			n = n*10 + uint64(digit-'0')
		case above == 0 && digit >= '5':
			n++
		}
		above--
	}
	switch {
	case n > math.MaxInt64:
		return 0, errTooLarge
	case n == 0 && !zero:
		return 0, errors.New("it is smaller than the smallest unit")
	case negative:
		return -int64(n), nil
	}
	return int64(n), nil
}

var (
	errNotDecimal = errors.New("write a decimal number such as 0.5")
	errTooLarge   = errors.New("it is too large")
)

// Code reads the code of an SMS from its JSON. The document promises a string, the vendor's own sample shows a
// number; a number has lost its leading zeros, and the message still has them. None is "".
func Code(raw, message string) (code string, ok bool) {
	text := strings.TrimSpace(raw)
	switch {
	case text == "" || text == "null":
		return "", true
	case text[0] == '"':
		err := json.Unmarshal([]byte(text), &code)
		return code, err == nil
	case allDigits(text):
		return withLeadingZeros(text, message), true
	case text[0] == '-' || text[0] >= '0' && text[0] <= '9':
		return text, true
	}
	return "", false
}

// withLeadingZeros returns the shortest word of a message that is digits after nothing but zeros; without one it
// returns digits. Letters without spaces around, as in Chinese, are no part of a word.
func withLeadingZeros(digits, message string) string {
	best := ""
	for word := range strings.FieldsFuncSeq(message, func(r rune) bool {
		return !unicode.IsDigit(r) && (r > unicode.MaxASCII || !unicode.IsLetter(r))
	}) {
		zeros, ends := strings.CutSuffix(word, digits)
		if ends && strings.Trim(zeros, "0") == "" && (best == "" || len(word) < len(best)) {
			best = word
		}
	}
	return cmp.Or(best, digits)
}

// allDigits reports whether text is one or more ASCII digits and nothing else.
func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
