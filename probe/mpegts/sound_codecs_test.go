package mpegts

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// part is a sync frame of E-AC-3 of 48 kHz.
func part(typ, id, code uint32, fill byte) []byte {
	e := tswriter.EAC3{Type: typ, ID: id, Size: 64, Code: code, Acmod: 2, Fill: fill}
	if typ == 1 {
		e.ChanMap = 1 << 9
	}
	return e.Frame()
}

// leading is a frame of one or two blocks that says that six begin with it.
func leading(code uint32, fill byte) []byte {
	return tswriter.EAC3{Size: 64, Code: code, Acmod: 2, Fill: fill, First: true}.Frame()
}

func join(b ...[]byte) []byte { return bytes.Join(b, nil) }

func TestEAC3AccessUnits(t *testing.T) {
	whole := join(part(0, 0, 3, 1), part(1, 0, 3, 2), part(0, 1, 3, 3))
	halves := join(leading(2, 1), part(0, 0, 2, 2))
	for name, c := range map[string]struct {
		pes   []pes
		want  []heard
		track int // descriptions
		st    Stats
	}{
		"substreams belong together": {pes: []pes{soundPES(0, join(whole, whole, whole))}, track: 1,
			want: []heard{{0, string(whole)}, {2880, string(whole)}, {5760, string(whole)}}},
		"a PES packet that begins with a dependent substream": {track: 1,
			pes:  []pes{soundPES(0, whole[:64]), soundPES(2880, join(whole[64:], whole))},
			want: []heard{{0, string(whole)}, {2880, string(whole)}}},
		"two times three blocks": {pes: []pes{soundPES(0, join(halves, halves))}, track: 1,
			want: []heard{{0, string(halves)}, {2880, string(halves)}}},
		"a time in the middle of six blocks": {track: 1,
			pes:  []pes{{NoTime: true, Data: halves[:64]}, soundPES(1440, join(halves[64:], halves))},
			want: []heard{{0, string(halves)}, {2880, string(halves)}}},
		"it begins in the middle of six blocks": {track: 1,
			pes:  []pes{soundPES(0, join(halves[64:], halves, halves))},
			want: []heard{{1440, string(halves)}, {4320, string(halves)}}, st: Stats{Truncated: 1}},
		"five blocks and six": {pes: []pes{soundPES(0, join(part(0, 0, 2, 1), part(0, 0, 1, 2), whole, whole))}, track: 1,
			want: []heard{{2400, string(whole)}, {5280, string(whole)}}, st: Stats{Truncated: 1}},
		"six blocks that are cut": {pes: []pes{soundPES(0, join(halves, halves[:64]))}, track: 1,
			want: []heard{{0, string(halves)}}, st: Stats{Truncated: 1}},
		"a dependent substream first": {pes: []pes{soundPES(0, join(whole[64:128], whole, whole))}, track: 1,
			want: []heard{{0, string(whole)}, {2880, string(whole)}}, st: Stats{Truncated: 1}},
		"AC-3 with a dependent substream": {track: 1,
			pes:  []pes{soundPES(0, join(tswriter.AC3{Acmod: 2}.Frame(), part(1, 0, 3, 2), tswriter.AC3{Acmod: 2}.Frame(), part(1, 0, 3, 2)))},
			want: []heard{{0, string(join(tswriter.AC3{Acmod: 2}.Frame(), part(1, 0, 3, 2)))}, {2880, string(join(tswriter.AC3{Acmod: 2}.Frame(), part(1, 0, 3, 2)))}}},
	} {
		t.Run(name, func(t *testing.T) {
			r, st := demux(t, Options{}, kindEAC3.writer(c.pes...).Bytes())
			st.Packets = 0
			if have := soundsOf(r); !reflect.DeepEqual(have, c.want) || !reflect.DeepEqual(st, c.st) {
				t.Errorf("units %v\nwant %v, %+v", have, c.want, st)
			}
			if n := len(r.entries[aPID]); n != c.track {
				t.Errorf("announced %d times", n)
			}
		})
	}
	r, _ := demux(t, Options{}, kindEAC3.writer(soundPES(0, whole)).Bytes())
	want := &mp4.EAC3{DataRate: 48, SampleRate: 48000, Channels: 4,
		Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 2, Dependent: 1, ChanLoc: 2}, {Bsid: 16, Acmod: 2}}}
	if e := r.entries[aPID][0]; !reflect.DeepEqual(e, want) {
		t.Errorf("%+v", e)
	}
}

