package finalize

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"recfin/finalize/layout"
	"recfin/store"
)

// Config is what a caller wants. The zero values of durations and limits are
// taken as they stand; Defaults gives those of the command line.
type Config struct {
	// Sources are where the segments are, at least one. An object is known by the
	// label of its store and its key, so an equal key in two stores is two objects.
	// Their order says nothing, except that the first is the default of Out.
	Sources []store.Store
	Out     store.Store // where the outputs go; may be one of Sources
	OutPath string      // folder of the outputs in Out: empty or ending in a slash

	Layouts    []*layout.Layout // the first that matches a key has it
	Formats    Formats
	HLS        HLSMode
	TimeZone   string    // of the times in keys, as the layouts were made with; empty: UTC
	Renames    []Rename  // of renditions, when a key is read; the first that matches
	Selection  Selection // by the new names
	Durations  Durations
	Split      Split
	Gaps       Gaps          // in MP4s
	SessionGap time.Duration // longest gap in wall time inside a session
	Settle     time.Duration // nothing uploaded for so long: the session is over

	Delete           DeleteMode
	DeleteDelay      time.Duration // from the marker that condemned, by the store's clock
	MaxDeletePercent int           // of a recording's bytes, 0 to 100; leftovers only
	// AssumeSingleWriter promises that nobody else writes or deletes in the stores
	// while a run does. Only then are markers replaced and objects deleted in a store
	// that honours no conditions on that.
	AssumeSingleWriter bool
	// DropData: a segment may go as a source although it holds data (ID3, SCTE-35 and
	// what else is neither picture nor sound) that no output has.
	DropData bool
	// Accept are the recordings that somebody has looked at: their sources may go
	// although they have holes, or decisions that the evidence did not settle.
	Accept []string

	// AsCommitted: what is committed lacks no format. For a plan that is looked at and
	// not carried out: that the sources are gone of which another format would have to be
	// made is then nothing to be refused.
	AsCommitted bool

	Force       bool  // waives settling and the lease of another run for writing, never for deleting
	Concurrency int   // requests under way at once for one recording
	Memory      int64 // bytes that all recordings at work may take, half of them for segments in flight (see room.go)

	// Shard is the share of the recordings that Discover, Finalized and Recover have to
	// do with. Zero: all of them. What is named is worked on whatever share it is in.
	Shard Shard

	// Days are those of whose sessions something may be written or deleted. The others of
	// a recording stay as they are. Zero: all.
	Days Days

	// Identity is who holds the leases. Without a host none is taken, and none of
	// another run is looked at.
	Identity Identity

	Notify func(Event) // progress; may be nil; called from several goroutines
}

// Formats is the set of wanted outputs.
type Formats struct{ HLS, MP4 bool }

// Has reports whether f holds all of g.
func (f Formats) Has(g Formats) bool {
	return (f.HLS || !g.HLS) && (f.MP4 || !g.MP4)
}

// Union is what either wants.
func (f Formats) Union(g Formats) Formats {
	return Formats{HLS: f.HLS || g.HLS, MP4: f.MP4 || g.MP4}
}

// String is "hls", "mp4" or "hls,mp4".
func (f Formats) String() string {
	var s []string
	if f.HLS {
		s = append(s, "hls")
	}
	if f.MP4 {
		s = append(s, "mp4")
	}
	return strings.Join(s, ",")
}

// ParseFormats reads a comma-separated list of "hls" and "mp4".
func ParseFormats(s string) (Formats, error) {
	var f Formats
	for _, w := range strings.Split(s, ",") {
		switch strings.TrimSpace(w) {
		case "hls":
			f.HLS = true
		case "mp4":
			f.MP4 = true
		default:
			return f, fmt.Errorf("%w: format %q: want hls, mp4 or hls,mp4", ErrUsage, w)
		}
	}
	return f, nil
}

// ParseLayouts reads presets and patterns. zone is that of the times in keys;
// nil: UTC.
func ParseLayouts(names []string, zone *time.Location) ([]*layout.Layout, error) {
	var out []*layout.Layout
	for _, n := range names {
		l, err := layout.Parse(n, layout.Options{Zone: zone})
		if err != nil {
			return nil, fmt.Errorf("%w: --layout: %v", ErrUsage, err)
		}
		out = append(out, l)
	}
	return out, nil
}

// LayoutNames are the names of the layouts that need no pattern, sorted.
func LayoutNames() []string { return layout.Presets() }

// DeleteMode says what may be deleted after the outputs are proved.
type DeleteMode string

// Modes of deleting.
const (
	DeleteNone      DeleteMode = "none"
	DeleteLeftovers DeleteMode = "leftovers" // copies that lost, and files of superseded versions
	DeleteSources   DeleteMode = "sources"   // those, and segments that an output is proved to hold whole
)

