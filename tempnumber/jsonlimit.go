package tempnumber

import "errors"

// maxNesting is how deep lists and objects may stand in each other.
const maxNesting = 32

// errTooManyElements refuses a list before it is decoded. Decoded, empty elements take far more memory than
// their JSON: four million bytes of "{},{},…" become gigabytes.
var errTooManyElements = errors.New("it has more elements than any answer of the service")

// elementsUpTo counts the elements of all lists in a JSON text until there are more than limit. An empty list
// counts as one. For text that is not JSON the number means nothing; for text that is nested too deep it is
// above limit.
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
