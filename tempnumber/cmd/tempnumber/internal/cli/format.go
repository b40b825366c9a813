package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
)

// format is a form of output.
type format string

// The forms of output.
const (
	formatTable format = "table"
	formatJSON  format = "json"
	formatJSONL format = "jsonl"
	formatCSV   format = "csv"
)

// machine reports whether programs read the output, and nothing else may be in it.
func (f format) machine() bool { return f == formatJSON || f == formatJSONL || f == formatCSV }

// printOne answers with one value. JSON and CSV are made of its JSON form; plain
// writes it for people and shells.
func printOne[T any](p *program, value T, plain func(w io.Writer) error) error {
	switch p.settings.format {
	case formatTable:
		return outputFailure(plain(p.env.Stdout))
	case formatJSON:
		return outputFailure(writeJSON(p.env.Stdout, value, "  "))
	}
	return outputFailure(printRows(p, []T{value}))
}

// printMany answers with a list.
func printMany[T any](p *program, values []T, plain func(w io.Writer) error) error {
	switch p.settings.format {
	case formatTable:
		return outputFailure(plain(p.env.Stdout))
	case formatJSON:
		if values == nil {
			values = []T{} // never null
		}
		return outputFailure(writeJSON(p.env.Stdout, values, "  "))
	}
	return outputFailure(printRows(p, values))
}

// printRows writes a line per value, and for CSV a header before them.
func printRows[T any](p *program, values []T) error {
	if p.settings.format == formatJSONL {
		for _, v := range values {
			if err := writeJSON(p.env.Stdout, v, ""); err != nil {
				return err
			}
		}
		return nil
	}
	var none T
	header, _, err := csvRecord(none)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	if err := w.Write(header); err != nil {
		return err
	}
	for _, v := range values {
		_, record, err := csvRecord(v)
		if err != nil {
			return err
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	_, err = text.WriteTo(p.env.Stdout)
	return err
}

// writeJSON writes a value and a line end.
func writeJSON(w io.Writer, value any, indent string) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(escapeHidden(text.Bytes()))
	return err
}

// csvRecord returns the keys and values of a flat object in the order of its JSON form.
func csvRecord(value any) (header, record []string, err error) {
	var b bytes.Buffer
	if err := writeJSON(&b, value, ""); err != nil {
		return nil, nil, err
	}
	tokens := json.NewDecoder(&b)
	tokens.UseNumber()
	if _, err := tokens.Token(); err != nil { // the opening brace
		return nil, nil, err
	}
	for tokens.More() {
		name, err := tokens.Token()
		if err != nil {
			return nil, nil, err
		}
		field, err := tokens.Token()
		if err != nil {
			return nil, nil, err
		}
		text := ""
		if field != nil {
			text = cell(fmt.Sprint(field))
		}
		header = append(header, fmt.Sprint(name))
		record = append(record, text)
	}
	return header, record, nil
}
