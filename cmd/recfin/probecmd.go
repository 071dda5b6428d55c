package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/probe"
	"recfin/store/open"
)

func probeCommand() *cli.Command {
	return &cli.Command{
		Name:        "probe",
		Usage:       "tracks, timing and duration of segments",
		UsageText:   "recfin probe [flags] FILE|URL...",
		Description: probeHelp,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: flagJSON, Usage: "one JSON object per file on standard output", EnvVars: env(flagJSON)},
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usagef("probe needs at least one file or URL")
			}
			var failed error
			for _, name := range c.Args().Slice() {
				if err := probeOne(c, name); err != nil {
					failed = errors.Join(failed, err)
				}
			}
			return failed
		},
	}
}

func probeOne(c *cli.Context, name string) error {
	shown, m, err := measure(c.Context, name)
	if err != nil {
		return fmt.Errorf("probe %s: %w", printable(shown), err)
	}
	if len(m.Tracks) == 0 {
		return fmt.Errorf("probe %s: %w: it is empty", printable(shown), probe.ErrUnreadable)
	}
	r := m.Report(shown)
	if c.Bool(flagJSON) {
		e := json.NewEncoder(c.App.Writer)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	return probeText(c.App.Writer, r)
}

// measure reads a local file or an object named by a store URL. shown is the
// name without credentials.
func measure(ctx context.Context, name string) (shown string, m *probe.Media, err error) {
	if _, err := open.Parse(name); err != nil { // what looks like a URL may hold credentials
		return "the URL", nil, err
	}
	if !strings.Contains(name, "://") {
		f, err := os.Open(name)
		if err != nil {
			return name, nil, err
		}
		defer f.Close()
		m, err = probe.File(f, probe.Options{})
		return name, m, err
	}
	folder, query, _ := strings.Cut(name, "?")
	at := strings.LastIndexByte(folder, '/')
	key, err := url.PathUnescape(folder[at+1:])
	if err != nil {
		return "the URL", nil, fmt.Errorf("%w: its last element has a wrong escape", finalize.ErrUsage)
	}
	if folder = folder[:at]; query != "" {
		folder += "?" + query
	}
	s, err := open.URL(ctx, folder)
	if err != nil {
		return "the URL", nil, err
	}
	info, err := s.Head(ctx, key)
	if err != nil {
		return s.Label() + key, nil, err
	}
	m, err = probe.Whole(ctx, s, info.Object, probe.Options{})
	return s.Label() + key, m, err
}

func probeText(w io.Writer, r probe.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s from %s\n", printable(r.File), r.Container, seconds(r.Duration), seconds(r.Start))
	for _, t := range r.Tracks {
		fmt.Fprintf(&b, "  %d %s %s (%s)", t.ID, t.Type, t.Codec, t.Codecs)
		if t.Width > 0 {
			fmt.Fprintf(&b, " %dx%d", t.Width, t.Height)
		}
		if t.SampleRate > 0 {
			fmt.Fprintf(&b, " %d Hz, %s", t.SampleRate, count(t.Channels, "channel"))
		}
		fmt.Fprintf(&b, ", %s, %s from %s, %s\n", count(t.Frames, "frame"), seconds(t.Duration), seconds(t.Start), count(t.Keyframes, "keyframe"))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", p)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func seconds(s probe.Seconds) string { return time.Duration(s).String() }
