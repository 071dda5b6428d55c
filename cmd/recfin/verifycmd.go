package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/internal/bug"
)

const flagDeep = "deep"

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Usage:       "read finalized recordings back as a client would; changes nothing",
		UsageText:   "recfin verify [flags] [ID...]",
		Description: verifyHelp,
		Flags:       append(sourceFlags(), &cli.BoolFlag{Name: flagDeep, Usage: "read every byte of every segment and output, not a sample of the segments", EnvVars: env(flagDeep)}, shardFlag(), idsFlag(), progressFlag()),
		Action: func(c *cli.Context) error {
			opt := finalize.VerifyOptions{Deep: c.Bool(flagDeep)}
			names, err := looking(c)
			if err != nil {
				return err
			}
			return withFinalizer(c, func(s *session) error {
				some, err := s.finalized(c.Context, names)
				if err != nil {
					return err
				}
				return s.verify(c.Context, some, names, opt)
			})
		},
	}
}

// looking readies a command that writes nothing, so that no format is impossible, and
// gives the IDs that it was given.
func looking(c *cli.Context) (*idList, error) {
	if err := c.Set(flagFormat, "mp4"); err != nil {
		return nil, err
	}
	return given(c)
}

// finalized gives the names that a command was given, of a list those in the share of
// this shard, or else all that have a marker.
func (s *session) finalized(ctx context.Context, names *idList) ([]string, error) {
	if names != nil && !names.list {
		return names.names, nil
	}
	if names != nil {
		some := s.f.Share(names.names)
		if len(some) == 0 {
			s.sayNone()
		}
		return some, nil
	}
	some, err := s.f.Finalized(ctx)
	if err != nil || len(some) > 0 {
		return some, err
	}
	any := false
	if s.cfg.Shard.Count > 1 {
		if any, err = s.f.AnyFinalized(ctx); err != nil {
			return nil, err
		}
	}
	if !any {
		return nil, fmt.Errorf("%w: there is no marker in %s%s: is --out right?", finalize.ErrNothing, s.cfg.Out.Label(), printable(s.cfg.OutPath))
	}
	s.log.Info("nothing to do", "hint", "no recording is in share "+s.share())
	return nil, nil
}

// verified is what became of one name.
type verified struct {
	name string
	v    *finalize.Verification
	err  error
	took time.Duration
	done bool
}

