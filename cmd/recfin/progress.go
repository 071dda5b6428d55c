package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/internal/progress"
)

func progressFlag() cli.Flag {
	return text(flagProgress, byTerminal, "a line for each recording at work on standard error: always, never, or auto (where that is a terminal)")
}

// bars are the lines of the recordings at work. What is written to the same terminal
// meanwhile goes above them.
type bars struct {
	*progress.Bars
}

// newBars starts the lines if they are wanted; nil: they are not. Commands without
// the flag have none.
func newBars(c *cli.Context) (*bars, error) {
	how := c.String(flagProgress)
	switch how {
	case "", onNever:
		return nil, nil
	case onAlways, byTerminal:
	default:
		return nil, usagef("--%s %q: want auto, always or never", flagProgress, how)
	}
	stderr, ok := c.App.ErrWriter.(*visible)
	file := fileOf(c.App.ErrWriter)
	if !ok || file == nil || how == byTerminal && (terminal(stderr) == nil || !movable()) {
		return nil, nil
	}
	stdout, _ := c.App.Writer.(*visible)
	shared := stdout != nil && sameTerminal(terminal(stdout), file)
	b := &bars{Bars: progress.New(file, printable)}
	if stderr.through(b.Bars); shared {
		stdout.through(b.Bars)
	}
	return b, nil
}

// forPeople are the watchers that show a person at a terminal what goes on: lines
// while it does, and a table at the end, which the log does not repeat. tabled: there is
// one.
func forPeople(c *cli.Context, e *ending, log *logger) (all watchers, tabled bool, err error) {
	table, onTerminal := newTable(c), terminal(c.App.ErrWriter) // before what is written goes through the lines
	lines, err := newBars(c)
	if err != nil {
		return nil, false, err
	}
	if lines != nil {
		all = append(all, lines)
		e.before(lines.Close)
	}
	if table != nil {
		all = append(all, table)
		e.before(func() { table.end(exitDone) }) // also where the command is cut off
		log.told = log.auto && sameTerminal(table.file, onTerminal)
	}
	return all, table != nil, nil
}

func (b *bars) event(e finalize.Event)                 { b.Event(e) }
func (b *bars) report(*finalize.Report, time.Duration) {}
func (b *bars) expect(n int)                           { b.Expect(n) }
func (b *bars) left(recording string)                  { b.Left(recording) }
func (b *bars) end(int)                                { b.Close() }
