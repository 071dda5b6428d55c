package mp4

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// chapter is what a part of the movie is called.
type chapter struct {
	at    int64 // ticks of Timescale
	title string
}

const (
	maxTitle = 255 // bytes; more does not fit into chpl
	maxChpl  = 255 // chapters; more does not fit into chpl

	chapterMillis = 1000 // ticks a second of a chapter track: one sample may last 49 days
)

// AddChapter begins a chapter: from at, in ticks of [Timescale], on, the movie
// is called title, of which the first 255 bytes are kept, as UTF-8. Times must
// ascend and not be negative (Finish says ErrOrder). Of chapters in the same
// millisecond the last one counts, and one that begins at or behind the end of
// the movie is left out. Where the first one is not at 0, one without title
// precedes it.
//
// Chapters are written as a QuickTime text track that all other tracks refer
// to, its samples in the last chunk of the file, and the first 255 in udta as
// Nero has them. Their bytes count in BodyBytes only after Finish.
func (m *Movie) AddChapter(at int64, title string) {
	title = strings.ToValidUTF8(title, "\uFFFD")
	if len(title) > maxTitle {
		n := maxTitle
		for !utf8.RuneStart(title[n]) {
			n--
		}
		title = title[:n]
	}
	if at < 0 || len(m.chapters) > 0 && at < m.chapters[len(m.chapters)-1].at {
		m.unordered = true
	}
	m.chapters = append(m.chapters, chapter{at, title})
}

// settled gives the chapters of a movie of a duration in ticks of their track,
// of which there are scale a second, and how long they are together.
func (m *Movie) settled(duration int64) (list []chapter, total int64, scale uint32) {
	scale = chapterMillis
	if total = rescale(duration, chapterMillis); total > math.MaxUint32 {
		scale = 1
		total = min(rescale(duration, 1), math.MaxUint32) // 136 years
	}
	for _, c := range m.chapters {
		if c.at = rescale(c.at, int64(scale)); c.at >= total {
			continue
		}
		if k := len(list); k > 0 && list[k-1].at == c.at {
			list[k-1] = c
			continue
		}
		list = append(list, c)
	}
	if len(list) > 0 && list[0].at > 0 {
		list = slices.Insert(list, 0, chapter{})
	}
	return list, total, scale
}

// rescale converts movie ticks into ticks of which there are scale a second, down.
func rescale(ticks, scale int64) int64 {
	return ticks/Timescale*scale + ticks%Timescale*scale/Timescale
}

// addChapters writes the chapters, if there are any, into a track that is the
// last one of the head, and its only chunk into the body.
func (m *Movie) addChapters(b *builder) error {
	if m.unordered {
		return fmt.Errorf("chapters: %w", ErrOrder)
	}
	list, total, scale := m.settled(m.Duration())
	if len(list) == 0 {
		return nil
	}
	t := newTrack(Track{Entry: textEntry{}, Timescale: scale}, textBox())
	t.useEntry()
	for i, c := range list {
		end := total
		if i+1 < len(list) {
			end = list[i+1].at
		}
		before := len(t.buf)
		t.buf = appendText(t.buf, c.title)
		s := Sample{DTS: c.at, PTS: c.at, Duration: end - c.at}
		dts, err := t.times(&s)
		if err != nil {
			return fmt.Errorf("chapter at %d: %w", c.at, err)
		}
		t.record(&s, dts, int64(len(t.buf)-before))
		t.open++
	}
	b.tracks, b.chapters, b.chapterScale = append(b.tracks, t), list, scale
	return m.send(t)
}

// appendText appends a text sample: a length, the text, and an atom that says
// that it is UTF-8 (QuickTime File Format, "Text sample data").
func appendText(dst []byte, s string) []byte {
	dst = append(be.AppendUint16(dst, uint16(len(s))), s...)
	return appendBox(dst, "encd", []byte{0, 0, 1, 0})
}

// textEntry stands for the sample entry of a chapter track.
type textEntry struct{}

func (textEntry) Kind() Kind           { return text }
func (textEntry) Codec() string        { return "text" }
func (textEntry) Codecs() string       { return "text" }
func (textEntry) Box() ([]byte, error) { return textBox(), nil }

// textBox is a text sample description without colour, place and font
// (QuickTime File Format, "Text sample description").
func textBox() []byte {
	content := make([]byte, 52)
	content[7] = 1 // data reference index
	return appendBox(nil, "text", content)
}

// textHeader is the media header of a chapter track (QuickTime File Format,
// "Base media information atoms"): gmin with the transfer mode "dither copy"
// and its usual colour, and text with a matrix that changes nothing.
func textHeader() *node {
	gmin := append(make([]byte, 4), 0, 0x40, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0)
	var matrix []byte
	for _, v := range identity {
		matrix = be.AppendUint32(matrix, uint32(v))
	}
	return group("gmhd", &node{typ: "gmin", data: gmin}, &node{typ: "text", data: matrix})
}

// chapterReference is the tref box of a track that the chapters are of.
func chapterReference(id uint32) *node {
	return group("tref", &node{typ: "chap", data: be.AppendUint32(nil, id)})
}

// userData is udta with the first chapters as Nero has them: times in units of
// 100 ns, titles behind a length.
func userData(list []chapter, scale uint32) *node {
	const units = 10_000_000
	list = list[:min(len(list), maxChpl)]
	chpl := []byte{1, 0, 0, 0, 0, 0, 0, 0, byte(len(list))}
	for _, c := range list {
		chpl = be.AppendUint64(chpl, uint64(c.at)*uint64(units/scale))
		chpl = append(append(chpl, byte(len(c.title))), c.title...)
	}
	return group("udta", &node{typ: "chpl", data: chpl})
}

// chapterBytes is an upper bound of what the chapters add to the head.
func (m *Movie) chapterBytes() int64 {
	if len(m.chapters) == 0 {
		return 0
	}
	n := int64(2048) // the boxes of the track, a first one without title, udta
	for i, c := range m.chapters {
		if n += 12; i < maxChpl {
			n += 9 + int64(len(c.title))
		}
	}
	return n
}
