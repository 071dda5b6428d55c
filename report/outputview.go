package report

import (
	"strings"

	"recfin/finalize"
)

// outputGroup are the outputs of one session.
type outputGroup struct {
	Session string
	Rows    []outputRow
}

// outputRow is an output, or the copies of one rendition together.
type outputRow struct {
	Kind      string
	Rendition string
	Key       string
	Length    string
	Size      string
	Bytes     string // exactly
	Holds     string
	Codecs    string
	Checksum  string
}

// kinds are what outputs are called.
var kinds = map[string]string{"hls": "playlist", "mp4": "MP4", "iframes": "I-frame playlist", "copy": "copies", "single": "media object"}

func outputsOf(records []*finalize.Record) []outputGroup {
	var out []outputGroup
	for _, r := range records {
		if len(r.Outputs) == 0 {
			continue
		}
		g := outputGroup{Session: shown(r.Session)}
		for i := 0; i < len(r.Outputs); i++ {
			o, n := r.Outputs[i], 1
			for ; o.Kind == "copy" && i+1 < len(r.Outputs) && r.Outputs[i+1].Kind == "copy" && r.Outputs[i+1].Rendition == o.Rendition; i++ {
				next := &r.Outputs[i+1]
				o.Size, o.DurationNS, o.Segments = o.Size+next.Size, o.DurationNS+next.DurationNS, o.Segments+next.Segments
				n++
			}
			g.Rows = append(g.Rows, outputOf(r, o, n))
		}
		out = append(out, g)
	}
	return out
}

func outputOf(r *finalize.Record, o finalize.Output, n int) outputRow {
	row := outputRow{Kind: kinds[o.Kind], Rendition: shown(o.Rendition), Key: shown(o.Key), Length: clock(o.DurationNS), Size: size(o.Size), Bytes: digits(o.Size), Checksum: shown(o.Checksum)}
	if row.Kind == "" {
		row.Kind = shown(o.Kind)
	}
	var holds []string
	if n > 1 {
		row.Key, row.Checksum = shown(o.Key[:strings.LastIndexByte(o.Key, '/')+1]), ""
		holds = append(holds, count(n, "object"))
	}
	if o.Segments > 0 {
		holds = append(holds, count(o.Segments, "segment"))
	}
	if o.Video > 0 {
		holds = append(holds, count(o.Video, "picture"))
	}
	if o.Audio > 0 {
		holds = append(holds, count(o.Audio, "frame")+" of sound")
	}
	if o.Silent > 0 {
		holds = append(holds, digits(int64(o.Silent))+" of them silent, made where sound is missing")
	}
	if o.Skipped > 0 {
		holds = append(holds, count(o.Skipped, "sample")+" left out")
	}
	if len(o.Sound) > 0 {
		holds = append(holds, "with the sound of "+list(o.Sound, 8))
	}
	row.Holds = strings.Join(holds, ", ")
	for i := range r.Renditions {
		if q := &r.Renditions[i]; q.Name == o.Rendition && q.Codecs != "" {
			row.Codecs = shown(q.Codecs)
		}
	}
	return row
}
