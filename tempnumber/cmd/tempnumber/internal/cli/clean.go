package cli

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes text from outside harmless in a line of a terminal or a log:
// control characters, which could move the cursor or forge lines, and characters
// that change the direction of what follows become a dot, line ends a space.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return visibleRune(r)
	}, s)
}

// visibleLines is visible for a text of several lines.
func visibleLines(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\t':
			return r
		case '\u2028', '\u2029':
			return '\n'
		}
		return visibleRune(r)
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

func visibleRune(r rune) rune {
	const joiner, nonJoiner = '\u200d', '\u200c' // parts of emoji and of Persian words
	hidden := unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner
	if hidden || r == utf8.RuneError {
		return '·'
	}
	return r
}

// cell makes text from outside harmless in a cell of CSV: a spreadsheet takes what
// begins with one of =+-@ for a formula, so an apostrophe is put before it. Numbers,
// phone numbers too, stay as they are.
func cell(s string) string {
	s = visibleLines(s)
	trimmed := strings.TrimLeft(s, " \t\n")
	if trimmed == "" || !strings.ContainsRune("=+-@", rune(trimmed[0])) {
		return s
	}
	if number := trimmed[1:]; trimmed[0] != '=' && trimmed[0] != '@' && number != "" && strings.Trim(number, "0123456789. ()-") == "" {
		return s
	}
	return "'" + s
}

// escapeHidden writes the characters that visible replaces as escapes of JSON,
// which means the same, and what GitHub's runner takes for a command anywhere in a
// line.
func escapeHidden(json []byte) []byte {
	var b strings.Builder
	for i, r := range string(json) {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r == '#' && strings.HasPrefix(string(json[i:min(i+3, len(json))]), "##["):
			b.WriteString(`\u0023`)
		case r != '·' && visibleRune(r) == '·' && r != utf8.RuneError:
			const hex = "0123456789abcdef"
			for _, unit := range utf16Of(r) {
				b.WriteString(`\u` + string([]byte{hex[unit>>12], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15]}))
			}
		default:
			b.WriteRune(r)
		}
	}
	return []byte(b.String())
}

// utf16Of returns the units of a character in UTF-16, which JSON escapes stand for.
func utf16Of(r rune) []uint16 {
	if r < 0x10000 {
		return []uint16{uint16(r)}
	}
	r -= 0x10000
	return []uint16{uint16(0xd800 + r>>10), uint16(0xdc00 + r&0x3ff)}
}

// defusingWriter is a stream whose lines GitHub's runner reads. Texts from outside
// must not become commands: a backslash is put into what would be one. Each write
// holds whole lines.
type defusingWriter struct{ w io.Writer }

// Write writes lines.
func (d defusingWriter) Write(p []byte) (int, error) {
	lines := strings.SplitAfter(string(p), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") {
			line = strings.Replace(line, "::", `\::`, 1)
		}
		lines[i] = strings.ReplaceAll(line, "##[", `#\#[`)
	}
	if _, err := io.WriteString(d.w, strings.Join(lines, "")); err != nil {
		return 0, err
	}
	return len(p), nil
}
