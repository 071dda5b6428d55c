package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/store"
)

// Defaults of recover.
const (
	defaultBudget = 30 * time.Second
	leastBudget   = time.Second
)

func recoverCommand() *cli.Command {
	return &cli.Command{
		Name:        "recover",
		Usage:       "finish what a crash left behind (startup hook)",
		UsageText:   "recfin recover [flags]",
		Description: recoverHelp,
		Flags:       slices.Concat(sourceFlags(), []cli.Flag{writerFlag(), budgetFlag(), exitZeroFlag(), shardFlag(), progressFlag()}, metricsFlags()),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("recover takes no IDs (got %s): use recfin finalize --force", echo(c.Args().First()))
			}
			budget := c.Duration(flagBudget)
			if budget < leastBudget {
				return usagef("--%s %s: want at least %s", flagBudget, budget, leastBudget)
			}
			return within(c, budget, func() error {
				return withFinalizer(c, func(s *session) error { return s.recover(c.Context, c.String(flagWriter)) })
			})
		},
	}
}

// budgetReserve is the last of a budget.
func budgetReserve(budget time.Duration) time.Duration { return min(budget/4, 5*time.Second) }

// within gives a command so much time. In the last of it nothing new is begun:
// uploads are aborted and leases released. A store that does not even answer then
// is not waited for.
func within(c *cli.Context, budget time.Duration, do func() error) error {
	reserve := budgetReserve(budget)
	end := time.NewTimer(budget - reserve/4)
	defer end.Stop()
	ctx, cancel := context.WithTimeout(c.Context, budget-reserve)
	defer cancel()
	c.Context = ctx
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-end.C:
		return fmt.Errorf("recover: %w: it has not answered within --%s %s, and what is under way is left to a later run", store.ErrUnavailable, flagBudget, budget)
	}
}

// recover finishes what crashes left and prints every report.
func (s *session) recover(ctx context.Context, writer string) error {
	started := time.Now()
	var printErr error
	done, err := finalize.Recover(ctx, s.cfg, finalize.RecoverOptions{Writer: writer, Done: func(r *finalize.Report) {
		defer s.watch.left(r.Recording)
		if r.Done() && r.Status() == finalize.Done {
			s.watch.report(r, time.Since(started)) // nothing was left of it but a lease
			return
		}
		if err := s.print(r, time.Since(started)); err != nil {
			printErr = err
		}
	}})
	for _, name := range done.Elsewhere {
		s.log.Info("recording", keyRecording, name, keyStatus, "elsewhere", "hint", "it went on at another writer: recfin run finalizes it when it is settled")
	}
	if done.Unseen > 0 {
		s.log.warn("recordings were not looked at", "count", done.Unseen, "hint", "there was no time for them: recfin run finds them, or give more with --"+flagBudget)
	}
	if err == nil {
		err = printErr
	}
	if err != nil {
		return err
	}
	if code := outcome(finished(done.Reports), false); code != exitDone {
		return quiet{code}
	}
	if done.Left() {
		return quiet{exitNotSettled}
	}
	return nil
}

// finished is what came of the recordings that were worked on to their end.
func finished(all []*finalize.Report) []ended {
	var some []ended
	for _, r := range all {
		if e := endOf(r); e.status != finalize.Left {
			some = append(some, e)
		}
	}
	return some
}

func writerFlag() cli.Flag {
	return &cli.StringFlag{Name: flagWriter, Usage: "`NAME` of the broadcaster (nonce, node, session) that has just started: finalize what it left, settled or not", EnvVars: env(flagWriter)}
}

func budgetFlag() cli.Flag {
	return duration(flagBudget, defaultBudget, "end within so much time, whatever is left")
}
