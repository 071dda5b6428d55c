package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

func maxDurationFlag() cli.Flag {
	return duration(flagMaxTime, 0, "begin no recording after so much time; what is under way has --grace to end; what is left is named, exit code 4 (0: no limit)")
}

// errOutOfTime is why the work on a recording was ended.
var errOutOfTime = errors.New("out of time: --" + flagMaxTime + " and --" + flagGrace + " are over")

// limited does the work of a command within --max-duration. When that is over no
// recording is begun any more; what is under way has --grace to end, and then is ended
// like by SIGTERM: uploads are aborted and leases released. For that some of the grace
// is kept back, and a store that does not even answer then is not waited for. All of
// it ends within --max-duration and --grace, or a second later without a grace.
func (s *session) limited(c *cli.Context, do func(context.Context) error) error {
	limit, grace := c.Duration(flagMaxTime), c.Duration(flagGrace)
	if limit < 0 {
		return usagef("--%s %s: want 0 or more", flagMaxTime, limit)
	}
	if limit == 0 {
		return do(c.Context)
	}
	s.limit = limit
	reserve := min(grace/4, 5*time.Second)
	over := time.AfterFunc(limit, func() { s.over.Store(true) })
	defer over.Stop()
	ctx, cancel := context.WithCancelCause(c.Context)
	defer cancel(nil)
	stop := time.AfterFunc(limit+grace-reserve, func() { cancel(errOutOfTime) })
	defer stop.Stop()
	end := time.NewTimer(limit + grace - reserve/4)
	if reserve == 0 {
		end.Reset(limit + time.Second)
	}
	defer end.Stop()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	var err error
	select {
	case err = <-done:
	case <-end.C:
		err = errOutOfTime
	}
	if !outOfTime(ctx) || err == nil || !errors.Is(err, context.Canceled) && err != errOutOfTime {
		return err
	}
	s.log.warn("out of time before all was done", "hint", "the next run carries on, or give more with --"+flagMaxTime)
	return quiet{exitNotSettled}
}

// outOfTime reports whether a context was ended by --max-duration.
func outOfTime(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errOutOfTime) }

// cut makes of a report whose work was ended one that says so.
func cut(r *finalize.Report) {
	r.Err = fmt.Errorf("%s: %w: %w", printable(r.Recording), finalize.ErrLeft, errOutOfTime)
}

// leave notes a recording that there was no time to begin.
func (s *session) leave(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = append(s.left, name)
}

// unfinished reports whether there was no time for something.
func (s *session) unfinished() bool { return len(s.left) > 0 || s.cut.Load() }

// namesShown is how many names of what was left one log line has.
const namesShown = 20

// sayLeft names in the log what there was no time to begin.
func (s *session) sayLeft() {
	if len(s.left) == 0 {
		return
	}
	var shown []string
	for _, name := range s.left[:min(len(s.left), namesShown)] {
		shown = append(shown, printable(name))
	}
	s.log.warn("recordings were left", "count", len(s.left), "names", shown, "hint", "--"+flagMaxTime+" "+s.limit.String()+" is over: the next run carries on with them")
	for _, name := range s.left {
		s.log.Debug("recording", keyRecording, name, keyStatus, string(finalize.Left))
	}
}
