//go:build unix

package main

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// rendered is what a terminal of so many columns shows in the end of what was written
// to it: it knows line ends, carriage returns, the sequences that this program
// writes, and what wraps at its edge. Colours are left out.
func rendered(written string, columns int) string {
	lines, row, column := [][]string{nil}, 0, 0
	put := func(cluster string, width int) {
		if column+width > columns {
			row, column = row+1, 0
		}
		for len(lines) <= row {
			lines = append(lines, nil)
		}
		for len(lines[row]) < column+width {
			lines[row] = append(lines[row], " ")
		}
		lines[row][column] = cluster
		for i := 1; i < width; i++ {
			lines[row][column+i] = ""
		}
		column += width
	}
	sequence := regexp.MustCompile(`^\x1b\[(\d*)(?:;\d+)*([A-Za-z])`)
	for written != "" {
		if found := sequence.FindStringSubmatch(written); found != nil {
			written = written[len(found[0]):]
			switch found[2] {
			case "K": // erase to the end of the line
				lines[row] = lines[row][:min(column, len(lines[row]))]
			case "J": // and all lines below
				lines[row] = lines[row][:min(column, len(lines[row]))]
				lines = lines[:row+1]
			case "A": // go up
				n, _ := strconv.Atoi(found[1])
				row = max(0, row-n)
			}
			continue
		}
		switch r, size := utf8.DecodeRuneInString(written); r {
		case '\n':
			if row++; len(lines) <= row {
				lines = append(lines, nil)
			}
			written = written[size:]
		case '\r':
			column = 0
			written = written[size:]
		default:
			end := strings.IndexAny(written, "\r\n\x1b")
			if end == 0 { // an unknown sequence is shown
				end = size
			}
			if end < 0 {
				end = len(written)
			}
			text := uniseg.NewGraphemes(written[:end])
			for text.Next() {
				put(text.Str(), text.Width())
			}
			written = written[end:]
		}
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(strings.Join(line, ""), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
