package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

func keepCommand() *cli.Command {
	return &cli.Command{
		Name:        "keep",
		Usage:       "cancel deletions that are due, for good",
		UsageText:   "recfin keep [flags] ID...",
		Description: keepHelp,
		Flags:       append(sourceFlags(), singleFlag()),
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usagef("keep needs at least one ID")
			}
			return withFinalizer(c, func(s *session) error {
				return s.keep(c.Context, distinct(c.Args().Slice()))
			})
		},
	}
}

// keep cancels the deletions of every name. A failure of one does not stop the
// others.
func (s *session) keep(ctx context.Context, names []string) error {
	failed, code := 0, exitDone
	for _, name := range names {
		k, err := s.f.Keep(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.log.Error("keep", keyRecording, name, keyError, err.Error()+advice(err))
			if c := exitCode(err); failed == 0 || code == c {
				code = c
			} else {
				code = exitFailed
			}
			failed++
		}
		if err := s.printKept(name, k, err); err != nil {
			return err
		}
	}
	switch {
	case failed == 0:
		return nil
	case failed < len(names):
		code = exitPartly
	}
	return quiet{code}
}

// keptJSON is what keep prints of one ID with --json.
type keptJSON struct {
	finalize.Cancelled
	Error string `json:"error,omitempty"`
}

func (s *session) printKept(name string, k *finalize.Cancelled, failure error) error {
	if s.json {
		out := keptJSON{Cancelled: finalize.Cancelled{Recording: name}}
		if failure != nil {
			out.Error = failure.Error()
		} else {
			out.Cancelled = *k
		}
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		return e.Encode(out)
	}
	_, err := io.WriteString(s.out, keptText(name, k, failure))
	return err
}

// keptText says in one line what was kept of an ID.
func keptText(name string, k *finalize.Cancelled, failure error) string {
	if failure != nil {
		return fmt.Sprintf("%s: failed: %v%s\n", printable(name), failure, advice(failure))
	}
	line := printable(k.Recording) + ": nothing is marked for deletion"
	switch {
	case k.Objects > 0:
		line = fmt.Sprintf("%s: kept %s (%s) that were marked for deletion", printable(k.Recording), count(k.Objects, "object"), size(k.Bytes))
	case k.Already > 0:
		line = printable(k.Recording) + ": nothing else is marked for deletion"
	}
	if k.Already > 0 {
		line += fmt.Sprintf("; %s kept before", count(k.Already, "object"))
	}
	return line + "\n"
}