// A bit rate that changes is no new description; a layout that does is one.
func TestAC3Descriptions(t *testing.T) {
	b := join(kindAC3.frames(0, 4), bytes.Repeat(tswriter.AC3{Fscod: 1, Frmsizecod: 30, Acmod: 2}.Frame(), 3))
	r, st := demux(t, Options{}, kindAC3.writer(soundPES(0, b)).Bytes())
	if len(r.samples) != 7 || len(r.entries[aPID]) != 1 || st.JunkBytes != 0 {
		t.Errorf("bit rate: %d frames, %d descriptions, %+v", len(r.samples), len(r.entries[aPID]), st)
	}
	b = join(kindAC3.frames(0, 4), bytes.Repeat(tswriter.AC3{Fscod: 1, Frmsizecod: 30, Acmod: 7, LFE: true}.Frame(), 3))
	r, _ = demux(t, Options{}, kindAC3.writer(soundPES(0, b)).Bytes())
	if len(r.samples) != 7 || len(r.entries[aPID]) != 2 || r.entries[aPID][1].(*mp4.AC3).Channels != 6 {
		t.Errorf("layout: %d frames, %v", len(r.samples), r.log)
	}
}

// Frames before the first configuration wait for it and keep their times.
func TestLATMBeforeItsConfiguration(t *testing.T) {
	late := kindLATM
	late.frame = func(i int) []byte { return latmFrame(i + 1) } // the configuration comes with the third
	late.payload = func(i int) []byte { return block(i + 1) }
	for name, p := range map[string][]pes{
		"in one PES packet": {soundPES(7, late.frames(0, 9))},
		"in several":        {soundPES(7, late.frames(0, 1)), soundPES(7+late.at(1), late.frames(1, 3)), soundPES(7+late.at(3), late.frames(3, 9))},
	} {
		r, st := demux(t, Options{}, late.writer(p...).Bytes())
		if have := soundsOf(r); !reflect.DeepEqual(have, late.heard(7, 0, 9)) || st.Undescribed != 0 {
			t.Errorf("%s: %v, %+v", name, have, st)
		}
	}
	r, st := demux(t, Options{}, late.writer(soundPES(0, late.frames(0, 2))).Bytes())
	if len(r.samples) != 0 || st.Undescribed != 2 {
		t.Errorf("never: %d frames, %+v", len(r.samples), st)
	}
	// The configuration of an earlier part holds on.
	d := New(r, Options{})
	w := late.writer(soundPES(0, late.frames(0, 5)))
	if _, err := d.Write(w.Bytes()); err != nil || d.Flush() != nil {
		t.Fatal(err)
	}
	w = late.writer(soundPES(90000, late.frames(0, 1)))
	if _, err := d.Write(w.Bytes()); err != nil || d.Flush() != nil {
		t.Fatal(err)
	}
	if have := soundsOf(r); len(have) != 6 || have[5] != late.heard(90000, 0, 1)[0] {
		t.Errorf("two parts: %v", have)
	}
}

