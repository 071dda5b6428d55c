package timeline_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"recfin/finalize/timeline"
)

// The tests of this file know what was broadcast: every segment carries the
// stream and the number that it shows, and a plan is judged by that alone.

const (
	rvTurn  = time.Duration(int64(1<<33) * 100000 / 9)
	rvFrame = 40 * time.Millisecond
)

var rvDay = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// rvStream is one run of an encoder.
type rvStream struct {
	name  string
	at    time.Duration // wall time of number first
	first int64
	clock time.Duration // media time of number first
	each  time.Duration
	vary  bool // segments last 0.8 to 1.2 of each
	slate int  // so many of its first segments show the same in every stream
}

func (s *rvStream) length(n int64) time.Duration {
	if !s.vary {
		return s.each
	}
	h := fnv.New32a()
	fmt.Fprintf(h, "%s/%d", s.name, n)
	return (s.each*8/10 + s.each*4/10*time.Duration(h.Sum32()%16)/15) / rvFrame * rvFrame
}

func (s *rvStream) offset(n int64) time.Duration {
	var d time.Duration
	for i := s.first; i < n; i++ {
		d += s.length(i)
	}
	return d
}

// rvSeg is a segment with what it shows.
type rvSeg struct {
	timeline.Flat
	stream   *rvStream
	from, to int // pictures, of 50
}

const rvUnits = 50

// rvPart is what one writer uploads of a stream in some renditions.
type rvPart struct {
	s        *rvStream
	nonce    string
	rends    []string
	from, to int64
	delay    time.Duration // of uploads; 700 ms if 0
	jitter   time.Duration // further delay, up to
	skew     time.Duration // of the clock that dates the uploads
}

func rvDigests(what string, units int) []timeline.Digest {
	var d timeline.Digest
	var out []timeline.Digest
	for u := range units {
		h := fnv.New128a()
		h.Write(d[:])
		fmt.Fprintf(h, "%s/%d", what, u)
		h.Sum(d[:0])
		out = append(out, d)
	}
	return out
}

func (p rvPart) make() []*rvSeg {
	rng := rand.New(rand.NewPCG(uint64(len(p.nonce)+int(p.from)), 7))
	if p.delay == 0 {
		p.delay = 700 * time.Millisecond
	}
	var out []*rvSeg
	for n := p.from; n <= p.to; n++ {
		for _, rend := range p.rends {
			off, each := p.s.offset(n), p.s.length(n)
			late := p.delay
			if p.jitter > 0 {
				late += time.Duration(rng.Int64N(int64(p.jitter)))
			}
			what := fmt.Sprintf("%s/%s/%d", p.s.name, rend, n)
			if rend != "source" {
				what += "/" + p.nonce
			}
			if n < p.s.first+int64(p.s.slate) {
				what = fmt.Sprintf("slate/%s/%d", rend, n)
			}
			start := (p.s.clock + off) % rvTurn
			out = append(out, &rvSeg{stream: p.s, to: rvUnits, Flat: timeline.Flat{
				Store: "mem", Key: fmt.Sprintf("rec/%s/%s/%d.ts", p.nonce, rend, n),
				ETag: what, Size: 1000 + int64(each/time.Millisecond),
				Uploaded: rvDay.Add(p.s.at + off + each + late + p.skew),
				Nonce:    p.nonce, Rendition: rend, Seq: n,
				Media: timeline.Media{
					Level: timeline.ReadWhole, Timed: true, Start: start, Wrap: rvTurn, Access: true, Params: "ts", Duration: each,
					Tracks: []timeline.TrackTime{
						{ID: 256, Video: true, Params: "v", First: start, Last: start + each - rvFrame, Delta: rvFrame},
						{ID: 257, Params: "a", First: start - 15*time.Millisecond, Last: start + each - 30*time.Millisecond, Delta: 20 * time.Millisecond},
					},
					Content: timeline.Content{Tracks: [][]timeline.Digest{rvDigests(what+"v", rvUnits), rvDigests(what+"a", rvUnits+9)}},
				},
			}})
		}
	}
	return out
}

// cut leaves the first units of a segment.
func (s *rvSeg) cut(units int) {
	m := &s.Media
	m.Duration = m.Duration * time.Duration(units) / rvUnits
	s.Size, s.to = s.Size*int64(units)/rvUnits, units
	for i := range m.Tracks {
		m.Tracks[i].Last = m.Tracks[i].First + m.Duration - m.Tracks[i].Delta
		m.Content.Tracks[i] = m.Content.Tracks[i][:units]
	}
}

func rvList(parts ...rvPart) []*rvSeg {
	var out []*rvSeg
	for _, p := range parts {
		out = append(out, p.make()...)
	}
	return out
}

func rvFind(t *testing.T, segs []*rvSeg, key string) *rvSeg {
	t.Helper()
	for _, s := range segs {
		if s.Key == "rec/"+key+".ts" {
			return s
		}
	}
	t.Fatalf("no segment %s", key)
	return nil
}

func rvWithout(segs []*rvSeg, drop func(*rvSeg) bool) []*rvSeg {
	return slices.DeleteFunc(slices.Clone(segs), drop)
}

func rvHead(m timeline.Media, l timeline.Level) timeline.Media {
	if l >= timeline.ReadWhole {
		return m
	}
	if l == timeline.Unread {
		return timeline.Media{Declared: m.Declared}
	}
	m.Level, m.Duration, m.Content = l, 0, timeline.Content{}
	m.Tracks = slices.Clone(m.Tracks)
	for i := range m.Tracks {
		m.Tracks[i].Last, m.Tracks[i].Delta = 0, 0
	}
	return m
}

var rvOptions = timeline.Options{SessionGap: 15 * time.Minute, Source: "source"}

func rvBuild(t *testing.T, segs []*rvSeg, lazy bool) *timeline.Timeline {
	t.Helper()
	in := make([]timeline.Flat, len(segs))
	for i, s := range segs {
		in[i] = s.Flat
		if lazy {
			in[i].Media = rvHead(s.Media, timeline.Unread)
		}
	}
	for range 2*len(segs) + 2 {
		tl, needs := timeline.BuildFlat(in, rvOptions)
		if tl != nil {
			return tl
		}
		if len(needs) == 0 {
			t.Fatal("neither a timeline nor needs")
		}
		for _, n := range needs {
			if in[n.Segment].Media.Level >= n.Level {
				t.Fatalf("asks again for %s", in[n.Segment].Key)
			}
			in[n.Segment].Media = rvHead(segs[n.Segment].Media, n.Level)
		}
	}
	t.Fatal("needs do not end")
	return nil
}
