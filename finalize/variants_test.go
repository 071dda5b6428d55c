package finalize

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/internal/golden"
	"recfin/mp4"
	"recfin/probe"
)

// quality is a rendition with one segment of two seconds.
func quality(name, codecs string, width int, bytes int64) RenditionRecord {
	q := RenditionRecord{Name: name, Output: name, Codecs: codecs, Width: width, Height: width * 9 / 16}
	q.Slot, q.DurationNS = []int{0}, []int64{2e9}
	q.ObjectColumns = ObjectColumns{Key: []string{name}, Size: []int64{bytes}}
	return q
}

// doors are the texts for some kinds of recordings.
var doors = []struct {
	name       string
	renditions []RenditionRecord
}{
	{"pictures with sound", []RenditionRecord{quality("720p", "avc1.4d401e,mp4a.40.2", 1280, 1e6), quality("360p", "avc1.42c01e,mp4a.40.2", 640, 2e5)}},
	{"a quality for listeners", []RenditionRecord{quality("720p", "avc1.4d401e,mp4a.40.2", 1280, 1e6), quality("audio", "mp4a.40.2", 0, 2e4)}},
	{"sound of its own", []RenditionRecord{
		quality("720p", "avc1.4d401e", 1280, 1e6), quality("360p", "avc1.42c01e", 640, 2e5),
		quality("stereo", "mp4a.40.2", 0, 2e4), quality("5.1", "ec-3", 0, 9e4),
	}},
	{"sound of its own, and one that has it", []RenditionRecord{quality("720p", "avc1.4d401e", 1280, 1e6), quality("360p", "avc1.42c01e,mp4a.40.2", 640, 2e5), quality("audio", "mp4a.40.5", 0, 2e4)}},
	{"mute", []RenditionRecord{quality("720p", "avc1.4d401e", 1280, 1e6)}},
	{"sound that was announced and not seen", []RenditionRecord{quality("720p", "", 1280, 1e6), quality("audio", "mp4a.40.2", 0, 2e4)}},
	{"nothing known", []RenditionRecord{quality("720p", "", 0, 1e6)}},
}

func entryOf(renditions []RenditionRecord) *MarkerSession {
	r := &Record{Renditions: renditions, Slots: SlotColumns{Seq: []int64{0}, StartNS: []int64{0}, DurationNS: []int64{2e9}}}
	var written []*RenditionRecord
	for i := range r.Renditions {
		written = append(written, &r.Renditions[i])
	}
	return &MarkerSession{ID: "20260301T200000Z", Version: "1-0123456789abcdef", Variants: r.variants(written, 2)}
}

// The texts stand in testdata/doors.m3u8, to be read.
func TestDoors(t *testing.T) {
	var b strings.Builder
	for _, c := range doors {
		text, err := entryOf(c.renditions).door("20260301T200000Z")
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		b.WriteString("# " + c.name + "\n" + string(text) + "\n")
	}
	e := entryOf(doors[0].renditions)
	e.Variants[0].IFrames = &IFrameTrack{Bandwidth: 900000, Average: 800000, Codecs: "avc1.4d401e"}
	text, err := e.door("20260301T190000Z")
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString("# the door of a session that was absorbed; I-frames of one\n" + string(text) + "\n")
	golden.Check(t, "doors.m3u8", b.String())
}

