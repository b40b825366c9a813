package intake

import "strings"

// receiver reads a number to send to and returns it in E.164. It must begin with a
// plus and a country code and have a length that occurs in that country. Whether it
// is in use is not asked, since the numbers of a test never are.
func receiver(number string) (e164 string, ok bool) {
	digits, ok := digitsOf(number)
	if !ok {
		return "", false
	}
	const longestCode = 3 // digits of a country code; no code begins with another
	for n := 1; n <= min(longestCode, len(digits)); n++ {
		if p, ok := planOf(digits[:n]); ok {
			national, ok := p.national(digits[n:])
			return "+" + digits[:n] + national, ok
		}
	}
	return "", false
}

// digitsOf returns the digits of an international number without what people put
// between them. Anything else, such as letters or an extension, is an error.
func digitsOf(number string) (digits string, ok bool) {
	// Spaces, hyphens and dashes of all kinds, and the marks of direction that stand
	// around numbers on pages that run from right to left.
	const between = " -.()/\t\r\n\u00a0\u202f\u2009\u2010\u2011\u2012\u2013\u2212\u200e\u200f\u202a\u202c\u2066\u2069"
	const longest = 40 // bytes, with all that people put between digits
	if len(number) > longest {
		return "", false
	}
	plus := false
	var found strings.Builder
	for _, r := range number {
		switch {
		case r == '+' && !plus && found.Len() == 0:
			plus = true
		case r >= '0' && r <= '9':
			found.WriteRune(r)
		case strings.ContainsRune(between, r):
		default:
			return "", false
		}
	}
	return found.String(), plus
}

// plan is what is known of the numbers behind a country code.
type plan struct {
	lengths uint32 // bit n is set when a number can have n digits after the code
	trunk   string // what is dialled before the number inside the country, and never from abroad; may be empty
}

// national returns the digits after the country code as E.164 has them, and whether
// a number can have so many. Many people write the trunk prefix too, "+44 (0)7400 …".
func (p plan) national(digits string) (string, bool) {
	if rest, ok := strings.CutPrefix(digits, p.trunk); ok && p.trunk != "" && p.possible(rest) && (p.trunk == "0" || !p.possible(digits)) {
		return rest, true
	}
	return digits, p.possible(digits)
}

func (p plan) possible(digits string) bool { return p.lengths>>len(digits)&1 == 1 }

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
