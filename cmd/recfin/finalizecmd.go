package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"recfin/finalize"
	"recfin/store"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:        "run",
		Usage:       "finalize everything that is due in the store (cron, CronJob)",
		UsageText:   "recfin run [flags]",
		Description: runHelp,
		Flags:       append(append(sourceFlags(), deleteFlags()...), requireFlag()),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("run takes no IDs (got %q): use recfin finalize", c.Args().First())
			}
			require, err := requirements(values(c, flagRequire))
			if err != nil {
				return err
			}
			return withFinalizer(c, func(s *session) error {
				s.require = require
				names, err := s.f.Discover(c.Context)
				if err != nil {
					return err
				}
				return s.each(c.Context, named(names, require), s.f.Run, false)
			})
		},
	}
}

func finalizeCommand() *cli.Command {
	return &cli.Command{
		Name:        "finalize",
		Usage:       "finalize these recordings now (--force if not settled)",
		UsageText:   "recfin finalize [flags] ID...",
		Description: finalizeHelp,
		Flags:       append(sourceFlags(), deleteFlags()...),
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usagef("finalize needs at least one ID: recfin plan shows what is there")
			}
			return withFinalizer(c, func(s *session) error {
				return s.each(c.Context, distinct(c.Args().Slice()), s.f.Run, true)
			})
		},
	}
}

func planCommand() *cli.Command {
	return &cli.Command{
		Name:        "plan",
		Usage:       "show what finalize would do; changes nothing",
		UsageText:   "recfin plan [flags] [ID...]",
		Description: planHelp,
		Flags:       append(sourceFlags(), explainFlag()),
		Action: func(c *cli.Context) error {
			return withFinalizer(c, func(s *session) error {
				s.planning = true
				if keys := c.StringSlice(flagExplain); len(keys) > 0 {
					return s.explain(c.Context, keys, distinct(c.Args().Slice()))
				}
				names, err := distinct(c.Args().Slice()), error(nil)
				if len(names) == 0 {
					if names, err = s.f.Discover(c.Context); err != nil {
						return err
					}
				}
				return s.each(c.Context, names, s.f.Plan, c.Args().Present())
			})
		},
	}
}

// session is one command at work: what it prints, and to where.
type session struct {
	f        *finalize.Finalizer
	sources  []string // labels
	out      io.Writer
	log      *logger
	json     bool
	planning bool
	require  []requirement // of which something must be found
	workers  int
	mu       sync.Mutex // one report at a time on out
}

// withFinalizer reads the settings and runs a command with them.
func withFinalizer(c *cli.Context, do func(*session) error) error {
	log, err := newLogger(c.App.ErrWriter, c.String(flagLogFormat), c.String(flagLogLevel))
	if err != nil {
		return err
	}
	cfg, err := config(c)
	if err != nil {
		return err
	}
	cfg.Notify = log.event
	f, err := finalize.New(cfg)
	if err != nil {
		return err
	}
	var sources []string
	for _, from := range cfg.Sources {
		sources = append(sources, from.Label())
	}
	return do(&session{f: f, sources: sources, out: c.App.Writer, log: log, json: c.Bool(flagJSON), workers: atOnce(cfg.Concurrency)})
}

// atOnce is how many recordings are worked on at a time: each has requests of
// its own under way.
func atOnce(concurrency int) int { return max(1, concurrency/4) }

// each works on every name and prints every report. A failure of one does not
// stop the others.
func (s *session) each(ctx context.Context, names []string, do func(context.Context, string) (*finalize.Report, error), direct bool) error {
	if len(names) == 0 {
		s.nothingFound()
		return missing(s.require, nil)
	}
	reports := make([]*finalize.Report, len(names))
	var g errgroup.Group
	g.SetLimit(s.workers)
	for i, name := range names {
		g.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			started := time.Now()
			r, _ := do(ctx, name)
			if reports[i] = r; !direct && stray(r) {
				return nil
			}
			return s.print(r, time.Since(started))
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := missing(s.require, reports); err != nil {
		return err
	}
	if !direct {
		found := slices.DeleteFunc(slices.Clone(reports), stray)
		if len(found) == 0 {
			return s.onlyStrays(reports)
		}
		reports = found
	}
	if code := outcome(reports, direct); code != exitDone {
		return quiet{code}
	}
	return nil
}

// stray reports whether a folder that was found holds no recording: other files
// lie beside the recordings, outputs of an earlier --out among them.
func stray(r *finalize.Report) bool {
	return errors.Is(r.Err, finalize.ErrNoMatch) || errors.Is(r.Err, finalize.ErrNothing)
}

// onlyStrays ends a command that found folders and no recording.
func (s *session) onlyStrays(reports []*finalize.Report) error {
	for _, r := range reports {
		if errors.Is(r.Err, finalize.ErrNoMatch) {
			return r.Err
		}
	}
	s.nothingFound()
	return nil
}

func (s *session) nothingFound() {
	s.log.warn("nothing found", "store", strings.Join(s.sources, " "), "hint", "is the prefix right, and does --layout fit? no segment was found")
}

// print writes one report: JSON, or text for people, and a log line for both.
func (s *session) print(r *finalize.Report, took time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.report(r, took)
	if s.json {
		if s.planning && (r.Plan.Status == "" || stray(r)) {
			return nil // there is no plan; the log has the reason
		}
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		if s.planning {
			return e.Encode(r.PlanJSON())
		}
		return e.Encode(r.JSON())
	}
	if s.planning {
		_, err := io.WriteString(s.out, planText(r))
		return err
	}
	_, err := io.WriteString(s.out, reportText(r))
	return err
}

func distinct(names []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

func printable(s string) string { return store.Printable(s) }

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
