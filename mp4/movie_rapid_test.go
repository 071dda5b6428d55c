package mp4_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/mp4check"
	"recfin/mp4"
)

// modelled is a track as it was written.
type modelled struct {
	kind      mp4.Kind
	timescale uint32
	next      int64 // DTS
	media     int64
	priming   int64
	entry     byte
	samples   []modelSample
	access    []int64 // DTS of the access points that are more than I pictures
}

type modelSample struct {
	dts, pts, duration int64
	sync               bool
	entry              byte
	payload            []byte
}

// Whatever is written comes back: order, payload, times, entries, sync samples.
func TestMovieProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var body bytes.Buffer
		m := mp4.NewMovie(&body)
		var tracks []*modelled
		add := func() {
			k := &modelled{
				kind:      rapid.SampledFrom([]mp4.Kind{mp4.Video, mp4.Audio}).Draw(t, "kind"),
				timescale: rapid.SampledFrom([]uint32{1, 1000, 44100, 48000, 90000, 10_000_000, 1<<32 - 1}).Draw(t, "timescale"),
				next:      rapid.SampledFrom([]int64{0, -5000, 1 << 33, 1 << 60}).Draw(t, "start"),
			}
			n, err := m.AddTrack(mp4.Track{Entry: entry{k.kind, 0}, Timescale: k.timescale})
			if err != nil || n != len(tracks) {
				t.Fatalf("track %d: %v", n, err)
			}
			tracks = append(tracks, k)
		}
		add()
		steps := rapid.IntRange(1, 150).Draw(t, "steps")
		write(t, m, tracks[0], 0)
		var chapters []modelChapter
		for range steps {
			switch i := rapid.IntRange(0, len(tracks)-1).Draw(t, "track"); rapid.IntRange(0, 20).Draw(t, "step") {
			case 3:
				c := modelChapter{title: rapid.StringN(0, 90, 255).Draw(t, "title")}
				c.at = rapid.SampledFrom([]int64{0, 1, 90, 5000, 1 << 33}).Draw(t, "after")
				if n := len(chapters); n > 0 {
					c.at += chapters[n-1].at
				}
				m.AddChapter(c.at, c.title)
				chapters = append(chapters, c)
			case 0:
				if len(tracks) < 4 {
					add()
				}
			case 1:
				tracks[i].entry = rapid.Byte().Draw(t, "entry") % 3
				if err := m.SetEntry(i, entry{tracks[i].kind, tracks[i].entry}); err != nil {
					t.Fatalf("%v", err)
				}
			case 2:
				tracks[i].media = rapid.Int64Range(0, 1<<33).Draw(t, "media")
				tracks[i].priming = rapid.Int64Range(0, 5000).Draw(t, "priming")
				m.StartOffset(i, tracks[i].media, tracks[i].priming)
			default:
				write(t, m, tracks[i], i)
			}
		}
		compare(t, m, &body, tracks, chapters)
	})
}

type modelChapter struct {
	at    int64
	title string
}

// compareChapters takes the chapters as they were added: of those in one
// millisecond (or, in a movie of more than 49 days, second) the last one counts.
func compareChapters(t *rapid.T, file *mp4check.Movie, chapters []modelChapter) {
	unit, ms := int64(mp4.Timescale/1000), int64(1)
	if file.Duration/unit >= 1<<32 {
		unit, ms = mp4.Timescale, 1000
	}
	var want []mp4check.Chapter
	for i, c := range chapters {
		last := i+1 == len(chapters) || chapters[i+1].at/unit > c.at/unit
		if last && c.at/unit < min(file.Duration/unit, 1<<32-1) {
			if want == nil && c.at/unit > 0 {
				want = append(want, mp4check.Chapter{})
			}
			want = append(want, mp4check.Chapter{Start: c.at / unit * ms, Title: c.title})
		}
	}
	if !slices.Equal(file.Chapters, want) {
		t.Fatalf("chapters are %+v, wrote %+v", file.Chapters, want)
	}
}

