package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// want is the expectation of a case; drops and warnings as written by the
// helpers, holes as "rendition after-before duration".
type want struct {
	shown, dropped, holes, uncertain, warnings string
}

func check(t *testing.T, segs []flat, w want) *Timeline {
	t.Helper()
	tl, _ := plan(t, segs, defaults)
	compareTo(t, segs, tl, w)
	return tl
}

func compareTo(t *testing.T, segs []flat, tl *Timeline, w want) {
	t.Helper()
	var holes, doubts []string
	for _, s := range tl.Sessions {
		for _, h := range s.Holes {
			holes = append(holes, strings.TrimSpace(fmt.Sprintf("%s %d-%d %v", h.Rendition, h.AfterSeq, h.BeforeSeq, h.Duration)))
		}
	}
	for _, u := range tl.Uncertain {
		doubts = append(doubts, u.What)
	}
	got := want{show(segs, tl), drops(segs, tl), strings.Join(holes, ", "), strings.Join(doubts, ", "), strings.Join(tl.Warnings, ", ")}
	if got != w {
		t.Errorf("got  %+v\nwant %+v\ndoubts %+v", got, w, tl.Uncertain)
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func TestCase1OneWriter(t *testing.T) {
	segs := list(feed{nonce: "A", to: 9})
	tl := check(t, segs, want{shown: "[" + seqs("A", 0, 9) + " ]"})
	s := tl.Sessions[0]
	if s.Start != day.Add(500*time.Millisecond) || s.End.Sub(s.Start) != seconds(20) || s.Uploaded != day.Add(20500*time.Millisecond) {
		t.Errorf("session %v to %v, uploaded %v", s.Start, s.End, s.Uploaded)
	}
}

func TestCase2FailoverContinuous(t *testing.T) {
	check(t, list(feed{nonce: "A", to: 9}, feed{nonce: "B", from: 10, to: 19, at: seconds(20), clock: seconds(20)}),
		want{shown: "[" + seqs("A", 0, 9) + seqs("B", 10, 19) + " ]"})
}

func TestCase2FailoverWithOtherParameters(t *testing.T) {
	check(t, list(feed{nonce: "A", to: 9}, feed{nonce: "B", from: 10, to: 19, at: seconds(20), clock: seconds(20), params: "b", pids: [2]int{500, 501}}),
		want{shown: "[" + seqs("A", 0, 9) + " |" + seqs("B", 10, 19) + " ]"})
}

func TestCase2FailoverAndBack(t *testing.T) {
	segs := list(feed{nonce: "A", to: 19}, feed{nonce: "B", from: 6, to: 8, at: seconds(12), clock: seconds(12)})
	check(t, without(segs, "A/source/6", "A/source/7", "A/source/8"),
		want{shown: "[" + seqs("A", 0, 5) + seqs("B", 6, 8) + seqs("A", 9, 19) + " ]"})
}

// Two segments, and the only distance between them is a leap of the clock: that
// is no length of ten hours. (A real series does this.)
func TestClockLeapsInARunOfTwo(t *testing.T) {
	tl := check(t, list(feed{nonce: "A"}, feed{nonce: "A", from: 1, to: 1, at: seconds(2), clock: seconds(37486)}),
		want{shown: "[" + seqs("A", 0, 0) + " |" + seqs("A", 1, 1) + " ]"})
	if s := tl.Sessions[0]; s.End.Sub(s.Start) != seconds(4) || !s.Slots[1].Join {
		t.Errorf("%v to %v, join %v", s.Start, s.End, s.Slots[1].Join)
	}
}

func TestCase3FailoverClockRestarted(t *testing.T) {
	tl := check(t, list(feed{nonce: "A", to: 9, clock: seconds(1000)}, feed{nonce: "B", from: 10, to: 19, at: seconds(20)}),
		want{shown: "[" + seqs("A", 0, 9) + " |" + seqs("B", 10, 19) + " ]"})
	if !tl.Sessions[0].Slots[10].Join {
		t.Error("no join")
	}
}

// overlapping is A 0–9 and B 8–19; A's 9 arrived last.
func overlapping(rendition, encode string) []flat {
	segs := list(feed{nonce: "A", rendition: rendition, to: 9},
		feed{nonce: "B", rendition: rendition, encode: encode, from: 8, to: 19, at: seconds(16), clock: seconds(16), delay: time.Second})
	for i := range segs {
		if strings.HasPrefix(segs[i].Key, "foo/A") && segs[i].Seq == 9 {
			segs[i].Uploaded = day.Add(seconds(22))
		}
	}
	return segs
}

func TestCase4RetriesIdentical(t *testing.T) {
	check(t, overlapping("", ""), want{
		shown:   "[" + seqs("A", 0, 8) + seqs("B", 9, 19) + " ]",
		dropped: "A/source/9 identical!, B/source/8 identical!"})
}

func TestCase4RetriesOtherTranscode(t *testing.T) {
	check(t, overlapping("720p", "b"), want{
		shown:   "[" + seqs("A", 0, 8) + seqs("B", 9, 19) + " ]",
		dropped: "A/720p/9 duplicate!, B/720p/8 duplicate!"})
}

func TestCase4SourceSpeaksForTranscodes(t *testing.T) {
	segs := slices.Concat(overlapping("", ""), overlapping("720p", "b"))
	tl, _ := plan(t, segs, defaults)
	if got := drops(segs, tl); len(tl.Sessions) != 1 || len(tl.Sessions[0].Slots) != 20 || len(tl.Dropped) != 4 || len(tl.Uncertain) > 0 {
		t.Errorf("%s\n%s", show(segs, tl), got)
	}
}

// Of copies with equal content the earliest stays, whatever the layout says of
// later ones; among other transcodes the layout decides.
func TestCase4LaterWins(t *testing.T) {
	opt := defaults
	opt.LaterWins = true
	segs := overlapping("", "")
	tl, _ := plan(t, segs, opt)
	compareTo(t, segs, tl, want{
		shown:   "[" + seqs("A", 0, 8) + seqs("B", 9, 19) + " ]",
		dropped: "A/source/9 identical!, B/source/8 identical!"})
	for _, later := range []bool{false, true} {
		segs = list(feed{nonce: "A", rendition: "720p", to: 19}, feed{nonce: "B", rendition: "720p", to: 19, encode: "b", delay: 3 * time.Second})
		opt.LaterWins = later
		who := map[bool]string{false: "A", true: "B"}[later]
		tl, _ = plan(t, segs, opt)
		if got := show(segs, tl); got != "["+seqs(who, 0, 19)+" ]" {
			t.Errorf("later wins %v: %s", later, got)
		}
	}
}

func TestCase5TruncatedPrefixLoses(t *testing.T) {
	segs := overlapping("", "")
	i := find(t, segs, "A/source/9")
	truncate(&segs[i])
	segs[i].Uploaded = day.Add(seconds(19)) // first, and still it loses
	check(t, segs, want{
		shown:   "[" + seqs("A", 0, 8) + seqs("B", 9, 19) + " ]",
		dropped: "A/source/9 truncated!, B/source/8 identical!"})
}

func TestCase6RestartOnOtherWriter(t *testing.T) {
	for _, rendition := range []string{"source", "720p"} {
		check(t, list(feed{nonce: "A", rendition: rendition, stream: "a", to: 99},
			feed{nonce: "B", rendition: rendition, stream: "b", to: 49, at: seconds(210)}),
			want{shown: "[" + seqs("A", 0, 99) + " | +10s" + seqs("B", 0, 49) + " ]"})
	}
}

func TestCase7RestartAfterTwentyMinutes(t *testing.T) {
	check(t, list(feed{nonce: "A", stream: "a", to: 99}, feed{nonce: "B", stream: "b", to: 49, at: seconds(200 + 1200)}),
		want{shown: "[" + seqs("A", 0, 99) + " ][" + seqs("B", 0, 49) + " ]"})
}

func TestCase9Hole(t *testing.T) {
	segs := without(list(feed{nonce: "A", to: 12}), "A/source/6", "A/source/7", "A/source/8")
	check(t, segs, want{shown: "[" + seqs("A", 0, 5) + " | +6s" + seqs("A", 9, 12) + " ]", holes: "5-9 6s"})
}

func TestCase9HoleWithClockRestarted(t *testing.T) {
	segs := list(feed{nonce: "A", to: 5, clock: seconds(500)}, feed{nonce: "A", from: 9, to: 12, at: seconds(18)})
	check(t, segs, want{shown: "[" + seqs("A", 0, 5) + " | +6s" + seqs("A", 9, 12) + " ]", holes: "5-9 6s"})
}

func TestNumberSkippedWithoutMissingMedia(t *testing.T) {
	segs := list(feed{nonce: "A", to: 5}, feed{nonce: "A", from: 7, to: 12, at: seconds(12), clock: seconds(12)})
	check(t, segs, want{shown: "[" + seqs("A", 0, 5) + seqs("A", 7, 12) + " ]"})
}

func TestCase10RetryWithinWriter(t *testing.T) {
	segs := list(feed{nonce: "A", to: 9})
	segs[5].Uploaded = day.Add(seconds(25))
	check(t, segs, want{shown: "[" + seqs("A", 0, 9) + " ]"})
	segs[5].Uploaded = day.Add(20 * time.Minute)
	tl := check(t, segs, want{shown: "[" + seqs("A", 0, 9) + " ]"})
	if s := tl.Sessions[0]; s.Start != day.Add(500*time.Millisecond) || s.Uploaded != segs[5].Uploaded {
		t.Errorf("session at %v, uploaded %v", s.Start, s.Uploaded)
	}
}

func TestCase12GapInOneRendition(t *testing.T) {
	segs := without(list(feed{nonce: "A", rendition: "720p", to: 19}, feed{nonce: "A", rendition: "360p", to: 19}), "A/360p/7")
	tl := check(t, segs, want{
		shown: "[" + seqs("A", 0, 6) + " A7*" + seqs("A", 8, 19) + " ]", holes: "360p 6-8 2s"})
	s := tl.Sessions[0]
	if s.Renditions[0].Name != "360p" || s.Renditions[0].Picks[7].Segment != -1 || s.Renditions[1].Picks[7].Segment < 0 || s.Holes[0].AfterSlot != 6 {
		t.Errorf("%+v", s.Holes)
	}
}

func TestCase16UploadClockAhead(t *testing.T) {
	for _, off := range []time.Duration{90 * time.Second, -90 * time.Second} {
		for _, clock := range []time.Duration{seconds(20), seconds(7777)} {
			segs := list(feed{nonce: "A", to: 9}, feed{nonce: "B", from: 10, to: 19, at: seconds(20), clock: clock, delay: off + 1})
			tl, _ := plan(t, segs, defaults)
			got := strings.NewReplacer(" |", "", " +1m30s", "", " +1m29s", "").Replace(show(segs, tl))
			if got != "["+seqs("A", 0, 9)+seqs("B", 10, 19)+" ]" || len(tl.Uncertain) > 0 {
				t.Errorf("ahead %v: %s", off, got)
			}
		}
	}
}

func TestCase16UploadClockAheadWithRetries(t *testing.T) {
	segs := list(feed{nonce: "A", to: 9}, feed{nonce: "B", from: 8, to: 19, at: seconds(16), clock: seconds(16), delay: 90 * time.Second})
	check(t, segs, want{shown: "[" + seqs("A", 0, 9) + seqs("B", 10, 19) + " ]", dropped: "B/source/8 identical!, B/source/9 identical!"})
}

func TestCase19PaddedNumbers(t *testing.T) {
	segs := list(feed{nonce: "A", to: 12})
	for i := range 8 {
		segs[i].Key = fmt.Sprintf("foo/A/source/%03d.ts", i)
	}
	check(t, segs, want{shown: "[" + seqs("A", 0, 12) + " ]"})
	twice := append(segs, feed{nonce: "A", from: 7, to: 7, at: seconds(14), clock: seconds(14), delay: seconds(3)}.make()...)
	check(t, twice, want{shown: "[" + seqs("A", 0, 12) + " ]", dropped: "A/source/7 identical!"})
}

func TestCase20FortyWriters(t *testing.T) {
	var segs []flat
	var shown strings.Builder
	for w := range 40 {
		at := seconds(60 * w)
		segs = append(segs, feed{nonce: fmt.Sprintf("n%d_", (w*7)%40), from: int64(30 * w), to: int64(30*w + 29), at: at, clock: at}.make()...)
		shown.WriteString(seqs(fmt.Sprintf("n%d_", (w*7)%40), 30*w, 30*w+29))
	}
	check(t, segs, want{shown: "[" + shown.String() + " ]"})
}

// Case 21: the same encoder starts over on another node: the same numbers and
// the same timestamps, 12 s after the crash.
func TestCase21SameNumbersSameTimestamps(t *testing.T) {
	for _, rendition := range []string{"source", "720p"} {
		check(t, list(feed{nonce: "A", rendition: rendition, stream: "a", to: 49},
			feed{nonce: "B", rendition: rendition, stream: "b", to: 49, at: seconds(112)}),
			want{shown: "[" + seqs("A", 0, 49) + " | +12s" + seqs("B", 0, 49) + " ]"})
	}
	check(t, slices.Concat(
		list(feed{nonce: "A", stream: "a", to: 49}, feed{nonce: "A", rendition: "720p", stream: "a", to: 49}),
		list(feed{nonce: "B", stream: "b", to: 49, at: seconds(112)}, feed{nonce: "B", rendition: "720p", stream: "b", to: 49, at: seconds(112)})),
		want{shown: "[" + seqs("A", 0, 49) + " | +12s" + seqs("B", 0, 49) + " ]"})
}

// Case 21, shorter second part, and one that is between copy and restart.
func TestCase21Doubtful(t *testing.T) {
	tl, _ := plan(t, list(feed{nonce: "A", rendition: "720p", stream: "a", to: 49},
		feed{nonce: "B", rendition: "720p", stream: "b", to: 49, at: seconds(70)}), defaults)
	if len(tl.Uncertain) == 0 || len(tl.Dropped) > 0 || len(tl.Sessions) != 1 || len(tl.Sessions[0].Slots) != 100 {
		t.Errorf("%+v", tl.Uncertain)
	}
}

// Case 22: everything was uploaded within an hour of another day, in listing
// order.
func TestCase22CopiedBucket(t *testing.T) {
	for _, spread := range []time.Duration{time.Hour, time.Minute, 0} {
		segs := list(feed{nonce: "A", to: 149, clock: seconds(40)}, feed{nonce: "B", from: 148, to: 299, at: seconds(296), clock: seconds(336)})
		copied(segs, spread)
		tl := check(t, segs, want{
			shown:    "[" + seqs("A", 0, 149) + seqs("B", 150, 299) + " ]",
			dropped:  "B/source/148 identical!, B/source/149 identical!",
			warnings: "uploads-not-live"})
		if d := tl.Sessions[0].End.Sub(tl.Sessions[0].Start); d != seconds(600) {
			t.Errorf("session of %v", d)
		}
	}
}

// copied gives all segments upload times of a copy in listing order.
func copied(segs []flat, spread time.Duration) {
	keys := make([]string, len(segs))
	for i := range segs {
		keys[i] = segs[i].Key
	}
	slices.Sort(keys)
	for i := range segs {
		k, _ := slices.BinarySearch(keys, segs[i].Key)
		segs[i].Uploaded = day.AddDate(0, 1, 0).Add(spread * time.Duration(k) / time.Duration(len(segs))).Truncate(time.Second)
	}
}

func TestCase22CopiedTranscodesAreKept(t *testing.T) {
	segs := list(feed{nonce: "A", rendition: "720p", to: 49}, feed{nonce: "B", rendition: "720p", encode: "b", from: 40, to: 99, at: seconds(80), clock: seconds(80)})
	copied(segs, time.Minute)
	tl, _ := plan(t, segs, defaults)
	if len(tl.Uncertain) == 0 || len(tl.Dropped) > 0 {
		t.Errorf("%s, %+v", drops(segs, tl), tl.Uncertain)
	}
}

func TestCase15TwoWrapsInOneRun(t *testing.T) {
	segs := feed{nonce: "A", to: 12000, each: 16 * time.Second, clock: seconds(80000)}.make() // 53 h
	tl, _ := plan(t, segs, defaults)
	if len(tl.Sessions) != 1 || tl.Sessions[0].End.Sub(tl.Sessions[0].Start) != 12001*16*time.Second {
		t.Fatalf("%d sessions", len(tl.Sessions))
	}
	for i, slot := range tl.Sessions[0].Slots {
		if slot.Discontinuity || slot.Join || slot.Gap != 0 {
			t.Fatalf("slot %d: %+v", i, slot)
		}
	}
}

func TestCase17NumbersLeapAWeekLater(t *testing.T) {
	segs := list(feed{nonce: "A", from: 1, to: 2}, feed{nonce: "A", from: 63744, to: 63790, at: 7 * 24 * time.Hour, clock: seconds(5)})
	check(t, segs, want{shown: "[" + seqs("A", 1, 2) + " ][" + seqs("A", 63744, 63790) + " ]"})
}

func TestCase18Hopeless(t *testing.T) {
	segs := list(feed{nonce: "A", to: 9}, feed{nonce: "B", from: 3, to: 5, at: seconds(6), clock: seconds(6), delay: seconds(2)})
	segs[find(t, segs, "A/source/2")].Size = 0
	segs[find(t, segs, "A/source/3")].Media.Fault = Unreadable
	segs[find(t, segs, "A/source/4")].Media.Fault = Gone
	segs[find(t, segs, "A/source/5")].Excluded = true
	segs[find(t, segs, "A/source/8")].Media.Fault = Undecodable
	tl := check(t, segs, want{
		shown:   "[" + seqs("A", 0, 1) + " | +2s" + seqs("B", 3, 5) + seqs("A", 6, 7) + " | +2s A9 ]",
		dropped: "A/source/2 empty, A/source/3 unreadable, A/source/4 gone, A/source/5 excluded, A/source/8 undecodable",
		holes:   "1-3 2s, 7-9 2s"})
	for _, d := range tl.Dropped {
		if w := find(t, segs, "B/source/3"); segs[d.Segment].Seq == 3 && d.Winner != w {
			t.Errorf("the winner of 3 is %d", d.Winner)
		}
	}
}

func TestNothing(t *testing.T) {
	check(t, nil, want{shown: ""})
	segs := feed{nonce: "A", to: 3}.make()
	for i := range segs {
		segs[i].Size = 0
	}
	check(t, segs, want{dropped: "A/source/0 empty, A/source/1 empty, A/source/2 empty, A/source/3 empty"})
}

// Case 23: two nodes take turns under one numbering, and the clock of one is five
// minutes behind, as on a file store.
func TestCase23ClockBehindUnderSharedNumbers(t *testing.T) {
	var feeds []feed
	for n := int64(0); n < 60; n += 10 {
		f := feed{nonce: "A", from: n, to: n + 9, at: time.Duration(n) * two, clock: time.Duration(n) * two}
		if n%20 == 10 {
			f.nonce, f.at = "B", f.at-5*time.Minute
		}
		feeds = append(feeds, f)
	}
	segs := list(feeds...)
	tl, _ := plan(t, segs, defaults)
	want := "["
	for n := int64(0); n < 60; n += 10 {
		want += seqs(map[bool]string{false: "A", true: "B"}[n%20 == 10], int(n), int(n)+9)
	}
	if got := show(segs, tl); got != want+" ]" || len(tl.Dropped) > 0 {
		t.Errorf("got  %s\nwant %s ]", got, want)
	}
}
