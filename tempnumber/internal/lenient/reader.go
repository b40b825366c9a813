// Package lenient reads JSON that may not be what its document promises. A Reader goes through a text once and
// allocates nothing for what it skips; Decode fills a generated model and notes what it could not read.
package lenient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep values may stand in each other, as in encoding/json.
const maxDepth = 10_000

// ErrTooManyElements says that lists have more elements than a Reader may take in. Decoded, empty elements
// take far more memory than their JSON: four million bytes of "{},{},…" become gigabytes.
var ErrTooManyElements = errors.New("it has more elements than any answer of the service")

// Reader reads one JSON text from its beginning to its end. It accepts exactly what encoding/json accepts.
// Its errors do not repeat the text, which may hold an SMS.
type Reader struct {
	text     []byte
	at       int
	depth    int
	elements int // that Array may still read
}

// NewReader returns a Reader whose Array calls read at most maxElements elements together.
func NewReader(text []byte, maxElements int) *Reader {
	return &Reader{text: text, elements: maxElements}
}

// Kind is what a value is.
type Kind byte

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Composite // an object or an array
)

// Value is one value. Text is a string's text, or a number or literal as it stands in the JSON; Raw is the
// whole value as it stands there. Both are good until the text changes.
type Value struct {
	Kind      Kind
	Text, Raw []byte
}

// Next returns the first byte of the next value or sign, 0 at the end.
func (r *Reader) Next() byte {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

// wrong returns an error about the text at the present place.
func (r *Reader) wrong() error {
	if len(r.text) == 0 {
		return errors.New("it is empty")
	}
	return fmt.Errorf("it is not JSON from byte %d on", r.at+1)
}

// End reports whether nothing but white space is left.
func (r *Reader) End() error {
	if r.Next() != 0 || r.at < len(r.text) {
		return r.wrong()
	}
	return nil
}

// Object reads an object. field is called for each key, and must read its value. The key is good until then.
func (r *Reader) Object(field func(key []byte) error) error {
	return r.members('{', '}', func() error {
		if r.Next() != '"' {
			return r.wrong()
		}
		key, err := r.string()
		if err != nil {
			return err
		}
		if r.Next() != ':' {
			return r.wrong()
		}
		r.at++
		return field(key)
	})
}

// Array reads an array. element is called for each element, and must read it.
func (r *Reader) Array(element func() error) error {
	return r.members('[', ']', func() error {
		if r.elements--; r.elements < 0 {
			return ErrTooManyElements
		}
		return element()
	})
}

// members reads what stands between two brackets, separated by commas.
func (r *Reader) members(open, end byte, member func() error) error {
	if r.Next() != open {
		return r.wrong()
	}
	if r.depth++; r.depth > maxDepth {
		return errors.New("it is nested too deep")
	}
	r.at++
	if r.Next() != end {
		for {
			if err := member(); err != nil {
				return err
			}
			c := r.Next()
			if c == end {
				break
			}
			if c != ',' {
				return r.wrong()
			}
			r.at++
		}
	}
	r.at++
	r.depth--
	return nil
}

// Value reads any value. What stands inside an object or an array is checked and skipped.
func (r *Reader) Value() (Value, error) {
	c := r.Next()
	start := r.at
	var v Value
	var err error
	switch {
	case c == '"':
		v.Kind = String
		v.Text, err = r.string()
	case c == '{':
		v.Kind = Composite
		err = r.Object(func([]byte) error { return r.Skip() })
	case c == '[':
		v.Kind = Composite
		err = r.members('[', ']', r.Skip)
	case c == '-' || c >= '0' && c <= '9':
		v.Kind = Number
		v.Text, err = r.number()
	default:
		v.Kind, v.Text, err = r.literal()
	}
	v.Raw = r.text[start:r.at]
	return v, err
}

// Skip reads any value and drops it.
func (r *Reader) Skip() error {
	_, err := r.Value()
	return err
}

func (r *Reader) literal() (Kind, []byte, error) {
	for _, l := range [...]struct {
		text string
		kind Kind
	}{{"null", Null}, {"true", Bool}, {"false", Bool}} {
		if bytes.HasPrefix(r.text[r.at:], []byte(l.text)) {
			r.at += len(l.text)
			return l.kind, r.text[r.at-len(l.text) : r.at], nil
		}
	}
	return Null, nil, r.wrong()
}

// string reads a string, whose quote stands at the present place.
func (r *Reader) string() ([]byte, error) {
	start, plain := r.at, true
	for i := start + 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.at = i + 1
			if inner := r.text[start+1 : i]; plain || utf8.Valid(inner) && !bytes.ContainsRune(inner, '\\') {
				return inner, nil
			}
			var unescaped string
			if json.Unmarshal(r.text[start:r.at], &unescaped) != nil {
				r.at = start
				return nil, r.wrong()
			}
			return []byte(unescaped), nil
		case c < ' ':
			r.at = i
			return nil, r.wrong()
		case c == '\\':
			plain = false
			i++ // whatever is escaped ends no string
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.at = len(r.text)
	return nil, r.wrong()
}

// number reads a number by the grammar of RFC 8259.
func (r *Reader) number() ([]byte, error) {
	start := r.at
	digits := func() bool {
		from := r.at
		for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
			r.at++
		}
		return r.at > from
	}
	accept := func(chars string) bool {
		if r.at < len(r.text) && bytes.IndexByte([]byte(chars), r.text[r.at]) >= 0 {
			r.at++
			return true
		}
		return false
	}
	accept("-")
	if !accept("0") && !digits() {
		return nil, r.wrong()
	}
	if accept(".") && !digits() {
		return nil, r.wrong()
	}
	if accept("eE") {
		accept("+-")
		if !digits() {
			return nil, r.wrong()
		}
	}
	return r.text[start:r.at], nil
}
