package lenient

import (
	"math"
	"strconv"
	"strings"
	"time"
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
