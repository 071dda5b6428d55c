package mpegts

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// soundCases hold for every codec.
var soundCases = []struct {
	name string
	make func(k kind) []pes
	want func(k kind) []heard
	st   Stats
}{
	{"frames run over into the next PES packet",
		func(k kind) []pes {
			b := k.frames(0, 4)
			n := len(k.frames(0, 2)) + 5
			return []pes{soundPES(0, b[:n]), soundPES(k.at(3), b[n:])}
		},
		func(k kind) []heard { return k.heard(0, 0, 4) }, Stats{}},
	{"each PES packet anchors anew",
		func(k kind) []pes {
			return []pes{soundPES(100, k.frames(0, 2)), soundPES(9000, k.frames(2, 4))}
		},
		func(k kind) []heard { return append(k.heard(100, 0, 2), k.heard(9000, 2, 4)...) }, Stats{}},
	{"junk before, between and behind",
		func(k kind) []pes {
			return []pes{soundPES(0, append([]byte("junk"), k.frames(0, 2)...)), soundPES(k.at(2), append([]byte{k.frame(2)[0], 0, 1, 0}, k.frames(2, 4)...)),
				soundPES(k.at(4), append(k.frames(4, 6), "tail"...))}
		},
		func(k kind) []heard { return k.heard(0, 0, 6) }, Stats{JunkBytes: 12}},
	{"a frame that is cut at the end",
		func(k kind) []pes { b := k.frames(0, 3); return []pes{soundPES(0, b[:len(b)-1])} },
		func(k kind) []heard { return k.heard(0, 0, 2) }, Stats{Truncated: 1}},
	{"a header that is cut at the end",
		func(k kind) []pes { return []pes{soundPES(0, append(k.frames(0, 3), k.frame(3)[:2]...))} },
		func(k kind) []heard { return k.heard(0, 0, 3) }, Stats{Truncated: 1}},
	{"no PTS in the first PES packet",
		func(k kind) []pes {
			return []pes{{NoTime: true, Data: k.frames(0, 3)}, soundPES(k.at(3), k.frames(3, 4))}
		},
		func(k kind) []heard { return k.heard(0, 0, 4) }, Stats{Untimed: 3}},
	{"no PTS later on",
		func(k kind) []pes { return []pes{soundPES(0, k.frames(0, 2)), {NoTime: true, Data: k.frames(2, 4)}} },
		func(k kind) []heard { return k.heard(0, 0, 4) }, Stats{}},
	{"no PTS at all",
		func(k kind) []pes { return []pes{{NoTime: true, Data: k.frames(0, 2)}} },
		func(kind) []heard { return nil }, Stats{Timeless: 2}},
	{"a single frame",
		func(k kind) []pes { return []pes{soundPES(5, k.frames(0, 1))} },
		func(k kind) []heard { return k.heard(5, 0, 1) }, Stats{}},
}

func TestSounds(t *testing.T) {
	for _, k := range allSounds {
		for _, c := range soundCases {
			t.Run(k.name+": "+c.name, func(t *testing.T) {
				r, st := demux(t, Options{}, k.writer(c.make(k)...).Bytes())
				if have, want := soundsOf(r), c.want(k); !alike(have, want) {
					t.Errorf("units %v\nwant %v", have, want)
				}
				st.Packets = 0
				if !reflect.DeepEqual(st, c.st) {
					t.Errorf("counted %+v, want %+v", st, c.st)
				}
				for _, e := range r.entries[aPID] {
					if e.Codecs() != k.codecs {
						t.Errorf("codecs are %s, want %s", e.Codecs(), k.codecs)
					}
				}
				if n := len(r.entries[aPID]); n > 1 {
					t.Errorf("announced %d times", n)
				}
			})
		}
	}
}

// The times of a thousand frames do not drift, and each begins where the one
// before ends.
func TestNoSoundDrifts(t *testing.T) {
	for _, k := range allSounds {
		r, _ := demux(t, Options{}, k.writer(soundPES(7, k.frames(0, 1000))).Bytes())
		if len(r.samples) != 1000 {
			t.Fatalf("%s: %d frames", k.name, len(r.samples))
		}
		end := int64(7)
		for i, s := range r.samples {
			if d := (s.pts-7)*k.rate - int64(i)*k.samples*Timescale; 2*d > k.rate || 2*d < -k.rate {
				t.Fatalf("%s: frame %d at %d", k.name, i, s.pts)
			}
			if s.pts != end || s.duration <= 0 || s.access != mp4.Sync {
				t.Fatalf("%s: frame %d is %+v, the one before ends at %d", k.name, i, s, end)
			}
			end = s.pts + s.duration
		}
	}
}

