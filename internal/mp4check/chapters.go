package mp4check

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Chapter is one chapter of a movie.
type Chapter struct {
	Start int64 // ms
	Title string
}

// references reads tref (ISO/IEC 14496-12 §8.3.3), in which only chapters are
// known.
func (t *Track) references(boxes []box) error {
	tref, err := one(boxes, "tref", false)
	if tref == nil || err != nil {
		return err
	}
	inner, err := split(tref)
	if err != nil {
		return err
	}
	chap, err := one(inner, "chap", true)
	if err != nil || len(inner) != 1 || len(chap) != 4 {
		return fmt.Errorf("tref is not one chap with one id: %v", err)
	}
	t.chapters = binary.BigEndian.Uint32(chap)
	return nil
}

// names reads udta with chpl, which Nero has made known.
func (m *Movie) names(boxes []box) ([]Chapter, error) {
	udta, err := one(boxes, "udta", false)
	if udta == nil || err != nil {
		return nil, err
	}
	inner, err := split(udta)
	if err != nil {
		return nil, err
	}
	chpl, err := one(inner, "chpl", true)
	if err != nil {
		return nil, err
	}
	r := &in{b: chpl}
	if v, _ := r.full(); v != 1 {
		return nil, fmt.Errorf("chpl has version %d", v)
	}
	r.take(4)
	var list []Chapter
	for range int(r.u8()) {
		at := r.i64()
		list = append(list, Chapter{Start: at / 10000, Title: string(r.take(int(r.u8())))})
		if at%10000 != 0 {
			return nil, fmt.Errorf("chpl has a chapter at %d00 ns", at)
		}
	}
	return list, r.done("chpl")
}

// chapterTrack checks that the text track, if there is one, is what all other
// tracks refer to, that it lies in one chunk behind all others, and that its
// texts are those of chpl as far as that goes.
func (m *Movie) chapterTrack(named []Chapter) error {
	n := -1
	for i, t := range m.Tracks {
		if t.Handler == "text" {
			if n >= 0 {
				return fmt.Errorf("tracks %d and %d are both text", n, i)
			}
			n = i
		}
	}
	for i, t := range m.Tracks {
		switch {
		case n < 0 && t.chapters != 0, n == i && t.chapters != 0, n >= 0 && n != i && t.chapters != m.Tracks[n].ID:
			return fmt.Errorf("track %d refers to chapters in track id %d", i, t.chapters)
		case n >= 0 && n != i && t.Chunks[len(t.Chunks)-1].Offset > m.Tracks[n].Chunks[0].Offset:
			return fmt.Errorf("track %d has a chunk behind the chapters", i)
		}
	}
	if n >= 0 {
		if err := m.readChapters(n); err != nil {
			return err
		}
	}
	if len(named) != min(len(m.Chapters), 255) {
		return fmt.Errorf("chpl names %d of %d chapters", len(named), len(m.Chapters))
	}
	for i, c := range named {
		if c != m.Chapters[i] {
			return fmt.Errorf("chapter %d is %+v in chpl and %+v in the track", i, c, m.Chapters[i])
		}
	}
	return nil
}

// readChapters reads the samples of the text track: a length, the text, and
// an atom about its encoding (QuickTime File Format, "Text sample data").
func (m *Movie) readChapters(n int) error {
	t := &m.Tracks[n]
	if len(t.Chunks) != 1 || t.Edits != nil || 1000%t.Timescale != 0 {
		return fmt.Errorf("text track of %d chunks, edits %v, timescale %d", len(t.Chunks), t.Edits, t.Timescale)
	}
	for i, s := range t.samples {
		p, err := m.Payload(s)
		if err != nil {
			return err
		}
		r := &in{b: p}
		title := string(r.take(r.u16()))
		if string(r.take(12)) != "\x00\x00\x00\x0cencd\x00\x00\x01\x00" || r.done("text") != nil || !utf8.ValidString(title) || s.PTS != s.DTS {
			return fmt.Errorf("text sample %d is %q", i, p)
		}
		m.Chapters = append(m.Chapters, Chapter{Start: s.DTS * int64(1000/t.Timescale), Title: title})
	}
	return nil
}
