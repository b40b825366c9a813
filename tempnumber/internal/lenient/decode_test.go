package lenient

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type status string

type row struct {
	ID json.Number `json:"id"`
}

type model struct {
	Text   string          `json:"text,omitempty"`
	Status status          `json:"status"`
	Number json.Number     `json:"number"`
	Yes    bool            `json:"yes"`
	Raw    json.RawMessage `json:"raw"`
	Rows   []row           `json:"rows"`
}

func TestDecode(t *testing.T) {
	for text, c := range map[string]struct {
		want model
		odd  Odd
	}{
		`{}`: {},
		`{"text": "a\n", "status": "b", "number": 1.50, "yes": true, "raw": {"x": [1]}, "rows": [{"id": 1}, {"id": "2"}], "other": [[{}]]}`: {
			want: model{"a\n", "b", "1.50", true, json.RawMessage(`{"x": [1]}`), []row{{"1"}, {"2"}}},
		},
		`{"text": null, "status": null, "number": null, "yes": null, "raw": null, "rows": null}`: {want: model{Raw: json.RawMessage("null")}},
		`{"text": 5, "status": 5, "number": " soon ", "yes": "1", "rows": ""}`:                   {want: model{Text: "5", Status: "5", Number: "soon", Yes: true}},
		`{"TEXT": "a", "Number": 2}`:                          {want: model{Text: "a", Number: "2"}},
		`{"text": "a", "text": {}}`:                           {odd: Odd{Fields: []string{"text"}}},
		`{"text": true, "number": [], "yes": {}, "rows": 5}`:  {odd: Odd{Fields: []string{"text", "number", "yes", "rows"}}},
		`{"yes": 2, "rows": {"id": 1}}`:                       {odd: Odd{Fields: []string{"yes", "rows"}}},
		`{"rows": [1, null, {"id": []}, [], {}, {"id": {}}]}`: {want: model{Rows: []row{{}, {}, {}}}, odd: Odd{Fields: []string{"id"}, Rows: 3}},
	} {
		var got model
		var odd Odd
		require.NoError(t, Decode([]byte(text), &got, 100, &odd), text)
		require.Equal(t, c.want, got, text)
		require.Equal(t, c.odd, odd, text)
	}
}

func TestDecodeErrors(t *testing.T) {
	for text, want := range map[string]string{
		``: "it is empty", `null`: "it is null", `[]`: "it is not an object", `"x"`: "it is not an object", `5`: "it is not an object", `true`: "it is not an object",
		`{`: "byte 2", `{}x`: "byte 3", `<html>`: "byte 1", `nul`: "byte 1", `5x`: "byte 2", `{"rows": [{},{},{}]}`: "more elements",
	} {
		err := Decode([]byte(text), &model{}, 2, &Odd{})
		require.ErrorContains(t, err, want, text)
	}
}

func TestScalars(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "5": 5, "-5": -5, "+5": 5, " 5 ": 5, "5.0": 5, "1e3": 1000, "9007199254740993": 9007199254740993} {
		n, ok := Integer(text)
		require.True(t, ok, text)
		require.Equal(t, want, n, text)
	}
	for _, text := range []string{"5.5", "x", "1e30", "NaN", "Inf", "0x10"} {
		n, ok := Integer(text)
		require.False(t, ok, text)
		require.Zero(t, n)
	}
	for text, want := range map[string]string{"": "", "0": "", "+0": "", "18454123223": "18454123223", "+1 845-412.3223": "18454123223", "1.8454123223e10": "18454123223", "18454123223.0": "18454123223", "0049 30": "004930"} {
		digits, ok := Digits(text)
		require.True(t, ok, text)
		require.Equal(t, want, digits, text)
	}
	for _, text := range []string{"-5", "one", "1e99", "123456789012345678901", "1;2"} {
		digits, ok := Digits(text)
		require.False(t, ok, text)
		require.Empty(t, digits)
	}
	moment := time.Date(2023, 1, 1, 0, 0, 0, 500e6, time.UTC)
	for _, text := range []string{"1672531200.5", "1672531200500", "2023-01-01T00:00:00.5Z", "2023-01-01T01:00:00.5+01:00", "2023-01-01T01:00:00.5+0100", "2023-01-01 00:00:00.5", " 2023-01-01T00:00:00.5 "} {
		got, ok := Time(text)
		require.True(t, ok, text)
		require.WithinDuration(t, moment, got, time.Millisecond, text)
		require.Equal(t, time.UTC, got.Location())
	}
	for _, text := range []string{"", "0", " 0.0 "} {
		got, ok := Time(text)
		require.True(t, ok, text)
		require.True(t, got.IsZero())
	}
	for _, text := range []string{"-1", "1e300", "NaN", "yesterday", "0001-01-01T00:00:00Z"} {
		got, ok := Time(text)
		require.False(t, ok, text)
		_ = got
	}
}

// What encoding/json reads of an answer is what the tolerant way reads of it.
func FuzzDecodeAgrees(f *testing.F) {
	for _, text := range []string{
		`{"text": "a\n", "status": "b", "number": 1.50, "yes": true, "raw": {"x": [1]}, "other": [[{}]]}`, `{"text": null, "yes": null}`,
		`{"number": "12", "raw": [ 1 ]}`, `{"TEXT": "a", "text": "b", "Text": "c"}`, `{"text": "a", "text": {}}`, `{"yes": "1", "number": " soon "}`,
		`{"text": "\ud800\u0000"}`, "{\"text\": \"\xff\"}", `{"number": ""}`, `{"raw": nulls}`, `{}x`, `{"number": -0e1}`, "{\"\u017ftatus\": \"a\"}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		type flat struct {
			Text   string          `json:"text"`
			Status status          `json:"status"`
			Number json.Number     `json:"number"`
			Yes    bool            `json:"yes"`
			Raw    json.RawMessage `json:"raw"`
		}
		var quick, slow flat
		var quickOdd, slowOdd Odd
		err := Decode(text, &quick, 1<<30, &quickOdd)
		slowErr := Decode(text, &slow, 0, &slowOdd)
		require.Equal(t, slowErr, err)
		require.Equal(t, slowOdd, quickOdd)
		if err == nil {
			require.Equal(t, slow, quick)
		}
	})
}
