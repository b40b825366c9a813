package tempnumber

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Generated models become public types by decode, which reads a body, and by the xFrom functions beside
// each type. The document's numbers arrive as text, exact and whatever their size.

// decode reads a body that is to hold the generated model W, whose lists may have maxElements elements
// together. Data after it is an error.
func decode[W, T any](body []byte, maxElements int, convert func(*W) (T, error)) (T, error) {
	var none T
	if elementsUpTo(body, maxElements) > maxElements {
		return none, errTooManyElements
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

// amount reads an amount of dollars; none is 0.
func (f *fieldReader) amount(name string, n json.Number) Amount {
	if n == "" {
		return 0
	}
	a, err := ParseAmount(string(n))
	if err != nil {
		f.note(fmt.Errorf("the field %q is not an amount", name))
	}
	return a
}

// iconURL returns an icon's absolute URL, "" when it is missing or cannot be read.
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
