package smscode

import (
	"regexp"
	"sync"
)

// patterns returns the expressions, compiled when the first is used: a program that finds no code does not pay
// for them.
var patterns = sync.OnceValue(newPatterns) //nolint:gochecknoglobals // a constant table

type patternSet struct {
	// How codes are written in parts. The dash of letters is kept.
	splitDigits   *regexp.Regexp
	unusualDigits *regexp.Regexp
	phoneLike     *regexp.Regexp
	singles       *regexp.Regexp
	splitMixed    *regexp.Regexp
	markedDigits  *regexp.Regexp
	// yearOrDay matches a year, or a day written as one number.
	yearOrDay *regexp.Regexp
	// nameAndNumber matches what is rather a name than a code: "LINE4", "COVID19".
	nameAndNumber *regexp.Regexp
	// Measures are numbers with a unit: "250MB", "14h30", "RM250", "2x".
	numberThenUnit *regexp.Regexp
	unitThenNumber *regexp.Regexp
	clock          *regexp.Regexp
	// mask matches what hides an account: "XX1234", "x1234".
	mask *regexp.Regexp
	// originBound is the last line of a message in the format of origin-bound codes,
	// "@example.com #123456". Browsers read the code from it, so nothing is left to guess.
	originBound *regexp.Regexp
}

func newPatterns() patternSet {
	return patternSet{
		splitDigits:    regexp.MustCompile(`^(\d{3}[- ]\d{3}|\d\d-\d\d-\d\d)$`),
		unusualDigits:  regexp.MustCompile(`^(\d{4}[ -]\d{4}|\d\d \d\d \d\d|\d\d( \d\d){3}|\d{3}[ -]\d{3}[ -]\d{3})$`),
		phoneLike:      regexp.MustCompile(`^(\d{3}-\d{4}|\d{4}-\d{3})$`),
		singles:        regexp.MustCompile(`^([A-Z0-9] ){3,9}[A-Z0-9]$|^([A-Z0-9]-){3,9}[A-Z0-9]$|^([A-Z0-9] - ){3,9}[A-Z0-9]$`),
		splitMixed:     regexp.MustCompile(`^[A-Z0-9]{2,5}-[A-Z0-9]{2,5}$`),
		markedDigits:   regexp.MustCompile(`^[A-Z]{1,8}-\d{4,8}$`),
		yearOrDay:      regexp.MustCompile(`^(19|20)\d\d((0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))?$`),
		nameAndNumber:  regexp.MustCompile(`(?i)^[A-Z]{3,}\d{1,2}$`),
		numberThenUnit: regexp.MustCompile(`^\d+([A-Za-z]+)$`),
		unitThenNumber: regexp.MustCompile(`^([A-Za-z]+)\d+$`),
		clock:          regexp.MustCompile(`(?i)^\d{1,2}h\d\d$|^\d{1,4}(am|pm|st|nd|rd|th|e|er|x)$`),
		mask:           regexp.MustCompile(`^[Xx]+\d+$`),
		originBound:    regexp.MustCompile(`(?m)^@[a-zA-Z0-9.-]+ #([a-zA-Z0-9-]+)`),
	}
}