func TestLATMOfSeveralFrames(t *testing.T) {
	two := func(i int) []byte {
		return tswriter.LATM{ASC: config48, Payloads: [][]byte{block(i), block(i + 1)}}.Frame()
	}
	r, st := demux(t, Options{}, kindLATM.writer(soundPES(0, join(two(0), two(2))), soundPES(7680, two(4))).Bytes())
	if have := soundsOf(r); !reflect.DeepEqual(have, kindLATM.heard(0, 0, 6)) {
		t.Errorf("%v, %+v", have, st)
	}
	empty := tswriter.LATM{ASC: config48, Payloads: [][]byte{block(0), nil, block(2)}}.Frame()
	r, st = demux(t, Options{}, kindLATM.writer(soundPES(0, empty)).Bytes())
	if have, want := soundsOf(r), kindLATM.heard(0, 0, 3); len(have) != 2 || have[1] != want[2] || st.Truncated != 0 {
		t.Errorf("a frame for which nothing was sent: %v, %+v", have, st)
	}
	// An element that is broken takes its time.
	broken := tswriter.LATM{Same: true, Payloads: [][]byte{block(1)}}.Frame()
	broken[3] |= 0x7f
	r, st = demux(t, Options{}, kindLATM.writer(soundPES(0, join(kindLATM.frame(0), broken, kindLATM.frame(2)))).Bytes())
	if have := soundsOf(r); len(have) != 2 || have[1] != kindLATM.heard(0, 0, 3)[2] || st.Truncated != 1 {
		t.Errorf("broken: %v, %+v", have, st)
	}
}

func TestOpusTrims(t *testing.T) {
	short := []byte{16 << 3, 9} // 2.5 ms
	r, st := demux(t, Options{}, kindOpus.writer(
		soundPES(1000, join(tswriter.Opus(120, -1, nil, short), tswriter.Opus(120, -1, nil, short), tswriter.Opus(72, -1, []byte{1, 2}, short), tswriter.Opus(-1, -1, nil, short))),
		soundPES(1900, join(tswriter.Opus(50, -1, nil, opus20), tswriter.Opus(-1, 480, nil, opus20), tswriter.Opus(-1, 5000, nil, opus20))),
	).Bytes())
	type timed struct{ pts, duration int64 }
	var have []timed
	for _, s := range r.samples {
		have = append(have, timed{s.pts, s.duration})
	}
	want := []timed{{1000, 225}, {1225, 225}, {1450, 225}, {1675, 225}, {1900, 1800}, {3700, 900}, {4600, 2}}
	if !reflect.DeepEqual(have, want) || st.JunkBytes+st.Truncated != 0 {
		t.Errorf("%v, want %v: %+v", have, want, st)
	}
	entry := &mp4.Opus{Channels: 2, PreSkip: 312, InputRate: 48000}
	if !reflect.DeepEqual(r.entries[aPID], []mp4.SampleEntry{entry}) || !reflect.DeepEqual(r.priming, []int64{585}) {
		t.Errorf("%+v, priming %v", r.entries[aPID][0], r.priming)
	}
	r, st = demux(t, Options{}, kindOpus.writer(soundPES(0, tswriter.Opus(312, -1, nil, short))).Bytes())
	if len(r.samples) != 1 || r.entries[aPID][0].(*mp4.Opus).PreSkip != 120 {
		t.Errorf("a lone packet: %d, %+v", len(r.samples), st)
	}
	if r, st = demux(t, Options{}, kindOpus.writer(soundPES(0, join(kindOpus.frame(0), tswriter.Opus(-1, -1, nil, []byte{3, 0}), kindOpus.frame(1)))).Bytes()); len(r.samples) != 2 || st.Truncated != 1 {
		t.Errorf("a broken packet: %d, %+v", len(r.samples), st)
	}
}

func TestOpusChannels(t *testing.T) {
	k := kindOpus
	k.tags = []byte{5, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, 6}
	r, _ := demux(t, Options{}, k.writer(soundPES(0, k.frames(0, 2))).Bytes())
	if e := r.entries[aPID][0].(*mp4.Opus); e.Channels != 6 || len(e.Mapping) != 9 {
		t.Errorf("%+v", e)
	}
	k.tags[9] = 0x20
	_, st := demux(t, Options{}, k.writer(soundPES(0, k.frames(0, 2))).Bytes())
	if len(st.Unsupported) != 1 || st.Unsupported[0].Name != "Opus of a reserved channel configuration" {
		t.Errorf("%+v", st.Unsupported)
	}
}

