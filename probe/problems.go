package probe

import (
	"fmt"
	"slices"

	"recfin/probe/fmp4"
	"recfin/probe/mpegts"
)

// problems names what was out of order in a stream, in stable words.
func problems(s mpegts.Stats) []string {
	p := counted([]counter{
		{"duplicate-packets", s.Duplicates},
		{"continuity-errors", s.ContinuityErrors},
		{"transport-errors", s.TransportErrors},
		{"scrambled-packets", s.Scrambled},
		{"sync-losses", s.SyncLosses},
		{"skipped-bytes", s.SkippedBytes},
		{"cut-packets", s.CutPackets},
		{"bad-sections", s.BadSections},
		{"guessed-programs", s.Guessed},
		{"bad-pes", s.BadPES},
		{"headless-packets", s.Headless},
		{"untimed-units", s.Untimed},
		{"timeless-units", s.Timeless},
		{"truncated-units", s.Truncated},
		{"damaged-units", s.Damaged},
		{"pictures-without-parameters", s.NoParameters},
		{"sound-without-frames", s.Soundless},
		{"sound-without-configuration", s.Undescribed},
		{"junk-bytes", s.JunkBytes},
		{"further-programs", int64(s.Programs)},
		{"data-pids", int64(len(s.Data))},
	})
	for _, u := range s.Unsupported {
		p = append(p, fmt.Sprintf("unsupported-stream %d type 0x%02x %s", u.PID, u.Type, u.Name))
	}
	slices.Sort(p)
	return p
}

// mp4Problems names what was out of order in an MP4.
func mp4Problems(s fmp4.Stats) []string {
	p := counted([]counter{
		{"truncated-units", s.Truncated},
		{"damaged-units", s.Damaged},
		{"empty-samples", s.Empty},
		{"pictures-without-parameters", s.NoParameters},
		{"untimed-fragments", s.Untimed},
		{"misplaced-fragments", s.Rebased},
		{"cut-boxes", s.CutBoxes},
		{"bad-boxes", s.BadBoxes},
		{"junk-bytes", s.JunkBytes},
		{"events", s.Events},
		{"edit-lists", s.Edits},
		{"hidden-pictures", s.Hidden},
		{"track-matrices", s.Matrices},
		{"undeclared-fragments", s.Strays},
		{"data-tracks", int64(len(s.Data))},
	})
	slices.Sort(p)
	return p
}

// counter is a word of a report and how often it applies.
type counter struct {
	word string
	n    int64
}

// counted gives those that apply.
func counted(all []counter) (p []string) {
	for _, c := range all {
		if c.n > 0 {
			p = append(p, fmt.Sprintf("%s %d", c.word, c.n))
		}
	}
	return p
}