// write appends a random sample to a track and its model.
func write(t *rapid.T, m *mp4.Movie, k *modelled, track int) {
	s := modelSample{
		dts:      k.next,
		pts:      k.next + rapid.Int64Range(-5000, 5000).Draw(t, "offset")*rapid.Int64Range(0, 1).Draw(t, "has offset"),
		duration: rapid.OneOf(rapid.Int64Range(1, 5000), rapid.Just(int64(1024)), rapid.Int64Range(1, 1<<31)).Draw(t, "duration"),
		payload:  rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "payload"),
		entry:    k.entry,
	}
	access := rapid.SampledFrom([]mp4.Access{mp4.NotAccess, mp4.Intra, mp4.Sync, mp4.Sync}).Draw(t, "access")
	if access > mp4.Intra {
		k.access = append(k.access, s.dts)
	}
	lone := access == mp4.Intra && (len(k.access) == 0 || s.dts-k.access[len(k.access)-1] > 10*int64(k.timescale))
	s.sync = k.kind == mp4.Audio || access > mp4.Intra || lone
	cut := rapid.IntRange(0, len(s.payload)).Draw(t, "cut")
	pieces := [][]byte{bytes.Clone(s.payload[:cut]), bytes.Clone(s.payload[cut:])}
	if err := m.Write(track, &mp4.Sample{PTS: s.pts, DTS: s.dts, Duration: s.duration, Access: access, Pieces: pieces}); err != nil {
		t.Fatalf("%v", err)
	}
	for _, p := range pieces { // valid only until Write returned
		clear(p)
	}
	k.samples = append(k.samples, s)
	// Now and then the next one comes later, or earlier, than the duration says.
	k.next += max(1, s.duration+rapid.SampledFrom([]int64{0, 0, 0, 77, -1}).Draw(t, "jump"))
}

func compare(t *rapid.T, m *mp4.Movie, body *bytes.Buffer, tracks []*modelled, chapters []modelChapter) {
	room := rapid.Int64Range(0, 20000).Draw(t, "room")
	j, file := checked(t, m, body, room)
	sum := j.head.Summary()
	at := 0
	for _, k := range tracks {
		if len(k.samples) == 0 {
			continue
		}
		got := file.Samples(at)
		if len(got) != len(k.samples) || sum.Tracks[at].Kind != k.kind || sum.Tracks[at].Timescale != k.timescale {
			t.Fatalf("track %d: %d samples, wrote %d; %+v", at, len(got), len(k.samples), sum.Tracks[at])
		}
		base := k.samples[0].dts
		entries := map[byte]int{}
		for i, w := range k.samples {
			e, ok := entries[w.entry]
			if !ok {
				e = len(entries)
				entries[w.entry] = e
			}
			g := got[i]
			if g.DTS != w.dts-base || g.PTS != w.pts-base || g.Sync != w.sync || g.Entry != e {
				t.Fatalf("track %d, sample %d: %+v, wrote %+v from %d", at, i, g, w, base)
			}
			if p, err := file.Payload(g); err != nil || !bytes.Equal(p, w.payload) {
				t.Fatalf("track %d, sample %d: holds %x, %v, wrote %x", at, i, p, err, w.payload)
			}
		}
		last := k.samples[len(k.samples)-1]
		checkTrack(t, file.Tracks[at].Duration, last.dts+last.duration-base, len(file.Tracks[at].Entries), len(entries))
		start := int64(0)
		if e := file.Tracks[at].Edits; len(e) == 2 {
			start = e[0].Duration
		}
		if diff := start*int64(k.timescale) - k.media*mp4.Timescale; max(diff, -diff) > int64(k.timescale)/2+1 {
			t.Fatalf("track %d begins at %d, wanted %d of %d", at, start, k.media, k.timescale)
		}
		at++
	}
	compareChapters(t, file, chapters)
	if len(file.Chapters) > 0 {
		at++
	}
	if at != len(file.Tracks) {
		t.Fatalf("%d tracks, wrote %d", len(file.Tracks), at)
	}
}

func checkTrack(t *rapid.T, duration, wantDuration int64, entries, wantEntries int) {
	if duration != wantDuration || entries != wantEntries {
		t.Fatalf("lasts %d with %d entries, wrote %d with %d", duration, entries, wantDuration, wantEntries)
	}
}
