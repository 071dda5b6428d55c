package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"
)

// configName is the command that has all flags, so that it is no example of one.
const configName = "config"

// configCommand takes the flags of all commands before it.
func configCommand(flags []cli.Flag) *cli.Command {
	return &cli.Command{
		Name:        configName,
		Usage:       "the settings that hold here, and where each comes from",
		UsageText:   "recfin config [flags]",
		Description: configHelp,
		Flags:       flags,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("config takes no arguments (got %s)", echo(c.Args().First()))
			}
			e := effectiveOf(c)
			if err := e.print(c.App.Writer, c.Bool(flagJSON)); err != nil {
				return err
			}
			if _, err := newLogger(io.Discard, c.String(flagLogFormat), c.String(flagLogLevel)); err != nil {
				return err
			}
			_, err := options(c)
			return err
		},
	}
}

// Where a value comes from.
const (
	fromFlag        = "flag"
	fromEnvironment = "environment"
	fromConfig      = "file"
	fromDefault     = "default"
)

// effective are the settings that hold, without secrets. It is what recfin config
// prints with --json.
type effective struct {
	Version   int            `json:"version"`        // of this form
	File      string         `json:"file,omitempty"` // that of --config
	Settings  []oneEffective `json:"settings"`       // all flags of all commands
	Variables []strangeJSON  `json:"unknown_variables,omitempty"`
}

type oneEffective struct {
	Flag     string `json:"flag"`
	Value    any    `json:"value"` // bool, number, text (durations too) or list of texts
	From     string `json:"from"`
	Variable string `json:"variable,omitempty"` // from the environment
	Line     int    `json:"line,omitempty"`     // from the file
	Hidden   bool   `json:"hidden,omitempty"`   // a part of the value is not shown
}

type strangeJSON struct {
	Name  string `json:"name"`
	Meant string `json:"did_you_mean,omitempty"`
}

// effectiveOf reads the settings of the command line that is running.
func effectiveOf(c *cli.Context) effective {
	s := settingsOf(c.App)
	e := effective{Version: 1, Settings: []oneEffective{}}
	if s.file != nil {
		e.File = s.file.path
	}
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if name == flagConfig || name == "help" {
			continue
		}
		one := oneEffective{Flag: name, From: fromDefault}
		switch set := s.file.find(name); {
		case s.given[name]:
			one.From = fromFlag
		case s.env[name] != "":
			one.From, one.Variable = fromEnvironment, s.env[name]
		case set != nil:
			one.From, one.Line = fromConfig, set.line
		}
		one.Value, one.Hidden = shownValue(c, f)
		e.Settings = append(e.Settings, one)
	}
	for _, v := range strangeVariables(c.App) {
		e.Variables = append(e.Variables, strangeJSON{v.name, v.meant})
	}
	return e
}

// shownValue is the value of a flag without secrets.
func shownValue(c *cli.Context, f cli.Flag) (value any, hidden bool) {
	name := f.Names()[0]
	if repeatable(f) {
		all := []string{}
		for _, v := range values(c, name) {
			text, part := withoutSecrets(name, v)
			all, hidden = append(all, text), hidden || part
		}
		return all, hidden
	}
	switch v := c.Value(name).(type) {
	case bool, int, int64, uint, uint64, float64:
		return v, false
	case time.Duration:
		return shortDuration(v), false
	case string:
		return withoutSecrets(name, v)
	default:
		return withoutSecrets(name, fmt.Sprint(v))
	}
}

// shortDuration leaves out what is nothing: 30m for 30m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// print writes the settings as JSON, or as YAML that is good for --config.
func (e effective) print(w io.Writer, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return out.Encode(e)
	}
	var b strings.Builder
	b.WriteString("# What holds here, and where it comes from. As a file for --config it means the same.\n")
	if e.File != "" {
		fmt.Fprintf(&b, "# file: %s\n", printable(e.File))
	}
	var unset, once []string
	for _, s := range e.Settings {
		switch {
		case s.From == fromDefault && (oneRun[s.Flag] != "" || s.empty()):
			unset = append(unset, s.Flag)
		case oneRun[s.Flag] != "":
			once = append(once, fmt.Sprintf("# %s: %v (%s; not for a file)\n", s.Flag, s.Value, s.where(e.File)))
		default:
			text, err := s.yaml(e.File)
			if err != nil {
				return err
			}
			b.WriteString(text)
		}
	}
	for _, line := range once {
		b.WriteString(line)
	}
	if len(unset) > 0 {
		fmt.Fprintf(&b, "# not set: %s\n", strings.Join(unset, ", "))
	}
	for _, v := range e.Variables {
		line := "# no flag reads " + printable(v.Name)
		if v.Meant != "" {
			line += ": did you mean " + v.Meant + "?"
		}
		b.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// empty reports whether there is no value.
func (s oneEffective) empty() bool {
	switch v := s.Value.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	}
	return false
}

// where says where the value comes from.
func (s oneEffective) where(file string) string {
	text := s.From
	switch s.From {
	case fromEnvironment:
		text += " " + s.Variable
	case fromConfig:
		text = fmt.Sprintf("%s:%d", printable(file), s.Line)
	}
	if s.Hidden {
		text += "; secrets are not shown"
	}
	return text
}

// yaml is the setting as it stands in a file, with where it comes from behind it.
func (s oneEffective) yaml(file string) (string, error) {
	key := yaml.Node{Kind: yaml.ScalarNode, Value: s.Flag}
	var value yaml.Node
	if err := value.Encode(s.Value); err != nil {
		return "", err
	}
	value.LineComment = s.where(file)
	for _, n := range append(value.Content, &value) {
		if n.Kind == yaml.ScalarNode && strings.ContainsFunc(n.Value, func(r rune) bool { return !unicode.IsPrint(r) }) {
			n.Style = yaml.DoubleQuotedStyle // where what is escaped on its way to a terminal stays what it is
		}
	}
	if all, ok := s.Value.([]string); ok && len(all) > 0 {
		key.LineComment, value.LineComment = value.LineComment, ""
	}
	raw, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{&key, &value}})
	return string(raw), err
}
