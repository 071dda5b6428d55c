package probe

import (
	"fmt"
	"strings"

	"recfin/mp4"
)

// Codecs is the value for the CODECS attribute of a playlist (RFC 8216 §4.3.4.2)
// that names the segment as it is, for a description of one of its tracks. It differs
// from that of the entry, which an MP4 of ours has, where
//
//   - the segment has parameter sets in-band and a sample entry that says so (avc3,
//     hev1): RFC 6381 §3.3 begins with the type of that entry;
//   - MPEG audio stands in a transport stream, which has no object type of an MP4: it
//     is "mp4a.40.34" (ISO/IEC 14496-3 table 1.17; 33 and 32 are layers II and I),
//     the name that HLS clients know it by.
func (m *Media) Codecs(t *Track, e mp4.SampleEntry) string {
	c := e.Codecs()
	switch e := e.(type) {
	case *mp4.MP3:
		if m.Container == MPEGTS {
			return fmt.Sprintf("mp4a.40.%d", 31+e.Layer)
		}
	case *mp4.AVC, *mp4.HEVC:
		if rest, ok := strings.CutPrefix(c, inSets[t.Format]); ok && inSets[t.Format] != "" {
			return t.Format + rest
		}
	}
	return c
}

// inSets are the types of sample entries with parameter sets in-band, and those
// without of the same form (ISO/IEC 14496-15 annex E).
var inSets = map[string]string{"avc3": "avc1", "hev1": "hvc1"}
