package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/store"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:        "run",
		Usage:       "finalize everything that is due in the store (cron, CronJob)",
		UsageText:   "recfin run [flags]",
		Description: runHelp,
		Flags:       slices.Concat(sourceFlags(), deleteFlags(), []cli.Flag{requireFlag(), shardFlag(), idsFlag()}, daysFlags(), []cli.Flag{recheckFlag(), maxDurationFlag(), progressFlag()}, metricsFlags()),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("run takes no IDs (got %s): use recfin finalize", echo(c.Args().First()))
			}
			require, err := requirements(values(c, flagRequire))
			if err != nil {
				return err
			}
			names, err := given(c)
			if err != nil {
				return err
			}
			every, err := recheckOf(c)
			if err != nil {
				return err
			}
			return withFinalizer(c, func(s *session) error {
				s.require, s.recheck = require, every
				return s.limited(c, func(ctx context.Context) error { return s.run(ctx, names) })
			})
		},
	}
}

// run finalizes what is given, or else what is found.
func (s *session) run(ctx context.Context, names *idList) error {
	if names == nil && s.cfg.Days.All() {
		b, err := s.search(ctx)
		if err != nil {
			return err
		}
		s.sweep(ctx, b)
		return s.each(ctx, b)
	}
	b, err := s.choose(ctx, names)
	if err != nil {
		return err
	}
	if b.do = s.f.Run; !b.someDays { // what was done of some days says nothing of the others
		b.state = s.f.Noting()
		b.do = b.state.Run
	}
	if s.limit > 0 {
		if b.names, err = s.f.Urgent(ctx, b.names); err != nil {
			return err
		}
	}
	s.sweep(ctx, b)
	return s.each(ctx, b)
}

// sweepOnce is from how many recordings on one look at what dead runs left of uploads
// takes the place of a look by each.
const sweepOnce = 16

// sweep makes that look. Where it fails each recording makes its own, as ever.
func (s *session) sweep(ctx context.Context, b *batch) {
	if len(b.names) >= sweepOnce {
		_ = s.f.Sweep(ctx)
	}
}

func finalizeCommand() *cli.Command {
	return &cli.Command{
		Name:        "finalize",
		Usage:       "finalize these recordings now (--force if not settled)",
		UsageText:   "recfin finalize [flags] ID...",
		Description: finalizeHelp,
		Flags:       slices.Concat(sourceFlags(), deleteFlags(), []cli.Flag{asFlag(), idsFlag(), progressFlag()}, metricsFlags()),
		Action: func(c *cli.Context) error {
			names, err := given(c)
			if err != nil {
				return err
			}
			if names == nil {
				return usagef("finalize needs at least one ID: recfin plan shows what is there")
			}
			return withFinalizer(c, func(s *session) error {
				state := s.f.Noting()
				if as := c.String(flagAs); as != "" && len(names.names) > 0 {
					return s.each(c.Context, &batch{names: []string{as}, given: names, do: joined(state, s.f.RunAs, names.names), state: state, direct: true})
				}
				return s.each(c.Context, &batch{names: names.names, given: names, do: state.Run, state: state, direct: true})
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
		Flags:       slices.Concat(sourceFlags(), []cli.Flag{explainFlag(), asFlag(), shardFlag(), idsFlag()}, daysFlags(), []cli.Flag{progressFlag()}),
		Action: func(c *cli.Context) error {
			names, err := given(c)
			if err != nil {
				return err
			}
			return withFinalizer(c, func(s *session) error {
				s.planning = true
				if !s.cfg.Days.All() && (c.IsSet(flagExplain) || c.IsSet(flagAs)) {
					return usagef("--%s and --%s find recordings: give them without --%s and --%s", flagFrom, flagTo, flagExplain, flagAs)
				}
				if keys := c.StringSlice(flagExplain); len(keys) > 0 {
					return s.explain(c.Context, keys, names.all())
				}
				if as := c.String(flagAs); as != "" {
					return s.each(c.Context, &batch{names: []string{as}, given: names, do: together(s.f.PlanAs, names.all()), direct: true})
				}
				b, err := s.choose(c.Context, names)
				if err != nil {
					return err
				}
				b.do = s.f.Plan
				return s.each(c.Context, b)
			})
		},
	}
}

// session is one command at work: what it prints, and to where.
type session struct {
	f        *finalize.Finalizer
	cfg      finalize.Config // what f was made with
	sources  []string        // labels
	out      io.Writer
	log      *logger
	watch    watchers // log is the first of them
	json     bool
	tabled   bool // one of watch prints a table at the end, in place of texts
	planning bool
	require  []requirement // of which something must be found
	recheck  time.Duration // how long a round over what is closed may take
	workers  int           // recordings that are worked on at once: each waits for its requests most of the time
	mu       sync.Mutex    // one report at a time on out

	limit time.Duration // --max-duration; 0: none
	over  atomic.Bool   // it is over: nothing is begun any more
	cut   atomic.Bool   // work that was begun had to be ended
	left  []string      // what was not begun

	unkept atomic.Bool // the state cannot be written, which was said
}

// withFinalizer reads the settings and runs a command with them.
func withFinalizer(c *cli.Context, do func(*session) error) error {
	if err := setGrace(c); err != nil {
		return err
	}
	log, err := newLogger(c.App.ErrWriter, c.String(flagLogFormat), c.String(flagLogLevel))
	if err != nil {
		return err
	}
	ending := endingOf(c.Context)
	ending.speak(log)
	log.summing(c.Command.Name)
	warnOfVariables(c.App, log)
	watch := watchers{log}
	measure, err := newMetrics(c, log)
	if err != nil {
		return err
	}
	cfg, err := config(c)
	if measure != nil {
		measure.begin(c, cfg.Shard)
		watch = append(watch, measure)
	}
	if err != nil {
		return err
	}
	people, tabled, err := forPeople(c, ending, log)
	if err != nil {
		return err
	}
	watch = append(watch, people...)
	cfg.Notify, cfg.Identity = watch.event, identity()
	f, err := finalize.New(cfg)
	if err != nil {
		return err
	}
	var sources []string
	for _, from := range cfg.Sources {
		sources = append(sources, from.Label())
	}
	err = do(&session{
		f: f, watch: watch, cfg: cfg, sources: sources, out: c.App.Writer, log: log, json: c.Bool(flagJSON), tabled: tabled, workers: cfg.Concurrency,
	})
	watch.end(codeAfter(c.Context, err))
	return err
}

// readers is how many recordings are read back, or drawn, at once: of each, much more is
// held than of one that is finalized.
func (s *session) readers() int { return max(1, s.workers/8) }

// print writes one report: JSON, or text for people, and a log line for both.
func (s *session) print(r *finalize.Report, took time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch.report(r, took)
	if s.json {
		if s.planning && (r.Plan.Status == "" || stray(r.Err)) {
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
	if s.tabled {
		return nil
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
