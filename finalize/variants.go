package finalize

import (
	"strings"
	"time"

	"recfin/finalize/playlist"
)

// roleAudio is the role of a rendition of sound that joins others.
const roleAudio = "audio"

// variants are the lines of the door for the renditions that have a playlist. As
// in the MP4s (see movies), sound alone goes with all pictures that have no sound of
// their own, as an audio group (RFC 8216 §4.3.4.1), and what such a variant stream
// needs counts the most that any of the group does. Where all pictures have sound it
// is a variant stream of its own, for listeners.
//
// CODECS names all of a group, and a client refuses what names one that it lacks. So
// a group has one family, AAC if there is some; other sound is for listeners too.
func (r *Record) variants(written []*RenditionRecord, target int) []Variant {
	out := make([]Variant, len(written))
	mute, best := false, ""
	for i, q := range written {
		out[i] = r.variant(q, target)
		switch pictures, sound := q.kinds(); {
		case pictures && !sound:
			mute, out[i].Sound = true, true
		case sound && !pictures && (best == "" || family(q.Codecs) == aacFamily):
			best = family(q.Codecs)
		}
	}
	var group []*Variant
	for i, q := range written {
		if pictures, sound := q.kinds(); mute && sound && !pictures && family(q.Codecs) == best {
			out[i].Role = roleAudio
			group = append(group, &out[i])
		}
	}
	for i := range out {
		v := &out[i]
		if v.Sound = v.Sound && len(group) > 0; v.Sound {
			v.take(group)
		}
	}
	return out
}

const aacFamily = "mp4a.40"

// family is a value for CODECS up to its second dot; of several it is all of them.
func family(codecs string) string {
	if strings.Contains(codecs, ",") {
		return codecs
	}
	parts := strings.SplitN(codecs, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// take counts in the sound of a group, of which one is played at a time.
func (v *Variant) take(group []*Variant) {
	peak, average := 0, 0
	codecs := split(v.Codecs)
	for _, a := range group {
		peak, average = max(peak, a.Bandwidth), max(average, a.Average)
		for _, c := range split(a.Codecs) {
			codecs = addDistinct(codecs, c)
		}
	}
	v.Bandwidth, v.Average = v.Bandwidth+peak, v.Average+average
	v.Codecs = strings.Join(codecs, ",")
}

// variant measures a rendition slot by slot. A GAP counts in no bandwidth.
func (r *Record) variant(q *RenditionRecord, target int) Variant {
	const gap = -1
	slots := r.SlotsOf(q)
	sizes, durations := make([]int64, len(slots.Seq)), make([]time.Duration, len(slots.Seq))
	for k := range sizes {
		sizes[k], durations[k] = gap, time.Duration(slots.DurationNS[k])
	}
	for i, k := range q.Slot {
		sizes[k], durations[k] = q.loaded(i), time.Duration(q.DurationNS[i])
	}
	peak, average := playlist.Bandwidth(sizes, durations, target)
	return Variant{
		Name: q.Output, Bandwidth: peak, Average: average, Codecs: q.Codecs,
		Width: q.Width, Height: q.Height, FrameNum: q.FrameNum, FrameDen: q.FrameDen,
		Language: q.Language, Channels: q.Channels,
	}
}

// loaded is how many bytes a client loads for the segment of a row: without an init
// segment (a part of it that is one, too), and without what one media object lacks.
func (q *RenditionRecord) loaded(row int) int64 {
	if q.Single != nil {
		return q.Single.Length[row]
	}
	n := q.rowBytes(row)
	if row < len(q.Header) {
		n -= q.Header[row]
	}
	return n
}

// audioGroup is the name of the only group that a door has.
const audioGroup = "audio"

// door is the text of a session's door under its own id or one that it has
// absorbed, a pure function of the marker's entry. A session without HLS has none.
//
// Of several sounds the first by name is the default, which is the first track of
// the MP4s too: nothing says what the pictures were spoken in. Whether segments are
// independent is said by the media playlists, each for itself (RFC 8216 §4.3.5).
func (e *MarkerSession) door(id string) ([]byte, error) {
	if len(e.Variants) == 0 {
		return nil, nil
	}
	return multivariant(e.Variants, func(name string) string { return playlist.RelativeURI(id, e.ID+"/"+e.Version+"/"+name) })
}

// multivariant is the text of a door to some variants, of which at gives the URI of a
// file.
func multivariant(variants []Variant, at func(name string) string) ([]byte, error) {
	var m playlist.Multi
	for i := range variants {
		v := &variants[i]
		if f := v.IFrames; f != nil {
			m.IFrames = append(m.IFrames, playlist.IFrameStream{
				URI: at(v.Name + "/iframes.m3u8"), Bandwidth: f.Bandwidth, AverageBandwidth: f.Average, Codecs: f.Codecs,
				Width: v.Width, Height: v.Height,
			})
		}
		if v.Role == roleAudio {
			m.Audio = append(m.Audio, playlist.Audio{
				URI: at(v.Name + ".m3u8"), Group: audioGroup, Name: v.Name, Language: v.Language, Channels: v.Channels,
				Default: firstSound(variants) == v.Name,
			})
			continue
		}
		pictures, sound := kindsOf(v.Width, v.Codecs)
		line := playlist.Variant{
			URI: at(v.Name + ".m3u8"), Bandwidth: v.Bandwidth, AverageBandwidth: v.Average, Codecs: v.Codecs,
			Width: v.Width, Height: v.Height, FrameRate: playlist.Rate{Num: v.FrameNum, Den: v.FrameDen},
			AudioOnly: sound && !pictures,
		}
		if v.Sound {
			line.Audio = audioGroup
		}
		m.Variants = append(m.Variants, line)
	}
	return m.Encode()
}

// firstSound is the sound of the group that is first by name.
func firstSound(variants []Variant) string {
	first := ""
	for _, v := range variants {
		if v.Role == roleAudio && (first == "" || v.Name < first) {
			first = v.Name
		}
	}
	return first
}