// Random grouping into PES packets, cut into segments at any packet: every frame
// comes out once, at its time.
func TestSoundsInRandomGroups(t *testing.T) {
	for _, k := range allSounds {
		t.Run(k.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				n := rapid.IntRange(1, 40).Draw(t, "frames")
				base := rapid.Int64Range(0, Wrap-1).Draw(t, "base")
				var es []byte
				var starts []int
				for i := range n {
					starts = append(starts, len(es))
					es = append(es, k.frame(i)...)
				}
				w := k.writer()
				for lo := 0; lo < len(es); {
					hi := min(len(es), lo+rapid.IntRange(1, 400).Draw(t, "bytes"))
					p := pes{NoTime: true, Data: es[lo:hi], Bounded: rapid.Bool().Draw(t, "bounded")}
					for i, s := range starts {
						if s >= lo && s < hi {
							p.NoTime, p.PTS, p.DTS = false, base+k.at(i), base+k.at(i)
							break
						}
					}
					w.PES(aPID, p)
					lo = hi
				}
				var pieces [][]byte
				for p := w.Packets(); len(p) > 0; {
					m := rapid.IntRange(1, len(p)).Draw(t, "packets")
					pieces = append(pieces, bytes.Join(p[:m], nil))
					p = p[m:]
				}
				r, st, err := tryDemux(Options{}, pieces...)
				if err != nil || st.JunkBytes != 0 || st.Untimed != 0 {
					t.Fatalf("%v %+v", err, st)
				}
				if have, want := soundsOf(r), k.heard(base, 0, n); !alike(have, want) {
					t.Fatalf("units %v\nwant %v", have, want)
				}
			})
		})
	}
}

// Packets are lost: no frame comes out broken, and behind the gap everything is
// there at its time.
func TestSoundsWithGaps(t *testing.T) {
	for _, k := range allSounds {
		w := k.writer()
		for g := range 6 {
			w.PES(aPID, soundPES(k.at(20*g), k.frames(20*g, 20*g+20)))
		}
		total := len(w.Packets())
		places := map[string]int64{}
		for _, h := range k.heard(0, 0, 120) {
			places[h.payload] = h.pts
		}
		for drop := 3; drop < total; drop += 7 {
			p := slices.Clone(w.Packets())
			r, st := demux(t, Options{}, bytes.Join(slices.Delete(p, drop, drop+1), nil))
			have := soundsOf(r)
			if st.ContinuityErrors > 1 || len(have) < 60 || len(have) > 119 && drop < total-1 {
				t.Errorf("%s without packet %d: %d frames, %+v", k.name, drop, len(have), st)
			}
			whole := 0
			for _, h := range have {
				at, ok := places[h.payload]
				if !ok {
					t.Errorf("%s without packet %d: a broken frame", k.name, drop)
				}
				if d := h.pts - at; ok && d >= -1 && d <= 1 {
					whole++
				}
			}
			if len(have)-whole > 21 { // what is behind the gap in its PES packet comes too early
				t.Errorf("%s without packet %d: %d of %d frames in their place", k.name, drop, whole, len(have))
			}
		}
	}
}

// A stream that is cut anywhere gives the units of the whole one, as far as they
// are there.
func TestSoundsCutAnywhere(t *testing.T) {
	for _, k := range allSounds {
		w := k.writer(soundPES(0, k.frames(0, 7)), soundPES(k.at(7), k.frames(7, 13)), soundPES(k.at(13), k.frames(13, 20)))
		ts := w.Bytes()
		all := k.heard(0, 0, 20)
		for n := 2 * 188; n <= len(ts); n += 47 {
			r, _ := demux(t, Options{}, ts[:n])
			have := soundsOf(r)
			if !alike(have, all[:len(have)]) {
				t.Fatalf("%s: %d bytes give %v", k.name, n, have)
			}
			if n == len(ts) && len(have) != 20 {
				t.Fatalf("%s: %d frames", k.name, len(have))
			}
		}
	}
}

// Each codec under the stream type of each other one is known by its bytes.
func TestAnnouncedAsAnother(t *testing.T) {
	types := []uint8{0x03, 0x04, 0x0f, 0x11, 0x1c, 0x81, 0x87, 0x06}
	for _, k := range allSounds {
		for _, typ := range types {
			for _, first := range []int{0, 1} { // whole frames, or the middle of one, first
				x := k
				x.typ, x.tags = typ, nil
				b := k.frames(0, 4)
				cut := first * 9
				w := x.writer(soundPES(0, b[cut:]), soundPES(k.at(4), k.frames(4, 9)))
				r, st := demux(t, Options{}, w.Bytes())
				have, want := soundsOf(r), k.heard(0, 0, 9)
				if first == 1 { // how much of the first PES packet is found is not the point
					have, want = have[max(0, len(have)-5):], want[4:]
				}
				if !alike(have, want) || len(st.Unsupported) > 0 || len(st.Data) > 0 || st.DataPackets > 0 {
					t.Errorf("%s as 0x%02x: %d units, %+v", k.name, typ, len(have), st)
				}
			}
		}
	}
}

