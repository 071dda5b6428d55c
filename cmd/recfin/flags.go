package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines that have none

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/open"
)

// Names of flags.
const (
	flagStore     = "store"
	flagOut       = "out"
	flagLayout    = "layout"
	flagFormat    = "format"
	flagHLS       = "hls"
	flagRendition = "rendition"
	flagRename    = "rename"
	flagZone      = "time-zone"
	flagSplit     = "split"
	flagHoles     = "gaps"
	flagDurations = "durations"
	flagRequire   = "require"
	flagAs        = "as"
	flagSettle    = "settle"
	flagGap       = "session-gap"
	flagDelete    = "delete"
	flagDelay     = "delete-delay"
	flagMost      = "max-delete-percent"
	flagSingle    = "assume-single-writer"
	flagDropData  = "drop-data"
	flagAccept    = "accept"
	flagForce     = "force"
	flagWriter    = "writer"
	flagBudget    = "budget"
	flagGrace     = "grace"
	flagWorkers   = "concurrency"
	flagMemory    = "memory"
	flagJSON      = "json"
	flagLogLevel  = "log-level"
	flagLogFormat = "log-format"
	flagConfig    = "config"
	flagShard     = "shard"
	flagFrom      = "from"
	flagTo        = "to"
	flagIDs       = "ids"
	flagMaxTime   = "max-duration"
	flagRecheck   = "recheck"
	flagProgress  = "progress"
	flagMetrics   = "metrics-file"
	flagPush      = "pushgateway"
	flagLabel     = "metrics-label"
)

// Defaults that more than one command has.
const (
	defaultOut    = finalize.DefaultOutPath
	defaultLayout = "nonce"
	defaultSettle = 30 * time.Minute
	defaultGap    = 15 * time.Minute
	defaultMost   = 60

	defaultWorkers = 32
)

func env(name string) []string {
	return []string{"RECFIN_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))}
}

func text(name, value, usage string) cli.Flag {
	return &cli.StringFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)}
}

func duration(name string, value time.Duration, usage string) cli.Flag {
	return &cli.DurationFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)}
}

// sourceFlags say where the segments are and what they mean. --store and --out
// may hold credentials, so their values from the environment stay out of the
// help (DefaultText).
func sourceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: flagStore, Usage: "where the segments are: `URL` (s3://bucket/prefix, s3+https://host/bucket, a folder; repeatable: primary and backup)", EnvVars: env(flagStore), DefaultText: "none"},
		&cli.StringFlag{Name: flagOut, Usage: "where the outputs go: `URL`", EnvVars: env(flagOut), DefaultText: "recordings/ in the first store"},
		&cli.StringSliceFlag{Name: flagLayout, Value: cli.NewStringSlice(defaultLayout), Usage: "what keys mean: " + strings.Join(finalize.LayoutNames(), ", ") + ", or a `PATTERN` such as '{recording}/{nonce}/{rendition}/{seq}.ts' (repeatable)", EnvVars: env(flagLayout)},
		&cli.StringSliceFlag{Name: flagRendition, Usage: "take the renditions that match a `GLOB`, or with '!GLOB' all but those (repeatable)", EnvVars: env(flagRendition)},
		&cli.StringSliceFlag{Name: flagRename, Usage: "call the renditions that match a glob NAME when keys are read, as `GLOB=NAME` ('P720p*=720p'; repeatable; equal names are joined)", EnvVars: env(flagRename)},
		text(flagZone, "UTC", "time zone of the times in keys, such as Europe/Berlin"),
		text(flagDurations, "auto", "durations of keys, sidecars and metadata: auto (cross-checked), trust, or probe (read every segment)"),
		text(flagSplit, "never", "never, or midnight: cut a session longer than 24 h at every UTC midnight in it"),
		text(flagHoles, "close", "close: what comes behind a hole follows at once in an MP4, or keep: wall time runs on, with silence and a picture that stands"),
		text(flagFormat, "hls", "what to write: hls, mp4 or hls,mp4"),
		text(flagHLS, "reference", "where the media of playlists are: reference (the segments stay where they are), copy (each is copied, by the store itself where it can), or single (one object per rendition)"),
		duration(flagSettle, defaultSettle, "a session is over when nothing was uploaded for so long (at least the session gap)"),
		duration(flagGap, defaultGap, "a longer gap ends a session"),
		&cli.BoolFlag{Name: flagForce, Usage: "treat what is not settled as settled; never deletes more", EnvVars: env(flagForce)},
		graceFlag(),
		&cli.IntFlag{Name: flagWorkers, Value: defaultWorkers, Usage: "requests under way at once in each store, and recordings that are worked on meanwhile", EnvVars: env(flagWorkers)},
		text(flagMemory, "256MiB", "most memory for segments in flight, and for what is known of the recordings that are worked on at once; MP4s are written for as many at once as half of it has room for, at 64 MiB each"),
		&cli.BoolFlag{Name: flagJSON, Usage: "one JSON object per recording on standard output", EnvVars: env(flagJSON)},
		text(flagLogLevel, byTerminal, "debug, info, warn or error, or auto (warn where standard error is a terminal, else info)"),
		text(flagLogFormat, byTerminal, "text or json, or auto (text where standard error is a terminal, else json)"),
	}
}

