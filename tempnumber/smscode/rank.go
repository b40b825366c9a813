package smscode

import "unicode/utf8"

// evidence is why a candidate is taken for the code, the strongest first.
type evidence int

const (
	labeled       evidence = iota // "code: 123456", "your code is 123456"
	equated                       // "123456 is your code"
	labeledFar                    // "your code for Acme is 123456"
	nearLabel                     // "your code for Acme 123456", "123456 Acme code"
	asked                         // "enter 123456", "verification: 123456"
	afterSentence                 // "Your code has been sent.\n123456"
	standsAlone                   // "Acme: 123456"
	noEvidence
)

// How far a label may be from its code, in bytes of UTF-8.
const (
	farReach  = 160
	nearReach = 100
)

// best returns the code among candidates that most speaks for, "" when nothing
// does. Of weak evidence for several it takes none.
func (m *message) best(all []candidate) string {
	taken := map[int]bool{} // tokens of candidates
	for _, c := range all {
		for i := c.start; i < c.end; i++ {
			taken[i] = true
		}
	}
	j := judge{m, taken, m.surroundings(all)}
	code, strongest, rivals := "", noEvidence, 0
	for _, c := range all {
		e := j.evidence(c)
		switch {
		case e < strongest:
			code, strongest, rivals = c.code, e, 0
		case e == strongest && e != noEvidence && c.code != code:
			rivals++
		}
	}
	if strongest >= afterSentence && rivals > 0 {
		return ""
	}
	return code
}

// judge weighs the candidates of one message.
type judge struct {
	*message
	taken map[int]bool
	surroundings
}

// surroundings is what a message says as a whole.
type surroundings struct {
	labels, cues bool
	others       map[int]bool // sentences that name a number that is no code
	known        bool         // a word is in the vocabulary
	english      bool         // "to" before a number is the English word
	words        int          // words and numbers
	capitals     int          // letters in words: where most are capitals, these tell nothing
	small        int
	digits       int // how many candidates are plain digits
}

func (m *message) surroundings(all []candidate) surroundings {
	s := surroundings{others: map[int]bool{}}
	for _, t := range m.tokens {
		s.labels = s.labels || t.class == announces
		s.cues = s.cues || t.class == cue
		if t.class == namesOther || t.class == ends || t.class == promotion {
			s.others[t.sentence] = true
		}
		s.known = s.known || t.class != unknownWord && len(t.text) > 1 // the G of "G-123456" says nothing
		switch t.text {
		case "your", "Your", "the", "The", "we", "We", "you", "You", "is", "with", "text", "Text":
			s.english = true
		}
		if t.kind == tokenWord || t.kind == tokenLink || t.kind == tokenAlnum {
			s.words++
		}
		if t.kind == tokenWord {
			s.countCase(t.text)
		}
	}
	for _, c := range all {
		if c.trust == trustPlain {
			s.digits++
		}
	}
	return s
}

func (s *surroundings) countCase(word string) {
	for i := range len(word) {
		switch {
		case isUpper(word[i]):
			s.capitals++
		case isLower(word[i]) || word[i] >= utf8.RuneSelf:
			s.small++
		}
	}
}

// evidence returns what speaks for a candidate, noEvidence where something speaks
// against it.
func (j judge) evidence(c candidate) evidence {
	left, right := j.left(c), j.right(c)
	if left.other || right.former || right.ends {
		return noEvidence
	}
	if c.form == formLetters {
		if left.found == labeled && left.equates && j.capitals <= j.small {
			return labeled
		}
		return noEvidence
	}
	strongest := noEvidence
	if left.found == labeled || c.trust >= trustLabeled && left.found == labeledFar && left.equates {
		strongest = left.found
	}
	if c.trust == trustLabeled && !left.equates && (!left.beside || patterns().nameAndNumber.MatchString(c.code)) {
		strongest = noEvidence
	}
	if c.trust >= trustSplit {
		strongest = min(strongest, left.found, right.found)
		if right.found == nearLabel && c.trust < trustPlain && strongest == nearLabel && left.found != nearLabel {
			strongest = noEvidence
		}
	}
	if strongest == asked && c.form != formDigits {
		strongest = noEvidence
	}
	if c.trust < trustPlain || strongest <= asked || right.other {
		return strongest
	}
	switch {
	case j.labels && (j.alone(c) || (left.equates || j.setOff(c)) && j.labelBefore(c)):
		return afterSentence
	case j.digits == 1 && (j.words == 1 || j.words == 2 && !j.known || (j.cues || j.labels) && j.setOff(c)):
		return standsAlone
	}
	return noEvidence
}

// side is what the words on one side of a candidate say of it.
type side struct {
	found   evidence
	beside  bool // nothing stands between the word and the candidate
	equates bool // a colon or a word such as "is" stands right beside it
	other   bool // the next word names something that is no code
	former  bool // the code no longer counts
	ends    bool // it is the end of a longer number
}

