package fmp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// got is a sample as the sink saw it.
type got struct {
	id       int
	pts, dts int64
	duration int64
	access   mp4.Access
	inBand   bool
	payload  string
}

// recorder is a sink that keeps everything.
type recorder struct {
	tracks  map[int]mp4.Track
	samples []got
	log     []string
}

func (r *recorder) Track(id int, t mp4.Track) error {
	if r.tracks == nil {
		r.tracks = map[int]mp4.Track{}
	}
	r.tracks[id] = t
	r.log = append(r.log, fmt.Sprintf("track %d %s %d %s", id, t.Entry.Codecs(), t.Timescale, t.Language))
	return nil
}

func (r *recorder) Sample(id int, s *mp4.Sample) error {
	if _, ok := r.tracks[id]; !ok {
		return fmt.Errorf("a sample of track %d before its description", id)
	}
	g := got{id, s.PTS, s.DTS, s.Duration, s.Access, s.InBand, string(bytes.Join(s.Pieces, nil))}
	r.samples = append(r.samples, g)
	r.log = append(r.log, fmt.Sprintf("%d %d %d %d %d %x", id, g.pts, g.dts, g.duration, g.access, g.payload))
	return nil
}

func (r *recorder) of(id int) (list []got) {
	for _, s := range r.samples {
		if s.id == id {
			list = append(list, s)
		}
	}
	return list
}

// demux takes whole segments, with Boundary between them.
func demux(t testing.TB, opt Options, segments ...[]byte) (*recorder, Stats, error) {
	t.Helper()
	r := &recorder{}
	d := New(r, opt)
	for i, s := range segments {
		if i > 0 {
			d.Boundary()
		}
		if _, err := d.Write(s); err != nil {
			return r, d.Stats(), err
		}
	}
	err := d.Flush()
	return r, d.Stats(), err
}

// Boxes by hand.

func atom(typ string, parts ...[]byte) []byte {
	b := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(b))), typ...), b...)
}

func full(typ string, version byte, flags uint32, parts ...[]byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(version)<<24|flags)
	return atom(typ, append([][]byte{head}, parts...)...)
}

func u32(v ...uint32) (b []byte) {
	for _, n := range v {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func u64(v ...uint64) (b []byte) {
	for _, n := range v {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

var (
	sps = tswriter.SPS{Width: 320, Height: 192}.NAL()
	pps = tswriter.PPS(0, 0, 0)
)

// lengths puts NAL units behind lengths of size bytes.
func lengths(size int, nals ...[]byte) (b []byte) {
	for _, n := range nals {
		for i := size - 1; i >= 0; i-- {
			b = append(b, byte(len(n)>>(8*i)))
		}
		b = append(b, n...)
	}
	return b
}

func idr(n int) []byte {
	return tswriter.Slice{IDR: true, Type: tswriter.I, Data: []byte{byte(n)}}.NAL()
}

func inter(n int) []byte {
	return tswriter.Slice{Type: tswriter.P, FrameNum: uint32(n), POC: uint32(2 * n), Data: []byte{byte(n)}}.NAL()
}

func avcC(size int, sets ...[]byte) []byte {
	b := []byte{1, 77, 0, 30, 0xfc | byte(size-1), 0xe0}
	if len(sets) > 0 {
		b[5] |= 1
		b = append(append(b, byte(len(sets[0])>>8), byte(len(sets[0]))), sets[0]...)
		sets = sets[1:]
	}
	b = append(b, byte(len(sets)))
	for _, s := range sets {
		b = append(append(b, byte(len(s)>>8), byte(len(s))), s...)
	}
	return atom("avcC", b)
}

func visual(typ string, width, height int, parts ...[]byte) []byte {
	b := make([]byte, visualFixed)
	binary.BigEndian.PutUint16(b[24:], uint16(width))
	binary.BigEndian.PutUint16(b[26:], uint16(height))
	return atom(typ, append([][]byte{b}, parts...)...)
}

func soundEntry(typ string, rate, channels int, parts ...[]byte) []byte {
	b := make([]byte, soundFixed)
	binary.BigEndian.PutUint16(b[16:], uint16(channels))
	binary.BigEndian.PutUint16(b[24:], uint16(rate))
	return atom(typ, append([][]byte{b}, parts...)...)
}

func esds(object byte, asc []byte) []byte {
	config := append([]byte{object}, make([]byte, 12)...)
	info := append([]byte{tagDecoderInfo, byte(len(asc))}, asc...)
	if len(asc) == 0 {
		info = nil
	}
	dc := append([]byte{tagDecoderConfig, byte(len(config) + len(info))}, append(config, info...)...)
	es := append([]byte{tagES, byte(3 + len(dc)), 0, 0, 0}, dc...)
	return full("esds", 0, 0, es)
}

var (
	avc1 = visual("avc1", 320, 192, avcC(4, sps, pps))
	aac  = soundEntry("mp4a", 48000, 2, esds(objectMPEG4, []byte{0x11, 0x90}))
)

// trackBox describes a track for trak.
type trackBox struct {
	id      uint32
	handler string
	scale   uint32
	entry   []byte
	stbl    [][]byte // tables behind stsd
	edits   []byte   // elst
	long    bool     // version 1 of the headers
	matrix  []byte   // of tkhd; nil: zeros
}

func (t trackBox) box() []byte {
	matrix := t.matrix
	if matrix == nil {
		matrix = make([]byte, 36)
	}
	tkhd := full("tkhd", 0, 3, u32(0, 0, t.id), make([]byte, 24), matrix, make([]byte, 8))
	mdhd := full("mdhd", 0, 0, u32(0, 0, t.scale, 0), []byte{0x15, 0xc7, 0, 0})
	if t.long {
		tkhd = full("tkhd", 1, 3, u64(0, 0), u32(t.id), make([]byte, 28), matrix, make([]byte, 8))
		mdhd = full("mdhd", 1, 0, u64(0, 0), u32(t.scale), u64(0), []byte{0x15, 0xc7, 0, 0})
	}
	stsd := full("stsd", 0, 0, u32(1), t.entry)
	parts := [][]byte{tkhd}
	if t.edits != nil {
		parts = append(parts, atom("edts", t.edits))
	}
	stbl := atom("stbl", append([][]byte{stsd}, t.stbl...)...)
	hdlr := full("hdlr", 0, 0, u32(0), []byte(t.handler), make([]byte, 13))
	return atom("trak", append(parts, atom("mdia", mdhd, hdlr, atom("minf", stbl)))...)
}

func moov(parts ...[]byte) []byte {
	mvhd := full("mvhd", 0, 0, u32(0, 0, 1000, 0), make([]byte, 80))
	return atom("moov", append([][]byte{mvhd}, parts...)...)
}

func mvex(trex ...[]byte) []byte { return atom("mvex", trex...) }

func trex(id, duration, size, flags uint32) []byte {
	return full("trex", 0, 0, u32(id, 1, duration, size, flags))
}

// video90 and audio48 are the tracks of most cases.
var (
	video90 = trackBox{id: 1, handler: "vide", scale: 90000, entry: avc1}
	audio48 = trackBox{id: 2, handler: "soun", scale: 48000, entry: aac}
)

// header is an init segment for both, without defaults.
var header = append(atom("ftyp", []byte("iso6\x00\x00\x00\x00")),
	moov(video90.box(), audio48.box(), mvex(trex(1, 0, 0, 0), trex(2, 0, 0, 0)))...)
