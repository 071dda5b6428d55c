package fmp4

import (
	"bytes"

	"pgregory.net/rapid"

	"recfin/mp4"
)

// smp is a sample to be written.
type smp struct {
	dur  uint32
	cts  int32
	sync bool
	data []byte
}

// style says how a track fragment tells what it holds.
type style struct {
	perDur, perSize, perFlags, cts bool // fields of each sample
	first                          bool // first-sample-flags
	inDur, inSize, inFlags, inDesc bool // defaults in tfhd instead of trex
	base                           int  // 0: the moof by flag, 1: an explicit offset, 2: neither
	noOffset                       bool // no data offset in the trun: the explicit base leads to the data
	tfdt                           int  // version; -1: none
	version                        byte // of trun
}

// plain tells everything of each sample.
var plain = style{perDur: true, perSize: true, perFlags: true, cts: true, tfdt: 1, version: 1}

// traf is one track fragment with its runs.
type traf struct {
	id    uint32
	dts   uint64
	runs  [][]smp
	style style
}

func flagsOf(s smp) uint32 {
	if s.sync {
		return 0x02000000
	}
	return 0x01010000
}

// moofBox writes a fragment whose moof begins at start in the segment.
func moofBox(start int, trafs ...traf) []byte {
	var head int
	for {
		var body [][]byte
		body = append(body, full("mfhd", 0, 0, u32(1)))
		at := head + 8
		for _, t := range trafs {
			body = append(body, t.box(start, &at))
		}
		b := atom("moof", body...)
		if len(b) == head {
			var media []byte
			for _, t := range trafs {
				media = append(media, bytes.Join(t.payloads(), nil)...)
			}
			return append(b, atom("mdat", media)...)
		}
		head = len(b)
	}
}

func (t traf) payloads() (list [][]byte) {
	for _, r := range t.runs {
		for _, s := range r {
			list = append(list, s.data)
		}
	}
	return list
}

// box writes the traf; at is where its data begins, counted from the moof.
func (t traf) box(start int, at *int) []byte {
	st, one := t.style, t.runs[0][0]
	flags, fields := uint32(0), u32(t.id)
	switch st.base {
	case 0:
		flags |= tfhdBaseIsMoof
	case 1:
		flags |= tfhdBase
		base := start
		if st.noOffset {
			base += *at
		}
		fields = append(fields, u64(uint64(base))...)
	}
	for _, f := range []struct {
		on   bool
		flag uint32
		v    uint32
	}{{st.inDesc, tfhdDesc, 1}, {st.inDur, tfhdDuration, one.dur}, {st.inSize, tfhdSize, uint32(len(one.data))}, {st.inFlags, tfhdFlags, flagsOf(t.last())}} {
		if f.on {
			flags |= f.flag
			fields = append(fields, u32(f.v)...)
		}
	}
	parts := [][]byte{full("tfhd", 0, flags, fields)}
	switch st.tfdt {
	case 0:
		parts = append(parts, full("tfdt", 0, 0, u32(uint32(t.dts))))
	case 1:
		parts = append(parts, full("tfdt", 1, 0, u64(t.dts)))
	}
	for _, r := range t.runs {
		parts = append(parts, t.run(r, at))
	}
	return atom("traf", parts...)
}

func (t traf) last() smp {
	r := t.runs[len(t.runs)-1]
	return r[len(r)-1]
}

