package transport

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns text from the network as it may stand in an error, a log or a terminal: at most limit runes, and
// a dot in the place of each that cannot be printed: control characters, which drive terminals and forge lines,
// and marks that change the direction of writing.
func Clean(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == limit {
			b.WriteString("…")
			break
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = '·'
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
