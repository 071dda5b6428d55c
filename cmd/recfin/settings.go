package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// settings knows where the flags of one command line have their values from.
type settings struct {
	given map[string]bool   // by name of a flag: it stands on the command line
	env   map[string]string // by name of a flag: the variable that it is from
	file  *configFile       // nil without one
}

// settingsKey is where an app keeps its settings (cli.App.Metadata).
const settingsKey = "settings"

func settingsOf(app *cli.App) *settings { return app.Metadata[settingsKey].(*settings) }

// configure lets every command that has flags take them from a file as well, but for
// version, which is asked when something is wrong.
func configure(app *cli.App) {
	app.Metadata = map[string]any{settingsKey: &settings{}}
	for _, c := range app.Commands {
		if len(c.Flags) == 0 || c.Name == versionName {
			continue
		}
		c.Flags = append(c.Flags, configFlag())
		c.Before = fromFile
	}
}

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: flagConfig, Usage: "read flags from a YAML `FILE` (settle: 30m); those on the command line and in the environment win", EnvVars: env(flagConfig)}
}

// fromFile gives the flags of a command that stand neither on the command line nor
// in the environment the values that the configuration file has for them. It takes
// every value the way the flag itself does.
func fromFile(c *cli.Context) error {
	s := settingsOf(c.App)
	s.env = map[string]string{}
	for _, f := range c.Command.Flags {
		if f.IsSet() { // before anything is set from the file: by the environment
			s.env[f.Names()[0]] = variable(f)
		}
	}
	path := c.String(flagConfig)
	if path == "" {
		return nil
	}
	file, err := readConfig(path)
	if err != nil {
		return err
	}
	if err := file.check(allFlags(c.App)); err != nil {
		return err
	}
	s.file = file
	for _, f := range c.Command.Flags {
		one := file.find(f.Names()[0])
		if one == nil || c.IsSet(f.Names()[0]) {
			continue
		}
		if err := file.apply(c, f, one); err != nil {
			return err
		}
	}
	return nil
}

// apply sets a flag to what the file says.
func (f *configFile) apply(c *cli.Context, flag cli.Flag, one *setting) error {
	names := flag.Names()
	if repeatable(flag) {
		names = names[:1] // the others share its list
	}
	for _, v := range one.values {
		for _, name := range names {
			if err := c.Set(name, v.text); err != nil {
				return f.wrong(v.line, "%s %s: want %s", one.key, quoted(one.key, v.text), wanted(flag, err))
			}
		}
	}
	return nil
}

// variable is the first variable of the environment that a flag is read from.
func variable(f cli.Flag) string {
	if d, ok := f.(cli.DocGenerationFlag); ok && len(d.GetEnvVars()) > 0 {
		return d.GetEnvVars()[0]
	}
	return ""
}

// repeatable reports whether a flag takes several values.
func repeatable(f cli.Flag) bool {
	s, ok := f.(cli.DocGenerationSliceFlag)
	return ok && s.IsSliceFlag()
}

// quoted is a value in a message; one that may hold a secret is not repeated.
func quoted(name, value string) string {
	if isURL(name) || strings.Contains(value, "@") {
		return "(not repeated here)"
	}
	return fmt.Sprintf("%q", printable(value))
}

// wanted says what a flag takes that did not take a value.
func wanted(f cli.Flag, err error) string {
	switch f.(type) {
	case *cli.BoolFlag:
		return "true or false"
	case *cli.DurationFlag:
		return "a duration such as 30m or 24h"
	case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag, *cli.Uint64Flag:
		return "a whole number"
	case *cli.Float64Flag:
		return "a number"
	}
	return "another one (" + err.Error() + ")"
}

// allFlags are the flags of all commands, each name once, in their order.
func allFlags(app *cli.App) []cli.Flag {
	var all []cli.Flag
	seen := map[string]bool{"help": true}
	for _, c := range app.Commands {
		for _, f := range c.Flags {
			if name := f.Names()[0]; !seen[name] {
				seen[name] = true
				all = append(all, f)
			}
		}
	}
	return all
}

// oneRun are flags that are about one run, or about a recording that somebody has
// just looked at. In a file they would hold for every run from then on, unseen.
var oneRun = map[string]string{
	flagConfig:   "a file names no other one",
	flagForce:    "it is for a recording that somebody has just looked at",
	flagAccept:   "it is for a recording that somebody has just looked at",
	flagAs:       "it is about the IDs beside it",
	flagIDs:      "it is about the input of one run",
	flagFrom:     "a nightly run that looks at some days alone would leave out all others",
	flagTo:       "a nightly run that looks at some days alone would leave out all others",
	flagExplain:  "it is about one question",
	flagExitZero: "it holds even where the file cannot be read",
	flagOutput:   "it is about the output of one run",
}

// check holds the keys and the kinds of values against the flags there are.
func (f *configFile) check(known []cli.Flag) error {
	byName := map[string]cli.Flag{}
	var names []string
	for _, k := range known {
		byName[k.Names()[0]] = k
		names = append(names, k.Names()[0])
	}
	for _, one := range f.settings {
		flag, ok := byName[one.key]
		if !ok {
			return f.wrong(one.line, "%s is no flag of any command%s", echoKey(one.key), didYouMean(one.key, "", names))
		}
		if why := oneRun[one.key]; why != "" {
			return f.wrong(one.line, "%s does not belong in a file: %s", one.key, why)
		}
		if one.list && !repeatable(flag) {
			return f.wrong(one.line, "%s takes one value, not a list", one.key)
		}
		_, isText := flag.(*cli.StringFlag)
		for _, v := range one.values {
			if (isText || repeatable(flag)) && v.kind == "!!bool" {
				return f.wrong(v.line, "%s: want text; if %s is meant, put it in quotes", one.key, printable(v.text))
			}
			if !isURL(one.key) && credentialed.MatchString(v.text) {
				return f.wrong(v.line, "%s holds a URL with credentials: %s may", one.key, urlFlags)
			}
		}
	}
	return nil
}
