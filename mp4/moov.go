package mp4

import gomp4 "github.com/abema/go-mp4"

// Track flags (ISO/IEC 14496-12 §8.3.2).
const (
	trackEnabled = 1
	trackInMovie = 2
)

// moov makes the movie box. Creation times are zero, so that the same input
// gives the same bytes. Durations are always of 64 bits.
func (b *builder) moov() (*node, error) {
	mvhd := &gomp4.Mvhd{
		Timescale: Timescale, Rate: 0x00010000, Volume: 0x0100, Matrix: identity,
		NextTrackID: uint32(len(b.tracks) + 1),
	}
	mvhd.SetVersion(1)
	moov := group("moov", nil)
	audio := 0
	for i, t := range b.tracks {
		mvhd.DurationV1 = max(mvhd.DurationV1, uint64(sum(t.edits())))
		if t.kind == Audio {
			audio++
		}
		moov.kids = append(moov.kids, b.trak(i, audio))
	}
	moov.kids[0] = b.small(mvhd)
	if len(b.chapters) > 0 {
		moov.kids = append(moov.kids, userData(b.chapters, b.chapterScale))
	}
	return moov, b.err
}

// trak makes the box of track i. audio counts the audio tracks up to here:
// they are alternatives of each other, and the first one is enabled.
func (b *builder) trak(i, audio int) *node {
	t := b.tracks[i]
	edits := t.edits()
	trak := group("trak", b.trackHeader(i, audio))
	if listed(edits) {
		trak.kids = append(trak.kids, b.editList(edits))
	}
	if len(b.chapters) > 0 && t.kind != text {
		trak.kids = append(trak.kids, chapterReference(uint32(len(b.tracks))))
	}

	mdhd := &gomp4.Mdhd{Timescale: t.timescale, DurationV1: uint64(t.mediaDuration()), Language: language(t.language)}
	mdhd.SetVersion(1)
	url := &gomp4.Url{}
	url.SetFlags(gomp4.UrlSelfContained)
	dinf := group("dinf", b.small(&gomp4.Dref{EntryCount: 1}, b.small(url)))
	handler, header := b.mediaHeader(t.kind)
	minf := group("minf", header, dinf, b.stbl(i))
	trak.kids = append(trak.kids, group("mdia", b.small(mdhd), handler, minf))
	return trak
}

// trackHeader makes tkhd (ISO/IEC 14496-12 §8.3.2). A track of chapters is
// neither enabled nor in the movie: nothing of it is shown.
func (b *builder) trackHeader(i, audio int) *node {
	t := b.tracks[i]
	tkhd := &gomp4.Tkhd{TrackID: uint32(i + 1), DurationV1: uint64(sum(t.edits())), Matrix: identity}
	tkhd.SetVersion(1)
	switch t.kind {
	case Audio:
		tkhd.SetFlags(trackInMovie)
		if audio == 1 {
			tkhd.SetFlags(trackEnabled | trackInMovie)
		}
		tkhd.Volume, tkhd.AlternateGroup = 0x0100, 1
	case Video:
		tkhd.SetFlags(trackEnabled | trackInMovie)
		tkhd.Width, tkhd.Height = display(t.entries[0])
		tkhd.Matrix = turned(t.rotation, tkhd.Width, tkhd.Height)
	}
	return b.small(tkhd)
}

// mediaHeader makes hdlr and the media header of a kind of track (§8.4.3, §12).
func (b *builder) mediaHeader(k Kind) (handler, header *node) {
	hdlr := &gomp4.Hdlr{}
	switch k {
	case Audio:
		hdlr.HandlerType, hdlr.Name = [4]byte{'s', 'o', 'u', 'n'}, "SoundHandler"
		header = b.small(&gomp4.Smhd{})
	case Video:
		hdlr.HandlerType, hdlr.Name = [4]byte{'v', 'i', 'd', 'e'}, "VideoHandler"
		vmhd := &gomp4.Vmhd{}
		vmhd.SetFlags(1) // always 1 (§12.1.2)
		header = b.small(vmhd)
	default:
		hdlr.HandlerType, hdlr.Name = [4]byte{'t', 'e', 'x', 't'}, "ChapterHandler"
		header = textHeader()
	}
	return b.small(hdlr), header
}

// stbl makes the sample tables of track i.
func (b *builder) stbl(i int) *node {
	t := b.tracks[i]
	stsd := &node{typ: "stsd", data: be.AppendUint32(make([]byte, 4, 8), uint32(len(t.entries)))}
	for _, e := range t.entries {
		stsd.data = append(stsd.data, e...)
	}
	kids := []*node{stsd, tableNode("stts", &table{col: &t.stts.col})}
	if t.ctts.other {
		ctts := tableNode("ctts", &table{col: &t.ctts.col})
		ctts.data[0] = 1 // version 1: offsets are signed
		kids = append(kids, ctts)
	}
	if t.kind == Video && t.sync.n < t.samples {
		kids = append(kids, tableNode("stss", &table{col: &t.sync}))
	}
	stsz := &node{typ: "stsz", data: be.AppendUint32(make([]byte, 4, 12), 0)}
	stsz.data = be.AppendUint32(stsz.data, uint32(t.samples))
	// A constant size of 0 would announce a table.
	if t.uneven || t.first == 0 {
		stsz.tab = &table{col: &t.sizes}
	} else {
		be.PutUint32(stsz.data[4:], uint32(t.first))
	}
	b.offsets[i] = tableNode("stco", &table{col: &t.chunks})
	kids = append(kids, tableNode("stsc", &table{col: &t.stsc}), stsz, b.offsets[i])
	return group("stbl", append(kids, t.roll()...)...)
}

// language packs an ISO 639-2/T code as mdhd wants it; what is none becomes
// "und".
func language(s string) [3]byte {
	if len(s) != 3 {
		s = "und"
	}
	for i := range 3 {
		if s[i] < 'a' || s[i] > 'z' {
			s = "und"
			break
		}
	}
	return [3]byte{s[0] - 0x60, s[1] - 0x60, s[2] - 0x60}
}
