package mp4check

import (
	"fmt"
	"slices"
)

// body checks that chunks lie in mdat, do not overlap and leave no byte of it.
func (m *Movie) body(start, end int64) error {
	type owned struct {
		Chunk
		track int
	}
	var all []owned
	for i, t := range m.Tracks {
		for _, c := range t.Chunks {
			if c.Offset < start || c.Size > end-c.Offset {
				return fmt.Errorf("chunk of track %d, %d bytes at %d, is not in mdat %d to %d", i, c.Size, c.Offset, start, end)
			}
			if c.Size > 0 {
				all = append(all, owned{c, i})
			}
		}
	}
	slices.SortFunc(all, func(a, b owned) int {
		switch {
		case a.Offset < b.Offset:
			return -1
		case a.Offset > b.Offset:
			return 1
		}
		return 0
	})
	at := start
	for _, c := range all {
		if c.Offset != at {
			return fmt.Errorf("chunk of track %d is at %d, the one before ends at %d", c.track, c.Offset, at)
		}
		at += c.Size
	}
	if at != end {
		return fmt.Errorf("%d bytes of mdat belong to no chunk", end-at)
	}
	return nil
}

// NALUnits cuts a sample of AVC or HEVC video into its NAL units, which stand
// behind lengths of four bytes (ISO/IEC 14496-15 §5.3.3.1.2).
func NALUnits(sample []byte) ([][]byte, error) {
	var out [][]byte
	for r := (&in{b: sample}); len(r.b) > 0; {
		n := int(r.u32())
		u := r.take(n)
		if r.short || n == 0 {
			return nil, fmt.Errorf("NAL unit %d of %d bytes does not fit its sample", len(out), n)
		}
		out = append(out, u)
	}
	return out, nil
}
