package lenient

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
)

// Odd is what could not be read of an answer.
type Odd struct {
	Fields []string // names of fields, each once, in the order in which they were met
	Rows   int      // elements of lists that were left out
}

// Note notes a field.
func (o *Odd) Note(field string) {
	if !slices.Contains(o.Fields, field) {
		o.Fields = append(o.Fields, field)
	}
}

// Decode reads a text that is to hold one JSON object into a generated model, a pointer to a structure of
// strings, numbers, booleans, raw messages and lists of such structures. It is an error only when the text is
// not JSON, is not an object, or has more than maxElements elements in the model's lists.
//
// Everything else is read as well as can be: a number may come as text and text as a number, a boolean as 0, 1
// or text, null and "" mean nothing. What cannot be read stays zero and is noted in odd. A json.Number gets
// whatever text came; whether it is a number is for its reader to say. Elements that are not objects are left out.
func Decode(text []byte, model any, maxElements int, odd *Odd) error {
	// encoding/json reads an answer that needs no tolerance. An element takes two bytes at least, so a short text
	// cannot have too many. A null makes encoding/json keep what was there before, or an empty row in a list.
	if len(text)/2 < maxElements && !bytes.Contains(text, []byte("null")) && json.Unmarshal(text, model) == nil {
		return nil
	}
	d := decoder{Reader: NewReader(text, maxElements), odd: odd, names: make(map[reflect.Type][]string)}
	v := reflect.ValueOf(model).Elem()
	v.SetZero()
	switch c := d.Next(); {
	case c == 'n' || c == '[' || c == '"' || c == 't' || c == 'f' || c == '-' || c >= '0' && c <= '9':
		if err := d.Skip(); err != nil {
			return err
		}
		if err := d.End(); err != nil {
			return err
		}
		if c == 'n' {
			return errors.New("it is null")
		}
		return errors.New("it is not an object")
	}
	if err := d.structure(v); err != nil {
		return err
	}
	return d.End()
}

type decoder struct {
	*Reader
	odd   *Odd
	names map[reflect.Type][]string // the names in JSON of a structure's fields
}

// structure reads an object into a structure.
func (d *decoder) structure(v reflect.Value) error {
	names := d.names[v.Type()]
	if names == nil {
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			names = append(names, name)
		}
		d.names[v.Type()] = names
	}
	return d.Object(func(key []byte) error {
		i := slices.Index(names, string(key))
		if i < 0 {
			i = slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, string(key)) })
		}
		if i < 0 {
			return d.Skip()
		}
		return d.field(names[i], v.Field(i))
	})
}

// field reads a value into a field.
func (d *decoder) field(name string, f reflect.Value) error {
	if f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct {
		return d.list(name, f)
	}
	v, err := d.Value()
	if err != nil {
		return err
	}
	f.SetZero() // should the key come twice
	text := string(v.Text)
	switch {
	case f.Type() == reflect.TypeFor[json.RawMessage]():
		f.SetBytes(slices.Clone(v.Raw))
	case v.Kind == Null:
	case f.Kind() == reflect.String && (v.Kind == String || v.Kind == Number):
		if f.Type() == reflect.TypeFor[json.Number]() {
			text = strings.TrimSpace(text)
		}
		f.SetString(text)
	case f.Kind() == reflect.Bool && v.Kind != Composite:
		yes, known := truth(text)
		if f.SetBool(yes); !known {
			d.odd.Note(name)
		}
	default:
		d.odd.Note(name)
	}
	return nil
}

// truth returns what a text means as a boolean.
func truth(text string) (yes, known bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "yes":
		return true, true
	case "false", "0", "no", "":
		return false, true
	}
	return false, false
}

// list reads an array of objects into a list of structures.
func (d *decoder) list(name string, f reflect.Value) error {
	f.SetZero()
	if d.Next() != '[' {
		v, err := d.Value()
		if err == nil && v.Kind != Null && len(v.Text)+len(v.Raw) > 0 && string(v.Raw) != `""` {
			d.odd.Note(name)
		}
		return err
	}
	return d.Array(func() error {
		if d.Next() != '{' {
			d.odd.Rows++
			return d.Skip()
		}
		f.Grow(1)
		f.SetLen(f.Len() + 1)
		return d.structure(f.Index(f.Len() - 1))
	})
}
