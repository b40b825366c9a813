package cli

import (
	"io"
	"strings"
	"unicode/utf8"
)

// table is text in columns.
type table struct {
	header []string
	right  []bool // which columns stand at their right edge, such as prices
	rows   [][]string
	style  style
}

// add adds a row. What comes from outside cannot drive the terminal.
func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = visible(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// write writes the table, its last column without padding.
func (t *table) write(w io.Writer) error {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	t.line(&b, widths, t.header, t.style.bold)
	for _, row := range t.rows {
		t.line(&b, widths, row, func(s string) string { return s })
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) line(b *strings.Builder, widths []int, cells []string, style func(string) string) {
	var line strings.Builder
	for i, cell := range cells {
		padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if i > 0 {
			line.WriteString("  ")
		}
		if i < len(t.right) && t.right[i] {
			line.WriteString(padding + cell)
		} else {
			line.WriteString(cell + padding)
		}
	}
	b.WriteString(style(strings.TrimRight(line.String(), " ")) + "\n")
}

// detail is one thing to know about something.
type detail struct{ name, value string }

// writeDetails writes what is known, one thing to a line.
func writeDetails(w io.Writer, s style, details []detail) error {
	width := 0
	for _, d := range details {
		width = max(width, utf8.RuneCountInString(d.name))
	}
	var b strings.Builder
	for _, d := range details {
		if d.value == "" {
			continue
		}
		padding := strings.Repeat(" ", width-utf8.RuneCountInString(d.name))
		b.WriteString(s.bold(d.name) + padding + "  " + visible(d.value) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
