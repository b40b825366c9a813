package tempnumber

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/lenient"
)

// An answer becomes a public value in two steps: lenient.Decode fills the generated model, whose numbers are text,
// exact and whatever their size; and the xFrom function beside each type converts the model. What cannot be read
// is zero and noted, except where nothing makes sense without it.

// decoder makes a public value of an answer's body, whose lists may have maxElements elements together.
type decoder[T any] func(body []byte, maxElements int, odd *oddFields) (T, error)

// model returns a decoder by way of the generated model W.
func model[W, T any](convert func(*W, *oddFields) (T, error)) decoder[T] {
	return func(body []byte, maxElements int, odd *oddFields) (value T, err error) {
		w := new(W)
		if err := lenient.Decode(body, w, maxElements, &odd.Odd); err != nil {
			return value, err
		}
		return convert(w, odd)
	}
}

// oddFields carries fields over and notes those that cannot be read.
type oddFields struct{ lenient.Odd }

// read returns what parse reads of a field, zero when it cannot.
func read[T any](odd *oddFields, name, text string, parse func(string) (T, bool)) T {
	value, ok := parse(text)
	if !ok {
		odd.Note(name)
		var zero T
		return zero
	}
	return value
}

func (odd *oddFields) integer(name string, n json.Number) int64 {
	return read(odd, name, string(n), lenient.Integer)
}

func (odd *oddFields) digits(name string, n json.Number) string {
	return read(odd, name, string(n), lenient.Digits)
}

func (odd *oddFields) time(name string, n json.Number) time.Time {
	return read(odd, name, string(n), lenient.Time)
}

// amount reads an amount of dollars; known is false when there is none, or none that can be read.
func (odd *oddFields) amount(name string, n json.Number) (a Amount, known bool) {
	text := strings.TrimPrefix(strings.TrimSpace(string(n)), "+")
	if text == "" {
		return 0, false
	}
	a, err := ParseAmount(text)
	if err != nil {
		odd.Note(name)
	}
	return a, err == nil
}

// price reads an amount that the service asks or was paid: not below zero.
func (odd *oddFields) price(name string, n json.Number) (a Amount, known bool) {
	if a, known = odd.amount(name, n); a < 0 {
		odd.Note(name)
		return 0, false
	}
	return a, known
}