// requireFlag names what run must find.
func requireFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: flagRequire, Usage: "fail (exit 1) unless a recording of this `ID|GLOB` is found (repeatable)", EnvVars: env(flagRequire)}
}

// asFlag joins several IDs.
func asFlag() cli.Flag {
	return &cli.StringFlag{Name: flagAs, Usage: "make one recording `NAME` of all the IDs, once and for all", EnvVars: env(flagAs)}
}

// deleteFlags say what may go after the outputs are proved.
func deleteFlags() []cli.Flag {
	return []cli.Flag{
		text(flagDelete, "none", "none; leftovers: copies that lost, and files of superseded versions; or sources: those, and the segments that an MP4, a copy (--hls copy) or the media object of --hls single is proved to hold whole"),
		delayFlag(),
		&cli.IntFlag{Name: flagMost, Value: defaultMost, Usage: "refuse to delete more than `PERCENT` of a recording's bytes as leftovers", EnvVars: env(flagMost)},
		&cli.BoolFlag{Name: flagDropData, Usage: "with --delete sources: a segment may go although it holds data (ID3, SCTE-35 ...) that no output has", EnvVars: env(flagDropData)},
		singleFlag(),
		&cli.StringSliceFlag{Name: flagAccept, Usage: "with --delete sources: the sources of recording `ID` may go although it has holes or uncertain decisions (repeatable)", EnvVars: env(flagAccept)},
	}
}

// delayFlag is how long what is marked waits.
func delayFlag() cli.Flag {
	return duration(flagDelay, 24*time.Hour, "delete so long after the marking; 0 at once after the proof")
}

// singleFlag is the promise that stores without conditions need.
func singleFlag() cli.Flag {
	return &cli.BoolFlag{Name: flagSingle, Usage: "nobody else writes to the stores meanwhile: replace markers and delete even where the store honours no conditions on that", EnvVars: env(flagSingle)}
}

// config opens the stores and reads the settings.
func config(c *cli.Context) (finalize.Config, error) {
	cfg, err := options(c)
	if err != nil {
		return cfg, err
	}
	if cfg.Sources, cfg.Out, cfg.OutPath, err = openStores(c.Context, values(c, flagStore), c.String(flagOut), open.Options{Concurrency: cfg.Concurrency}); err != nil {
		return cfg, err
	}
	return cfg, cfg.Check()
}

