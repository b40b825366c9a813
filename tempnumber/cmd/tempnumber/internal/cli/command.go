package cli

import (
	"slices"
	"strings"

	"github.com/tempnumber/tempnumber-go/tempnumber"
)

// command writes a command of the tool that can be pasted into a shell.
func (p *program) command(words ...string) string {
	if p.flags.baseURL != "" {
		words = append(slices.Clip(words), "--base-url", p.flags.baseURL)
	}
	if p.flags.plainHTTP {
		words = append(slices.Clip(words), "--plain-http")
	}
	if p.settings.mock && words[0] != "recover" {
		words = append(slices.Clip(words), "--mock")
	}
	return shellLine(words)
}

// commandFor writes a command of the tool for an activation.
func (p *program) commandFor(command string, id tempnumber.ActivationID) string {
	return p.command(command, id.String())
}

// again writes the command that was given once more, with a flag that is added or
// given another value.
func (p *program) again(flag ...string) string {
	words := slices.Clone(p.args)
	if len(flag) > 0 {
		for i := 0; i < len(words); i++ {
			switch {
			case words[i] == flag[0]:
				words = slices.Delete(words, i, min(i+len(flag), len(words)))
				i--
			case strings.HasPrefix(words[i], flag[0]+"="):
				words = slices.Delete(words, i, i+1)
				i--
			}
		}
		words = append(words, flag...)
	}
	return shellLine(words)
}

// againInstead writes the command that was given once more, with a word replaced.
func (p *program) againInstead(word, by string) string {
	words := slices.Clone(p.args)
	for i := range words {
		if words[i] == word {
			words[i] = by
		}
		if flag, value, ok := strings.Cut(words[i], "="); ok && value == word {
			words[i] = flag + "=" + by
		}
	}
	return shellLine(words)
}

// another writes the command that orders another number like one.
func (p *program) another(a *tempnumber.Activation) string {
	switch {
	case p.asked.ServiceID != "":
		return p.again()
	case a != nil && a.ServiceID != "" && a.CountryID != "":
		return p.command("order", a.ServiceID, a.CountryID)
	}
	return ""
}

// shellLine writes words as a shell reads them, after the name of the program.
func shellLine(words []string) string {
	line := "tempnumber"
	for _, word := range words {
		line += " " + shellWord(visible(word))
	}
	return line
}

// shellWord quotes a word where a shell would not take it as it is.
func shellWord(word string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%"
	if word != "" && strings.Trim(word, harmless) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
