package smscode

import (
	"regexp"
	"strings"
)

// form is what a candidate is written with.
type form int

const (
	formDigits form = iota + 1 // "123456"
	formCaps                   // capitals and digits, "A1B2C3"
	formMixed                  // letters of both cases or small ones, and digits
)

func formOf(code string) form {
	letters, small := false, false
	for _, r := range code {
		letters = letters || !isDigit(r)
		small = small || isLower(r)
	}
	switch {
	case small:
		return formMixed
	case letters:
		return formCaps
	}
	return formDigits
}

// candidate is a piece of a text that can be a code.
type candidate struct {
	code       string
	form       form
	start, end int
	// doubtful ones are codes only right behind a word that announces one: years,
	// three digits alone, and what is joined by a dash or a space in an unusual way.
	doubtful bool
}

// word is a run of ASCII letters and digits.
type word struct {
	start, end int
	text       string
}

func (w word) isDigits() bool { return strings.Trim(w.text, "0123456789") == "" }

func (w word) hasDigits() bool { return strings.ContainsAny(w.text, "0123456789") }

// words splits the text.
func (t *text) words() []word {
	var all []word
	for i := 0; i < len(t.runes); {
		if !isWordRune(t.runes[i]) {
			i++
			continue
		}
		start := i
		for i < len(t.runes) && isWordRune(t.runes[i]) {
			i++
		}
		all = append(all, word{start, i, string(t.runes[start:i])})
	}
	return all
}

// candidates finds all that may be a code, in their order.
func (t *text) candidates() []candidate {
	var all []candidate
	for words := t.words(); len(words) > 0; {
		chain := t.chain(words)
		all = append(all, t.fromChain(words[:chain])...)
		words = words[chain:]
	}
	return all
}

// chain is how many words from the first one on belong together: joined by a
// dash, or numbers joined by a single space.
func (t *text) chain(words []word) int {
	n := 1
	for n < len(words) {
		last, next := words[n-1], words[n]
		if next.start != last.end+1 {
			break
		}
		joint := t.runes[last.end]
		if joint != '-' && (joint != ' ' || !last.isDigits() || !next.isDigits()) {
			break
		}
		n++
	}
	return n
}

// fromChain gives the candidates in words that belong together.
func (t *text) fromChain(chain []word) []candidate {
	if t.link[chain[0].start] {
		return nil
	}
	if joined, ok := t.joined(chain); ok {
		return []candidate{joined}
	}
	if digitsOf(chain) > 10 || dashedNumber.MatchString(string(t.runes[chain[0].start:chain[len(chain)-1].end])) {
		return nil // a phone number, a card
	}
	var all []candidate
	for _, w := range chain {
		if c, ok := t.fromWord(w); ok {
			all = append(all, c)
		}
	}
	return all
}

// How codes are written in two or three parts. The second way is doubtful, and so
// is the third. In a code with letters the dash is kept; "G-123456" is none of these, because the
// letter is the sender's mark.
var (
	splitDigits    = regexp.MustCompile(`^(\d{3}[- ]\d{3}|\d{4}-\d{4}|\d\d-\d\d-\d\d)$`)
	unusualDigits  = regexp.MustCompile(`^(\d{4} \d{4}|\d\d \d\d \d\d)$`)
	splitMixed     = regexp.MustCompile(`^[A-Z0-9]{2,5}-[A-Z0-9]{2,5}$`)
	dashedNumber   = regexp.MustCompile(`^\d+(-\d+)+$`)
	markedBySender = regexp.MustCompile(`^[A-Z]+-\d{4,}$`)
)

