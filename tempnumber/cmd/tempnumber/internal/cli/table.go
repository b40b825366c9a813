package cli

import (
	"io"
	"os"
	"slices"
	"strings"
)

// table is text in columns that fits the terminal it is written to.
type table struct {
	header []string
	right  []bool // which columns stand at their right edge, such as prices
	narrow []int  // columns that may be shortened where there is not enough room
	drop   []int  // columns that are left out where that is not enough, the first first
	style  style
	mark   func(row, column int) func(string) string // how a cell is painted; nil for as it is

	rows [][]string
}

// add adds a row. What comes from outside cannot drive the terminal.
func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = visible(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// gap is how many columns of the terminal stand between two of the table.
const gap = 2

// shortest is the least width of a column that is shortened.
const shortest = 8

// write writes the table, its last column without padding, and returns the names
// of the columns that had no room.
func (t *table) write(w io.Writer) (left []string, err error) {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], widthOf(cell))
		}
	}
	shown := make([]bool, len(t.header))
	for i := range shown {
		shown[i] = true
	}
	if room := columns(w); room > 0 {
		left = t.fit(widths, shown, room)
	}
	var b strings.Builder
	t.line(&b, widths, shown, -1, t.header)
	for i, row := range t.rows {
		t.line(&b, widths, shown, i, row)
	}
	_, err = io.WriteString(w, b.String())
	return left, err
}

// fit makes the table as narrow as the terminal: it shortens columns, and then
// leaves some out, whose names it returns.
func (t *table) fit(widths []int, shown []bool, room int) (left []string) {
	over := func() int {
		total := -gap
		for i, width := range widths {
			if shown[i] {
				total += width + gap
			}
		}
		return total - room
	}
	full := slices.Clone(widths)
	for next := 0; ; next++ {
		copy(widths, full)
		for _, i := range t.narrow {
			if too := over(); shown[i] && too > 0 {
				widths[i] = max(min(shortest, widths[i]), widths[i]-too)
			}
		}
		if over() <= 0 || next == len(t.drop) {
			return left
		}
		shown[t.drop[next]] = false
		if name := t.header[t.drop[next]]; name != "" {
			left = append(left, name)
		}
	}
}

func (t *table) line(b *strings.Builder, widths []int, shown []bool, row int, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		if !shown[i] {
			continue
		}
		cell = cut(cell, widths[i])
		padding := strings.Repeat(" ", widths[i]-widthOf(cell))
		if row >= 0 && t.mark != nil {
			if paint := t.mark(row, i); paint != nil {
				cell = paint(cell)
			}
		}
		if i < len(t.right) && t.right[i] {
			line.WriteString(padding + cell)
		} else {
			line.WriteString(cell + padding)
		}
		line.WriteString(strings.Repeat(" ", gap))
	}
	text := strings.TrimRight(line.String(), " ")
	if row < 0 {
		text = t.style.bold(text)
	}
	b.WriteString(text + "\n")
}

// printTable writes a table, and says what had no room in it.
func (p *program) printTable(w io.Writer, t *table) error {
	t.style = p.env.styleOf(w)
	left, err := t.write(w)
	if err == nil && len(left) > 0 {
		p.console.note("no room for %s; a wider window or -o jsonl shows it", strings.Join(left, ", "))
	}
	return err
}

// detail is one thing to know about something.
type detail struct {
	name, value string
	marked      bool // it is what people look for
}

// writeDetails writes what is known, one thing to a line, broken where the terminal
// is narrow.
func writeDetails(w io.Writer, s style, details []detail) error {
	width := 0
	for _, d := range details {
		width = max(width, widthOf(d.name))
	}
	var b strings.Builder
	for _, d := range details {
		if d.value == "" {
			continue
		}
		label := pad(d.name, width) + "  "
		text := strings.TrimPrefix(hanging(label, visible(d.value), columns(w)), label)
		if d.marked {
			text = s.marked(text)
		}
		b.WriteString(s.bold(d.name) + label[len(d.name):] + text + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// frame is what a command writes, kept until it is shown on a terminal as a whole.
type frame struct {
	strings.Builder
	file *os.File // the terminal; nil for none
}

// screen returns the terminal that the frame is for.
func (f *frame) screen() *os.File { return f.file }
