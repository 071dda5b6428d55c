package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagRow is one flag as a reference lists it.
type flagRow struct {
	name       string // without dashes
	value      string // what stands for its value; empty for a switch
	meaning    string
	fallback   string   // the default; empty: none
	variable   string   // of the environment
	commands   []string // that have it
	repeatable bool
	inFile     bool // it may stand in a configuration file
}

// flagRows lists the flags of all commands, each once. What the environment says
// shows in none of them, as long as no command has read it.
func flagRows(app *cli.App) []flagRow {
	var rows []flagRow
	for _, c := range app.VisibleCommands() {
		for _, f := range c.Flags {
			if f.Names()[0] == "help" || c.Name == configName { // which has all
				continue
			}
			at := slices.IndexFunc(rows, func(r flagRow) bool { return r.name == f.Names()[0] })
			if at < 0 {
				at = len(rows)
				rows = append(rows, rowOf(f))
			}
			rows[at].commands = append(rows[at].commands, c.Name)
		}
	}
	return rows
}

func rowOf(f cli.Flag) flagRow {
	r := flagRow{name: f.Names()[0], variable: variable(f), repeatable: repeatable(f), inFile: oneRun[f.Names()[0]] == ""}
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return r
	}
	r.meaning = strings.ReplaceAll(d.GetUsage(), "`", "")
	if !d.TakesValue() {
		return r
	}
	switch v := f.(type) {
	case *cli.DurationFlag:
		r.value, r.fallback = "DURATION", shortDuration(v.Value)
	case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag:
		r.value, r.fallback = "N", d.GetDefaultText()
	default:
		r.value, r.fallback = "VALUE", strings.ReplaceAll(d.GetDefaultText(), `"`, "")
	}
	if _, rest, ok := strings.Cut(d.GetUsage(), "`"); ok {
		r.value, _, _ = strings.Cut(rest, "`")
	}
	if r.fallback == "none" && r.name == flagStore {
		r.fallback = ""
	}
	return r
}
