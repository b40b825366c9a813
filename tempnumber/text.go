package tempnumber

import (
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber/internal/transport"
)

// clip returns text from outside as it may stand in an error message: cleaned, and at most limit runes.
func clip(s string, limit int) string { return transport.Clean(s, limit) }

// sameOrNone reports whether an answer's id is the one that was asked for, but for its case. None is no
// contradiction: the service may leave any field out.
func sameOrNone(got, asked string) bool { return got == "" || strings.EqualFold(got, asked) }
