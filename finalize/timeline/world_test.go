package timeline

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	two   = 2 * time.Second
	frame = 40 * time.Millisecond
	turn  = time.Duration(int64(1<<33) * 100000 / 9) // 2^33 ticks of 90 kHz
)

// day is when broadcasts of the tests begin.
var day = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

var defaults = Options{SessionGap: 15 * time.Minute, Source: "source"}

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// feed describes segments that one writer made of one stream.
type feed struct {
	nonce     string
	rendition string        // "source" if empty
	stream    string        // what the picture shows; other streams have other content
	from, to  int64         // numbers, both included
	at        time.Duration // wall start of number `from` after day
	clock     time.Duration // media start of number `from`; -1: as at
	delay     time.Duration // of uploads; half a second if 0
	encode    string        // another transcode of the same stream differs in it
	params    string
	pids      [2]int
	each      time.Duration // 2 s if 0
	bare      bool          // without content
}

// make lists the segments of a feed, everything known.
func (f feed) make() []flat {
	if f.rendition == "" {
		f.rendition = "source"
	}
	if f.delay == 0 {
		f.delay = 500 * time.Millisecond
	}
	if f.each == 0 {
		f.each = two
	}
	if f.clock < 0 {
		f.clock = f.at
	}
	pids := f.pids
	if pids == [2]int{} {
		pids = [2]int{256, 257}
	}
	var out []flat
	for n := f.from; n <= f.to; n++ {
		off := time.Duration(n-f.from) * f.each
		key := fmt.Sprintf("foo/%s/%s/%d.ts", f.nonce, f.rendition, n)
		var content Content
		if !f.bare {
			content = payload(f.stream+f.rendition+f.encode, n)
		}
		start := (f.clock + off) % turn
		out = append(out, flat{
			Store: "mem://", Key: key, ETag: fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(key)))[:9],
			Size: 1000 + int64(f.each/time.Millisecond), Uploaded: day.Add(f.at + off + f.each + f.delay),
			Nonce: f.nonce, Rendition: f.rendition, Seq: n,
			Media: Media{
				Level: ReadWhole, Timed: true, Start: start, Wrap: turn, Params: f.params, Access: true,
				Duration: f.each, Content: content,
				Tracks: []TrackTime{
					{ID: pids[0], Video: true, First: start, Last: start + f.each - frame, Delta: frame},
					{ID: pids[1], First: start - 10*time.Millisecond, Last: start + f.each - 30*time.Millisecond, Delta: 20 * time.Millisecond},
				},
			},
		})
	}
	return out
}

// pictures is how many access units the picture track of a segment has.
const pictures = 10

// payload is the content of a segment: a picture track and a sound track.
func payload(what string, n int64) Content {
	var c Content
	seed := sha256.Sum256(fmt.Appendf(nil, "%s/%d", what, n))
	for t, units := range []int{pictures, pictures + 7} {
		var run Digest
		ds := make([]Digest, 0, units)
		for u := range units {
			h := fnv.New128a()
			h.Write(run[:])
			h.Write(seed[:8])
			h.Write([]byte{byte(t), byte(u)})
			h.Sum(run[:0])
			ds = append(ds, run)
		}
		c.Tracks = append(c.Tracks, ds)
	}
	return c
}

// truncate cuts a segment off in the middle, cleanly.
func truncate(s *flat) {
	s.Size /= 2
	s.Media.Duration /= 2
	for i, t := range s.Media.Content.Tracks {
		s.Media.Content.Tracks[i] = slices.Clone(t[:len(t)/2])
	}
	for i := range s.Media.Tracks {
		t := &s.Media.Tracks[i]
		t.Last = t.First + s.Media.Duration - t.Delta
	}
}

func list(feeds ...feed) []flat {
	var out []flat
	for _, f := range feeds {
		out = append(out, f.make()...)
	}
	return out
}

// find is the index of a key such as "A/source/9".
func find(t testing.TB, segs []flat, key string) int {
	t.Helper()
	i := slices.IndexFunc(segs, func(s flat) bool { return s.Key == "foo/"+key+".ts" })
	if i < 0 {
		t.Fatalf("no segment %s", key)
	}
	return i
}

func without(segs []flat, keys ...string) []flat {
	return slices.DeleteFunc(slices.Clone(segs), func(s flat) bool {
		return slices.Contains(keys, strings.TrimSuffix(strings.TrimPrefix(s.Key, "foo/"), ".ts"))
	})
}

