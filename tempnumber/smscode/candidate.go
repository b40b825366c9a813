package smscode

import (
	"strings"
)

// form is what a code is written with.
type form int

const (
	formDigits  form = iota + 1 // "123456"
	formCaps                    // capitals and digits, "A1B2C3"
	formMixed                   // small letters and digits, "a1B2c3"
	formLetters                 // capitals alone, "QWERTY"
)

func formOf(code string) form {
	digits, capitals, small := false, false, false
	for i := range len(code) {
		digits = digits || isDigit(code[i])
		capitals = capitals || isUpper(code[i])
		small = small || isLower(code[i])
	}
	switch {
	case small:
		return formMixed
	case !capitals:
		return formDigits
	case digits:
		return formCaps
	}
	return formLetters
}

// trust is how much a candidate looks like a code.
type trust int

const (
	trustNone    trust = iota // no code
	trustLabeled              // a code only where a word right before it says so
	trustSplit                // also where "is your code" follows
	trustPlain                // a code unless something speaks against it
)

// candidate is a piece of a message that may be a code.
type candidate struct {
	code       string
	form       form
	trust      trust
	start, end int // tokens
}

// candidates returns what may be a code, in the order of the message.
func (m *message) candidates() []candidate {
	var all []candidate
	for i := 0; i < len(m.tokens); {
		end := m.chainEnd(i)
		if end == i {
			i++
			continue
		}
		all = append(all, m.fromChain(i, end)...)
		i = end
	}
	return all
}

// longestChain is the number of tokens of the longest code in parts: eight
// characters and what is between them.
const longestChain = 23

// chainEnd returns the end of the tokens from i on that are written as one thing:
// numbers joined by a space, words and numbers joined by a dash. It is i where no
// code can begin.
func (m *message) chainEnd(i int) int {
	if !m.isPart(i) {
		return i
	}
	end := i + 1
	for {
		next, spaced := end+1, m.at(end).kind == tokenSpace && m.textAt(end) == " "
		if spaced && m.textAt(end+1) == "-" && m.at(end+2).kind == tokenSpace && m.isSingle(end-1) && m.isSingle(end+3) {
			end += 4 // "1 - 2 - 3"
			continue
		}
		if !spaced && m.textAt(end) != "-" || !m.isPart(next) {
			return end
		}
		if spaced && !(isDigits(m.textAt(end-1)) && isDigits(m.textAt(next)) || m.isSingle(end-1) && m.isSingle(next)) {
			return end
		}
		if spaced && m.hasUnit(next, next+1) {
			return end // "1234 5 minutes"
		}
		end = next + 1
	}
}

// isPart reports whether token i is a number or capitals.
func (m *message) isPart(i int) bool {
	t := m.at(i)
	return t.kind == tokenAlnum || t.kind == tokenWord && formOf(t.text) == formLetters && len(t.text) <= 8 && isASCII(t.text)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

func (m *message) isSingle(i int) bool { return len(m.textAt(i)) == 1 && isAlnum(m.textAt(i)[0]) }

// joinParts returns a code without the spaces and dashes between its parts.
func joinParts(written string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, written)
}

// fromChain returns the candidates in the tokens from start to end, which are
// written as one thing.
func (m *message) fromChain(start, end int) []candidate {
	if end-start == 1 {
		return m.fromToken(start)
	}
	if end-start > longestChain {
		return nil
	}
	var written strings.Builder
	for i := start; i < end; i++ {
		written.WriteString(m.textAt(i))
	}
	s := written.String()
	c := candidate{code: joinParts(s), start: start, end: end}
	c.form = formOf(c.code)
	switch {
	case patterns().splitDigits.MatchString(s):
		c.trust = trustPlain
	case patterns().unusualDigits.MatchString(s):
		c.trust = trustSplit
	case patterns().phoneLike.MatchString(s):
		c.trust = trustLabeled
	case patterns().singles.MatchString(s) && c.form != formLetters:
		c.trust = trustSplit
		if c.form != formDigits {
			c.trust = trustLabeled
		}
	case patterns().markedDigits.MatchString(s) && m.at(start).class != namesOther && m.at(start).class != ends:
		return m.fromToken(end - 1) // "G-123456": the letters are the sender's mark
	case patterns().splitMixed.MatchString(s) && (formOf(c.code) == formCaps || formOf(c.code) == formLetters && isLetters(m.textAt(start))):
		c.code, c.trust = s, trustLabeled
		if c.form == formCaps && len(c.code) >= 6 {
			c.trust = trustSplit
		}
	case c.form == formDigits && len(c.code) <= 8:
		c.trust = trustNone // the first part may be a code where a word says so
		if first := m.fromToken(start); len(first) == 1 && m.textAt(start+1) == " " {
			first[0].trust = min(first[0].trust, trustLabeled)
			return first
		}
	default:
		return m.afterDashes(start, end)
	}
	if c.trust == trustNone || m.textAt(end) == "-" || m.isPartOfMore(start, end) {
		return nil
	}
	return []candidate{c}
}

// afterDashes returns the candidate among words joined by a dash, "Acme-482913".
func (m *message) afterDashes(start, end int) []candidate {
	digits := 0
	for i := start; i < end; i++ {
		if isDigits(m.textAt(i)) {
			digits++
		}
	}
	if digits != 1 || !isDigits(m.textAt(end-1)) {
		return nil // a phone number, a card number, a date
	}
	return m.fromToken(end - 1)
}