func (t traf) run(r []smp, at *int) []byte {
	st := t.style
	flags, fields := uint32(0), u32(uint32(len(r)))
	if !st.noOffset {
		flags |= trunOffset
		fields = append(fields, u32(uint32(*at))...)
	}
	if st.first {
		flags |= trunFirstFlags
		fields = append(fields, u32(flagsOf(r[0]))...)
	}
	for _, f := range []struct {
		on   bool
		flag uint32
	}{{st.perDur, trunDuration}, {st.perSize, trunSize}, {st.perFlags && !st.first, trunFlags}, {st.cts, trunComposition}} {
		if f.on {
			flags |= f.flag
		}
	}
	for _, s := range r {
		if st.perDur {
			fields = append(fields, u32(s.dur)...)
		}
		if st.perSize {
			fields = append(fields, u32(uint32(len(s.data)))...)
		}
		if st.perFlags && !st.first {
			fields = append(fields, u32(flagsOf(s))...)
		}
		if st.cts {
			fields = append(fields, u32(uint32(s.cts))...)
		}
		*at += len(s.data)
	}
	return full("trun", st.version, flags, fields)
}

// Opaque tracks show flags and payload as they are.
var (
	foreign = trackBox{id: 1, handler: "vide", scale: 90000, entry: visual("vp09", 320, 192)}
	opus    = trackBox{id: 2, handler: "soun", scale: 48000, entry: soundEntry("Opus", 48000, 2)}
)

// drawTraf makes a track fragment in a style of any kind, and what must come out.
func drawTraf(t *rapid.T, id uint32, dts uint64, first bool, trexes map[uint32]defaults) (traf, []got, uint64) {
	flip := rapid.Bool()
	st := style{
		perDur: flip.Draw(t, "durations"), perSize: flip.Draw(t, "sizes"), perFlags: flip.Draw(t, "flags"),
		cts: flip.Draw(t, "offsets"), inDesc: flip.Draw(t, "entry"), first: flip.Draw(t, "first"),
		base: rapid.IntRange(0, 2).Draw(t, "base"), tfdt: 1, version: byte(rapid.IntRange(0, 1).Draw(t, "version")),
	}
	if dts < 1<<32 {
		st.tfdt = rapid.IntRange(0, 1).Draw(t, "tfdt")
	}
	def := trexes[id]
	st.inDur, st.inSize, st.inFlags = flip.Draw(t, "own"), flip.Draw(t, "own"), flip.Draw(t, "own")
	st.noOffset = first && flip.Draw(t, "implied") && st.base == 1
	st.inFlags = st.inFlags || st.first
	dur, size := uint32(rapid.IntRange(1, 4000).Draw(t, "duration")), rapid.IntRange(1, 40).Draw(t, "size")
	if !st.inDur {
		dur = def.duration
	}
	if !st.inSize {
		size = int(def.size)
	}
	sync := flip.Draw(t, "sync")
	if !st.inFlags {
		sync = def.flags == 0
	}
	tr, out := traf{id: id, dts: dts, style: st}, []got{}
	for range rapid.IntRange(1, 3).Draw(t, "runs") {
		var run []smp
		for i := range rapid.IntRange(1, 5).Draw(t, "samples") {
			s := smp{dur: dur, sync: sync, data: rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "data")}
			if st.perDur {
				s.dur = uint32(rapid.IntRange(1, 4000).Draw(t, "duration"))
			}
			if st.perSize {
				s.data = rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "data")
			}
			if st.perFlags && !st.first || st.first && i == 0 {
				s.sync = flip.Draw(t, "sync")
			}
			if st.cts {
				s.cts = int32(rapid.IntRange(-5000, 5000).Draw(t, "offset"))
			}
			run = append(run, s)
		}
		tr.runs = append(tr.runs, run)
	}
	if st.first || st.inFlags && !st.perFlags { // the default for flags is what the last sample says
		last := tr.last().sync
		for _, r := range tr.runs {
			for i := range r {
				if !st.first || i > 0 {
					r[i].sync = last
				}
			}
		}
	}
	for _, r := range tr.runs {
		for _, s := range r {
			access := mp4.NotAccess
			if s.sync || id == 2 {
				access = mp4.Sync
			}
			out = append(out, got{id: int(id), pts: int64(dts) + int64(s.cts), dts: int64(dts), duration: int64(s.dur), access: access, inBand: true, payload: string(s.data)})
			dts += uint64(s.dur)
		}
	}
	return tr, out, dts
}
