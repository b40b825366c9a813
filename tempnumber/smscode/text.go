package smscode

import (
	"strings"
	"unicode"
)

// normalize returns text with one form for what is written in many: digits,
// dashes, spaces and full-width characters become ASCII, invisible marks go.
func normalize(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < unicode.MaxASCII:
			return r
		case unicode.Is(unicode.Cf, r):
			return -1 // marks of direction, joiners, soft hyphens
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Pd, r) && r != '〜', r == '−':
			return '-'
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case unicode.Is(unicode.Nd, r):
			return '0' + digitValue(r)
		}
		return r
	}, text)
}

// digitValue returns the value of a decimal digit of any script. Unicode holds
// them in runs of ten that begin at zero.
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

// fold returns a word in the form of the vocabulary: lower case, without accents
// and vowel marks, since senders often leave these out.
func fold(word string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if r < unicode.MaxASCII {
			return r
		}
		return foldRune(r)
	}, word)
}

// foldRune returns the plain form of a lower-case letter, -1 for a mark to leave out.
func foldRune(r rune) rune {
	switch {
	case r >= 0x300 && r <= 0x36f, r >= 0x591 && r <= 0x5c7, r >= 0x64b && r <= 0x65f, r == 'ـ':
		return -1 // combining accents, vowel marks of Hebrew and Arabic, tatweel
	case r == 0x93c || r == 0x9bc || r == 0xa3c:
		return -1 // the dot below a letter in Devanagari, Bengali, Gurmukhi
	}
	for _, p := range []struct {
		plain   rune
		letters string
	}{
		{'a', "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"},
		{'c', "çćčĉċ"},
		{'d', "ďđð"},
		{'e', "èéêëēĕėęěẹẻẽếềểễệə"},
		{'g', "ğģġĝ"},
		{'h', "ħ"},
		{'i', "ìíîïīĭįıịỉĩ"},
		{'k', "ķ"},
		{'l', "łľļĺ"},
		{'n', "ñńňņ"},
		{'o', "òóôõöøōŏőơọỏốồổỗộớờởỡợ"},
		{'r', "řŕ"},
		{'s', "śšşșßŝ"},
		{'t', "ťţțŧ"},
		{'u', "ùúûüūŭůűųưụủứừửữựũ"},
		{'y', "ýÿỳỵỷỹ"},
		{'z', "źżž"},
		{'α', "ά"},
		{'ε', "έ"},
		{'η', "ή"},
		{'ι', "ίϊΐ"},
		{'ο', "ό"},
		{'υ', "ύϋΰ"},
		{'ω', "ώ"},
		{'σ', "ς"},
		{'е', "ё"},
		{'ا', "أإآٱ"},
		{'ي', "ىی"},
		{'ه', "ةہھۀەۂۃ"},
		{'ك', "ک"},
		{'য', "য়"},
	} {
		if strings.ContainsRune(p.letters, r) {
			return p.plain
		}
	}
	return r
}

func isDigit(r byte) bool { return r >= '0' && r <= '9' }

func isUpper(r byte) bool { return r >= 'A' && r <= 'Z' }

func isLower(r byte) bool { return r >= 'a' && r <= 'z' }

func isAlnum(r byte) bool { return isDigit(r) || isUpper(r) || isLower(r) }

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func isLetters(s string) bool { return s != "" && !strings.ContainsAny(s, "0123456789") }

// isUnspaced reports whether r belongs to a script that is written without spaces
// between words, or whose words carry endings that are no part of them.
func isUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) || r == 'ー'
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
