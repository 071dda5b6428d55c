package main

import (
	"strings"
	"unicode/utf8"
)

// table is a table of Markdown. Its columns are padded, so that it can be read as
// it is.
type table [][]string // the first row is the head

func (t table) String() string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	var text strings.Builder
	for n, row := range t {
		for i, cell := range row {
			text.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + " ")
		}
		text.WriteString("|\n")
		if n > 0 {
			continue
		}
		for _, w := range widths {
			text.WriteString("|" + strings.Repeat("-", w+2))
		}
		text.WriteString("|\n")
	}
	return text.String()
}
