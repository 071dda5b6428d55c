package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

// choices are the values of flags that take one of a few.
func choices() map[string][]string {
	return map[string][]string{
		flagLayout:    finalize.LayoutNames(),
		flagDurations: {"auto", "trust", "probe"},
		flagSplit:     {"never", "midnight"},
		flagHoles:     {"close", "keep"},
		flagFormat:    {"hls", "mp4", "hls,mp4"},
		flagHLS:       {"reference", "copy", "single"},
		flagDelete:    {"none", "leftovers", "sources"},
		flagLogLevel:  {"auto", "debug", "info", "warn", "error"},
		flagLogFormat: {"auto", "text", "json"},
		flagProgress:  {"auto", "always", "never"},
		flagShard:     {"auto"},
	}
}

// complete gives what the last of some words can become; the words before it, and
// that one as far as it is typed, are those of a command line without the program.
// Nothing where a file or an ID may stand: that is left to the shell.
func complete(app *cli.App, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	typed := words[len(words)-1]
	if len(words) == 1 {
		return beginning(typed, append(commandNames(app), "help", "--help"))
	}
	if words[0] == "help" || words[0] == "h" {
		if len(words) > 2 {
			return nil
		}
		return beginning(typed, commandNames(app))
	}
	cmd := app.Command(words[0])
	if cmd == nil || slices.Contains(words[1:len(words)-1], "--") {
		return nil
	}
	if flag := openFlag(cmd, words[1:len(words)-1]); flag != nil {
		return beginning(typed, choices()[flag.Names()[0]])
	}
	if !strings.HasPrefix(typed, "-") {
		if cmd.Name == completionName {
			return beginning(typed, shells())
		}
		return nil
	}
	if flag, value, ok := strings.Cut(typed, "="); ok {
		var all []string
		if f := flagOf(cmd, strings.TrimLeft(flag, "-")); f != nil {
			for _, v := range beginning(value, choices()[f.Names()[0]]) {
				all = append(all, flag+"="+v)
			}
		}
		return all
	}
	return beginning(typed, freeFlags(cmd, words[1:len(words)-1]))
}

// beginning are the words that begin like what is typed.
func beginning(typed string, words []string) []string {
	var some []string
	for _, w := range words {
		if strings.HasPrefix(w, typed) {
			some = append(some, w)
		}
	}
	return some
}

func commandNames(app *cli.App) []string {
	var all []string
	for _, c := range app.VisibleCommands() {
		if c.Name != "help" {
			all = append(all, c.Name)
		}
	}
	return all
}

// flagOf is the flag of a command with a name; nil if there is none.
func flagOf(cmd *cli.Command, name string) cli.Flag {
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// openFlag is the flag whose value comes next; nil if none waits for one.
func openFlag(cmd *cli.Command, words []string) cli.Flag {
	var open cli.Flag
	for _, w := range words {
		if open != nil {
			open = nil
			continue
		}
		if name, dashed := flagName(w); dashed && !hasValue(w) {
			if f := flagOf(cmd, name); f != nil && takesValue(f) {
				open = f
			}
		}
	}
	return open
}

func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

// freeFlags are the flags that may stand behind some words: those that do not stand
// there, and those that may stand there again.
func freeFlags(cmd *cli.Command, words []string) []string {
	used := map[string]bool{}
	for _, w := range words {
		if name, dashed := flagName(w); dashed {
			used[name] = true
		}
	}
	all := []string{}
	for _, f := range cmd.Flags {
		for _, name := range f.Names() {
			dashes := "--"
			if len(name) == 1 {
				dashes = "-"
			}
			if repeatable(f) || !slices.ContainsFunc(f.Names(), func(n string) bool { return used[n] }) {
				all = append(all, dashes+name)
			}
		}
	}
	if !slices.Contains(all, "--help") {
		all = append(all, "--help")
	}
	return all
}
