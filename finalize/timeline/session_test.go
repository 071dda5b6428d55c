package timeline

import (
	"testing"
	"time"
)

// The table of sessions: 10:00–10:30, then something later, under a gap of 15 min.
func TestSessionTable(t *testing.T) {
	first := feed{nonce: "A", stream: "a", to: 899, clock: -1}
	for _, c := range []struct {
		name string
		feed feed
		late bool
		want int
	}{
		{"exactly 15:00", feed{nonce: "A", stream: "a", from: 900, to: 1349, at: 45 * time.Minute, clock: -1}, false, 1},
		{"15:00.001", feed{nonce: "A", stream: "a", from: 900, to: 1349, at: 45*time.Minute + time.Millisecond, clock: -1}, false, 2},
		{"exactly 15:00, restarted", feed{nonce: "B", stream: "b", to: 449, at: 45 * time.Minute}, false, 1},
		{"15:00.001, restarted", feed{nonce: "B", stream: "b", to: 449, at: 45*time.Minute + time.Millisecond}, false, 2},
		{"20 min", feed{nonce: "B", stream: "b", to: 299, at: 50 * time.Minute}, false, 2},
		{"20 min, a late segment at 10:35", feed{nonce: "A", stream: "a", from: 901, to: 1200, at: 50 * time.Minute, clock: -1}, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			segs := list(first, c.feed)
			if c.late {
				segs = append(segs, feed{nonce: "A", stream: "a", from: 900, to: 900, at: 35 * time.Minute, clock: -1}.make()...)
				without := segs[:len(segs)-1]
				if tl, _ := plan(t, without, defaults); len(tl.Sessions) != 2 {
					t.Errorf("%d sessions without the late one", len(tl.Sessions))
				}
			}
			tl, _ := plan(t, segs, defaults)
			if len(tl.Sessions) != c.want {
				t.Errorf("%d sessions, want %d: %s", len(tl.Sessions), c.want, show(segs, tl))
			}
			if len(tl.Dropped)+len(tl.Uncertain)+len(tl.Warnings) > 0 {
				t.Errorf("%+v", tl.Uncertain)
			}
		})
	}
}

// What settling waits for: the latest upload of the session, chosen or not, and
// none of another session.
func TestUploadedOfSession(t *testing.T) {
	segs := list(feed{nonce: "A", stream: "a", to: 99}, feed{nonce: "B", stream: "b", to: 49, at: time.Hour},
		feed{nonce: "C", stream: "a", from: 90, to: 91, at: 180 * time.Second, clock: 180 * time.Second, delay: 12 * time.Minute})
	segs[find(t, segs, "B/source/7")].Size = 0
	segs[find(t, segs, "B/source/7")].Uploaded = day.Add(2 * time.Hour)
	stray := feed{nonce: "X", from: 5, to: 5, at: 61 * time.Minute}.make()[0]
	stray.Excluded, stray.Uploaded = true, day.Add(65*time.Minute)
	far := feed{nonce: "Y", from: 5, to: 5}.make()[0]
	far.Size, far.Uploaded = 0, day.Add(24*time.Hour)
	segs = append(segs, stray, far)
	tl, _ := plan(t, segs, defaults)
	if len(tl.Sessions) != 2 {
		t.Fatal(show(segs, tl))
	}
	if u := tl.Sessions[0].Uploaded.Sub(day); u != 184*time.Second+12*time.Minute {
		t.Errorf("first session was uploaded at %v", u)
	}
	if u := tl.Sessions[1].Uploaded.Sub(day); u != 2*time.Hour {
		t.Errorf("second session was uploaded at %v", u)
	}
	sessions := map[string]int{}
	for _, d := range tl.Dropped {
		sessions[segs[d.Segment].Key] = d.Session
	}
	if sessions[stray.Key] != 1 || sessions[far.Key] != -1 {
		t.Errorf("%v", sessions)
	}
}

func TestDurationSources(t *testing.T) {
	segs := feed{nonce: "A", to: 9}.make()
	tl, reads := plan(t, segs, defaults)
	for i, p := range tl.Sessions[0].Renditions[0].Picks {
		want := FromNeighbour
		if i == 9 {
			want = FromProbe
		}
		if p.Source != want || p.Duration != two {
			t.Errorf("%d: %v from %s", i, p.Duration, p.Source)
		}
	}
	if reads != 11 {
		t.Errorf("%d reads of 10 segments", reads)
	}
	for i := range segs {
		segs[i].Media.Declared = two + 60*time.Millisecond
		segs[i].Media.Timed = false
	}
	tl, _ = plan(t, segs, defaults)
	for i, p := range tl.Sessions[0].Renditions[0].Picks {
		if p.Source != FromProbe || p.Duration != two {
			t.Errorf("untimed %d: %v from %s", i, p.Duration, p.Source)
		}
	}
	if len(tl.Warnings) != 1 || tl.Warnings[0] != warnDisagree {
		t.Errorf("%v", tl.Warnings)
	}
	for i := range segs {
		segs[i].Media.Duration, segs[i].Media.Tracks = 0, nil
	}
	tl, _ = plan(t, segs, defaults)
	for i, p := range tl.Sessions[0].Renditions[0].Picks {
		if p.Source != FromMetadata || p.Duration != two+60*time.Millisecond {
			t.Errorf("declared %d: %v from %s", i, p.Duration, p.Source)
		}
	}
}

// Two broadcasters read the head of each segment once, the copies whole, and
// the ends of the runs.
func TestCostOfReading(t *testing.T) {
	segs := list(feed{nonce: "A", to: 299}, feed{nonce: "B", from: 298, to: 599, at: 596 * time.Second, clock: 596 * time.Second})
	_, reads := plan(t, segs, defaults)
	if reads > len(segs)+2 {
		t.Errorf("%d reads of %d segments", reads, len(segs))
	}
}
