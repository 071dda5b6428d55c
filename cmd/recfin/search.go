package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

func recheckFlag() cli.Flag {
	return text(flagRecheck, "7d", "look at each recording that was finished two days ago or longer once in so much time, a part of them in each run, and pass over the others (0: work on all in every run)")
}

// recheckOf reads how often closed recordings are looked at: a duration, which may be in
// whole days.
func recheckOf(c *cli.Context) (time.Duration, error) {
	value := strings.TrimSpace(c.String(flagRecheck))
	if days, ok := strings.CutSuffix(value, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return d, nil
	}
	return 0, usagef("--%s %q: want a duration such as 7d or 36h, or 0", flagRecheck, value)
}

// search finds what there is to be worked on, without what is closed.
func (s *session) search(ctx context.Context) (*batch, error) {
	opt := finalize.SearchOptions{Recheck: s.recheck}
	for _, r := range s.require {
		if id, ok := r.id(); ok {
			opt.Names = append(opt.Names, id)
		}
	}
	found, err := s.f.Search(ctx, opt)
	if err != nil {
		return nil, err
	}
	if found.Trouble != nil {
		s.log.warn("what was finished before is not known", keyError, found.Trouble.Error(), "hint", "every recording is worked on")
	}
	return &batch{names: found.Work, found: found.Names, do: found.Run, state: found}, nil
}

// closed reports whether a recording that was found is finished, and so known to be one
// whatever becomes of it in this run.
func (b *batch) closed(name string) bool { return b.state != nil && b.state.Closed(name) }

// joined does the work on several IDs as one recording, and notes what came of it.
func joined(state *finalize.Search, do func(context.Context, string, []string) (*finalize.Report, error), ids []string) work {
	return func(ctx context.Context, name string) (*finalize.Report, error) {
		r, err := do(ctx, name, ids)
		if ctx.Err() == nil {
			state.Note(r)
		}
		return r, err
	}
}

// remember writes what came of the recordings into the state: all of it at the end, and now
// and then some of it. Where that cannot be, they are worked on once more the next time,
// which is no failure.
func (s *session) remember(ctx context.Context, b *batch, all bool) {
	if b.state == nil || ctx.Err() != nil || s.unkept.Load() {
		return
	}
	save := b.state.Checkpoint
	if all {
		save = b.state.Save
	}
	if err := save(ctx); err != nil && ctx.Err() == nil && !s.unkept.Swap(true) {
		s.log.warn("what was finished is not noted", keyError, err.Error(), "hint", "the next run works on it once more")
	}
}

// sayClosed says how many recordings were passed over.
func (s *session) sayClosed(b *batch) {
	if b.state == nil || b.state.Skipped+b.state.Looks == 0 {
		return
	}
	s.watch.closed(b.state.Passed())
	args := []any{"skipped", b.state.Skipped, "looked_at", b.state.Looks}
	if b.state.Other > 0 {
		args = append(args, "other_settings", b.state.Other, "hint", "they were finished with other settings, and are worked on with these when their look comes: --"+flagRecheck+" 0 works on all now")
	}
	s.log.Info("recordings are closed", args...)
}
