package lenient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// build reads any value the way encoding/json decodes into an any.
func build(r *Reader) (any, error) {
	switch r.Next() {
	case '{':
		object := make(map[string]any)
		err := r.Object(func(key []byte) error {
			name := string(key)
			value, err := build(r)
			object[name] = value
			return err
		})
		return object, err
	case '[':
		array := []any{}
		err := r.Array(func() error {
			value, err := build(r)
			array = append(array, value)
			return err
		})
		return array, err
	}
	v, err := r.Value()
	switch v.Kind {
	case Bool:
		return string(v.Text) == "true", err
	case Number:
		return json.Number(v.Text), err
	case String:
		return string(v.Text), err
	}
	return nil, err
}

// parse reads a whole text.
func parse(text []byte) (any, error) {
	r := NewReader(text, 1<<30)
	value, err := build(r)
	if err == nil {
		err = r.End()
	}
	return value, err
}

// standard is what encoding/json makes of a text.
func standard(text []byte) (value any, err error) {
	if !json.Valid(text) {
		return nil, fmt.Errorf("invalid")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

func agree(t *testing.T, text []byte) {
	t.Helper()
	want, wantErr := standard(text)
	got, err := parse(text)
	require.Equal(t, wantErr == nil, err == nil, "%q: %v, but encoding/json: %v", text, err, wantErr)
	r := NewReader(text, 0)
	skipErr := r.Skip()
	if skipErr == nil {
		skipErr = r.End()
	}
	require.Equal(t, wantErr == nil, skipErr == nil, "%q skipped: %v", text, skipErr)
	if wantErr == nil {
		require.Equal(t, want, got, "%q", text)
	}
}

func seeds() []string {
	return []string{
		``, ` `, `null`, `true`, `false`, `nul`, `0`, `-0`, `00`, `-`, `1.`, `.5`, `1.5e+3`, `1e`, `1E-2`, `12x`, `""`, `"a\"b\\"`, `"\u00e9\ud83d\ude00"`, `"\ud800"`, `"\x"`, "\"\x01\"", "\"\xff\"", `"é"`,
		`"open`, `{}`, `{"a":1}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a" 1}`, `{1:2}`, `[]`, `[1,2]`, `[1,]`, `[,1]`, `[1 2]`, `[[[]]]`, `{"a":{"b":[1,{"c":null}]}}`, `[}`, `{]`, `1 2`, ` [ 1 , "x" ] `, "\ufeff1", `{"a":1,"a":2}`, "\t{\r\n}",
	}
}

func TestReaderAgreesWithTheStandardLibrary(t *testing.T) {
	for _, text := range seeds() {
		agree(t, []byte(text))
	}
	agree(t, []byte(strings.Repeat("[", 9_999)+strings.Repeat("]", 9_999)))
	_, err := parse([]byte(strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)))
	require.ErrorContains(t, err, "nested too deep")
}

func FuzzReader(f *testing.F) {
	for _, text := range seeds() {
		f.Add([]byte(text))
	}
	f.Fuzz(agree)
}

func TestElementsAreBounded(t *testing.T) {
	text := []byte(`[1, [2, 3], []]`)
	for limit, ok := range map[int]bool{4: false, 5: true} {
		r := NewReader(text, limit)
		_, err := build(r)
		require.Equal(t, ok, err == nil, limit)
		if !ok {
			require.ErrorIs(t, err, ErrTooManyElements)
		}
	}
	require.NoError(t, NewReader(text, 0).Skip(), "what is skipped takes no memory")
}

func TestErrorsRepeatNothing(t *testing.T) {
	for _, text := range []string{`{"message": "code 5678`, `5678x`, `{"5678"}`, `"5678\q"`} {
		_, err := parse([]byte(text))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "5678")
	}
}