// options are the settings apart from the stores.
func options(c *cli.Context) (finalize.Config, error) {
	cfg := finalize.Config{
		SessionGap: c.Duration(flagGap), Settle: c.Duration(flagSettle), Force: c.Bool(flagForce), AssumeSingleWriter: c.Bool(flagSingle),
		Concurrency: c.Int(flagWorkers), Delete: finalize.DeleteNone,
	}
	var err error
	if cfg.Shard, err = shardOf(c.String(flagShard)); err != nil {
		return cfg, err
	}
	if cfg.Days, err = finalize.ParseDays(c.String(flagFrom), c.String(flagTo)); err != nil {
		return cfg, err
	}
	if cfg.Memory, err = parseSize(c.String(flagMemory)); err != nil {
		return cfg, err
	}
	if cfg.Concurrency < 1 || cfg.Concurrency > 1024 {
		return cfg, usagef("--%s %d: want 1 to 1024", flagWorkers, cfg.Concurrency)
	}
	if cfg.Formats, err = finalize.ParseFormats(c.String(flagFormat)); err != nil {
		return cfg, err
	}
	if cfg.HLS, err = finalize.ParseHLSMode(c.String(flagHLS)); err != nil {
		return cfg, err
	}
	if cfg.Selection, err = finalize.ParseSelection(values(c, flagRendition)); err != nil {
		return cfg, err
	}
	zone, err := timeZone(c.String(flagZone))
	if err != nil {
		return cfg, err
	}
	if zone != time.UTC {
		cfg.TimeZone = zone.String()
	}
	if cfg.Layouts, err = finalize.ParseLayouts(values(c, flagLayout), zone); err != nil {
		return cfg, err
	}
	if cfg.Renames, err = finalize.ParseRenames(values(c, flagRename)); err != nil {
		return cfg, err
	}
	if cfg.Durations, err = finalize.ParseDurations(c.String(flagDurations)); err != nil {
		return cfg, err
	}
	if cfg.Split, err = finalize.ParseSplit(c.String(flagSplit)); err != nil {
		return cfg, err
	}
	if cfg.Gaps, err = finalize.ParseGaps(c.String(flagHoles)); err != nil {
		return cfg, err
	}
	cfg.DeleteDelay = c.Duration(flagDelay)
	if mode := c.String(flagDelete); mode != "" { // plan has no such flag
		if cfg.Delete, err = finalize.ParseDelete(mode); err != nil {
			return cfg, err
		}
		cfg.MaxDeletePercent = c.Int(flagMost)
		cfg.DropData, cfg.Accept = c.Bool(flagDropData), values(c, flagAccept)
	}
	return cfg, nil
}

// timeZone finds a zone by its name. "Local" would mean another one on each
// machine.
func timeZone(name string) (*time.Location, error) {
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, usagef("--%s %q: want UTC or a name such as Europe/Berlin", flagZone, name)
	}
	return zone, nil
}

// values are those of a repeatable flag. In the environment they stand one to a
// line: a comma, a space or a semicolon may be part of a URL, a path or a pattern.
func values(c *cli.Context, name string) []string {
	var all []string
	for _, v := range c.StringSlice(name) {
		for _, line := range strings.Split(v, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				all = append(all, line)
			}
		}
	}
	return all
}

// openStores opens the stores of the segments and that of the outputs. An --out
// inside one of the stores is a folder of it, so that playlists can reach the
// segments.
func openStores(ctx context.Context, sources []string, out string, opt open.Options) (in []store.Store, to store.Store, path string, err error) {
	if len(sources) == 0 {
		return nil, nil, "", usagef("no store: give --store URL or set RECFIN_STORE")
	}
	for _, raw := range sources {
		s, err := openStore(ctx, "--store", raw, opt)
		if err != nil {
			return nil, nil, "", err
		}
		in = append(in, s)
	}
	if out == "" {
		return in, in[0], defaultOut, nil
	}
	if to, err = openStore(ctx, "--out", out, opt); err != nil {
		return nil, nil, "", err
	}
	for _, s := range in {
		if rest, ok := strings.CutPrefix(to.Label(), s.Label()); ok {
			if path, err = url.PathUnescape(rest); err != nil { // a label is a URL, a folder is none
				return nil, nil, "", usagef("--out: %v", err)
			}
			return in, s, path, nil
		}
	}
	return in, to, "", nil
}

// openURL opens a store. Tests put one in its place that waits less.
var openURL = open.With

// openStore opens the store that a flag names. A URL that is none is wrong usage.
func openStore(ctx context.Context, flag, raw string, opt open.Options) (store.Store, error) {
	s, err := openURL(ctx, raw, opt)
	if errors.Is(err, store.ErrInvalid) {
		return nil, fmt.Errorf("%w: %s: %w", finalize.ErrUsage, flag, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return s, nil
}

// parseSize reads a number of bytes: 64MiB, 1GiB, 1000000.
func parseSize(s string) (int64, error) {
	number, unit := s, int64(1)
	for suffix, n := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			number, unit = rest, n
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/unit {
		return 0, usagef("--%s %q: want a size such as 256MiB", flagMemory, s)
	}
	return n * unit, nil
}