// left reads the words before a candidate.
func (j judge) left(c candidate) side {
	s := side{found: noEvidence}
	direct, stopped, broken := true, false, false
	sentence, at := j.at(c.start).sentence, j.at(c.start).at
	words := 0
	for i := c.start - 1; i >= 0; i-- {
		t := j.tokens[i]
		j.read++
		if t.sentence != sentence || at-t.at > farReach {
			break
		}
		if t.text == "STOP" || t.text == "HELP" || t.text == "ARRET" || t.text == "STOPP" {
			s.other = s.other || words <= 3 && !stopped
		}
		switch {
		case t.kind == tokenSpace:
		case t.kind == tokenBreak:
			stopped = true
		case t.kind == tokenPunct:
			switch t.text {
			case ":", "=", ">":
				s.equates = s.equates || direct
			case "-", "[", "(", "\"", "'", "“", "«", "„", "「", "『", "<", "*", "’", "‘", ".", "#", "/", "】", "]", "|", "`":
			default:
				direct = false
			}
		case j.taken[i] && t.class != announces:
			direct = false
			stopped = true
		case t.class == places, j.english && t.text == "to":
			if direct && words == 0 && !s.equates {
				s.other = true
				return s
			}
			words++
		case t.class == copula:
			s.equates = s.equates || direct
			words++
		case t.class == joins:
			words++
		case t.class == announces:
			switch {
			case direct:
				s.found, s.beside = labeled, words == 0
			case s.equates && !broken:
				s.found = labeledFar
			case !broken && at-t.at <= nearReach:
				s.found = nearLabel
			}
			return s
		case t.class == namesOther, t.class == ends, t.class == voids, t.class == promotion:
			if direct {
				s.other = true
				return s
			}
			broken = broken || !s.equates && t.class != voids
		case t.class == asks:
			if direct && s.found > asked {
				s.found = asked
			}
			direct = false
		case t.class == cue:
			if (s.equates || direct && words == 0) && !broken && s.found > asked {
				s.found = asked
			}
			words++
			direct = direct && s.equates
		case t.class == breaks:
			broken = broken || !s.equates
			direct = false
		default:
			words++
			direct = false
		}
	}
	return s
}

// right reads the words behind a candidate.
func (j judge) right(c candidate) side {
	s := side{found: noEvidence}
	direct := true // nothing but linking words so far
	words := 0
	last := j.at(c.end - 1)
	for i := c.end; i < len(j.tokens); i++ {
		t := j.tokens[i]
		j.read++
		if t.sentence != last.sentence || t.at-last.at > nearReach || t.kind == tokenBreak {
			break
		}
		switch {
		case t.kind == tokenSpace:
		case t.kind == tokenPunct:
			switch t.text {
			case "-":
				s.equates = s.equates || words == 0
			case ",", "、", "，":
				return s
			}
		case j.taken[i] && t.class != announces:
			return s
		case t.class == copula:
			s.equates = s.equates || words == 0
		case t.class == joins:
		case t.class == announces:
			if s.equates || words == 0 {
				s.found = min(s.found, equated)
			} else {
				s.found = min(s.found, nearLabel)
			}
			return s
		case t.class == former:
			s.former = direct && !j.numberSoon(i)
			return s
		case t.class == ends:
			s.ends = direct && !j.numberSoon(i)
			return s
		case t.class == namesOther:
			if j.word(i, +1, false).class != announces { // "your account code"
				s.other = direct
				return s
			}
		case t.class == asks:
			if direct {
				s.found = min(s.found, asked)
			}
			direct = false
			words++
		case t.class == breaks:
			return s
		default:
			direct = false
			words++
		}
	}
	return s
}

// numberSoon reports whether a number stands shortly behind token i, in its sentence:
// "expired in 5 minutes" and "ends at 10:45" speak of what will be.
func (j judge) numberSoon(i int) bool {
	const soon = 6
	for n := i + 1; n <= i+soon; n++ {
		if t := j.at(n); t.kind == tokenAlnum && t.sentence == j.tokens[i].sentence {
			return true
		}
	}
	return false
}

// alone reports whether a candidate has a line of its own.
func (j judge) alone(c candidate) bool {
	before, after := j.at(c.start-1), j.at(c.end)
	if after.text == "." || after.text == "!" {
		after = j.at(c.end + 1)
	}
	return (before.kind == 0 || before.kind == tokenBreak) && (after.kind == 0 || after.kind == tokenBreak)
}

// setOff reports whether a candidate begins a sentence or stands behind a colon or
// in brackets, and its sentence names nothing else that has a number.
func (j judge) setOff(c candidate) bool {
	before := j.at(c.start - 1)
	if before.kind == tokenSpace {
		before = j.at(c.start - 2)
	}
	switch before.text {
	case ":", "[", "(", "「", "【", "『":
	default:
		if before.kind != 0 && before.sentence == j.at(c.start).sentence {
			return false
		}
	}
	return !j.others[j.at(c.start).sentence]
}

// labelBefore reports whether the sentence before the one of a candidate names a code.
func (j judge) labelBefore(c candidate) bool {
	sentence := j.at(c.start).sentence
	for i, reach := c.start-1, 0; i >= 0 && reach < nearReach; i-- {
		t := j.tokens[i]
		j.read++
		if t.sentence < sentence-1 {
			break
		}
		if t.class == announces {
			return true
		}
		reach += len(t.text)
	}
	return false
}
