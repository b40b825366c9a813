package cli

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/smscode"
)

// extraction says which code is wanted of an SMS.
type extraction struct {
	match  string
	digits int

	expression *regexp.Regexp
}

func (e *extraction) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&e.match, "match", "", "take the code by a `REGEX` on the message: its first group, else the whole match")
	cmd.Flags().IntVar(&e.digits, "digits", 0, "take a code of exactly `N` digits")
}

// check reads the flags, before anything is bought.
func (e *extraction) check() error {
	if e.match != "" && e.digits != 0 {
		return usage("--match and --digits say different things; give one of them")
	}
	if e.digits < 0 || e.digits == 1 || e.digits == 2 || e.digits > 10 {
		return usage("--digits %d: codes have 3 to 10 digits", e.digits)
	}
	if e.match == "" {
		return nil
	}
	var err error
	if e.expression, err = regexp.Compile(e.match); err != nil {
		return usage("--match: %v", err)
	}
	return nil
}

// asked reports whether a certain code is wanted, so that none is a failure.
func (e *extraction) asked() bool { return e.expression != nil || e.digits > 0 }

// code returns the code of an activation's SMS: as the flags say, else the service's
// where it stands in the text, else what the text announces. It is empty when there
// is none.
func (e *extraction) code(a *tempnumber.Activation) string {
	switch {
	case e.expression != nil:
		return firstMatch(a.Message, e.expression)
	case e.digits > 0:
		if code := string(a.Code); len(code) == e.digits && strings.Trim(code, "0123456789") == "" {
			return code
		}
		return smscode.FindDigits(a.Message, e.digits)
	case a.Code != "":
		// A code that does not stand in the text is not what the user can type.
		if found := smscode.Find(a.Message); found != "" && !standsIn(a.Message, string(a.Code)) {
			return found
		}
		return string(a.Code)
	}
	return smscode.Find(a.Message)
}

// standsIn reports whether a word stands in a text by itself, not as a part of a
// longer word or number.
func standsIn(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsLetter(before) && !unicode.IsDigit(before) && !unicode.IsLetter(after) && !unicode.IsDigit(after) {
			return true
		}
		at = end
	}
}

// codeIfAny is code for an activation whose SMS may not have come yet.
func (e *extraction) codeIfAny(a *tempnumber.Activation) string {
	if a.Message == "" && a.Code == "" {
		return ""
	}
	return e.code(a)
}

// missing is the error for an SMS without the code that is wanted. It holds no
// part of the message.
func (e *extraction) missing(id tempnumber.ActivationID) error {
	what := "the SMS of activation %v has no code"
	switch {
	case e.expression != nil:
		what = "--match finds nothing in the SMS of activation %v"
	case e.digits > 0:
		what = fmt.Sprintf("the SMS of activation %%v has no code of %d digits", e.digits)
	}
	return &activationError{errNoCode, id, fmt.Sprintf(what, id)}
}

// firstMatch returns what an expression finds in a text: its first group where it
// has one, else all that it matches, and "" when nothing matches.
func firstMatch(text string, expression *regexp.Regexp) string {
	found := expression.FindStringSubmatch(text)
	switch {
	case found == nil:
		return ""
	case len(found) > 1:
		return found[1]
	}
	return found[0]
}
