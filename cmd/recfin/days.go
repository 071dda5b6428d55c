package main

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

// daysFlags say of which days the sessions are.
func daysFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: flagFrom, Usage: "only sessions that start on `DATE` (a UTC day such as 2006-01-02) or later; the other sessions of a recording stay as they are", EnvVars: env(flagFrom), DefaultText: "all"},
		&cli.StringFlag{Name: flagTo, Usage: "only sessions that start on `DATE` or earlier", EnvVars: env(flagTo), DefaultText: "all"},
	}
}

// ofDays gives the recordings that have sessions on the days, as the day index says.
func (s *session) ofDays(ctx context.Context) (*batch, error) {
	names, odd, err := s.f.OnDays(ctx)
	if err != nil {
		return nil, err
	}
	if len(odd) > 0 {
		s.log.warn("keys in the day index that are no entries of it", "keys", len(odd), "first", printable(odd[0]))
	}
	if len(names) == 0 {
		s.log.Info("nothing to do", "hint", "no session starts on these days: "+s.cfg.Days.String())
	}
	all := named(names, s.require)
	return &batch{names: s.f.Share(all), found: slices.Sorted(slices.Values(all)), someDays: true}, nil
}

// elsewhen reports whether nothing of a recording is of the days, and nothing of it is
// finalized: it was looked at only because that could not be known before.
func elsewhen(r *finalize.Report) bool {
	return r.Err == nil && r.Plan.Status == finalize.Done && !slices.ContainsFunc(r.Plan.Sessions, func(s finalize.PlannedSession) bool {
		return s.Action != finalize.Outside || s.Replaces != nil
	})
}
