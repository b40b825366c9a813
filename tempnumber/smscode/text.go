package smscode

import (
	"regexp"
	"unicode"
	"unicode/utf8"
)

// text is an SMS as it is searched: in runes, with one form for what is written
// in many.
type text struct {
	runes []rune // digits, dashes and spaces are ASCII; invisible marks are gone
	lower []rune // the same in lower case, rune for rune
	link  []bool // which runes belong to a link or an address
}

func newText(raw string) *text {
	t := &text{}
	for _, r := range raw {
		if r = plain(r); r >= 0 {
			t.runes = append(t.runes, r)
			t.lower = append(t.lower, unicode.ToLower(r))
		}
	}
	t.link = make([]bool, len(t.runes))
	s := string(t.runes)
	for _, at := range links.FindAllStringIndex(s, -1) {
		from := utf8.RuneCountInString(s[:at[0]])
		for i := range utf8.RuneCountInString(s[at[0]:at[1]]) {
			t.link[from+i] = true
		}
	}
	return t
}

// links finds what a number in it is no code of: web and mail addresses. A host
// alone, without "www." or a path, is none: "Code 1234.Please enter it" is written
// like one.
var links = regexp.MustCompile(`(?i)(https?://|www\.)[!-~]+|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}/[!-~]*|[a-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+`)

// plain gives the one form of a rune, -1 for one that is not seen.
func plain(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return r
	case unicode.Is(unicode.Cf, r):
		return -1 // marks of direction, joiners, soft hyphens
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Pd, r) || r == '−':
		return '-'
	case r >= '！' && r <= '～': // full width forms
		return r - '！' + '!'
	case unicode.Is(unicode.Nd, r):
		return '0' + digitValue(r)
	}
	return r
}

// digitValue is what a decimal digit of any script counts. They come in runs of
// ten, beginning at nought.
func digitValue(r rune) rune {
	for _, part := range unicode.Nd.R16 {
		if r >= rune(part.Lo) && r <= rune(part.Hi) {
			return (r - rune(part.Lo)) % 10
		}
	}
	for _, part := range unicode.Nd.R32 {
		if r >= rune(part.Lo) && r <= rune(part.Hi) {
			return (r - rune(part.Lo)) % 10
		}
	}
	return 0
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isUpper(r rune) bool { return r >= 'A' && r <= 'Z' }

func isLower(r rune) bool { return r >= 'a' && r <= 'z' }

// isWordRune tells whether a rune next to a digit makes one word with it. Letters
// beyond ASCII don't: scripts without spaces put a code right beside them.
func isWordRune(r rune) bool { return isDigit(r) || isUpper(r) || isLower(r) }

// at is the rune at a place, 0 outside of the text.
func (t *text) at(i int) rune {
	if i < 0 || i >= len(t.runes) {
		return 0
	}
	return t.runes[i]
}

// sentenceEnds tells whether a sentence ends between two places.
func (t *text) sentenceEnds(from, to int) bool {
	for i := from; i < to; i++ {
		switch t.runes[i] {
		case '。', '।', '։':
			return true
		case '.', '!', '?', ';', '؟': // a point inside a number or a name ends nothing
			if next := t.at(i + 1); next == 0 || unicode.IsSpace(next) || next > unicode.MaxASCII {
				return true
			}
		}
	}
	return false
}
