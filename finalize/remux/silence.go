package remux

import (
	"recfin/mp4"
)

// quiet is a coded frame of silence.
type quiet struct {
	samples int64
	data    []byte
}

// silence gives the frames of digital silence for an entry, the longest first;
// nil where none is known. Each decodes to zeros whatever came before it, but for
// what overlaps from there.
func silence(e mp4.SampleEntry) []quiet {
	switch e := e.(type) {
	case *mp4.AAC:
		if data := silentAAC(e); data != nil {
			return []quiet{{int64(e.FrameSize), data}}
		}
	case *mp4.Opus:
		return silentOpus(e)
	case *mp4.MP3:
		if data := silentMPEG(e); data != nil {
			return []quiet{{int64(e.FrameSize), data}}
		}
	case *mp4.AC3:
		if data := silentAC3(e); data != nil {
			return []quiet{{int64(e.Frame()), data}}
		}
	case *mp4.EAC3:
		if data := silentEAC3(e); data != nil {
			return []quiet{{int64(e.Frame()), data}}
		}
	}
	return nil
}