// Private data that is no sound stays data, with all its packets; and so does
// what looks like a frame or two.
func TestPrivateDataStaysData(t *testing.T) {
	big := bytes.Repeat([]byte("private data "), 10000)
	for name, data := range map[string][]byte{
		"text": []byte("nothing"), "much": big, "empty": {}, "two frames": append(kindMP3.frames(0, 2), big[:600]...),
	} {
		w := kind{typ: 0x06, tags: []byte{tagLanguage, 4, 'd', 'e', 'u', 0}}.writer(soundPES(0, data), soundPES(0, []byte("more")))
		r, st := demux(t, Options{}, w.Bytes())
		if len(r.order) > 0 || !reflect.DeepEqual(st.Data, []uint16{aPID}) || st.DataPackets != int64(len(w.Packets())-2) || st.JunkBytes != 0 {
			t.Errorf("%s: tracks %v, %+v", name, r.order, st)
		}
	}
	// Sound of which two frames are seen, and the beginning of a third, is sound.
	b := kindMP3.frames(0, 3)
	if r, st := demux(t, Options{}, kind{typ: 0x06}.writer(soundPES(0, b[:len(b)-9])).Bytes()); len(r.samples) != 2 || len(st.Data) > 0 {
		t.Errorf("cut in the third frame: %d frames, %+v", len(r.samples), st)
	}
	w := kind{typ: 0x06}.writer(soundPES(0, kindAC3.frames(0, 200)))
	for _, p := range w.Packets()[2:] {
		p[3] |= 0x80
	}
	if r, st := demux(t, Options{}, w.Bytes()); len(r.order) > 0 || len(st.Data) != 1 || st.DataPackets == 0 {
		t.Errorf("scrambled: tracks %v, %+v", r.order, st)
	}
}

// DTS under a stream type that stands for other things too is named, and not
// taken for data.
func TestDTSIsNamed(t *testing.T) {
	for _, typ := range []uint8{0x06, 0x82, 0x86} {
		w := kind{typ: typ}.writer(soundPES(0, append([]byte{0x7f, 0xfe, 0x80, 0x01}, make([]byte, 900)...)), soundPES(900, make([]byte, 900)))
		r, st := demux(t, Options{}, w.Bytes())
		if len(r.order) > 0 || !reflect.DeepEqual(st.Unsupported, []Unsupported{{aPID, typ, "DTS"}}) || len(st.Data) > 0 {
			t.Errorf("0x%02x: %v, %+v", typ, r.order, st)
		}
	}
	// Sections, such as those of SCTE-35, are data from their first packet on.
	w := kind{typ: 0x86}.writer()
	for range 3 {
		w.Payload(aPID, []byte{0, 0xfc, 0x30, 0x11, 0, 0, 0}, true)
	}
	if _, st := demux(t, Options{}, w.Bytes()); !reflect.DeepEqual(st.Data, []uint16{aPID}) || st.DataPackets != 3 || st.BadPES != 0 {
		t.Errorf("sections: %+v", st)
	}
}

// Two tracks of sound, one of which starts late, beside pictures.
func TestSeveralSounds(t *testing.T) {
	w := newWriter()
	w.Streams = append(w.Streams, tswriter.Stream{PID: 0x102, Type: 0x81, StreamID: 0xbd, Descriptors: []byte{tagLanguage, 4, 'f', 'r', 'a', 0}})
	simple(w, 90000)
	w.PES(0x102, soundPES(90000+45000, kindAC3.frames(0, 10)))
	r, st := demux(t, Options{}, w.Bytes())
	if len(r.of(vPID)) != 25 || len(r.of(aPID)) != 47 || len(r.of(0x102)) != 10 || st.Untimed+st.JunkBytes != 0 {
		t.Errorf("%d pictures, %d and %d frames, %+v", len(r.of(vPID)), len(r.of(aPID)), len(r.of(0x102)), st)
	}
	if !slices.Contains(r.log, fmt.Sprintf("track %d ac-3 fra", 0x102)) || r.of(0x102)[0].pts != 135000 {
		t.Errorf("the late track: %+v in %v", r.of(0x102)[0].pts, r.log[:2])
	}
}