// verify reads every name back, several at once, and prints them in their order. Names
// that are parts of one recording are that one, once.
func (s *session) verify(ctx context.Context, names []string, from *idList, opt finalize.VerifyOptions) error {
	all := make([]verified, len(names))
	printed, next := map[string]bool{}, 0
	s.watch.expect(len(names))
	var g bug.Group
	g.SetLimit(s.readers())
	for i, name := range names {
		g.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			defer s.watch.left(name)
			x := verified{name: name, done: true}
			started := time.Now()
			x.v, x.err = s.f.Verify(ctx, name, opt)
			x.err = from.at(name, x.err)
			x.took = time.Since(started)
			s.mu.Lock()
			defer s.mu.Unlock()
			all[i] = x
			for ; next < len(all) && all[next].done && ctx.Err() == nil; next++ {
				x := &all[next]
				if x.v != nil && printed[x.v.Recording] {
					continue
				}
				if x.v != nil {
					printed[x.v.Recording] = true
				}
				if err := s.printVerified(x, opt); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if code := verifyCode(all); code != exitDone {
		return quiet{code}
	}
	return nil
}

// verifyCode sums up what was read back: what is damaged, or refused, before what
// could not be read, and that before everything else that is wrong.
func verifyCode(all []verified) int {
	code := exitDone
	for i := range all {
		c := exitDone
		switch x := &all[i]; {
		case x.err != nil:
			c = exitCode(x.err)
		case x.v.Damaged:
			c = exitRefused
		case x.v.Failed():
			c = exitFailed
		}
		code = worse(code, c)
	}
	return code
}

// worse is the worse of two exit codes of a command that only looks.
func worse(a, b int) int {
	rank := map[int]int{exitDone: 0, exitFailed: 1, exitUnavailable: 2, exitUsage: 3, exitRefused: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// printVerified prints what was found in one recording.
func (s *session) printVerified(x *verified, opt finalize.VerifyOptions) error {
	s.log.left(x.name) // its only stage is said with it
	if x.err != nil {
		s.log.ended(x.name, string(finalize.StatusUnread), finalize.Cost{})
		s.log.Error("verify", keyRecording, x.name, keyError, x.err.Error()+advice(x.err))
	} else {
		cost := x.v.Cost
		s.log.ended(x.v.Recording, string(x.v.Status()), cost)
		s.log.Info("verify", keyRecording, x.v.Recording, keyStatus, string(x.v.Status()), "errors", x.v.Count(finalize.SeverityError), "warnings", x.v.Count(finalize.SeverityWarning),
			"list", cost.List, "get", cost.Get, "head", cost.Head, "bytes_read", cost.BytesRead, keyTook, x.took.Milliseconds())
	}
	if s.json {
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		if x.err != nil {
			return e.Encode(finalize.UnreadJSON(x.name, opt, x.err))
		}
		return e.Encode(x.v.JSON())
	}
	_, err := io.WriteString(s.out, verifiedText(x, s.cfg.OutPath))
	return err
}

// verifiedText has one line for each finding, and one that sums up.
func verifiedText(x *verified, outPath string) string {
	if x.err != nil {
		what := "failed"
		if errors.Is(x.err, finalize.ErrRefused) {
			what = "refused"
		}
		return fmt.Sprintf("%s: %s: %v%s\n", printable(x.name), what, x.err, advice(x.err))
	}
	var b strings.Builder
	v := x.v
	for i := range v.Findings {
		b.WriteString(findingText(v, &v.Findings[i], outPath))
	}
	var length time.Duration
	sum := finalize.VerifiedSession{}
	for _, s := range v.Sessions {
		length += s.Duration
		sum.Renditions, sum.Playlists, sum.References = sum.Renditions+s.Renditions, sum.Playlists+s.Playlists, sum.References+s.References
		sum.Probed, sum.Movies = sum.Probed+s.Probed, sum.Movies+s.Movies
	}
	fmt.Fprintf(&b, "%s: %s", printable(v.Recording), verdict(v))
	fmt.Fprintf(&b, ": %s of %s; read back %s, %s, %s, the media of %s", count(len(v.Sessions), "session"), clock(int64(length)),
		count(sum.Playlists, "playlist"), count(sum.References, "reference"), count(sum.Movies, "MP4"), count(sum.Probed, "segment"))
	if !v.Deep {
		b.WriteString(" (--deep: all)")
	}
	b.WriteByte('\n')
	return b.String()
}

// findingText is one line: how bad, where, which rule, what, and what to do.
func findingText(v *finalize.Verification, f *finalize.Finding, outPath string) string {
	where := v.Recording
	if f.Object != "" {
		where = strings.TrimPrefix(f.Object, outPath)
	}
	where = printable(where)
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, f.Line)
	}
	line := fmt.Sprintf("%-7s %s: %s (%s): %s", f.Severity, where, f.Rule, f.Reference, f.Text)
	if f.More > 0 {
		line += fmt.Sprintf("; and %d more like this", f.More)
	}
	if f.Do != "" {
		line += ": " + f.Do
	}
	return line + "\n"
}

// verdict is the status in words.
func verdict(v *finalize.Verification) string {
	if v.Status() == finalize.StatusSound {
		return "sound"
	}
	words := []string{}
	if n := v.Count(finalize.SeverityError); n > 0 {
		words = append(words, count(n, "error"))
	}
	if n := v.Count(finalize.SeverityWarning); n > 0 {
		words = append(words, count(n, "warning"))
	}
	return string(v.Status()) + ", " + strings.Join(words, ", ")
}
