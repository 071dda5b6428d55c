package finalize

import (
	"fmt"
	"slices"

	"recfin/finalize/timeline"
)

// Durations says how far durations of keys, sidecars and metadata are trusted.
type Durations string

// Ways to trust durations.
const (
	DurationsAuto  Durations = "auto"  // the ends of runs, copies and what is out of line are read
	DurationsTrust Durations = "trust" // only what nothing else tells is read
	DurationsProbe Durations = "probe" // every segment is read whole
)

// ParseDurations reads a way to trust durations.
func ParseDurations(s string) (Durations, error) {
	switch d := Durations(s); d {
	case DurationsAuto, DurationsTrust, DurationsProbe:
		return d, nil
	}
	return DurationsAuto, fmt.Errorf("%w: --durations %q: want auto, trust or probe", ErrUsage, s)
}

// Split says where a session that goes on and on is cut.
type Split string

// Ways to split.
const (
	SplitNever    Split = "never"
	SplitMidnight Split = "midnight" // one longer than 24 h at every UTC midnight in it
)

// ParseSplit reads a way to split.
func ParseSplit(s string) (Split, error) {
	switch x := Split(s); x {
	case SplitNever, SplitMidnight:
		return x, nil
	}
	return SplitNever, fmt.Errorf("%w: --split %q: want never or midnight", ErrUsage, s)
}

// Gaps says what becomes of holes in an MP4.
type Gaps string

// Ways to treat holes.
const (
	GapsClose Gaps = "close" // what comes behind follows at once
	GapsKeep  Gaps = "keep"  // wall time is kept: silence, and a picture that stands
)

// ParseGaps reads a way to treat holes.
func ParseGaps(s string) (Gaps, error) {
	switch g := Gaps(s); g {
	case GapsClose, GapsKeep:
		return g, nil
	}
	return GapsClose, fmt.Errorf("%w: --gaps %q: want close or keep", ErrUsage, s)
}

// HLSMode says where the media of playlists are.
type HLSMode string

// Ways to write HLS.
const (
	HLSReference HLSMode = "reference" // the segments stay where they are
	HLSCopy      HLSMode = "copy"      // every chosen segment is copied into the version
	HLSSingle    HLSMode = "single"    // one media object a rendition, with byte ranges
)

// ParseHLSMode reads a way to write HLS.
func ParseHLSMode(s string) (HLSMode, error) {
	switch m := HLSMode(s); m {
	case HLSReference, HLSCopy, HLSSingle:
		return m, nil
	}
	return HLSReference, fmt.Errorf("%w: --hls %q: want reference, copy or single", ErrUsage, s)
}

// shaping are the settings that shape a session, for its record. Defaults leave
// no trace where records of earlier programs had none.
func (c *Config) shaping(layouts string, formats Formats) Settings {
	s := Settings{
		Layout: layouts, Formats: formats.String(), HLS: string(c.HLS), Gaps: string(c.Gaps),
		Include: c.Selection.Include, Exclude: c.Selection.Exclude,
		GapNS: int64(c.SessionGap), OutFormat: outputFormat, TimeZone: c.TimeZone,
	}
	for _, r := range c.Renames {
		s.Renames = append(s.Renames, r.String())
	}
	if c.Durations != DurationsAuto {
		s.Durations = c.Durations
	}
	if c.Split != SplitNever {
		s.Split = c.Split
	}
	return s
}

// timeline gives the settings that decide about the timeline of segments. Of
// equal copies the later upload is kept where any layout that reads them says so.
func (c *Config) timeline(segs []Segment) timeline.Options {
	opt := timeline.Options{
		SessionGap: c.SessionGap, Source: c.rename(defaultRendition), Home: c.home(), Midnight: c.Split == SplitMidnight,
	}
	switch c.Durations {
	case DurationsTrust:
		opt.Durations = timeline.Trust
	case DurationsProbe:
		opt.Durations = timeline.Probe
	}
	for _, l := range c.Layouts {
		opt.LaterWins = opt.LaterWins || l.LaterWins() && slices.ContainsFunc(segs, func(s Segment) bool { return s.Layout == l.Name() })
	}
	return opt
}
