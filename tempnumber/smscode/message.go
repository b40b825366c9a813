package smscode

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// token is a piece of a message.
type token struct {
	kind     tokenKind
	text     string // as in the normalized message
	class    class  // what a word says of the number beside it
	sentence int    // sentences are counted from 0
	at       int    // where it begins, in bytes
}

type tokenKind uint8

const (
	tokenWord  tokenKind = iota + 1 // letters
	tokenAlnum                      // ASCII digits, or ASCII digits and letters
	tokenSpace                      // spaces, no line break
	tokenBreak                      // line breaks, with the spaces around them
	tokenPunct                      // one character of any other kind
	tokenLink                       // an address, or a hash for an app
)

// message is a text cut into tokens.
type message struct {
	tokens []token
	// read counts the tokens that were looked at beside candidates: tests hold that to
	// the length of the message.
	read int
}

// parse cuts a normalized text into tokens and classifies its words.
func parse(norm string) *message {
	m := &message{tokens: make([]token, 0, len(norm)/3)}
	from, length := 0, len(strings.TrimRight(norm, " \t\n"))
	for start := 0; start < length; {
		end := start + runLen(norm[start:], isVisibleASCII)
		if at, to := linkIn(norm[start:end], end == length); to > at {
			m.cut(norm[from:start+at], from)
			m.add(tokenLink, norm[start+at:start+to], start+at)
			from = start + to
		}
		start = end + runLen(norm[end:], func(r rune) bool { return !isVisibleASCII(r) })
	}
	m.cut(norm[from:], from)
	m.joinPhrases()
	m.countSentences()
	m.resolve()
	return m
}

func (m *message) add(kind tokenKind, text string, at int) {
	t := token{kind: kind, text: text, at: at}
	if kind == tokenWord {
		t.class = classOf(fold(text))
	}
	m.tokens = append(m.tokens, t)
}

// cut adds the tokens of a part of the text that begins at byte offset.
func (m *message) cut(part string, offset int) {
	for i := 0; i < len(part); {
		r, size := utf8.DecodeRuneInString(part[i:])
		end := i + size
		switch {
		case r == ' ' || r == '\t' || r == '\n':
			for end < len(part) && strings.IndexByte(" \t\n", part[end]) >= 0 {
				end++
			}
			kind := tokenSpace
			if strings.Contains(part[i:end], "\n") {
				kind = tokenBreak
			}
			m.add(kind, part[i:end], offset+i)
		case size == 1 && isAlnum(part[i]) || isWordRune(r) && !isUnspaced(r):
			end = i + wordLen(part[i:])
			m.cutWord(part[i:end], offset+i)
		case isWordRune(r):
			end = i + runLen(part[i:], func(r rune) bool { return isWordRune(r) && isUnspaced(r) })
			m.segment(part[i:end], offset+i)
		default:
			m.add(tokenPunct, part[i:end], offset+i)
		}
		i = end
	}
}

// runLen returns how many bytes of s, from its start, consist of runes that fit.
func runLen(s string, fits func(rune) bool) int {
	if i := strings.IndexFunc(s, func(r rune) bool { return !fits(r) }); i >= 0 {
		return i
	}
	return len(s)
}

// wordLen returns the length of the letters and digits that s begins with.
func wordLen(s string) int {
	return runLen(s, func(r rune) bool {
		return r < utf8.RuneSelf && isAlnum(byte(r)) || isWordRune(r) && !isUnspaced(r)
	})
}

// cutWord adds a run of letters and digits. Letters beyond ASCII make no word with
// digits, and neither does a word that announces a code: "код1234", "OTP1234".
func (m *message) cutWord(run string, at int) {
	if isLetters(run) {
		m.add(tokenWord, run, at)
		return
	}
	for len(run) > 0 {
		n := runLen(run, func(r rune) bool { return r < utf8.RuneSelf })
		if n == 0 {
			n = runLen(run, func(r rune) bool { return !(r < utf8.RuneSelf && isDigit(byte(r))) })
		}
		piece := run[:n]
		letters := strings.TrimRight(piece, "0123456789")
		switch {
		case isLetters(piece):
			m.add(tokenWord, piece, at)
		case len(letters) >= 3 && isLetters(letters) && classOf(fold(letters)) == announces:
			m.add(tokenWord, letters, at)
			m.add(tokenAlnum, piece[len(letters):], at+len(letters))
		default:
			m.add(tokenAlnum, piece, at)
		}
		run, at = run[n:], at+n
	}
}

// longestUnspaced is the length in runes of the longest word of the vocabulary in
// a script without spaces.
const longestUnspaced = 14

// segment adds the words of a run of letters in a script without spaces: the
// longest known word at each place, and what lies between known words.
func (m *message) segment(run string, at int) {
	unknown := 0 // where the unknown word begins
	for i := 0; i < len(run); {
		n, c := longestWord(run[i:])
		if n == 0 {
			_, size := utf8.DecodeRuneInString(run[i:])
			i += size
			continue
		}
		if unknown < i {
			m.tokens = append(m.tokens, token{kind: tokenWord, text: run[unknown:i], at: at + unknown})
		}
		m.tokens = append(m.tokens, token{kind: tokenWord, text: run[i : i+n], class: c, at: at + i})
		i += n
		unknown = i
	}
	if unknown < len(run) {
		m.tokens = append(m.tokens, token{kind: tokenWord, text: run[unknown:], at: at + unknown})
	}
}

