package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// Columns of the help of a command: fits a terminal that is a little wider than 80.
const (
	helpIndent = 28
	helpWidth  = 100
)

// commandHelp is the help of a command: what it does, examples, and its flags, those
// of its own first and behind them those that every command has that reads a store.
// What the environment says shows nowhere in it.
func commandHelp(c *cli.Command, common map[string]bool) string {
	var own, shared strings.Builder
	for _, f := range c.Flags {
		to := &own
		if common[f.Names()[0]] {
			to = &shared
		}
		writeFlag(to, f)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "recfin %s - %s\n\nUsage: %s\n\n%s\n\n", c.Name, c.Usage, c.UsageText, strings.TrimSpace(c.Description))
	if own.Len() > 0 {
		b.WriteString("Flags:\n" + own.String() + "\n")
	}
	if shared.Len() > 0 {
		b.WriteString("Common flags:\n" + shared.String() + "\n")
	}
	if len(c.Flags) > 0 {
		b.WriteString("Every flag can be set as RECFIN_… in the environment (--time-zone: RECFIN_TIME_ZONE), one value\nto a line where it may be repeated, and in the file of --config. docs/configuration.md tells more.\n")
	}
	return b.String()
}

// writeFlag writes a flag, its value and what it means, in two columns.
func writeFlag(b *strings.Builder, f cli.Flag) {
	r := rowOf(f)
	left := "  --" + r.name
	for _, alias := range f.Names()[1:] {
		left += ", " + strings.Repeat("-", min(2, len(alias))) + alias
	}
	if r.value != "" {
		left += " " + r.value
	}
	meaning := r.meaning
	if r.fallback != "" {
		meaning += " (default: " + r.fallback + ")"
	}
	lines := wrapped(meaning, helpWidth-helpIndent)
	if len(left) >= helpIndent {
		b.WriteString(left + "\n")
		left = ""
	}
	for _, line := range lines {
		fmt.Fprintf(b, "%-*s%s\n", helpIndent, left, line)
		left = ""
	}
}

// wrapped cuts a text into lines of at most so many characters, between words.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// writeHelp gives every command its help. It runs before a command reads the
// environment.
func writeHelp(app *cli.App) {
	common := map[string]bool{flagConfig: true}
	for _, f := range sourceFlags() {
		common[f.Names()[0]] = true
	}
	for _, c := range app.Commands {
		shared := common
		if c.Name == configName { // has all flags, and none of its own
			shared = nil
		}
		c.CustomHelpTemplate = literal(commandHelp(c, shared))
	}
}

// literal is a template that gives the text.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }
