package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const three = 3 * time.Second

// lacking leaves numbers of a feed out.
func lacking(segs []flat, lost ...int64) []flat {
	return slices.DeleteFunc(segs, func(s flat) bool { return slices.Contains(lost, s.Seq) })
}

// draw shows the slots of each rendition: numbers in a row, "gap" for those that
// it lacks with their length, "|" for a discontinuity.
func draw(segs []flat, s *Session) string {
	var out []string
	for r := range s.Renditions {
		q := &s.Renditions[r]
		var b strings.Builder
		fmt.Fprintf(&b, "%s:", q.Name)
		slots := s.SlotsOf(r)
		var gap time.Duration
		from, to := int64(-1), int64(-1)
		flush := func() {
			if from >= 0 {
				fmt.Fprintf(&b, " %d-%d", from, to)
			}
			if gap > 0 {
				fmt.Fprintf(&b, " gap %v", gap.Round(10*time.Millisecond))
			}
			from, to, gap = -1, -1, 0
		}
		for i, p := range q.Picks {
			if slots[i].Discontinuity {
				flush()
				b.WriteString(" |")
			}
			seq := int64(-1)
			if p.Segment >= 0 {
				if seq = segs[p.Segment].Seq; segs[p.Segment].Unnumbered {
					seq = int64(segs[p.Segment].Begins.Sub(day) / segs[p.Segment].Length)
				}
			}
			switch {
			case p.Segment < 0 && gap == 0:
				flush()
				gap = p.Duration
			case p.Segment < 0:
				gap += p.Duration
			case to >= 0 && seq == to+1:
				to++
			default:
				flush()
				from, to = seq, seq
			}
		}
		flush()
		out = append(out, b.String())
	}
	return strings.Join(out, "\n")
}

// drawHoles lists the holes of a session.
func drawHoles(s *Session) string {
	var out []string
	for _, h := range s.Holes {
		out = append(out, fmt.Sprintf("%s %d-%d %v", h.Rendition, h.AfterSeq, h.BeforeSeq, h.Duration.Round(10*time.Millisecond)))
	}
	return strings.Join(out, ", ")
}

func TestOtherBoundaries(t *testing.T) {
	high := feed{nonce: "A", rendition: "720p", stream: "x", from: 0, to: 29, each: two}
	low := feed{nonce: "A", rendition: "360p", stream: "x", from: 0, to: 19, each: three}
	late := func(f feed) feed { // the same encoder a minute later, all of it anew
		f.at, f.stream, f.nonce = f.at+2*time.Minute, "y", "B"
		return f
	}
	audio := func(f feed) []flat { // sound alone, from a frame later on
		segs := f.make()
		for i := range segs {
			m := &segs[i].Media
			m.Start += 20 * time.Millisecond
			m.Tracks = []TrackTime{{ID: 257, First: m.Start, Last: m.Start + f.each - 20*time.Millisecond, Delta: 20 * time.Millisecond}}
			m.Content.Tracks = m.Content.Tracks[1:]
		}
		return segs
	}
	sound := feed{nonce: "A", rendition: "audio", stream: "x", from: 0, to: 14, each: 4 * time.Second}
	brief := func(nonce string, at time.Duration, name string, each time.Duration, from, to int64) feed { // six seconds
		return feed{nonce: nonce, rendition: name, stream: nonce, from: from, to: to, at: at, each: each}
	}
	for _, c := range []struct {
		name   string
		segs   []flat
		want   string
		holes  string
		warned bool
	}{
		{"little sound, and numbers that run on over a restart", slices.Concat(
			brief("A", 0, "720p", two, 0, 2).make(), audio(brief("A", 0, "audio", three, 0, 1)),
			brief("B", 6*time.Second, "720p", two, 3, 5).make(), audio(brief("B", 6*time.Second, "audio", three, 2, 3))),
			"720p: 0-2 | 3-5\naudio: 0-1 | 2-3", "", false},
		{"whole", slices.Concat(high.make(), low.make()), "360p: 0-19\n720p: 0-29", "", false},
		{"a hole in each at another time", slices.Concat(lacking(high.make(), 6, 7), lacking(low.make(), 10)),
			"360p: 0-9 gap 3s 11-19\n720p: 0-5 gap 4s 8-29", "360p 9-11 3s, 720p 5-8 4s", false},
		{"a hole of both", slices.Concat(lacking(high.make(), 6, 7, 8), lacking(low.make(), 4, 5)),
			"360p: 0-3 | 6-19\n720p: 0-5 | 9-29", " 5-9 6s", false},
		{"a hole of both, longer in one", slices.Concat(lacking(high.make(), 6, 7, 8), lacking(low.make(), 4)),
			"360p: 0-3 | 5-19\n720p: 0-5 | gap 3s 9-29", " 5-7 3s, 720p 5-9 3s", false},
		{"ends early", slices.Concat(high.make(), lacking(low.make(), 18, 19)), "360p: 0-17 gap 6s\n720p: 0-29", "360p 17-20 6s", false},
		{"begins late", slices.Concat(high.make(), lacking(low.make(), 0)), "360p: gap 3s 1-19\n720p: 0-29", "360p -1-1 3s", false},
		{"sound of its own", slices.Concat(high.make(), audio(sound)), "720p: 0-29\naudio: 0-14", "", false},
		{"sound that lacks some", slices.Concat(high.make(), lacking(audio(sound), 5, 6)), "720p: 0-29\naudio: 0-4 gap 8s 7-14", "audio 4-7 8s", false},
		{"three grids, a hole in the first", slices.Concat(lacking(high.make(), 10, 11), low.make(), audio(sound)),
			"360p: 0-19\n720p: 0-9 gap 4s 12-29\naudio: 0-14", "720p 9-12 4s", false},
		{"by start time", slices.Concat(dated(high), dated(low)), "360p: 0-19\n720p: 0-29", "", false},
		{"by start time, a hole in each", slices.Concat(dated(high)[:20], dated(high)[22:], dated(low)[:6], dated(low)[7:]),
			"360p: 0-5 gap 3s 7-19\n720p: 0-19 gap 4s 22-29", "360p 5-7 3s, 720p 19-22 4s", false},
		{"a restart inside", slices.Concat(high.make(), low.make(), late(high).make(), late(low).make()),
			"360p: 0-19 | 0-19\n720p: 0-29 | 0-29", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl, _ := plan(t, c.segs, Options{SessionGap: 15 * time.Minute, Source: "720p"})
			if len(tl.Sessions) != 1 {
				t.Fatalf("%d sessions", len(tl.Sessions))
			}
			s := &tl.Sessions[0]
			if got := draw(c.segs, s); got != c.want {
				t.Errorf("slots:\n%s\nwant\n%s", got, c.want)
			}
			if got := drawHoles(s); got != c.holes {
				t.Errorf("holes: %s\nwant: %s", got, c.holes)
			}
			if len(tl.Dropped) > 0 || len(tl.Uncertain) > 0 {
				t.Errorf("dropped %v, uncertain %v", tl.Dropped, tl.Uncertain)
			}
			if got := slices.Contains(tl.Warnings, warnUnaligned); got != c.warned {
				t.Errorf("warnings %v", tl.Warnings)
			}
		})
	}
}
