package fmp4

import (
	"bytes"
	"fmt"
	"slices"

	"recfin/mp4"
)

// movie is what a moov box says (ISO/IEC 14496-12 §8.2).
type movie struct {
	raw       []byte
	timescale uint32 // of edit lists
	tracks    []*track
	sampled   bool // some of its tables list samples
	fragments bool // mvex: fragments may follow
}

// defaults are those of trex and tfhd (§8.8.3, §8.8.7).
type defaults struct {
	desc                  uint32 // sample_description_index, from 1
	duration, size, flags uint32
}

// readMoov reads a moov box. raw is the whole box and is kept.
func (d *Demuxer) readMoov(b box) (*movie, error) {
	m := &movie{raw: b.raw}
	list := b.list()
	if list.ragged() {
		d.stats.BadBoxes++
	}
	mvhd := fields{p: list.find("mvhd").body}
	if v, _ := mvhd.full(); v == 1 {
		mvhd.skip(16)
	} else {
		mvhd.skip(8)
	}
	m.timescale = mvhd.u32()
	for t := range list.all {
		if !t.is("trak") {
			continue
		}
		if err := d.readTrack(m, t); err != nil {
			return nil, err
		}
	}
	mvex := list.find("mvex")
	m.fragments = mvex.body != nil
	for t := range mvex.list().all {
		if t.is("trex") {
			m.extend(fields{p: t.body})
		}
	}
	return m, nil
}

// extend takes a trex box.
func (m *movie) extend(f fields) {
	f.full()
	t := m.track(f.u32())
	def := defaults{desc: f.u32(), duration: f.u32(), size: f.u32(), flags: f.u32()}
	if t != nil && !f.short {
		t.defaults = def
	}
}

func (m *movie) track(id uint32) *track {
	for _, t := range m.tracks {
		if t.id == id {
			return t
		}
	}
	return nil
}

// maxTracks bounds the tracks of a moov.
const maxTracks = 256

// readTrack takes a trak box. Tracks that are neither audio nor video are only
// noted.
func (d *Demuxer) readTrack(m *movie, b box) error {
	id, rotation, ok := d.trackHeader(b)
	mdia := b.inside("mdia")
	mdhd := mdia.inside("mdhd")
	scale, language := mediaHeader(mdhd)
	hdlr := fields{p: mdia.inside("hdlr").body}
	hdlr.skip(8)
	handler := string(hdlr.bytes(4))
	t := &track{id: id, timescale: scale, language: language, rotation: rotation}
	switch handler {
	case "vide":
		t.kind = mp4.Video
	case "soun":
		t.kind = mp4.Audio
	}
	switch {
	case !ok || scale == 0 && t.kind != 0 || m.track(id) != nil || len(m.tracks) == maxTracks:
		d.stats.BadBoxes++
		return nil
	case t.kind == 0:
		d.noteData(id)
		m.tracks = append(m.tracks, t) // so that its fragments are no strays
		return nil
	}
	stbl := mdia.inside("minf", "stbl")
	if err := d.readEntries(t, stbl.inside("stsd")); err != nil {
		return fmt.Errorf("track %d: %w", id, err)
	}
	d.readEdits(m, t, b.inside("edts", "elst"))
	tab, err := readTables(stbl, t)
	if err != nil {
		return fmt.Errorf("track %d: %w", id, err)
	}
	if tab != nil {
		t.lists = append(t.lists, tab)
		m.sampled = true
	}
	m.tracks = append(m.tracks, t)
	return nil
}

func (d *Demuxer) noteData(id uint32) {
	if i, ok := slices.BinarySearch(d.stats.Data, id); !ok {
		d.stats.Data = slices.Insert(d.stats.Data, i, id)
	}
}

// trackHeader reads tkhd (§8.3.2). Ids are handed to the sink as int, so 31 bits
// must do.
func (d *Demuxer) trackHeader(b box) (id uint32, rotation int, ok bool) {
	f := fields{p: b.inside("tkhd").body}
	v, _ := f.full()
	if v == 1 {
		f.skip(16)
	} else {
		f.skip(8)
	}
	id = f.u32()
	ok = !f.short && id > 0 && id < 1<<31
	f.skip(4)
	f.long(v)
	f.skip(16) // layer, alternate group, volume
	var m [9]int32
	for i := range m {
		m[i] = int32(f.u32())
	}
	if f.short {
		return id, 0, ok
	}
	rotation, known := turned(m)
	if !known {
		d.stats.Matrices++
	}
	return id, rotation, ok
}