// joined makes one candidate of all the words of a chain.
func (t *text) joined(chain []word) (candidate, bool) {
	start, end := chain[0].start, chain[len(chain)-1].end
	written := string(t.runes[start:end])
	c := candidate{code: written, form: formCaps, start: start, end: end}
	switch {
	case splitDigits.MatchString(written), unusualDigits.MatchString(written):
		c.code, c.form = strings.NewReplacer("-", "", " ", "").Replace(written), formDigits
		c.doubtful = unusualDigits.MatchString(written)
	case splitMixed.MatchString(written) && !markedBySender.MatchString(written) && hasBoth(written):
		c.doubtful = true
	default:
		return candidate{}, false
	}
	return c, !t.partOfNumber(start, end)
}

// hasBoth tells whether letters and digits are in a text of these and dashes.
func hasBoth(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789-") != ""
}

func digitsOf(chain []word) int {
	n := 0
	for _, w := range chain {
		if w.isDigits() {
			n += len(w.text)
		}
	}
	return n
}

// fromWord makes a candidate of one word.
func (t *text) fromWord(w word) (candidate, bool) {
	c := candidate{code: w.text, form: formOf(w.text), start: w.start, end: w.end}
	n := len(w.text)
	switch {
	case !w.hasDigits() || n < 3 || n > 10 || t.partOfNumber(w.start, w.end):
		return c, false
	case c.form == formDigits:
		year := n == 4 && (strings.HasPrefix(w.text, "19") || strings.HasPrefix(w.text, "20"))
		c.doubtful = year || n == 3
		return c, n <= 8
	case strings.Trim(w.text, "0123456789") == strings.Repeat("X", n-digitsAtEnd(w.text)):
		return c, false // XX1234 hides an account
	}
	c.doubtful = n == 3
	return c, n >= 4
}

func digitsAtEnd(s string) int {
	return len(s) - len(strings.TrimRight(s, "0123456789"))
}

// areaCode is what stands before the rest of a phone number, "(555) 1234".
var areaCode = regexp.MustCompile(`\(\d{2,4}\) ?$`)

const areaCodeReach = 7

// partOfNumber tells whether the runes from start to end are a piece of something
// longer, a date, a time, a sum of money, a phone number; or have a unit.
func (t *text) partOfNumber(start, end int) bool {
	before, after := t.at(start-1), t.at(end)
	if strings.ContainsRune("+*#$€£¥₹₽₩₺₫฿•…/@_", before) && before != 0 || strings.ContainsRune("€£¥₹₽₩₺₫฿/@_*°", after) && after != 0 || after == '%' && !isWordRune(t.at(end+1)) {
		return true
	}
	const joints = ".,:'"
	if strings.ContainsRune(joints, before) && isDigit(t.at(start-2)) {
		return true
	}
	if strings.ContainsRune(joints, after) && isDigit(t.at(end+1)) && (after != ',' || !t.durationAt(end+1)) {
		return true // but "123456,5分钟" is a code and how long it lives
	}
	if areaCode.MatchString(string(t.runes[max(0, start-areaCodeReach):start])) {
		return true
	}
	return t.moneyBefore(start) || t.unitAfter(end)
}

// moneyBefore tells whether a currency stands before a place: "Rs.5000", "USD 20".
func (t *text) moneyBefore(start int) bool {
	end := start
	for end > 0 && (t.runes[end-1] == ' ' || t.runes[end-1] == '.') {
		end--
	}
	begin := end
	for begin > 0 && isLetter(t.runes[begin-1]) {
		begin--
	}
	return isOneOf(currencies, string(t.lower[begin:end]))
}

// unitAfter tells whether a unit stands behind a place: "1440 minutes", "5000元".
func (t *text) unitAfter(end int) bool {
	if t.at(end) == ' ' {
		end++
	}
	stop := end
	for stop < len(t.lower) && isLetter(t.lower[stop]) {
		stop++
	}
	following := string(t.lower[end:stop])
	return isOneOf(units, following) || isOneOf(currencies, following) || startsWithOneOf(unspacedUnits, following)
}

// durationAt tells whether a short number with a unit stands at a place.
func (t *text) durationAt(start int) bool {
	end := start
	for isDigit(t.at(end)) {
		end++
	}
	return end-start <= 4 && t.unitAfter(end)
}
