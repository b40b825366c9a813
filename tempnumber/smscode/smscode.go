// Package smscode finds the code in the text of an SMS, for messages that the
// service itself read no code out of.
//
// What stands beside a word such as "code" is taken first, then what stands
// beside a verb such as "enter", then the first number that stands alone. Years,
// sums, times, phone numbers, account numbers and links are no codes. The words
// are known in some thirty languages and the digits in every script, and a code
// may stand right beside letters of a script without spaces between words.
package smscode

import "regexp"

// Find gives the code that a text announces, in ASCII, and without the space or
// dash that parts its digits for the eye. It is empty when nothing looks like one.
func Find(text string) string {
	return find(text, func(candidate) bool { return true })
}

// FindDigits is Find among codes that are n digits and nothing else.
func FindDigits(text string, n int) string {
	return find(text, func(c candidate) bool { return c.form == formDigits && len(c.code) == n })
}

// Match gives what an expression finds in a text: its first group where it has
// one, else all that it matches. It is empty when nothing matches.
func Match(text string, expression *regexp.Regexp) string {
	found := expression.FindStringSubmatch(text)
	switch {
	case found == nil:
		return ""
	case len(found) > 1:
		return found[1]
	}
	return found[0]
}

// originBound is the last line that browsers read a code out of by themselves,
// "@example.com #123456". It leaves nothing to guess.
var originBound = regexp.MustCompile(`(?m)^@[a-zA-Z0-9.-]+ #([a-zA-Z0-9-]+)`)

// find gives the code of the best candidate that is wanted.
func find(raw string, wanted func(candidate) bool) string {
	t := newText(raw)
	if found := originBound.FindStringSubmatch(string(t.runes)); found != nil {
		if c := (candidate{code: found[1], form: formOf(found[1])}); wanted(c) {
			return c.code
		}
	}
	all := t.candidates()
	labels := t.labels()
	best, bestRank := "", unlikely
	for i, c := range all {
		if !wanted(c) || t.belongsToOther(labels, c) {
			continue
		}
		if r := t.rank(labels, all, i); r < bestRank {
			best, bestRank = c.code, r
		}
	}
	return best
}
