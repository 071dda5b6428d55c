package report

import (
	"io"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// TestOddRecords: numbers that make no sense, as a record that somebody changed may hold
// them, are drawn somehow: they end neither the page nor the index of all recordings,
// and make neither vast.
func TestOddRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, dropped := vast(20, 2)
		rec := r.Plan.Sessions[0].Record
		odd := rapid.SampledFrom([]int64{0, 1, -1, 19, 20, math.MaxInt64, math.MinInt64, 1 << 62, -1 << 62, 1e12, -1e12})
		spoil := func(what string, column []int64) {
			if rapid.Bool().Draw(t, what) {
				column[rapid.IntRange(0, len(column)-1).Draw(t, what+" at")] = odd.Draw(t, what)
			}
		}
		spoil("start", rec.Slots.StartNS)
		spoil("duration", rec.Slots.DurationNS)
		spoil("number", rec.Slots.Seq)
		q := &rec.Renditions[0]
		spoil("media start", q.StartNS)
		spoil("media duration", q.DurationNS)
		spoil("size", q.Size)
		spoil("upload", q.Seen)
		for range rapid.IntRange(0, 3).Draw(t, "marks") {
			rec.Slots.Discontinuity = append(rec.Slots.Discontinuity, int(odd.Draw(t, "discontinuity")))
			rec.Slots.Join = append(rec.Slots.Join, int(odd.Draw(t, "join")))
			rec.Slots.GapAt, rec.Slots.GapNS = append(rec.Slots.GapAt, int(odd.Draw(t, "gap at"))), append(rec.Slots.GapNS, odd.Draw(t, "gap"))
			rec.Holes = append(rec.Holes, finalize.HoleRow{Rendition: rapid.SampledFrom([]string{"", "720p", "none"}).Draw(t, "of"), AfterSeq: odd.Draw(t, "after"), AfterSlot: int(odd.Draw(t, "after slot")), BeforeSeq: odd.Draw(t, "before"), DurationNS: odd.Draw(t, "lasts")})
		}
		for _, at := range []*time.Time{&rec.Start, &rec.End} {
			if rapid.Bool().Draw(t, "time") {
				*at = rapid.SampledFrom([]time.Time{{}, time.Unix(0, 0), time.Unix(0, math.MaxInt64), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}).Draw(t, "at")
			}
		}
		dropped[0].Start, dropped[0].Duration = time.Duration(odd.Draw(t, "lost start")), time.Duration(odd.Draw(t, "lost duration"))
		p, err := pageOf(r, dropped, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var n counter
		if err := pages.ExecuteTemplate(&n, "page.tmpl", p); err != nil || n > 1<<20 {
			t.Fatalf("%d bytes, %v", n, err)
		}
		if err := WriteIndex(io.Discard, []Row{{Recording: "vast", Report: r, URL: "x"}}, Options{}); err != nil {
			t.Fatal(err)
		}
	})
}

// counter counts what is written.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
