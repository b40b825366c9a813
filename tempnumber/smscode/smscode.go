// Package smscode finds the one-time code in the text of an SMS.
//
//	package main
//
//	import (
//		"fmt"
//
//		"github.com/tempnumber/tempnumber-go/tempnumber/smscode"
//	)
//
//	func main() {
//		fmt.Println(smscode.Find("Acme: 58 21 09 is your code, valid for 10 minutes")) // 582109
//	}
//
// Words such as "code" are known in some seventy languages, and digits in every
// script. The number that such a word announces is the code. Years, sums, times,
// phone numbers, order numbers, the ends of card numbers, and links are not. Where
// several numbers could be meant and nothing decides, there is no answer: no code
// is better than a wrong one.
package smscode

import (
	"strings"
	"unicode/utf8"
)

// Find returns the code that text announces. Its digits are ASCII, and spaces and
// dashes between digits are left out: "58 21 09" is "582109". A dash between
// letters stays. Find returns "" when text announces no code.
func Find(text string) string {
	return find(text, func(candidate) bool { return true })
}

// FindDigits is like Find but considers only codes of exactly n digits.
func FindDigits(text string, n int) string {
	return find(text, func(c candidate) bool { return isDigits(c.code) && len(c.code) == n })
}

func find(raw string, wanted func(candidate) bool) string {
	norm := normalize(raw)
	if m := patterns().originBound.FindStringSubmatch(norm); m != nil {
		if c := (candidate{code: m[1], form: formOf(m[1])}); wanted(c) {
			return c.code
		}
	}
	if strings.IndexFunc(norm, func(r rune) bool { return r < utf8.RuneSelf && isAlnum(byte(r)) }) < 0 {
		return "" // nothing in it can be a code
	}
	m := parse(norm)
	var considered []candidate
	for _, c := range m.candidates() {
		if wanted(c) {
			considered = append(considered, c)
		}
	}
	return m.best(considered)
}
