package tempnumber

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestElementsOfListsAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		``: 0, `1`: 0, `{}`: 0, `{"a": 1, "b": 2}`: 0, `[]`: 1, `[1]`: 1, `[1, 2,3]`: 3, `[{"a": 1, "b": [1, 2]}, {}]`: 4,
		`["a,b", "c\",d", "\\", "e"]`: 4, `[`: 1, `]],,`: 0, `"[1,2,3`: 0, `{"a": "[1,2]"}`: 0,
	} {
		require.Equal(t, want, elementsUpTo([]byte(text), 100), text)
	}
	require.Equal(t, 4, elementsUpTo([]byte(`[1,2,3,4,5,6]`), 3), "no further than need be")
	require.LessOrEqual(t, elementsUpTo([]byte(strings.Repeat("{\"a\":", 32)), 5), 5)
	require.Greater(t, elementsUpTo([]byte(strings.Repeat("{\"a\":", 33)), 5), 5, "nobody nests so deep")
}

func TestManyEmptyElementsAreNotDecoded(t *testing.T) {
	for _, element := range []string{"{}", "null", "1", "[]", `""`} {
		list := "[" + strings.Repeat(element+",", (4<<20)/(len(element)+1)) + element + "]"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decode([]byte(`{"activations": `+list+`}`), smallElements, activationPageFrom)
		require.ErrorIs(t, err, errTooManyElements)
		_, err = decode([]byte(`{"services": `+list+`}`), smallElements, offersFrom)
		require.ErrorIs(t, err, errTooManyElements)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20), "the texts themselves, twice, and no more")
	}
	_, err := decode([]byte("["+strings.Repeat("{},", priceListElements)+"{}]"), priceListElements, servicePricesFrom)
	require.ErrorIs(t, err, errTooManyElements)
	_, err = decode([]byte("["+strings.Repeat("{},", 50_000)+"{}]"), priceListElements, countryPricesFrom)
	require.NoError(t, err)
}

func FuzzElements(f *testing.F) {
	for _, seed := range []string{`[1, [2, 3], {"a": [4]}]`, `["\"", "\\"]`, `[[[]]]`, `{"a": [null, "x,y"]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v any
		if json.Unmarshal(text, &v) != nil {
			_ = elementsUpTo(text, 1000) // any number, but no panic
			return
		}
		elements, nesting := shapeOf(v)
		if nesting <= maxNesting {
			require.GreaterOrEqual(t, elementsUpTo(text, 1<<30), elements)
		} else {
			require.Equal(t, 1<<30+1, elementsUpTo(text, 1<<30))
		}
	})
}

// shapeOf counts the elements of all lists in a value, and how deep it is nested.
func shapeOf(v any) (elements, nesting int) {
	var inner []any
	switch v := v.(type) {
	case []any:
		inner, elements, nesting = v, max(len(v), 1), 1
	case map[string]any:
		nesting = 1
		for _, value := range v {
			inner = append(inner, value)
		}
	}
	deepest := 0
	for _, value := range inner {
		e, n := shapeOf(value)
		elements += e
		deepest = max(deepest, n)
	}
	return elements, nesting + deepest
}
