package playlist

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/grafov/m3u8"
)

// This is the only file that knows grafov/m3u8 v0.12. What the library does
// differently from the rules, and what is done about it:
//
//   - A playlist of capacity 0 panics on its first segment: never asked for.
//   - Encode returns the buffer that it goes on using: copied.
//   - Of each segment it makes a kilobyte and a dozen allocations: it has some at a
//     time, and their texts are put together behind one header.
//   - EXTINF has three decimals, through a float32: each line is written anew.
//   - EXT-X-TARGETDURATION is the longest segment rounded up: the segments have
//     no duration there, and the value is set at the end.
//   - EXT-X-PROGRAM-DATE-TIME has the zone of its value and no trailing zeros,
//     EXT-X-GAP is unknown, and custom tags come in random order: they are put in
//     before EXTINF, in an order of ours.
//   - EXT-X-INDEPENDENT-SEGMENTS is unknown in a media playlist: a custom tag.
//   - EXT-X-VERSION is only ever raised: set.
//   - EXT-X-MAP has its BYTERANGE without quotes, one in force for the playlist
//     hides those of the segments, and a repeated one is written again: put in where
//     it changes, and where a discontinuity may have made a client forget it.
//   - EXT-X-BYTERANGE comes before what has to be put in. There are clients that
//     forget it and the date when EXT-X-MAP follows, so it is put in behind them.
//   - EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF begin with PROGRAM-ID, which
//     RFC 8216 removed: taken out.
//   - EXT-X-MEDIA knows no CHANNELS, always writes DEFAULT, and takes two for one
//     that differ in nothing but the URI: lines of a custom tag.
//   - Bandwidths have 32 bits: held at 4.29 Gbit/s.
//   - URIs and attributes are written as they are: checked before.
//
// Its decoder is not used at all. A line "x" after EXT-X-MAP or EXT-X-KEY makes
// it panic, strict or not; of a multivariant playlist of 13 kB (200 EXT-X-MEDIA,
// 200 variants) it makes 320 MB, the cube of what it reads; durations go through
// a float64, and a bad one is 0 or NaN; EXT-X-BYTERANGE without an offset gets
// offset 0; a blank line after EXTINF is a segment; the end of a text that was
// cut off is one too; EXT-X-GAP is unknown; and of two dates the first counts.

// lines is a custom tag of any number of whole lines. The library adds the
// last line break.
type lines string

func (l lines) TagName() string       { return "#" }
func (l lines) Encode() *bytes.Buffer { return bytes.NewBufferString(string(l)) }
func (l lines) String() string        { return string(l) }

// custom wraps lines as the library wants them.
func custom(l lines) map[string]m3u8.CustomTag {
	return map[string]m3u8.CustomTag{l.TagName(): l}
}

const independentTag = "#EXT-X-INDEPENDENT-SEGMENTS"

// dateTime is ISO 8601 with milliseconds, for times in UTC.
const dateTime = "2006-01-02T15:04:05.000Z"

// piece is how many segments the library has at a time: it needs ten times the
// memory of their text, and so it is never that of the whole text.
const piece = 1024

// encodeMedia gives the text of a media playlist that was checked before. inf
// has the EXTINF of each segment in microseconds.
func encodeMedia(m *Media, inf []int64, target int) ([]byte, error) {
	text := make([]byte, 0, m.room())
	head := 0 // length of the header, which each piece has
	version := m.version()
	var maps mapping
	for from := 0; from < len(m.Segments); from += piece {
		to := min(from+piece, len(m.Segments))
		p, err := pieceOf(m.Segments[from:to])
		if err != nil {
			return nil, err
		}
		if m.Independent {
			p.Custom = custom(independentTag)
		}
		p.MediaType = m3u8.VOD
		p.Iframe = m.IFramesOnly
		p.TargetDuration = float64(target)
		p.SetVersion(version)
		if to == len(m.Segments) {
			p.Close()
		}
		raw, n := p.Encode().Bytes(), from
		for line := range bytes.Lines(raw[head:]) {
			if !bytes.HasPrefix(line, []byte(infTag)) {
				text = append(text, line...)
				continue
			}
			text = appendTags(text, &m.Segments[n], maps.begins(&m.Segments[n]))
			text = append(text, infTag...)
			text = appendInf(text, inf[n])
			text = append(text, ",\n"...)
			n++
		}
		if from == 0 {
			head = headOf(raw)
		}
	}
	return text, nil
}

const infTag = "#EXTINF:"

// headOf is how much of a text stands before what belongs to its first segment.
func headOf(text []byte) int {
	n := 0
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("#EXT-X-DISCONTINUITY\n")) || bytes.HasPrefix(line, []byte(infTag)) {
			break
		}
		n += len(line)
	}
	return n
}