// turned gives by how many degrees clockwise a matrix turns pictures. The
// translation that goes with it is of no account. A matrix of zeros, as careless
// writers have it, turns nothing.
func turned(m [9]int32) (degrees int, known bool) {
	const one = 1 << 16
	switch [4]int32{m[0], m[1], m[3], m[4]} {
	case [4]int32{one, 0, 0, one}, [4]int32{}:
		return 0, true
	case [4]int32{0, one, -one, 0}:
		return 90, true
	case [4]int32{-one, 0, 0, -one}:
		return 180, true
	case [4]int32{0, -one, one, 0}:
		return 270, true
	}
	return 0, false
}

// mediaHeader reads timescale and language of mdhd (§8.4.2).
func mediaHeader(b box) (scale uint32, language string) {
	f := fields{p: b.body}
	v, _ := f.full()
	if v == 1 {
		f.skip(16)
	} else {
		f.skip(8)
	}
	scale = f.u32()
	f.long(v)
	code := f.u16()
	if f.short || code < 0x400 {
		return scale, ""
	}
	letters := []byte{byte(code>>10&31) + 0x60, byte(code>>5&31) + 0x60, byte(code&31) + 0x60}
	for _, c := range letters {
		if c < 'a' || c > 'z' {
			return scale, ""
		}
	}
	if language = string(letters); language == "und" {
		language = ""
	}
	return scale, language
}

// readEdits turns an edit list (§8.6.6) into a shift of all times: empty edits
// in front move the track back, the media time of the first other edit moves
// it forward. What else a list may say, no stream uses; it is counted.
func (d *Demuxer) readEdits(m *movie, t *track, b box) {
	if b.body == nil {
		return
	}
	f := fields{p: b.body}
	v, _ := f.full()
	width := 12
	if v == 1 {
		width = 20
	}
	rows := f.rows(width)
	shown := false
	for ; len(rows) >= width; rows = rows[width:] {
		r := fields{p: rows[:width]}
		duration, media := r.long(v), int64(int32(0))
		if v == 1 {
			media = int64(r.u64())
		} else {
			media = int64(int32(r.u32()))
		}
		rate := r.u32()
		switch {
		case media == -1 && !shown:
			empty, ok := convert(duration, m.timescale, t.timescale)
			if !ok || !ranged(t.shift+empty, t.timescale) {
				d.stats.Edits++
				return
			}
			t.shift += empty
		case media >= 0 && !shown && ranged(media, t.timescale) && ranged(t.shift-media, t.timescale):
			shown = true
			t.shift -= media
			t.hides = media
			if rate != 1<<16 {
				d.stats.Edits++
			}
		default:
			d.stats.Edits++
			return
		}
	}
}

// convert gives n ticks of one timescale in another, to the nearest.
func convert(n uint64, from, to uint32) (int64, bool) {
	if from == 0 || n > maxTicks {
		return 0, false
	}
	q, r := n/uint64(from), n%uint64(from)
	if q > maxSeconds {
		return 0, false
	}
	return int64(q*uint64(to) + (r*uint64(to)+uint64(from)/2)/uint64(from)), true
}

// take makes m the description of what follows. A track that goes on as it was
// keeps what is known of its samples.
func (d *Demuxer) take(m *movie) {
	for _, t := range m.tracks {
		if d.movie == nil {
			break
		}
		old := d.movie.track(t.id)
		if old == nil || old.kind != t.kind || old.timescale != t.timescale || old.language != t.language || old.rotation != t.rotation {
			continue
		}
		if old.shift == t.shift {
			t.next, t.running = old.next, old.running
		}
		if slices.EqualFunc(old.descs, t.descs, func(a, b *desc) bool { return bytes.Equal(a.raw, b.raw) }) {
			t.coding = old.coding
			t.descs = old.descs
		}
	}
	d.movie = m
}