// limited is what a read of that level finds.
func limited(m Media, l Level) Media {
	switch l {
	case Unread:
		return Media{Declared: m.Declared}
	case ReadHead:
		m.Duration, m.Content = 0, Content{}
		m.Tracks = slices.Clone(m.Tracks)
		for i := range m.Tracks {
			m.Tracks[i].Last, m.Tracks[i].Delta = 0, 0
		}
	}
	m.Level = l
	return m
}

// plan measures and builds until nothing is needed, as the pipeline does, and
// checks the contract of Needs and of every Timeline. It also gives the number of
// reads.
func plan(t tester, truth []flat, opt Options) (*Timeline, int) {
	t.Helper()
	segs := slices.Clone(truth)
	for i := range segs {
		segs[i].Media = limited(truth[i].Media, Unread)
	}
	return planOn(t, segs, truth, opt)
}

// planOn is plan where some of the segments may have been read already.
func planOn(t tester, segs, truth []flat, opt Options) (*Timeline, int) {
	t.Helper()
	reads := 0
	for {
		tl, needs := build(segs, opt)
		if (tl == nil) != (len(needs) > 0) {
			t.Fatalf("timeline %v and %d needs", tl, len(needs))
		}
		if tl != nil {
			invariants(t, segs, tl, opt)
			return tl, reads
		}
		for k, n := range needs {
			s := &segs[n.Segment]
			if n.Level <= s.Media.Level || s.Media.Fault != Healthy || s.Size == 0 || k > 0 && needs[k-1].Segment >= n.Segment {
				t.Fatalf("need %+v of %s at level %d", n, s.Key, s.Media.Level)
			}
			if s.Media = limited(truth[n.Segment].Media, n.Level); truth[n.Segment].Media.Fault != Healthy {
				s.Media = Media{Level: n.Level, Fault: truth[n.Segment].Media.Fault}
			}
			reads++
		}
	}
}

// invariants is what holds for every timeline of any input.
func invariants(t tester, segs []flat, tl *Timeline, opt Options) {
	t.Helper()
	seen := make([]int, len(segs))
	chosen := map[int]bool{}
	for si, s := range tl.Sessions {
		if len(s.Slots) == 0 || len(s.Renditions) == 0 || s.Slots[0].Join || s.Slots[0].Discontinuity || s.Slots[0].Gap != 0 {
			t.Fatalf("session %d is empty or begins with a discontinuity", si)
		}
		if !s.Start.Equal(s.Slots[0].Wall) || si > 0 && s.From.IsZero() && s.Start.Sub(tl.Sessions[si-1].End) <= opt.SessionGap {
			t.Fatalf("session %d begins at %v", si, s.Start)
		}
		own := false
		checkSlots(t, s.Slots)
		for _, r := range s.Renditions {
			if r.Slots != nil {
				own = true
				checkSlots(t, r.Slots)
			}
		}
		for i, slot := range s.Slots {
			if own {
				break // a GAP of all that share these
			}
			some := false // under the number of the slot; what another numbering lends may have its own
			for _, r := range s.Renditions {
				p := r.Picks[i].Segment
				some = some || p >= 0 && (segs[p].Seq == slot.Seq || segs[p].Unnumbered)
			}
			if !some {
				t.Fatalf("slot %d has nothing", i)
			}
		}
		for _, r := range s.Renditions {
			checkRendition(t, segs, &s, r, seen)
			for _, p := range r.Picks {
				if p.Segment >= 0 {
					chosen[p.Segment] = true
				}
			}
		}
	}
	uncertain := map[int]bool{}
	for _, u := range tl.Uncertain {
		for _, s := range u.Segments {
			uncertain[s] = true
		}
	}
	for k, d := range tl.Dropped {
		seen[d.Segment]++
		s := &segs[d.Segment]
		if d.Reason == "" || k > 0 && tl.Dropped[k-1].Segment >= d.Segment {
			t.Fatalf("drop %+v", d)
		}
		if d.Session >= 0 && tl.Sessions[d.Session].Uploaded.Before(s.Uploaded) {
			t.Fatalf("%s was uploaded after its session", s.Key)
		}
		if d.Leftover && (d.Winner < 0 || uncertain[d.Segment] || uncertain[d.Winner] || !chosen[d.Winner] || s.Excluded || s.Size == 0 || s.Media.Fault != Healthy) {
			t.Fatalf("%s is no leftover: %+v", s.Key, d)
		}
		if d.Winner >= 0 && (segs[d.Winner].Rendition != s.Rendition || d.Reason == Duplicate && segs[d.Winner].Seq != s.Seq) {
			t.Fatalf("%s lost to %s", s.Key, segs[d.Winner].Key)
		}
	}
	for i, n := range seen {
		if n != 1 {
			t.Fatalf("%s is listed once and in the result %d times", segs[i].Key, n)
		}
	}
}

