package tempnumber

import (
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

// allDigits reports whether s is one or more ASCII digits and nothing else.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// clip returns text from outside as it may stand in an error message: cleaned, and at most limit runes.
func clip(s string, limit int) string { return transport.Clean(s, limit) }

// sameOrNone reports whether an answer's id is the one that was asked for, but for its case. None is no
// contradiction: the service may leave any field out.
func sameOrNone(got, asked string) bool { return got == "" || strings.EqualFold(got, asked) }