// Leftovers reports whether copies that lost may go.
func (m DeleteMode) Leftovers() bool { return m == DeleteLeftovers || m == DeleteSources }

// ParseDelete reads a mode.
func ParseDelete(s string) (DeleteMode, error) {
	switch m := DeleteMode(s); m {
	case DeleteNone, DeleteLeftovers, DeleteSources:
		return m, nil
	}
	return DeleteNone, fmt.Errorf("%w: --delete %q: want none, leftovers or sources", ErrUsage, s)
}

// Selection includes and excludes renditions by glob. A name is taken if it
// matches any Include (or there is none) and no Exclude.
type Selection struct{ Include, Exclude []string }

// ParseSelection reads globs; one that begins with "!" excludes.
func ParseSelection(globs []string) (Selection, error) {
	var s Selection
	for _, g := range globs {
		name, exclude := strings.CutPrefix(g, "!")
		if _, err := path.Match(name, "x"); err != nil || name == "" {
			return s, fmt.Errorf("%w: --rendition %q is no glob: use * ? [a-z], as in 720p or '!360p'", ErrUsage, g)
		}
		if exclude {
			s.Exclude = append(s.Exclude, name)
		} else {
			s.Include = append(s.Include, name)
		}
	}
	return s, nil
}

// Takes reports whether the rendition is selected.
func (s Selection) Takes(rendition string) bool {
	match := func(globs []string) bool {
		for _, g := range globs {
			if ok, _ := path.Match(g, rendition); ok {
				return true
			}
		}
		return false
	}
	return (len(s.Include) == 0 || match(s.Include)) && !match(s.Exclude)
}

// Defaults fills the settings that a caller left at zero and that have no
// meaning there.
func (c Config) Defaults() Config {
	if c.Out == nil && len(c.Sources) > 0 {
		c.Out = c.Sources[0]
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 32
	}
	if c.Memory <= 0 {
		c.Memory = 256 << 20
	}
	if c.Delete == "" {
		c.Delete = DeleteNone
	}
	if c.Durations == "" {
		c.Durations = DurationsAuto
	}
	if c.HLS == "" {
		c.HLS = HLSReference
	}
	if c.Split == "" {
		c.Split = SplitNever
	}
	if c.Gaps == "" {
		c.Gaps = GapsClose
	}
	return c
}

// Check says what is wrong with the settings.
func (c Config) Check() error {
	switch {
	case len(c.Sources) == 0:
		return fmt.Errorf("%w: no store: give --store URL", ErrUsage)
	case len(c.Layouts) == 0:
		return fmt.Errorf("%w: no layout", ErrUsage)
	case c.Formats == Formats{}:
		return fmt.Errorf("%w: no output format: give --format hls, mp4 or hls,mp4", ErrUsage)
	case c.OutPath != "" && !strings.HasSuffix(c.OutPath, "/"):
		return fmt.Errorf("%w: the output folder %q does not end in a slash", ErrUsage, c.OutPath)
	case c.home() != "" && c.OutPath == "":
		return fmt.Errorf("%w: --out is the folder of the segments itself: outputs need a folder of their own, as %srecordings/", ErrUsage, c.Out.Label())
	case c.references() && c.home() == "":
		return fmt.Errorf("%w: --hls reference needs the outputs in a store of the segments (%s), not in %s: use --hls copy, --hls single, --format mp4 or another --out", ErrUsage, c.labels(), c.Out.Label())
	case c.Delete == DeleteSources && c.references():
		return fmt.Errorf("%w: --delete sources with a playlist that references the sources would break it: give --hls copy, --hls single or --format mp4, or --delete leftovers", ErrUsage)
	case c.SessionGap < 0:
		return negative("session-gap", c.SessionGap)
	case c.Settle < 0:
		return negative("settle", c.Settle)
	case c.DeleteDelay < 0:
		return negative("delete-delay", c.DeleteDelay)
	case c.MaxDeletePercent < 0 || c.MaxDeletePercent > 100:
		return fmt.Errorf("%w: --max-delete-percent %d is not within 0 to 100", ErrUsage, c.MaxDeletePercent)
	}
	return errors.Join(c.Shard.check(), c.Days.check(), c.checkSources())
}

// references reports whether playlists are to name segments where they lie.
func (c Config) references() bool { return c.Formats.HLS && c.HLS == HLSReference }

func negative(flag string, d time.Duration) error {
	return fmt.Errorf("%w: --%s %s is negative", ErrUsage, flag, d)
}

// settleAfter is how long a session must have been quiet (semantics: the
// longer of settle and session gap, so that no upload that is still retried
// and no reconnecting source is missed).
func (c Config) settleAfter() time.Duration { return max(c.Settle, c.SessionGap) }
