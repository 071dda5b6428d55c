// Command recfin finalizes recordings: from the segments that broadcasters left
// in object storage it writes one HLS playlist or one MP4, proves it, and
// deletes what is left over. See recfin --help and the documents under docs/.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func main() {
	// Most of the memory is buffers that live long, so a heap of twice what is
	// live would be mostly waste. GOGC, where set, has the last word.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	// Two days of media need 200 MB at once. Near the limit the collector takes less
	// than half of the processor for it; above it, no more than half. GOMEMLIMIT, where
	// set, has the last word.
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(gcLimit)
	}
	floor := make([]byte, gcFloor)
	code := execute(os.Args, os.Stdout, os.Stderr)
	runtime.KeepAlive(floor)
	os.Exit(code)
}

// gcFloor is never touched, so that it takes no memory, but the collector counts
// it as live. Without it the heap of a few megabytes in which segments are
// measured would be collected every two, hundreds of times.
const gcFloor = 16 << 20

// gcLimit is above what a recording of 48 h needs, and below what a machine has.
const gcLimit = 216 << 20

// execute runs one command line and gives the exit code.
func execute(args []string, stdout, stderr io.Writer) int {
	stdout, stderr = &visible{to: stdout}, &visible{to: stderr}
	e := &ending{stderr: stderr, exit: os.Exit}
	ctx, stop, by := e.signals()
	defer stop()
	err := misplaced(args)
	if err == nil {
		app := newApp(stdout, stderr)
		ordered, given := reorder(app, args)
		settingsOf(app).given = given
		if err = noTopic(app, args); err == nil {
			err = app.RunContext(ctx, ordered)
		}
	}
	sig := by()
	e.tidyUp()
	code := e.ended(err, sig)
	e.tell(code) // what it came to, forgiven or not
	if sig == 0 && forgiven(args) {
		return exitDone
	}
	return code
}

// ended says why a command has ended, where it did not say so itself, and gives the
// exit code. sig is that of a signal, or 0.
func (e *ending) ended(err error, sig int) int {
	if sig != 0 && !endedWell(err) {
		e.say("interrupted; the next run carries on")
		return sig
	}
	if err == nil {
		return exitDone
	}
	var silent quiet
	if !asQuiet(err, &silent) {
		e.say(fmt.Sprintf("%v%s", err, advice(err)))
	}
	return exitCode(err)
}

func newApp(stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:                      "recfin",
		Usage:                     "turn the segments of live streams into finished recordings",
		Description:               description,
		UsageText:                 "recfin COMMAND [flags] [ID...]",
		HideVersion:               true,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		DisableSliceFlagSeparator: true,
		CustomAppHelpTemplate:     appHelp,
		Commands: []*cli.Command{
			runCommand(),
			finalizeCommand(),
			recoverCommand(),
			planCommand(),
			listCommand(),
			keepCommand(),
			verifyCommand(),
			probeCommand(),
			reportCommand(),
			serveCommand(),
			demoCommand(),
			versionCommand(),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return noCommand(c.App, c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
		OnUsageError:   wrongFlags,
		ExitErrHandler: func(*cli.Context, error) {}, // the code is made in execute
	}
	app.Commands = append(app.Commands, configCommand(allFlags(app)), completionCommand(), completeCommand(), manCommand())
	configure(app)
	writeHelp(app)
	for _, c := range app.Commands {
		c.OnUsageError = wrongFlags // a command does not take that of the app
		c.HideHelpCommand = true    // a recording may be called help, or h
	}
	return app
}

// reorder puts flags before arguments, so that both orders work: the parser
// stops at the first argument. given are the names of the flags that stand there.
func reorder(app *cli.App, args []string) (ordered []string, given map[string]bool) {
	if len(args) < 3 {
		return args, nil
	}
	cmd := app.Command(args[1])
	if cmd == nil || cmd.SkipFlagParsing {
		return args, nil
	}
	given = map[string]bool{}
	alone := map[string]bool{"help": true, "h": true}
	for _, f := range cmd.Flags {
		if _, ok := f.(*cli.BoolFlag); ok {
			for _, n := range f.Names() {
				alone[n] = true
			}
		}
	}
	flags, rest := []string{}, []string{}
	for i := 2; i < len(args); i++ {
		a := args[i]
		name, dashed := flagName(a)
		switch {
		case a == "--":
			rest = append(rest, args[i+1:]...)
			i = len(args)
		case !dashed:
			rest = append(rest, a)
		default:
			flags, given[name] = append(flags, a), true
			if alone[name] || hasValue(a) {
				continue
			}
			if i++; i == len(args) { // its value is missing: the parser says so if nothing follows
				return append([]string{args[0], args[1]}, flags...), given
			}
			flags = append(flags, args[i])
		}
	}
	if given["help"] || given["h"] { // of the command, whatever else stands there
		return []string{args[0], args[1], "--help"}, given
	}
	out := append([]string{args[0], args[1]}, flags...)
	return append(append(out, "--"), rest...), given
}
