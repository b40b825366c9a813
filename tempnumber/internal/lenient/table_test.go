package lenient

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

type cell struct{ id, value string }

type line struct {
	id    string
	cells []cell
}

// table reads a table of which every value is good but "bad".
func table(text string, maxElements int, odd *Odd) ([]line, error) {
	return Table([]byte(text), maxElements, odd, Names{"id", "list", "key", "value"},
		func(v Value) (string, bool) { return string(v.Text), string(v.Text) != "bad" },
		func(id, value string) cell { return cell{id, value} },
		func(id string, cells []cell) line { return line{id, cells} })
}

func TestTable(t *testing.T) {
	for text, c := range map[string]struct {
		want []line
		odd  int
	}{
		`[]`: {[]line{}, 0},
		`[{"id": "a", "list": [{"key": "x", "value": 1.50}, {"value": "2", "key": 7}]}, {"list": [], "id": 5}]`: {
			[]line{{"a", []cell{{"x", "1.50"}, {"7", "2"}}}, {"5", []cell{}}}, 0,
		},
		`[{"id": "a"}, {"id": "b", "list": null}, {"id": "c", "list": {}}, {"id": "d", "other": [[]]}]`: {
			[]line{{"a", []cell{}}, {"b", []cell{}}, {"c", []cell{}}, {"d", []cell{}}}, 0,
		},
		// rows without an id
		`[{}, {"id": ""}, {"id": null}, {"id": []}, {"id": true}, 5, null, [], "x", {"list": [{"key": "x", "value": 1}]}]`: {[]line{}, 10},
		// items without an id, or without a value
		`[{"id": "a", "list": [{}, {"key": "x"}, {"value": 1}, {"key": "x", "value": "bad"}, {"key": "x", "value": null}, {"key": "x", "value": []}, 5, {"key": "x", "value": 1}]}]`: {
			[]line{{"a", []cell{{"x", "1"}}}}, 7,
		},
		// a key that comes twice: the last one counts
		`[{"id": "a", "id": "b", "list": [{"key": "x", "value": 1}], "list": [{"key": "y", "key": "z", "value": 1, "value": 2}]}]`: {
			[]line{{"b", []cell{{"z", "2"}}}}, 0,
		},
		`[{"id": "a", "list": [{"key": "x", "value": 1, "value": "bad"}, {"key": "x", "value": 1, "value": []}]}]`: {[]line{{"a", []cell{}}}, 2},
	} {
		var odd Odd
		got, err := table(text, 100, &odd)
		require.NoError(t, err, text)
		require.Equal(t, c.want, got, text)
		require.Equal(t, Odd{Rows: c.odd}, odd, text)
	}
}

func TestTableErrors(t *testing.T) {
	for text, want := range map[string]string{
		``: "it is empty", `{}`: "byte 1", `[`: "byte 2", `[{"id": }]`: "byte 9", `[{"id": "a", "list": [{"key": "x" 5}]}]`: "byte",
		`[] []`: "byte 4", `[{"id": "a", "list": [{"key": "x", "value": 1`: "byte",
		`[{}, {}, {}, {}]`: "more elements", `[{"list": [{}, {}, {}]}]`: "more elements",
	} {
		got, err := table(text, 3, &Odd{})
		require.ErrorContains(t, err, want, text)
		require.Nil(t, got)
	}
	got, err := table(`[{}, {"id": "a", "list": [{}]}]`, 3, &Odd{})
	require.NoError(t, err)
	require.Len(t, got, 1)
}

// Prices repeat two hundred countries for each of a thousand services: an id takes memory once.
func TestTableKeepsIDsOnce(t *testing.T) {
	got, err := table("["+strings.Repeat(`{"id": "a", "list": [{"key": "germany", "value": 1}]},`, 9)+`{"id": "a"}]`, 100, &Odd{})
	require.NoError(t, err)
	require.Len(t, got, 10)
	for _, l := range got[:9] {
		require.Same(t, unsafe.StringData(got[0].cells[0].id), unsafe.StringData(l.cells[0].id))
		require.Same(t, unsafe.StringData(got[0].id), unsafe.StringData(l.id))
		require.Equal(t, 1, cap(l.cells), "nothing is kept that holds no item")
	}
	require.Equal(t, 10, cap(got))
}
