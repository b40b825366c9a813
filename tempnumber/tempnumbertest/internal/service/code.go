package service

import (
	"strings"
	"unicode"
)

// codeIn finds the code in the text of an SMS. How the real service finds it is
// not known; this takes, of all that looks like a code, what follows soonest on a
// word such as "code", else what stands first, else a year. Empty when nothing
// looks like a code.
func codeIn(text string) string {
	var best candidate
	bestRank, bestDistance := rankNone, 0
	words := keywordEnds(text)
	for _, found := range candidates(text) {
		distance, beside := distanceAfter(words, found.start)
		r := found.rank(beside)
		if r > bestRank || r == bestRank && beside && distance < bestDistance {
			best, bestRank, bestDistance = found, r, distance
		}
	}
	return best.code
}

// candidate is a piece of a text that can be a code.
type candidate struct {
	code  string
	start int
}

// codeRank is how much a piece of a text looks like a code.
type codeRank int

const (
	rankNone codeRank = iota
	rankYear
	rankDigits
	rankAnnounced
)

// rank judges a candidate; beside says that a word before it announces a code.
func (c candidate) rank(beside bool) codeRank {
	switch {
	case len(c.code) == 4 && (c.code[:2] == "19" || c.code[:2] == "20") && isDigits(c.code):
		return rankYear
	case beside:
		return rankAnnounced
	case isDigits(c.code):
		return rankDigits
	}
	return rankNone
}

// candidates finds digits, four to eight of them, in one run or in two that a
// dash or a space parts ("123-456"), and capitals mixed with digits ("A1B2C3").
func candidates(text string) []candidate {
	var found []candidate
	for i := 0; i < len(text); {
		if !isWordByte(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && isWordByte(text[i]) {
			i++
		}
		word := text[start:i]
		if isDigits(word) && len(word) == 3 && i+4 <= len(text) && (text[i] == '-' || text[i] == ' ') &&
			isDigits(text[i+1:i+4]) && (i+4 == len(text) || !isWordByte(text[i+4])) {
			word += text[i+1 : i+4]
			i += 4
		}
		if len(word) < 4 || len(word) > 8 || partOfNumber(text, start, i) {
			continue
		}
		if strings.ToUpper(word) == word && strings.ContainsAny(word, "0123456789") {
			found = append(found, candidate{word, start})
		}
	}
	return found
}

// partOfNumber tells whether text[start:end] belongs to a longer number: a phone
// number, a sum of money, a date, a time.
func partOfNumber(text string, start, end int) bool {
	const joints = ".,:/"
	before := start > 0 && (strings.IndexByte("+$#", text[start-1]) >= 0 ||
		start > 1 && strings.IndexByte(joints, text[start-1]) >= 0 && isDigits(text[start-2:start-1]))
	after := end+1 < len(text) && strings.IndexByte(joints, text[end]) >= 0 && isDigits(text[end+1:end+2])
	return before || after
}

// keywordEnds gives the places behind the words that announce a code.
func keywordEnds(text string) []int {
	var ends []int
	lower := strings.Map(func(r rune) rune {
		if small := unicode.ToLower(r); len(string(small)) == len(string(r)) {
			return small
		}
		return r // places in the text must stay where they are
	}, text)
	for _, word := range []string{
		"code", "otp", "pin", "passwor", "kod", "código", "codigo", "codice", "clave", "код", "parole",
		"验证码", "驗證碼", "認証", "コード", "인증", "รหัส", "الرمز", "קוד",
	} {
		for from := 0; ; {
			i := strings.Index(lower[from:], word)
			if i < 0 {
				break
			}
			from += i + len(word)
			ends = append(ends, from)
		}
	}
	return ends
}

// distanceAfter tells how far behind the nearest word before it a place is. More
// than a short sentence away it does not belong to the word.
func distanceAfter(ends []int, place int) (distance int, beside bool) {
	const near = 40
	for _, end := range ends {
		if d := place - end; d >= 0 && d <= near && (!beside || d < distance) {
			distance, beside = d, true
		}
	}
	return distance, beside
}

func isWordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