// pieceOf is a playlist of the library with some segments.
func pieceOf(some []Segment) (*m3u8.MediaPlaylist, error) {
	p, err := m3u8.NewMediaPlaylist(0, uint(len(some)))
	if err != nil {
		return nil, err
	}
	segments := make([]m3u8.MediaSegment, len(some))
	for i := range some {
		segments[i].URI, segments[i].Discontinuity = some[i].URI, some[i].Discontinuity
		if err := p.AppendSegment(&segments[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// mapping is the init segment in force. EXT-X-MAP holds until the next one (RFC 8216
// §4.3.2.5), over gaps and discontinuities too. Behind a gap nothing is said again. But
// behind a discontinuity it is: a client may set its decoder up anew there, and some
// take the init segment only from what stands behind it. It costs the others a small
// request (hls.js, ffmpeg) and no more.
type mapping struct {
	current *Map
	stale   bool // a discontinuity came since
}

// begins gives the init segment that EXT-X-MAP has to name at a segment, or nil.
func (m *mapping) begins(s *Segment) *Map {
	m.stale = m.stale || s.Discontinuity
	if s.Map == nil || m.current != nil && *s.Map == *m.current && !m.stale {
		return nil
	}
	m.current, m.stale = s.Map, false
	return s.Map
}

// room is how long the text can become, roughly.
func (m *Media) room() int {
	n := 300
	for i := range m.Segments {
		s := &m.Segments[i]
		n += len(s.URI) + len("#EXTINF:12.345678,\n\n")
		if s.Discontinuity {
			n += len("#EXT-X-DISCONTINUITY\n")
		}
		if !s.ProgramDateTime.IsZero() {
			n += len("#EXT-X-PROGRAM-DATE-TIME:\n") + len(dateTime)
		}
		if s.Range.Length > 0 {
			n += len("#EXT-X-BYTERANGE:12345678@123456789012\n")
		}
	}
	return n
}

// appendTags appends the tags of a segment that the library does not write, or not
// right. initial is the init segment that begins to apply, if one does.
func appendTags(b []byte, s *Segment, initial *Map) []byte {
	if initial != nil {
		b = append(b, "#EXT-X-MAP:URI=\""...)
		b = append(b, initial.URI...)
		b = append(b, '"')
		if r := initial.Range; r.Length > 0 {
			b = append(b, ",BYTERANGE=\""...)
			b = append(appendRange(b, r), '"')
		}
		b = append(b, '\n')
	}
	// ISO 8601 has four digits for the year.
	if t := s.ProgramDateTime.UTC(); !t.IsZero() && t.Year() >= 0 && t.Year() <= 9999 {
		b = append(b, "#EXT-X-PROGRAM-DATE-TIME:"...)
		b = append(t.AppendFormat(b, dateTime), '\n')
	}
	if s.Range.Length > 0 {
		b = append(b, "#EXT-X-BYTERANGE:"...)
		b = append(appendRange(b, s.Range), '\n')
	}
	if s.Gap {
		b = append(b, "#EXT-X-GAP\n"...)
	}
	return b
}

func appendRange(b []byte, r ByteRange) []byte {
	b = append(strconv.AppendInt(b, r.Length, 10), '@')
	return strconv.AppendInt(b, r.Offset, 10)
}

// encodeMulti gives the text of a multivariant playlist in the order given; all was
// checked before.
func encodeMulti(m *Multi) []byte {
	p := m3u8.NewMasterPlaylist()
	p.SetIndependentSegments(m.Independent)
	if l := mediaLines(m.Audio); l != "" {
		p.Custom = custom(l)
	}
	for i := range m.Variants {
		p.Append(m.Variants[i].URI, nil, variantParams(&m.Variants[i]))
	}
	for i := range m.IFrames {
		p.Append(m.IFrames[i].URI, nil, iframeParams(&m.IFrames[i]))
	}
	p.SetVersion(m.version())
	text := p.Encode().Bytes()
	for _, tag := range []string{"\n#EXT-X-STREAM-INF:", "\n#EXT-X-I-FRAME-STREAM-INF:"} {
		text = bytes.ReplaceAll(text, []byte(tag+"PROGRAM-ID=0,"), []byte(tag))
	}
	return text
}

// mediaLines are the EXT-X-MEDIA tags of sound. AUTOSELECT goes to the first of
// each language in its group (RFC 8216 §4.3.4.1.1).
func mediaLines(all []Audio) lines {
	var b []byte
	selected := map[[2]string]bool{}
	for i := range all {
		a := &all[i]
		b = fmt.Appendf(b, "\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"%s\",NAME=\"%s\"", a.Group, a.Name)
		if a.Language != "" {
			b = fmt.Appendf(b, ",LANGUAGE=\"%s\"", a.Language)
		}
		if a.Default {
			b = append(b, ",DEFAULT=YES"...)
		}
		if of := [2]string{a.Group, a.Language}; !selected[of] {
			selected[of] = true
			b = append(b, ",AUTOSELECT=YES"...)
		}
		if a.Channels > 0 {
			b = fmt.Appendf(b, ",CHANNELS=\"%d\"", a.Channels)
		}
		b = fmt.Appendf(b, ",URI=\"%s\"", a.URI)
	}
	return lines(bytes.TrimPrefix(b, []byte("\n")))
}

// variantParams translates the attributes of a variant.
func variantParams(v *Variant) m3u8.VariantParams {
	p := pictureParams(v.Bandwidth, v.AverageBandwidth, v.Codecs, v.Width, v.Height)
	p.Audio = v.Audio
	if v.AudioOnly {
		p.Resolution = ""
		return p
	}
	p.FrameRate = float64(v.FrameRate.thousandths()) / 1000
	return p
}

// iframeParams translates the attributes of an I-frame playlist.
func iframeParams(s *IFrameStream) m3u8.VariantParams {
	p := pictureParams(s.Bandwidth, s.AverageBandwidth, s.Codecs, s.Width, s.Height)
	p.Iframe = true
	return p
}

func pictureParams(peak, average int, codecs string, width, height int) m3u8.VariantParams {
	p := m3u8.VariantParams{
		Bandwidth:        uint32(min(peak, math.MaxUint32)),
		AverageBandwidth: uint32(min(average, math.MaxUint32)),
		Codecs:           codecs,
	}
	if width > 0 && height > 0 {
		p.Resolution = strconv.Itoa(width) + "x" + strconv.Itoa(height)
	}
	return p
}