// fromToken returns the candidate that token i is, if it is one.
func (m *message) fromToken(i int) []candidate {
	t := m.at(i)
	c := candidate{code: t.text, form: formOf(t.text), start: i, end: i + 1}
	n := len(t.text)
	switch c.form {
	case formDigits:
		c.trust = digitsTrust(t.text)
	case formCaps:
		switch {
		case n < 4 || n > 10 || isMeasure(t.text) || isMask(t.text):
		case patterns().nameAndNumber.MatchString(t.text):
			c.trust = trustLabeled
			if m.isTag(i) {
				c.trust = trustNone
			}
		case m.isTag(i):
		default:
			c.trust = trustSplit
		}
	case formMixed:
		if n >= 4 && n <= 10 && t.kind == tokenAlnum && !isMeasure(t.text) && !isMask(t.text) {
			c.trust = trustLabeled
		}
	case formLetters:
		if n >= 4 && n <= 8 && t.class == unknownWord && !m.isTag(i) {
			c.trust = trustLabeled
		}
	}
	if c.trust == trustNone || m.isPartOfMore(i, i+1) {
		return nil
	}
	return []candidate{c}
}

func digitsTrust(digits string) trust {
	n := len(digits)
	switch {
	case n < 3 || n > 10:
		return trustNone
	case n == 3 || n > 8 || patterns().yearOrDay.MatchString(digits):
		return trustLabeled
	}
	return trustPlain
}

func isMask(s string) bool { return patterns().mask.MatchString(s) }

func isMeasure(s string) bool {
	if patterns().clock.MatchString(s) {
		return true
	}
	if found := patterns().numberThenUnit.FindStringSubmatch(s); found != nil {
		c := classOf(fold(found[1]))
		return c == unit || c == currency
	}
	if found := patterns().unitThenNumber.FindStringSubmatch(s); found != nil {
		return classOf(fold(found[1])) == currency
	}
	return false
}

// isTag reports whether token i is the name of a sender in brackets at the start of
// a line, "[LINE4]".
func (m *message) isTag(i int) bool {
	open, shut := m.textAt(i-1), m.textAt(i+1)
	if !(open == "[" && shut == "]" || open == "【" && shut == "】" || open == "(" && shut == ")" || open == "<" && shut == ">") {
		return false
	}
	return i < 2 || m.at(i-2).kind == tokenBreak
}

// isPartOfMore reports whether the tokens from start to end are a piece of
// something longer: a date, a time, a sum, a phone number, a masked account.
func (m *message) isPartOfMore(start, end int) bool {
	before, after := m.textAt(start-1), m.textAt(end)
	if before == after && (before == "*" || before == "_" || before == "#") && m.textAt(start-2) != before {
		return false // marked for the eye, "*123456*"
	}
	if before != "" && strings.Contains("+*•…@_/\\^~€£¥₹₽₩₺₫฿₦₴₱₪₸৳$", before) {
		return true
	}
	if (before == "#" || before == "№" || before == " " && m.textAt(start-2) == "№") && m.word(start-1, -1, false).class != announces {
		return true
	}
	if after != "" && strings.Contains("€£¥₹₽₩₺₫฿₦₴₱₪₸৳$/\\@_*°", after) || after == "%" && m.at(end+1).kind != tokenAlnum {
		return true
	}
	if strings.Contains(".,:'’٬٫", before) && before != "" && isDigits(m.textAt(start-2)) {
		return true
	}
	if after != "" && strings.Contains(".,:'’٬٫", after) && m.at(end+1).kind == tokenAlnum && isDigit(m.textAt(end + 1)[0]) {
		// but "123456,5分钟" is a code and how long it lives
		return after != "," || len(m.textAt(end+1)) > 4 || !m.hasUnit(end+1, end+2)
	}
	if before == "." && m.textAt(start-2) == "." {
		return true // "...1234"
	}
	return m.afterAreaCode(start) || m.hasCurrency(start) || m.hasUnit(start, end)
}

// afterAreaCode reports whether digits in parentheses stand before token i, "(555) 1234".
func (m *message) afterAreaCode(i int) bool {
	if m.at(i-1).kind == tokenSpace {
		i--
	}
	return m.textAt(i-1) == ")" && isDigits(m.textAt(i-2)) && len(m.textAt(i-2)) <= 4 && m.textAt(i-3) == "("
}

// hasCurrency reports whether a currency stands before token i: "Rs.5000", "USD 20".
func (m *message) hasCurrency(i int) bool {
	if m.at(i-1).kind == tokenSpace {
		i--
	}
	if m.textAt(i-1) == "." {
		i--
	}
	return m.isCurrency(i - 1)
}

// hasUnit reports whether a unit or a currency follows the tokens from start to
// end: "1440 minutes", "5000元".
func (m *message) hasUnit(start, end int) bool {
	if m.at(end).kind == tokenSpace {
		end++
	}
	t := m.at(end)
	if t.text == "$" || t.text == "€" || t.text == "₪" || t.text == "%" && end > start+1 {
		return true
	}
	return t.class == unit || m.isCurrency(end)
}

// codesOfCurrencies are words of other languages too when not in capitals.
const codesOfCurrencies = " TRY PEN COP GEL DIN LEU CAD ARS PHP ALL MAD RON SOM SUM TOP "

func (m *message) isCurrency(i int) bool {
	t := m.at(i)
	return t.class == currency || t.kind == tokenWord && len(t.text) == 3 && strings.Contains(codesOfCurrencies, " "+t.text+" ")
}
