package report

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/timeline"
)

// vast is a stream of two days in segments of 2 s, in several renditions, by two
// writers of which every copy of the second was dropped for a while.
func vast(slots, renditions int) (*finalize.Report, []finalize.DroppedAt) {
	rec := &finalize.Record{Recording: "vast", Session: "20260314T180000Z", Start: onAir, End: onAir.Add(time.Duration(slots) * 2 * time.Second)}
	for k := range slots {
		rec.Slots.Seq = append(rec.Slots.Seq, int64(k))
		rec.Slots.StartNS = append(rec.Slots.StartNS, int64(k)*2e9)
		rec.Slots.DurationNS = append(rec.Slots.DurationNS, 2e9)
	}
	state := uint64(1)
	next := func(n uint64) int64 {
		state = state*6364136223846793005 + 1442695040888963407
		return int64((state >> 33) % n)
	}
	var dropped []finalize.DroppedAt
	for q := range renditions {
		name := []string{"1080p", "720p", "480p", "360p", "240p"}[q%5]
		x := finalize.RenditionRecord{Name: name, Output: name, Codecs: "avc1.64001f,mp4a.40.2", Height: 1080 - q}
		for k := range slots {
			nonce := "broadcaster-" + string(rune('a'+k/20000))
			x.Slot = append(x.Slot, k)
			x.Key = append(x.Key, fmt.Sprintf("vast/%s/%s/%d.ts", nonce, name, k))
			x.Store, x.ETag = append(x.Store, "s3://live/streams/"), append(x.ETag, "\"abc\"")
			x.Size = append(x.Size, 400_000+next(900_000))
			x.Seen = append(x.Seen, onAir.Add(time.Duration(k+1)*2*time.Second+time.Duration(400+next(900))*time.Millisecond).UnixNano())
			x.Nonce, x.Seq = append(x.Nonce, nonce), append(x.Seq, int64(k))
			x.StartNS, x.DurationNS, x.Source = append(x.StartNS, int64(k)*2e9), append(x.DurationNS, 2e9), append(x.Source, timeline.FromNeighbour)
		}
		rec.Renditions = append(rec.Renditions, x)
	}
	for k := 0; k < slots/10; k++ {
		d := finalize.DroppedAt{Rendition: "720p", Nonce: "broadcaster-z", Seq: int64(k), HasSeq: true, Session: rec.Session, Placed: true, Start: time.Duration(k) * 2 * time.Second, Duration: 2 * time.Second}
		d.Key, d.Kept, d.Reason, d.Leftover, d.Size, d.Store = fmt.Sprintf("vast/broadcaster-z/720p/%d.ts", k), fmt.Sprintf("vast/broadcaster-a/720p/%d.ts", k), "identical", true, 1000+next(1000), "s3://live/streams/"
		d.Modified = onAir.Add(time.Duration(k) * 2 * time.Second)
		dropped = append(dropped, d)
	}
	return &finalize.Report{Recording: "vast", Plan: &finalize.Plan{Recording: "vast", Status: finalize.Ready, Sessions: []finalize.PlannedSession{{Action: finalize.Write, Record: rec}}}}, dropped
}

func drawn(t testing.TB, r *finalize.Report, dropped []finalize.DroppedAt) []byte {
	t.Helper()
	p, err := pageOf(r, dropped, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page.tmpl", p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A page grows with its segments by what tells them apart, and by no more: two days
// in five renditions are 86,400 times as much as is allowed here for a slot.
func TestPageSize(t *testing.T) {
	size := func(slots int) int {
		r, dropped := vast(slots, 5)
		return len(drawn(t, r, dropped))
	}
	small, large := size(1000), size(9000)
	if each := (large - small) / 8000; each > 75 {
		t.Errorf("%d bytes a slot of five renditions", each)
	}
	if small > 200_000 {
		t.Errorf("%d bytes for 1,000 slots", small)
	}
}

// Many writers and many sessions stay readable: what stands without scripts is
// bounded, whatever there is.
func TestPageBounded(t *testing.T) {
	r, _ := vast(20_000, 1)
	q := &r.Plan.Sessions[0].Record.Renditions[0]
	var dropped []finalize.DroppedAt
	for k := range q.Nonce {
		q.Nonce[k] = fmt.Sprintf("node-%d", k/7)
		d := finalize.DroppedAt{Rendition: "1080p", Nonce: "x", Session: "20260314T180000Z"}
		d.Key, d.Reason = fmt.Sprintf("vast/x/1080p/%d.ts", k), "duplicate"
		dropped = append(dropped, d)
	}
	p, err := pageOf(r, dropped, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &p.Sessions[0]
	if len(s.Runs) != mostRuns || s.RunsMore != 20_000/7+1-mostRuns {
		t.Errorf("%d runs, and %d more", len(s.Runs), s.RunsMore)
	}
	if g := p.Dropped[0]; len(p.Dropped) != 1 || len(g.Rows) != mostDropped || g.More != 20_000-mostDropped {
		t.Errorf("%d groups, %d rows, %d more", len(p.Dropped), len(g.Rows), g.More)
	}
	bytes := 0
	for _, x := range s.Picture.Shapes {
		bytes += len(x.D)
	}
	if bytes > 100_000 || s.Picture.Height > 400 {
		t.Errorf("a picture of %d bytes, %d high", bytes, s.Picture.Height)
	}
}