func checkSlots(t tester, slots []Slot) {
	t.Helper()
	for i, slot := range slots {
		if slot.Duration <= 0 || slot.Join && !slot.Discontinuity {
			t.Fatalf("slot %+v", slot)
		}
		if i > 0 && slot.Wall.Sub(slots[i-1].Wall) != slots[i-1].Duration+slot.Gap {
			t.Fatalf("slot %d: wall %v after %v, gap %v", i, slot.Wall, slots[i-1].Wall, slot.Gap)
		}
	}
}

// checkRendition: picks are of that rendition, follow each other without a gap in
// output time, and sum up to the media time of each contiguous stretch.
func checkRendition(t tester, segs []flat, s *Session, r Rendition, seen []int) {
	t.Helper()
	slots := s.Slots
	if r.Slots != nil {
		slots = r.Slots
	}
	if len(r.Picks) != len(slots) {
		t.Fatalf("%s has %d picks in %d slots", r.Name, len(r.Picks), len(slots))
	}
	var at time.Duration
	for i, p := range r.Picks {
		if p.Start != at || p.Duration <= 0 {
			t.Fatalf("%s slot %d: %+v, want start %v", r.Name, i, p, at)
		}
		at += p.Duration
		if p.Segment < 0 {
			continue
		}
		seen[p.Segment]++
		m := &segs[p.Segment]
		if m.Rendition != r.Name {
			t.Fatalf("%s in slot %d of %s", m.Key, slots[i].Seq, r.Name)
		}
		if i+1 < len(r.Picks) && !slots[i+1].Join && r.Picks[i+1].Segment >= 0 {
			n := &segs[r.Picks[i+1].Segment].Media
			read := n.Level >= ReadHead && m.Media.Level >= ReadHead
			if step := unwrap(n.Start-m.Media.Start, p.Duration, m.Media.Wrap); read && step != p.Duration {
				t.Fatalf("%s lasts %v, its neighbour starts %v later", m.Key, p.Duration, step)
			}
		}
		if !slots[i].Discontinuity && i > 0 && r.Picks[i-1].Segment >= 0 && m.Media.Level >= ReadHead &&
			segs[r.Picks[i-1].Segment].Media.Level >= ReadHead && segs[r.Picks[i-1].Segment].Media.Params != m.Media.Params {
			t.Fatalf("%s changes parameters without a discontinuity", m.Key)
		}
	}
}

// show writes a timeline for people: sessions in brackets, per slot writer and
// number, "|" where a discontinuity is, "*" after a slot that is a GAP in a
// rendition, "+3s" for a gap in wall time.
func show(segs []flat, tl *Timeline) string {
	var b strings.Builder
	for _, s := range tl.Sessions {
		b.WriteString("[")
		for i, slot := range s.Slots {
			if slot.Discontinuity {
				b.WriteString(" |")
			}
			if slot.Gap > 0 {
				fmt.Fprintf(&b, " +%v", slot.Gap.Round(time.Second))
			}
			b.WriteString(" ")
			writers := map[string]bool{}
			gap := ""
			for _, r := range s.Renditions {
				if p := r.Picks[i]; p.Segment >= 0 {
					writers[segs[p.Segment].Nonce] = true
				} else {
					gap = "*"
				}
			}
			var names []string
			for w := range writers {
				names = append(names, w)
			}
			slices.Sort(names)
			fmt.Fprintf(&b, "%s%d%s", strings.Join(names, ""), slot.Seq, gap)
		}
		b.WriteString(" ]")
	}
	return b.String()
}

// seqs writes a stretch of one writer as show does.
func seqs(writer string, from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, " %s%d", writer, n)
	}
	return b.String()
}

// drops writes what was dropped: key, reason, "!" where it is a leftover.
func drops(segs []flat, tl *Timeline) string {
	var out []string
	for _, d := range tl.Dropped {
		s := strings.TrimSuffix(strings.TrimPrefix(segs[d.Segment].Key, "foo/"), ".ts") + " " + string(d.Reason)
		if d.Leftover {
			s += "!"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
