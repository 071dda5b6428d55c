package playlist

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path"
	"strings"
	"time"
)

// ReadM3U8 reads a media playlist (RFC 8216 §4.3.2, §4.3.3) of any type, ended
// or not, or a multivariant playlist (§4.3.4).
//
// A tag that is used here is understood or the playlist is refused with
// [ErrSidecar], as §6.3.1 wants it; other tags are passed over. More lenient
// than that: a byte order mark, blanks around lines, a target duration of any
// form, EXTINF without a comma, and a date that cannot be read or has no zone,
// which leaves the wall time unknown. Of a text whose last line has no end, as
// if written only in part, that line counts only where it is clearly whole.
//
// A playlist of I-frames and a delta update are refused: neither says what the
// segments are.
func ReadM3U8(raw []byte) (*Sidecar, error) {
	text := strings.TrimPrefix(string(raw), "\uFEFF")
	r := m3u8Reader{out: &Sidecar{}}
	header := false
	for n := 1; text != ""; n++ {
		line, rest, whole := strings.Cut(text, "\n")
		text = rest
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			continue
		case !header:
			if !strings.HasPrefix(line, "#EXTM3U") {
				return nil, fmt.Errorf("%w: line %d: #EXTM3U is missing", ErrSidecar, n)
			}
			header = true
			continue
		case !whole && !r.complete(line):
			continue
		}
		var err error
		if strings.HasPrefix(line, "#") {
			tag, value, _ := strings.Cut(line, ":")
			err = r.tag(tag, strings.TrimSpace(value))
		} else {
			err = r.uri(line)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrSidecar, n, err)
		}
	}
	if !header {
		return nil, fmt.Errorf("%w: line 1: #EXTM3U is missing", ErrSidecar)
	}
	if len(r.out.Children) > 0 && len(r.out.Entries) > 0 {
		return nil, fmt.Errorf("%w: it lists both segments and playlists", ErrSidecar)
	}
	return r.out, nil
}

// m3u8Reader takes lines one by one. It is written by hand: none of the facts
// that are wanted survives the decoder of the library, see grafov.go.
type m3u8Reader struct {
	out      *Sidecar
	next     Entry // what tags have said of the segment to come
	inf      bool  // EXTINF was there
	placed   bool  // EXT-X-BYTERANGE was there, with an offset
	dated    bool  // EXT-X-PROGRAM-DATE-TIME was there
	first    int64 // EXT-X-MEDIA-SEQUENCE
	numbered bool
	wall     time.Time        // end of the segment before; zero: unknown
	ends     map[string]int64 // where the last range of a URI ends
	initial  *Map
	variant  *Child // EXT-X-STREAM-INF is waiting for its URI
	children map[string]bool
}

// complete tells whether the last line, which has no end, is all of it.
func (r *m3u8Reader) complete(line string) bool {
	if strings.HasPrefix(line, "#") {
		return line == "#EXT-X-ENDLIST"
	}
	if r.variant != nil {
		return extension(line) == ".m3u8"
	}
	n := len(r.out.Entries)
	ext := extension(line)
	return n > 0 && ext != "" && ext == extension(r.out.Entries[n-1].URI)
}

// extension is that of a URI's path.
func extension(uri string) string {
	uri, _, _ = strings.Cut(uri, "?")
	return path.Ext(uri)
}

func (r *m3u8Reader) tag(tag, value string) error {
	switch tag {
	case "#EXTINF":
		value, _, _ = strings.Cut(value, ",")
		d, ok := seconds(strings.TrimSpace(value))
		if !ok {
			return fmt.Errorf("EXTINF %.40q is no duration", value)
		}
		r.next.Duration, r.inf = d, true
	case "#EXT-X-BYTERANGE":
		var ok bool
		if r.next.Range, r.placed, ok = byteRange(value); !ok {
			return fmt.Errorf("EXT-X-BYTERANGE %.40q is no range", value)
		}
	case "#EXT-X-MEDIA-SEQUENCE":
		n, ok := number(value)
		if !ok || len(r.out.Entries) > 0 {
			return fmt.Errorf("EXT-X-MEDIA-SEQUENCE %.40q is no number, or comes after a segment", value)
		}
		r.first, r.numbered = n, true
	case "#EXT-X-PROGRAM-DATE-TIME":
		r.next.Wall, r.dated = parseDate(value), true
	case "#EXT-X-DISCONTINUITY":
		r.next.Discontinuity = true
	case "#EXT-X-GAP":
		r.next.Gap = true
	case "#EXT-X-ENDLIST":
		r.out.Ended = true
	case "#EXT-X-MAP":
		return r.mapTag(value)
	case "#EXT-X-STREAM-INF", "#EXT-X-MEDIA":
		return r.childTag(tag, value)
	case "#EXT-X-I-FRAMES-ONLY":
		return errors.New("EXT-X-I-FRAMES-ONLY: it lists pictures, not segments")
	case "#EXT-X-SKIP":
		return errors.New("EXT-X-SKIP: a delta update leaves segments out")
	}
	return nil
}

