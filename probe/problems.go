package probe

import (
	"fmt"
	"slices"

	"recfin/probe/mpegts"
)

// problems names what was out of order in a stream, in stable words.
func problems(s mpegts.Stats) []string {
	var p []string
	for _, c := range []struct {
		word string
		n    int64
	}{
		{"duplicate-packets", s.Duplicates},
		{"continuity-errors", s.ContinuityErrors},
		{"transport-errors", s.TransportErrors},
		{"scrambled-packets", s.Scrambled},
		{"sync-losses", s.SyncLosses},
		{"skipped-bytes", s.SkippedBytes},
		{"cut-packets", s.CutPackets},
		{"bad-sections", s.BadSections},
		{"bad-pes", s.BadPES},
		{"headless-packets", s.Headless},
		{"untimed-units", s.Untimed},
		{"timeless-units", s.Timeless},
		{"truncated-units", s.Truncated},
		{"damaged-units", s.Damaged},
		{"pictures-without-parameters", s.NoParameters},
		{"junk-bytes", s.JunkBytes},
		{"further-programs", int64(s.Programs)},
		{"data-pids", int64(len(s.Data))},
	} {
		if c.n > 0 {
			p = append(p, fmt.Sprintf("%s %d", c.word, c.n))
		}
	}
	for _, u := range s.Unsupported {
		p = append(p, fmt.Sprintf("unsupported-stream %d type 0x%02x %s", u.PID, u.Type, u.Name))
	}
	slices.Sort(p)
	return p
}