// Whatever there is of kinds, every rendition is in the door once, a group has one
// default, and a variant that takes its sound from the group counts it in.
func TestDoorsOfAnyKinds(t *testing.T) {
	codecs := []string{"avc1.4d401e", "avc1.4d401e,mp4a.40.2", "mp4a.40.2", "ec-3", "", "hvc1.1.6.L30.90,opus"}
	rapid.Check(t, func(t *rapid.T) {
		var all []RenditionRecord
		for i := range rapid.IntRange(1, 6).Draw(t, "renditions") {
			c := rapid.SampledFrom(codecs).Draw(t, "codecs")
			width := 0
			if c == "" || strings.Contains(c, "1.") {
				width = rapid.SampledFrom([]int{640, 1280}).Draw(t, "width")
			}
			all = append(all, quality(string(rune('a'+i)), c, width, rapid.Int64Range(1, 1e6).Draw(t, "bytes")))
		}
		e := entryOf(all)
		raw, err := e.door(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for i, v := range e.Variants {
			if n := strings.Count(text, "/"+v.Name+".m3u8"); n != 1 {
				t.Fatalf("%s is there %d times:\n%s", v.Name, n, text)
			}
			alone := int(all[i].Size[0]) * 4
			switch {
			case v.Sound && (v.Bandwidth <= alone || !strings.Contains(v.Codecs, ",")):
				t.Fatalf("%+v does not count the sound in", v)
			case !v.Sound && v.Bandwidth != alone:
				t.Fatalf("%+v counts more in than it has", v)
			}
		}
		if grouped := strings.Contains(text, "#EXT-X-MEDIA:"); strings.Count(text, "DEFAULT=YES") > 1 || grouped != strings.Contains(text, "DEFAULT=YES") || grouped != strings.Contains(text, `AUDIO="audio"`) {
			t.Fatalf("a group that is none:\n%s", text)
		}
	})
}

// track is a track of pictures that last so many ticks each.
func track(scale uint32, steps ...int64) *probe.Track {
	t := &probe.Track{Kind: mp4.Video, Timescale: scale, Frames: len(steps)}
	count := map[int64]int{}
	for i, s := range steps {
		if t.LastDelta = s; i+1 < len(steps) {
			t.LastDTS += s
			count[s]++
		}
	}
	for s, n := range count {
		if 4*n >= 3*(len(steps)-1) {
			t.Step = s
		}
	}
	return t
}

func repeat(n int, steps ...int64) []int64 {
	var out []int64
	for len(out) < n {
		out = append(out, steps...)
	}
	return out[:n]
}

func TestRateOf(t *testing.T) {
	for name, c := range map[string]struct {
		track    *probe.Track
		num, den int
	}{
		"25":                               {track(90000, repeat(50, 3600)...), 25, 1},
		"29.97":                            {track(90000, repeat(60, 3003)...), 30000, 1001},
		"23.976, rounded to ticks":         {track(90000, repeat(48, 3754, 3754, 3754, 3753)...), 24000, 1001},
		"30, rounded to milliseconds":      {track(90000, repeat(60, 2970, 3060, 2970)...), 30, 1},
		"30 in milliseconds":               {track(1000, repeat(60, 33, 33, 34)...), 30, 1},
		"15, the first one lasts longer":   {track(15360, append([]int64{1352}, repeat(59, 1024)...)...), 15, 1},
		"50, some were lost":               {track(90000, append(repeat(80, 1800), 3600, 5400, 1800, 1800)...), 50, 1},
		"a single one":                     {track(90000, 3600), 0, 0},
		"none at a time":                   {track(90000, 0, 0, 0), 0, 0},
		"a scale that is none":             {track(0, 10, 10), 0, 0},
		"variable: as many in as long":     {track(1000, 10, 50, 20, 40, 30, 90, 15, 45), 80, 3},
		"backwards, as nobody should have": {track(90000, -3600, -3600, -3600), 0, 0},
	} {
		if r := rateOf(c.track); r.num != c.num || r.den != c.den {
			t.Errorf("%s: %d/%d, want %d/%d", name, r.num, r.den, c.num, c.den)
		}
	}
}

func TestFasterRate(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct{ a, b, want rate }{
		"unknown":               {rate{}, rate{25, 1, 2 * s}, rate{25, 1, 2 * s}},
		"two of one session":    {rate{25, 1, 2 * s}, rate{50, 1, 2 * s}, rate{50, 1, 2 * s}},
		"slower":                {rate{50, 1, 2 * s}, rate{25, 1, 20 * s}, rate{50, 1, 2 * s}},
		"by rounding":           {rate{30, 1, 2 * s}, rate{1000, 33, s / 10}, rate{30, 1, 2 * s}},
		"by rounding, reversed": {rate{1000, 33, s / 10}, rate{30, 1, 2 * s}, rate{30, 1, 2 * s}},
		"as recorded":           {rate{30, 1, 0}, rate{30, 1, 2 * s}, rate{30, 1, 0}},
	} {
		if got := c.a.orFaster(c.b); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What CODECS names, of what was seen in which segments.
func TestCodecsOfLooks(t *testing.T) {
	sps := [][]byte{{0x67, 0x4d, 0x40, 0x1e}}
	video := probe.Track{Kind: mp4.Video, Frames: 9, Entry: &mp4.AVC{SPS: sps, Width: 1280, Height: 720}}
	bare := probe.Track{Kind: mp4.Video, Frames: 9, Entry: &mp4.AVC{}}
	audio := probe.Track{Kind: mp4.Audio, Frames: 9, Language: "swe", Entry: &mp4.AAC{ObjectType: 2, SampleRate: 48000, Channels: 2}}
	wide := probe.Track{Kind: mp4.Audio, Frames: 9, Language: "swe", Entry: &mp4.AC3{SampleRate: 48000, Channels: 6}}
	other := audio
	other.Language = "eng"
	both := video
	both.More = []mp4.SampleEntry{&mp4.AVC{SPS: [][]byte{{0x67, 0x64, 0, 0x28}}, Width: 1920, Height: 1080}}
	silent := probe.Track{Kind: mp4.Audio}
	head := func(tracks ...probe.Track) *probe.Media { return &probe.Media{Tracks: tracks} }
	whole := func(tracks ...probe.Track) *probe.Media { return &probe.Media{Whole: true, Tracks: tracks} }
	for name, c := range map[string]struct {
		media    []*probe.Media
		codecs   string
		width    int
		language string
		channels int
	}{
		"all in a head":                       {[]*probe.Media{head(video, audio)}, "avc1.4d401e,mp4a.40.2", 1280, "swe", 2},
		"sound behind the head":               {[]*probe.Media{head(video, silent)}, "", 1280, "", 0},
		"another segment shows it":            {[]*probe.Media{head(video, silent), head(video, audio)}, "avc1.4d401e,mp4a.40.2", 1280, "swe", 2},
		"announced, and none to the end":      {[]*probe.Media{head(video, silent), whole(video, silent)}, "avc1.4d401e", 1280, "", 0},
		"no parameter set in a head":          {[]*probe.Media{head(bare, audio)}, "", 0, "swe", 2},
		"no parameter set in one of them":     {[]*probe.Media{head(bare, audio), head(video, audio)}, "avc1.4d401e,mp4a.40.2", 1280, "swe", 2},
		"two sounds, of which one is wide":    {[]*probe.Media{whole(video, audio, wide)}, "avc1.4d401e,mp4a.40.2,ac-3", 1280, "swe", 6},
		"two languages":                       {[]*probe.Media{whole(video, audio), whole(video, other)}, "avc1.4d401e,mp4a.40.2", 1280, "", 2},
		"another profile inside of a segment": {[]*probe.Media{whole(both, audio)}, "avc1.4d401e,avc1.640028,mp4a.40.2", 1920, "swe", 2},
		"not read":                            {[]*probe.Media{nil}, "", 0, "", 0},
	} {
		var seen looks
		for _, m := range c.media {
			seen.add(lookAt(m))
		}
		var q RenditionRecord
		seen.tell(&q)
		if q.Codecs != c.codecs || q.Width != c.width || q.Language != c.language || q.Channels != c.channels {
			t.Errorf("%s: %q, %d wide, %q, %d channels", name, q.Codecs, q.Width, q.Language, q.Channels)
		}
		var later looks // of a run that reads nothing
		later.remember(&q)
		again := RenditionRecord{}
		if later.tell(&again); again.Codecs != q.Codecs || again.Width != q.Width || again.Language != q.Language || again.Channels != q.Channels {
			t.Errorf("%s: %+v remembered as %+v", name, q, again)
		}
	}
}
