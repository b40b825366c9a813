package intake

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// receiver reads a number to send to and returns it in E.164. It must have its
// country code and a length that occurs in that country. Whether it is in use is not
// asked, since the numbers of a test never are.
func receiver(number string) (e164 string, ok bool) {
	const longest = 40 // characters, with all that people put between digits
	if len(number) > longest {
		return "", false
	}
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

// withPlus adds the plus that some senders leave out.
func withPlus(number string) string {
	number = strings.TrimSpace(number)
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		return "+" + rest
	}
	if number != "" && number[0] >= '1' && number[0] <= '9' {
		return "+" + number
	}
	return number
}

// isSender reports whether a message can come from a sender: a number, a short
// code, or a name of up to eleven letters and digits.
func isSender(from string) bool {
	if _, ok := receiver(from); ok {
		return true
	}
	if len(from) == 0 || len(from) > 11 {
		return false
	}
	letters := false
	for _, r := range from {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letters = true
		case r >= '0' && r <= '9', strings.ContainsRune(" -_+&", r):
		default:
			return false
		}
	}
	return letters || len(from) >= 3 && len(from) <= 6
}
