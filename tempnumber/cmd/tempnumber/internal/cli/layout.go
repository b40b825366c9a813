package cli

import (
	"regexp"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// columns returns the width of the terminal behind a stream, 0 when there is none.
func columns(stream any) int {
	f := terminal(stream)
	if f == nil {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// widthOf returns how many columns a text takes on a terminal: a Chinese character
// takes two, a combining accent none.
func widthOf(text string) int { return uniseg.StringWidth(text) }

// cut shortens a text to a number of columns, and says so by an ellipsis.
func cut(text string, columns int) string {
	if widthOf(text) <= columns {
		return text
	}
	head, _ := split(text, max(columns-1, 0))
	return strings.TrimRight(head, " ") + "…"
}

// split divides a text after at most so many columns, between two characters as
// people see them.
func split(text string, columns int) (head, rest string) {
	rest = text
	state, taken := -1, 0
	for rest != "" {
		cluster, after, width, next := uniseg.FirstGraphemeClusterInString(rest, state)
		if taken+width > columns {
			break
		}
		head, rest, taken, state = head+cluster, after, taken+width, next
	}
	return head, rest
}

// pad fills a text with spaces up to a number of columns.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-widthOf(text)))
}

// narrowest is the least width that texts are broken for.
const narrowest = 16

// wrap breaks a text into lines of at most so many columns, at spaces, and a word
// that is longer than a line anywhere. 0 columns means one line.
func wrap(text string, columns int) []string {
	if columns <= 0 || widthOf(text) <= columns {
		return []string{text}
	}
	columns = max(columns, narrowest)
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case widthOf(line)+1+widthOf(word) <= columns:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
		for widthOf(line) > columns {
			head, rest := split(line, columns)
			lines = append(lines, head)
			line = rest
		}
	}
	return append(lines, line)
}

// hanging wraps a text that stands behind a label: the lines after the first are
// indented as wide as the label is. columns is the width of the terminal, 0 for none.
func hanging(label, text string, columns int) string {
	indent := widthOf(label)
	if columns <= 0 {
		return label + text
	}
	return label + strings.Join(wrap(text, columns-indent), "\n"+strings.Repeat(" ", indent))
}

// listed is the first column of a line of a list, "  bought     the order bought …",
// and columnGap is what stands between columns.
var (
	listed    = regexp.MustCompile(`^ +\S+ {2,}`)
	columnGap = regexp.MustCompile(` {2,}`)
)

// reflow breaks the paragraphs of a help text for a narrow terminal, and the second
// column of lists. Other lines that are indented stay whole, since they are to be
// copied: commands, or pieces of a file.
func reflow(text string, columns int) string {
	if columns <= 0 || widest(text) <= columns {
		return text
	}
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, wrap(strings.Join(paragraph, " "), columns)...)
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "":
			flush()
			out = append(out, "")
		case strings.HasPrefix(line, " "):
			flush()
			label := listed.FindString(line)
			if label == "" || widthOf(line) <= columns {
				out = append(out, line)
				continue
			}
			rest := strings.ReplaceAll(columnGap.ReplaceAllString(line[len(label):], "; "), ";;", ";")
			if widthOf(label) > columns/2 {
				out = append(out, strings.TrimRight(label, " "))
				label = "    "
			}
			out = append(out, hanging(label, rest, columns))
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return strings.Join(out, "\n")
}

// widest returns the width of the longest line of a text.
func widest(text string) int {
	most := 0
	for line := range strings.SplitSeq(text, "\n") {
		most = max(most, widthOf(line))
	}
	return most
}
