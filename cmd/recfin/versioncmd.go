package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

const versionName = "version"

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:        versionName,
		Usage:       "which recfin this is",
		UsageText:   "recfin version [--json]",
		Description: versionHelp,
		Flags:       []cli.Flag{&cli.BoolFlag{Name: flagJSON, Usage: "one JSON object on standard output", EnvVars: env(flagJSON)}},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("version takes no arguments (got %s)", echo(c.Args().First()))
			}
			info, _ := debug.ReadBuildInfo()
			b := buildOf(info)
			if c.Bool(flagJSON) {
				e := json.NewEncoder(c.App.Writer)
				e.SetEscapeHTML(false)
				return e.Encode(b)
			}
			_, err := io.WriteString(c.App.Writer, b.text())
			return err
		},
	}
}

// build says what a program was built from. What is not known is empty.
type build struct {
	Version  string `json:"version"`            // of the module; "(devel)" where it has none
	Revision string `json:"revision,omitempty"` // the commit
	Time     string `json:"time,omitempty"`     // of the commit, RFC 3339
	Modified bool   `json:"modified"`           // since the commit
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// buildOf reads what the Go toolchain left in the program; info may be nil.
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: "(devel)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info == nil {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// text is one line.
func (b build) text() string {
	var s strings.Builder
	fmt.Fprintf(&s, "recfin %s", b.Version)
	if b.Revision != "" {
		fmt.Fprintf(&s, ", commit %s", b.Revision)
		if b.Time != "" {
			fmt.Fprintf(&s, " of %s", b.Time)
		}
		if b.Modified {
			s.WriteString(", changed since")
		}
	}
	fmt.Fprintf(&s, ", %s, %s/%s\n", b.Go, b.OS, b.Arch)
	return s.String()
}