// uri takes a URI line: of a segment, or of a variant stream.
func (r *m3u8Reader) uri(line string) error {
	if r.variant != nil {
		r.variant.URI = line
		r.child(*r.variant)
		r.variant = nil
		return nil
	}
	if !r.inf {
		return fmt.Errorf("the URI %.200q without EXTINF", line)
	}
	e := r.next
	e.URI, e.Map, e.Numbered = line, r.initial, r.numbered
	if r.numbered {
		e.Seq = r.first + int64(len(r.out.Entries))
		if e.Seq < 0 {
			return errors.New("the media sequence number is too large")
		}
	}
	if e.Range.Length > 0 {
		if err := r.place(&e); err != nil {
			return err
		}
	}
	if !r.dated && !e.Discontinuity {
		e.Wall = r.wall
	}
	r.wall = time.Time{}
	if !e.Wall.IsZero() {
		r.wall = e.Wall.Add(e.Duration)
	}
	if len(r.out.Entries) == maxEntries {
		return errTooMany
	}
	r.out.Entries = append(r.out.Entries, e)
	r.next, r.inf, r.placed, r.dated = Entry{}, false, false, false
	return nil
}

// place gives a range without an offset the one that follows the last range of
// the same URI.
func (r *m3u8Reader) place(e *Entry) error {
	if !r.placed {
		end, ok := r.ends[e.URI]
		if !ok || end > math.MaxInt64-e.Range.Length {
			return fmt.Errorf("EXT-X-BYTERANGE of %.200q without an offset, and none before it to go on from", e.URI)
		}
		e.Range.Offset = end
	}
	if r.ends == nil {
		r.ends = map[string]int64{}
	}
	r.ends[e.URI] = e.Range.Offset + e.Range.Length
	return nil
}

// mapTag takes EXT-X-MAP. A range without an offset begins at 0.
func (r *m3u8Reader) mapTag(list string) error {
	m := &Map{}
	uri, _, err := attribute(list, "URI")
	if err == nil && uri == "" {
		err = errors.New("no URI")
	}
	if err != nil {
		return fmt.Errorf("EXT-X-MAP: %w", err)
	}
	m.URI = uri
	part, ok, err := attribute(list, "BYTERANGE")
	if err == nil && ok {
		if m.Range, _, ok = byteRange(part); !ok {
			err = fmt.Errorf("BYTERANGE %.40q is no range", part)
		}
	}
	if err != nil {
		return fmt.Errorf("EXT-X-MAP: %w", err)
	}
	r.initial = m
	return nil
}

// childTag takes EXT-X-STREAM-INF, whose URI is still to come, and EXT-X-MEDIA
// of audio and video that has a playlist of its own.
func (r *m3u8Reader) childTag(tag, list string) error {
	values := map[string]string{}
	for _, name := range []string{"NAME", "VIDEO", "TYPE", "URI"} {
		value, _, err := attribute(list, name)
		if err != nil {
			return fmt.Errorf("%s: %w", tag[1:], err)
		}
		values[name] = value
	}
	if tag == "#EXT-X-STREAM-INF" {
		r.variant = &Child{Name: cmp.Or(values["NAME"], values["VIDEO"])}
		return nil
	}
	if kind := values["TYPE"]; kind == "AUDIO" || kind == "VIDEO" {
		r.child(Child{URI: values["URI"], Name: values["NAME"]})
	}
	return nil
}

// child adds a playlist, each URI once.
func (r *m3u8Reader) child(c Child) {
	if c.URI == "" || r.children[c.URI] {
		return
	}
	if r.children == nil {
		r.children = map[string]bool{}
	}
	if len(r.children) == maxChildren {
		return // more than anybody can play
	}
	r.children[c.URI] = true
	r.out.Children = append(r.out.Children, c)
}

// parseDate reads ISO 8601 with a zone; zero for anything else.
func parseDate(s string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
