package tempnumber

import (
	"errors"

	"github.com/tempnumber/tempnumber-go/gen"
)

// Decoded, a list takes far more memory than its JSON does when its elements are
// empty: four million bytes of "{},{},…" become gigabytes. So elements are counted
// before anything is decoded.
const (
	// maxElements is how many elements the lists in an answer may have together.
	maxElements = 10_000
	// maxPriceElements is the same for the price lists, which have one for each
	// service in each country.
	maxPriceElements = 2_000_000
	// maxNesting is how deep lists and objects may stand in each other.
	maxNesting = 32
)

var errTooManyElements = errors.New("it has more elements than any answer of the service")

// checkElements refuses a body with too many elements to be decoded as W.
func checkElements[W any](body []byte) error {
	limit := maxElements
	switch any((*W)(nil)).(type) {
	case *[]gen.PriceByService, *[]gen.PriceByCountry:
		limit = maxPriceElements
	}
	if elementsUpTo(body, limit) > limit {
		return errTooManyElements
	}
	return nil
}

// elementsUpTo counts the elements of all lists in a JSON text until there are more
// than limit. Empty lists count as one. Text that is no JSON may give any number,
// one that is nested too deep gives a number above limit.
func elementsUpTo(text []byte, limit int) int {
	open := make([]byte, 0, maxNesting)
	inString, n := false, 0
	for i := 0; i < len(text) && n <= limit; i++ {
		c := text[i]
		switch {
		case inString && c == '\\':
			i++ // whatever is escaped ends no string
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			if len(open) == maxNesting {
				return limit + 1
			}
			open = append(open, c)
			if c == '[' {
				n++
			}
		case (c == ']' || c == '}') && len(open) > 0:
			open = open[:len(open)-1]
		case c == ',' && len(open) > 0 && open[len(open)-1] == '[':
			n++
		}
	}
	return n
}