// The map may announce a codec in several ways.
func TestAnnouncedInEveryWay(t *testing.T) {
	registration := func(f string) []byte { return append([]byte{tagRegistration, 4}, f...) }
	for _, c := range []struct {
		kind kind
		typ  uint8
		tags []byte
		name string
	}{
		{kindAC3, 0x81, nil, "AC-3"},
		{kindAC3, 0x81, registration("AC-3"), "AC-3"},
		{kindAC3, 0x06, registration("AC-3"), "AC-3"},
		{kindAC3, 0x06, []byte{tagAC3, 1, 0}, "AC-3"},
		{kindEAC3, 0x87, nil, "E-AC-3"},
		{kindEAC3, 0x06, registration("EAC3"), "E-AC-3"},
		{kindEAC3, 0x06, []byte{tagEAC3, 1, 0}, "E-AC-3"},
		{kindEAC3, 0x81, nil, "AC-3"},
		{kindADTS, 0x06, []byte{tagAAC, 1, 0}, "AAC in private PES"},
		{kindLATM, 0x06, []byte{tagAAC, 1, 0}, "AAC in private PES"},
		{kindLATM, 0x1c, nil, "MPEG-4 audio"},
		{kindMP3, 0x04, nil, "MPEG-2 audio"},
		{kindOpus, 0x06, registration("Opus"), "Opus"},
	} {
		k := c.kind
		k.typ, k.tags = c.typ, c.tags
		d := New(&recorder{}, Options{})
		if _, err := d.Write(k.writer().Bytes()); err != nil || d.Flush() != nil {
			t.Fatal(err)
		}
		p := d.Program()
		if s := p.Streams[0]; s.Kind() != mp4.Audio || !s.Supported() || lookup(s).name != c.name {
			t.Errorf("0x%02x %x is %+v", c.typ, c.tags, lookup(s))
		}
		// The program, carried over to a segment without a map, says it too.
		w := tswriter.New(k.stream())
		w.PES(aPID, soundPES(0, k.frames(0, 5)))
		r, st := demux(t, Options{Program: p}, w.Bytes())
		if have := soundsOf(r); !alike(have, k.heard(0, 0, 5)) {
			t.Errorf("0x%02x %x: %v, %+v", c.typ, c.tags, have, st)
		}
	}
}

// A map that comes again with another channel configuration of Opus makes
// another stream, one that comes again as it was does not.
func TestOpusMapChanges(t *testing.T) {
	w := kindOpus.writer(soundPES(0, kindOpus.frames(0, 2)))
	w.Version = 1
	w.Tables()
	w.PES(aPID, soundPES(kindOpus.at(2), kindOpus.frames(2, 4)))
	w.Streams[0].Descriptors = []byte{5, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, 1}
	w.Version = 2
	w.Tables()
	w.PES(aPID, soundPES(kindOpus.at(4), kindOpus.frames(4, 6)))
	r, _ := demux(t, Options{}, w.Bytes())
	if e := r.entries[aPID]; len(e) != 2 || e[1].(*mp4.Opus).Channels != 1 || !alike(soundsOf(r), kindOpus.heard(0, 0, 6)) {
		t.Errorf("%v", r.log)
	}
}

// A frame across a gap does not change the configuration, nor does it end the
// stream.
func TestLATMDamagedConfiguration(t *testing.T) {
	long := bytes.Repeat([]byte{1}, 400)
	for name, config := range map[string][]byte{"another": {0x11, 0x88}, "foreign": {0x45, 0x90}} {
		w := kindLATM.writer(soundPES(0, kindLATM.frames(0, 3)))
		at := len(w.Packets())
		w.PES(aPID, soundPES(kindLATM.at(3), join(tswriter.LATM{ASC: config, Payloads: [][]byte{long}}.Frame(), kindLATM.frames(3, 6))))
		w.Packets()[at+1][3] ^= 3 // the counter only
		r, st := demux(t, Options{}, w.Bytes())
		if len(r.entries[aPID]) != 1 || len(r.samples) != 6 || st.Truncated != 1 || r.samples[3].pts != kindLATM.at(4) {
			t.Errorf("%s: %v, %+v", name, r.log, st)
		}
	}
}

