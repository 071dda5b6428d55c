package finalize

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"recfin/store"
)

// LeaseSettings are those of a run, for whoever finishes what it began. Stores
// stand by their labels, which hold no credentials. What may be deleted is not
// among them: who finishes deletes nothing.
type LeaseSettings struct {
	Stores     []string `json:"stores"` // labels of the sources, sorted
	Out        string   `json:"out"`    // label of the store of the outputs
	OutPath    string   `json:"out_path"`
	Layouts    []string `json:"layouts"` // as they were given
	TimeZone   string   `json:"time_zone,omitempty"`
	Formats    string   `json:"formats"`
	HLS        string   `json:"hls,omitempty"`        // absent: reference
	Renditions []string `json:"renditions,omitempty"` // globs; one that begins with "!" excludes
	Renames    []string `json:"renames,omitempty"`
	Durations  string   `json:"durations"`
	Split      string   `json:"split"`
	Gaps       string   `json:"gaps"`
	SessionGap int64    `json:"session_gap_ns"`
	Settle     int64    `json:"settle_ns"`
	Force      bool     `json:"force,omitempty"`
	IDs        []string `json:"ids,omitempty"`  // that are made one recording
	From       string   `json:"from,omitempty"` // days, as 2006-01-02
	To         string   `json:"to,omitempty"`
}

// leaseSettings are those of c for a recording that is made of ids.
func (c *Config) leaseSettings(ids []string) LeaseSettings {
	s := LeaseSettings{
		Out: c.Out.Label(), OutPath: c.OutPath, TimeZone: c.TimeZone, Formats: c.Formats.String(), HLS: string(c.HLS),
		Renditions: slices.Clone(c.Selection.Include), Durations: string(c.Durations), Split: string(c.Split), Gaps: string(c.Gaps),
		SessionGap: int64(c.SessionGap), Settle: int64(c.Settle), Force: c.Force, IDs: slices.Clone(ids),
	}
	s.From, s.To = c.Days.ends()
	for _, x := range c.Selection.Exclude {
		s.Renditions = append(s.Renditions, "!"+x)
	}
	for _, from := range c.Sources {
		s.Stores = append(s.Stores, from.Label())
	}
	for _, l := range c.Layouts {
		s.Layouts = append(s.Layouts, l.Name())
	}
	for _, r := range c.Renames {
		s.Renames = append(s.Renames, r.String())
	}
	slices.Sort(s.Stores)
	return s
}

// into gives c with the settings of the lease. The stores are those of c, so they
// must be those of the lease: what another store holds would look like lost. The
// result deletes nothing.
func (s *LeaseSettings) into(c Config) (Config, error) {
	stores := make([]string, len(c.Sources))
	for i, from := range c.Sources {
		stores[i] = from.Label()
	}
	slices.Sort(stores)
	switch {
	case !slices.Equal(stores, s.Stores):
		return c, fmt.Errorf("%w: it was begun with --store %s", ErrUsage, printableList(s.Stores))
	case s.Out != c.Out.Label() || s.OutPath != c.OutPath:
		return c, fmt.Errorf("%w: it was begun with --out %s%s", ErrUsage, store.Printable(s.Out), store.Printable(s.OutPath))
	case len(s.Layouts) == 0 || s.SessionGap < 0 || s.Settle < 0:
		return c, fmt.Errorf("%w: its settings make no sense", ErrUsage)
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return c, fmt.Errorf("%w: its time zone %q is not known here", ErrUsage, s.TimeZone)
	}
	if c.Layouts, err = ParseLayouts(s.Layouts, zone); err != nil {
		return c, err
	}
	if c.Formats, err = ParseFormats(s.Formats); err != nil {
		return c, err
	}
	if c.HLS, err = ParseHLSMode(cmp.Or(s.HLS, string(HLSReference))); err != nil {
		return c, err
	}
	if c.Selection, err = ParseSelection(s.Renditions); err != nil {
		return c, err
	}
	if c.Renames, err = ParseRenames(s.Renames); err != nil {
		return c, err
	}
	if c.Durations, err = ParseDurations(s.Durations); err != nil {
		return c, err
	}
	if c.Split, err = ParseSplit(s.Split); err != nil {
		return c, err
	}
	if c.Gaps, err = ParseGaps(s.Gaps); err != nil {
		return c, err
	}
	if c.Days, err = ParseDays(s.From, s.To); err != nil {
		return c, err
	}
	c.TimeZone, c.SessionGap, c.Settle, c.Force = s.TimeZone, time.Duration(s.SessionGap), time.Duration(s.Settle), s.Force
	c.Delete = DeleteNone
	return c, c.Check()
}

// printableList names stores in a message.
func printableList(names []string) string {
	var b []byte
	for i, n := range names {
		if i > 0 {
			b = append(b, " --store "...)
		}
		b = append(b, store.Printable(n)...)
	}
	return string(b)
}