// longestWord returns the length of the longest known word that s begins with, and
// its class.
func longestWord(s string) (length int, c class) {
	end := 0
	for range longestUnspaced {
		if end >= len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
		if found := unspacedClass(s[:end]); found != unknownWord {
			length, c = end, found
		}
	}
	return length, c
}

// longestPhrase is the number of words in the longest phrase of the vocabulary.
const longestPhrase = 4

// joinPhrases makes one token of words that say something only together, "zip code".
func (m *message) joinPhrases() {
	out := m.tokens[:0] // never longer than what was read
	for i := 0; i < len(m.tokens); {
		n, c := m.phraseAt(i)
		if n == 0 {
			out = append(out, m.tokens[i])
			i++
			continue
		}
		t := m.tokens[i]
		t.class = c
		out = append(out, t)
		i += n
	}
	m.tokens = out
}

// phraseAt returns how many tokens the longest phrase at token i has, 0 for none,
// and its class.
func (m *message) phraseAt(i int) (n int, c class) {
	if m.tokens[i].kind != tokenWord {
		return 0, unknownWord
	}
	phrase := fold(m.tokens[i].text)
	for words, at := 1, i+1; words < longestPhrase && at+1 < len(m.tokens); words, at = words+1, at+2 {
		gap, next := m.tokens[at], m.tokens[at+1]
		if next.kind != tokenWord || gap.kind != tokenSpace && !slices.Contains([]string{"-", "'", "’", "/"}, gap.text) {
			break
		}
		phrase += " " + fold(next.text)
		if found := phraseClass(phrase); found != unknownWord {
			n, c = at+2-i, found
		}
	}
	return n, c
}

// countSentences numbers the sentences. A line break ends one, unless a colon or a
// comma before it says that more belongs to it. A point behind "No." or "Tel." does not.
func (m *message) countSentences() {
	sentence := 0
	for i := range m.tokens {
		t := &m.tokens[i]
		t.sentence = sentence
		switch {
		case t.kind == tokenBreak:
			if last := m.textAt(i - 1); last != ":" && last != "," && last != "-" && last != "=" {
				sentence++
			}
		case t.kind != tokenPunct:
		case strings.Contains("。।။።։؟۔", t.text):
			sentence++
		case strings.Contains("!?;", t.text):
			sentence++
		case t.text == ".":
			if m.at(i+1).kind != tokenAlnum && !isAbbreviation(fold(m.textAt(i-1))) {
				sentence++
			}
		}
	}
}

// isAbbreviation reports whether a point behind a folded word belongs to it.
func isAbbreviation(word string) bool {
	switch word {
	case "no", "nr", "num", "ref", "tel", "acc", "acct", "inv", "rs", "kto", "ext", "apt", "тел", "руб", "nº", "č", "c", "ord", "bl", "st", "dr", "mr", "ms", "max", "min", "ca":
		return true
	}
	return strings.HasSuffix(word, "nr")
}

// at returns token i, or an empty one where there is none.
func (m *message) at(i int) token {
	if i < 0 || i >= len(m.tokens) {
		return token{}
	}
	return m.tokens[i]
}

func (m *message) textAt(i int) string { return m.at(i).text }

// resolve gives words the class that their neighbours decide.
func (m *message) resolve() {
	cues, promotes := map[int]bool{}, map[int]bool{}
	for i, t := range m.tokens {
		if t.class == cue {
			cues[t.sentence] = true
		}
		if t.class == promotion || t.text == "%" && m.percentAt(i) {
			promotes[t.sentence] = true
		}
	}
	for i := range m.tokens {
		t := &m.tokens[i]
		if t.class != namesNumber && t.class != announces {
			continue
		}
		before, after := m.word(i, -1, false), m.word(i, +1, true)
		switch {
		case t.class == namesNumber && (before.class == cue || before.class == announces || after.class == cue):
			t.class = announces // "verification number", "número de verificación"
		case t.class == namesNumber:
			t.class = namesOther
		case isVoid(before.class) || isVoid(after.class) && after.class != former:
			t.class = namesOther // "promo code", "code postal"
		case after.class == former && m.word(i, +1, false).class == former:
			t.class = namesOther // "código anterior"
		case promotes[t.sentence] && !cues[t.sentence]:
			t.class = namesOther
		}
	}
}

func isVoid(c class) bool { return c == voids || c == former || c == promotion }

// percentAt reports whether the percent sign at token i belongs to a number.
func (m *message) percentAt(i int) bool {
	if m.at(i-1).kind == tokenSpace {
		i--
	}
	return isDigits(m.textAt(i-1)) && len(m.textAt(i-1)) <= 3
}

// wordReach is how many tokens away a neighbouring word may be.
const wordReach = 6

// word returns the next word before (step -1) or behind (step +1) token i in the
// same sentence, over spaces, dashes and, if asked, words that only link.
func (m *message) word(i, step int, overLinks bool) token {
	for j := i + step; j >= 0 && j < len(m.tokens) && (j-i)*step <= wordReach; j += step {
		t := m.tokens[j]
		switch {
		case t.sentence != m.tokens[i].sentence:
			return token{}
		case t.kind == tokenSpace, t.text == "-", t.text == "'", t.text == "’", t.text == ".":
		case overLinks && t.class == joins:
		case t.kind == tokenWord:
			return t
		default:
			return token{}
		}
	}
	return token{}
}
