package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// The time is over: what is under way is ended like by SIGTERM, nothing else is begun,
// all of it is named, and the next run does it.
func TestMaxDuration(t *testing.T) {
	t.Parallel()
	d := s3double.New(t, s3double.Options{})
	put := func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	}
	s := broadcast.Make(t, broadcast.Options{})
	lay := func(name string) { broadcast.Lay(t, put, s.Uploads(name+"/A/720p", 0, 3, onAir)) }
	lay("2026-03")
	mustRecfin(t, exitDone, "run", "--store", d.URL("live")) // what was committed has its turn last
	lay("2026-01")
	lay("2026-02")
	// The first one has come to write when the store stands still.
	d.Fault(s3double.Fault{Op: "PutObject", Match: func(r s3double.Request) bool { return strings.HasSuffix(r.Key, "/segments.json.gz") }, Do: s3double.Hang()})
	r := ends(t, "run", "--store", d.URL("live"), "--concurrency", "1", "--max-duration", "4s", "--grace", "1s", "--log-format", "text")
	r.wantCode(t, exitNotSettled)
	r.says(t, "2026-02: left", "out of time", "recordings were left", `names="[2026-01 2026-03]"`, "--max-duration 4s")
	r.hides(t, d.SecretKey)
	if left := d.Keys("live/recordings/.recfin/leases/"); len(left) > 0 || len(d.Uploads()) > 0 {
		t.Errorf("left: %q, uploads %v", left, d.Uploads())
	}
	d.Calm()
	again := mustRecfin(t, exitDone, "run", "--store", d.URL("live"), "--max-duration", "10m")
	again.says(t, "2026-01: done", "2026-02: done", "2026-03: nothing to do")
	if strings.Contains(again.err, "left") {
		t.Errorf("nothing was left: %s", again.err)
	}
}

// While names are looked for, a store that heeds nothing, and a limit that makes no
// sense.
func TestMaxDurationEnds(t *testing.T) {
	t.Parallel()
	d := s3double.New(t, s3double.Options{})
	d.Fault(s3double.Fault{Op: "ListObjectsV2", Do: s3double.Hang()})
	r := ends(t, "run", "--store", d.URL("live"), "--max-duration", "1s", "--grace", "0s")
	r.wantCode(t, exitNotSettled)
	r.says(t, "out of time before all was done")
	mustRecfin(t, exitUsage, "run", "--store", t.TempDir(), "--max-duration=-1s").says(t, "--max-duration", "0 or more")
	log, err := newLogger(&bytes.Buffer{}, "text", "info")
	if err != nil {
		t.Fatal(err)
	}
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	for i, c := range []struct {
		grace time.Duration // of which the last fourth is for what has been told to end: long, as the machine may be busy
		do    func(context.Context) error
		code  int
	}{
		{time.Second, func(context.Context) error { <-never; return nil }, exitNotSettled},
		{12 * time.Second, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, exitNotSettled},
		{12 * time.Second, func(ctx context.Context) error { <-ctx.Done(); return nil }, exitDone},
		{12 * time.Second, func(ctx context.Context) error { <-ctx.Done(); return quiet{exitPartly} }, exitPartly},
		{time.Hour, func(context.Context) error { return errors.New("no") }, exitFailed},
		{time.Hour, func(context.Context) error { return nil }, exitDone},
	} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			limits := flag.NewFlagSet("", flag.ContinueOnError)
			limits.Duration(flagMaxTime, 50*time.Millisecond, "")
			limits.Duration(flagGrace, c.grace, "")
			ctx := cli.NewContext(cli.NewApp(), limits, nil)
			ctx.Context = context.Background()
			if err := (&session{log: log}).limited(ctx, c.do); exitCode(err) != c.code {
				t.Errorf("%v, want exit code %d", err, c.code)
			}
		})
	}
}

// A failure is told before what was left; what was left is no failure.
func TestMaxDurationOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fails bool
		begun int
		code  int
	}{{false, 1, exitNotSettled}, {false, 0, exitNotSettled}, {true, 1, exitRefused}, {true, 2, exitPartly}, {false, 3, exitDone}} {
		var out, errs bytes.Buffer
		log, err := newLogger(&errs, "text", "info")
		if err != nil {
			t.Fatal(err)
		}
		s := &session{out: &out, log: log, watch: watchers{log}, workers: 1}
		n := 0
		s.over.Store(c.begun == 0)
		b := &batch{names: []string{"a", "b", "c"}, given: &idList{list: true}, do: func(_ context.Context, name string) (*finalize.Report, error) {
			r := &finalize.Report{Recording: name, Plan: &finalize.Plan{Recording: name, Status: finalize.Done}}
			n++
			s.over.Store(n == c.begun)
			if c.fails && n == 1 {
				r.Err = finalize.ErrRefused
			}
			return r, r.Err
		}}
		if err := s.each(t.Context(), b); exitCode(err) != c.code || n != c.begun {
			t.Errorf("%+v: %v after %d\n%s", c, err, n, &errs)
		}
	}
}

// Where there is no grace, the work may be ended before it is seen that no more is to be
// begun: what was not begun is named all the same, and never passes for done.
func TestMaxDurationWithoutGrace(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	log, err := newLogger(&errs, "text", "info")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancelCause(t.Context())
	end(errOutOfTime)
	s := &session{out: &out, log: log, watch: watchers{log}, workers: 1}
	b := &batch{names: []string{"a", "b"}, given: &idList{list: true}, do: func(context.Context, string) (*finalize.Report, error) {
		t.Error("work was begun")
		return nil, nil
	}}
	if err := s.each(ctx, b); exitCode(err) != exitNotSettled || !strings.Contains(errs.String(), `names="[a b]"`) {
		t.Errorf("%v\n%s", err, &errs)
	}
}
