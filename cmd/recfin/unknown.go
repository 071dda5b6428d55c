package main

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// noTopic is wrong usage: help of a command that there is not.
func noTopic(app *cli.App, args []string) error {
	if len(args) < 3 || args[1] != "help" && args[1] != "h" || app.Command(args[2]) != nil || strings.HasPrefix(args[2], "-") {
		return nil
	}
	return noCommand(app, args[2])
}

// noCommand is wrong usage: there is no such command.
func noCommand(app *cli.App, name string) error {
	var known []string
	for _, c := range app.VisibleCommands() {
		known = append(known, c.Name)
	}
	return usagef("there is no command %s%s (recfin --help lists them)", echo(name), didYouMean(name, "", known))
}

// undefined begins what the flag package says of a flag that there is not.
const undefined = "flag provided but not defined: -"

// wrongFlags is wrong usage: the flags of a command line could not be read.
func wrongFlags(c *cli.Context, err error, _ bool) error {
	name, ok := strings.CutPrefix(err.Error(), undefined)
	if !ok {
		return usagef("%s", wrongValue(c, plainDashes(err.Error())))
	}
	if name == "version" && c.App.Command(c.Command.Name) == nil {
		return usagef("recfin has no flag --version: did you mean recfin version?")
	}
	var known, others []string
	for _, cmd := range c.App.VisibleCommands() {
		for _, f := range cmd.Flags {
			switch {
			case cmd == c.Command:
				known = append(known, f.Names()...)
			case slices.Contains(f.Names(), name) && cmd.Name != configName && name != "help" && name != "h":
				others = append(others, cmd.Name)
			}
		}
	}
	switch {
	case c.App.Command(c.Command.Name) == nil && len(others) > 0: // of the program itself
		return usagef("--%s stands behind the command: recfin %s --%s", name, others[0], name)
	case len(others) > 0:
		return usagef("%s has no flag --%s: %s", c.Command.Name, name, have(others))
	}
	return usagef("%s has no flag --%s%s (recfin %s--help lists them)", c.Command.Name, echo(name), didYouMean(name, "--", known), behind(c))
}

// aboutFlag finds the flag in what the flag packages say of a value, on the command
// line or in the environment.
var aboutFlag = regexp.MustCompile(`(?:parse|invalid) .* for (?:flag )?-{0,2}([a-z0-9-]+): .*$`)

// wrongValue says what a flag takes, in place of why its value could not be parsed.
func wrongValue(c *cli.Context, text string) string {
	m := aboutFlag.FindStringSubmatchIndex(text)
	if m == nil {
		return text
	}
	name := text[m[2]:m[3]]
	for _, f := range c.Command.Flags {
		if slices.Contains(f.Names(), name) {
			return text[:m[3]] + ": want " + wanted(f, errors.New(strings.TrimPrefix(text[m[3]:], ": ")))
		}
	}
	return text
}

// have says which commands have a flag.
func have(commands []string) string {
	if len(commands) == 1 {
		return commands[0] + " has"
	}
	return strings.Join(commands[:len(commands)-1], ", ") + " and " + commands[len(commands)-1] + " have"
}

// behind is the name of the command with a space; nothing for the program itself.
func behind(c *cli.Context) string {
	if c.App.Command(c.Command.Name) == nil {
		return ""
	}
	return c.Command.Name + " "
}

// plainDashes writes flags the way the help does: the flag package knows one dash.
func plainDashes(text string) string {
	return strings.NewReplacer("for flag -", "for flag --", "for -", "for flag --", "argument: -", "argument: --").Replace(text)
}