// Channel configuration 0: the config element of the first block tells, and
// holds for frames without one.
func TestADTSWithChannelsOfItsOwn(t *testing.T) {
	own := func(b []byte) []byte { return tswriter.ADTS{Profile: 1, Rate: 3, Blocks: [][]byte{b}}.Frame() }
	pce := tswriter.PCE("quadro", []byte("rest"))
	r, st := demux(t, Options{}, audioOnly([]pes{soundPES(0, join(own(block(0)), own(pce), own(block(2)), own(pce)))}).Bytes())
	want := []heard{{0, string(block(0))}, {1920, string(pce)}, {3840, string(block(2))}, {5760, string(pce)}}
	if have := soundsOf(r); !reflect.DeepEqual(have, want) || st.Undescribed != 0 {
		t.Errorf("%v, %+v", have, st)
	}
	e := r.entries[aPID][0].(*mp4.AAC)
	if len(r.entries[aPID]) != 1 || e.Channels != 4 || !bytes.HasSuffix(e.Config, []byte("\x06quadro")) || e.Config[0] != 0x11 || e.Config[1] != 0x80 {
		t.Errorf("%+v", e)
	}
	// Another element is another description.
	r, _ = demux(t, Options{}, audioOnly([]pes{soundPES(0, join(own(pce), own(tswriter.PCE("", []byte("rest")))))}).Bytes())
	if len(r.entries[aPID]) != 2 || len(r.samples) != 2 {
		t.Errorf("%v", r.log)
	}
}

// What cannot be joined is refused by name, not passed over in silence.
func TestRefusedSounds(t *testing.T) {
	free := tswriter.MPEGAudio{Version: 3, Layer: 3, Size: 400}.Frame()
	half := tswriter.AC3{Frmsizecod: 20, Bsid: 9, Acmod: 2}.Frame()
	celp := tswriter.LATM{ASC: []byte{0x45, 0x90}, Payloads: [][]byte{block(0)}}.Frame()
	for name, w := range map[string]*tswriter.Writer{
		"free format":    kindMP3.writer(soundPES(0, bytes.Repeat(free, 3))),
		"AC-3, half":     kindAC3.writer(soundPES(0, bytes.Repeat(half, 3))),
		"CELP in LATM":   kindLATM.writer(soundPES(0, bytes.Repeat(celp, 3))),
		"without places": kindADTS.writer(soundPES(0, bytes.Repeat(tswriter.ADTS{Profile: 1, Rate: 3, Channels: 2, Blocks: [][]byte{bytes9, bytes9}}.Frame(), 3))),
	} {
		if r, _, err := tryDemux(Options{}, w.Bytes()); !errors.Is(err, ErrUnsupported) || len(r.samples) > 0 {
			t.Errorf("%s: %d frames, %v", name, len(r.samples), err)
		}
	}
	plain := kind{typ: 0x1c}.writer(soundPES(0, bytes.Repeat([]byte("raw data block "), 50)))
	_, st := demux(t, Options{}, plain.Bytes())
	if !reflect.DeepEqual(st.Unsupported, []Unsupported{{aPID, 0x1c, "MPEG-4 audio"}}) {
		t.Errorf("without any header: %+v", st)
	}
	_, st = demux(t, Options{}, kindADTS.writer(soundPES(0, []byte("no frame of anything"))).Bytes())
	if st.Soundless != 1 {
		t.Errorf("without any frame: %+v", st)
	}
	// In a stream that is fine otherwise they are damage.
	for name, w := range map[string]*tswriter.Writer{
		"CELP": kindLATM.writer(soundPES(0, join(kindLATM.frames(0, 3), celp, kindLATM.frames(3, 6)))),
		"free": kindMP3.writer(soundPES(0, kindMP3.frames(0, 3)), soundPES(kindMP3.at(3), free), soundPES(kindMP3.at(4), kindMP3.frames(3, 6))),
	} {
		if r, st := demux(t, Options{}, w.Bytes()); len(r.samples) != 6 || st.Truncated+st.JunkBytes == 0 {
			t.Errorf("%s in between: %d frames, %+v", name, len(r.samples), st)
		}
	}
}
