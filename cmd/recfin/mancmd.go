package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

// manCommand prints the manual page (make man). It is hidden: who packages recfin
// calls it once.
func manCommand() *cli.Command {
	return &cli.Command{
		Name:      "man",
		Usage:     "the manual page, for man -l -",
		UsageText: "recfin man",
		Hidden:    true,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("man takes no argument (got %s)", echo(c.Args().First()))
			}
			info, _ := debug.ReadBuildInfo()
			_, err := io.WriteString(c.App.Writer, manPage(c.App, buildOf(info)))
			return err
		},
	}
}

// manPage is recfin(1) in the man macros (groff_man(7)).
func manPage(app *cli.App, b build) string {
	var m roff
	day, _, _ := strings.Cut(b.Time, "T")
	m.macro(`.TH RECFIN 1 "%s" "recfin %s" "User Commands"`, escaped(day), escaped(b.Version))
	m.macro(".SH NAME")
	m.text("recfin - " + app.Usage)
	m.macro(".SH SYNOPSIS")
	m.macro(".B recfin")
	m.text(strings.TrimPrefix(app.UsageText, "recfin "))
	m.macro(".SH DESCRIPTION")
	m.text(app.Description)
	m.macro(".SH COMMANDS")
	for _, c := range app.VisibleCommands() {
		if c.Name == "help" {
			continue
		}
		m.macro(".SS %s", escaped(strings.Join(usageLines(c), ", ")))
		m.text(strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + ".")
		about, _, _ := strings.Cut(c.Description, "Exit codes:")
		m.verbatim(strings.TrimSpace(about))
		var names []string
		for _, f := range c.Flags {
			names = append(names, "--"+f.Names()[0])
		}
		switch {
		case c.Name == configName:
			m.paragraph("Flags: those of all other commands.")
		case len(names) > 0:
			m.paragraph("Flags: " + strings.Join(names, ", ") + ".")
		}
	}
	m.flags(flagRows(app))
	m.macro(".SH ENVIRONMENT")
	m.text("Every flag can be set by the variable that is named with it; a flag on the command line wins. A repeatable one has one value to a line there. " +
		"Credentials come from the usual variables and files of AWS (AWS_ACCESS_KEY_ID, AWS_PROFILE ...), unless the URL of a store has them. GOMEMLIMIT and GOGC have the last word about memory.")
	m.macro(".SH FILES")
	m.text("A file for --config is YAML: the names of flags without dashes, and their values as on the command line; a repeatable flag takes a list as well. " +
		"Flags and the environment win over it. Names that no flag has are refused. recfin config prints such a file.")
	m.verbatim("store: [s3://live/streams, s3://backup/streams]\nformat: hls,mp4\nsettle: 45m\ndelete: leftovers")
	m.macro(".SH EXIT STATUS")
	_, codes, _ := strings.Cut(exitHelp, "\n")
	for _, line := range strings.Split(strings.TrimSpace(codes), "\n") {
		code, meaning, _ := strings.Cut(strings.TrimSpace(line), " ")
		m.macro(".TP")
		m.macro(".B %s", code)
		m.text(strings.TrimSpace(meaning))
	}
	return m.String()
}

// usageLines are the forms of a command.
func usageLines(c *cli.Command) []string {
	var all []string
	for _, line := range strings.Split(c.UsageText, "\n") {
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

// flags lists every flag once.
func (m *roff) flags(rows []flagRow) {
	m.macro(".SH OPTIONS")
	for _, r := range rows {
		m.macro(".TP")
		if r.value == "" {
			m.macro(".B %s", escaped("--"+r.name))
		} else {
			m.macro(`.BI "%s " "%s"`, escaped("--"+r.name), escaped(r.value))
		}
		text := r.meaning + "."
		if r.fallback != "" {
			text += " Default: " + r.fallback + "."
		}
		text += " Environment: " + r.variable + "."
		if !r.inFile {
			text += " Not in a file."
		}
		m.text(text + " Of " + strings.Join(r.commands, ", ") + ".")
	}
}

// roff is text with the macros of man.
type roff struct{ strings.Builder }

// macro writes a line that begins with a macro.
func (m *roff) macro(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// text writes words that may be filled.
func (m *roff) text(text string) {
	line := ""
	for _, word := range strings.Fields(text) {
		word = escaped(word)
		if line != "" && len(line)+1+len(word) > 78 {
			m.WriteString(noMacro(line) + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	m.WriteString(noMacro(line) + "\n")
}

func (m *roff) paragraph(text string) {
	m.macro(".PP")
	m.text(text)
}

// verbatim writes lines that stay as they are.
func (m *roff) verbatim(text string) {
	m.macro(".PP\n.nf")
	for _, line := range strings.Split(text, "\n") {
		m.WriteString(noMacro(escaped(line)) + "\n")
	}
	m.macro(".fi")
}

// escaped is a text in which nothing is an escape of roff, and a dash is the one that
// is typed.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\[u2026]`, "–", `\(en`, "^", `\(ha`, "~", `\(ti`, "`", `\(ga`, "'", `\(aq`, `"`, `\(dq`).Replace(text)
}

// noMacro is a line that is none of macros.
func noMacro(line string) string {
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}
