package finalize_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/store"
	"recfin/store/storetest"
)

// aYear is how many evenings are committed before the settings change.
const aYear = 365

// shortEvenings lays out one broadcast of four segments a day. Every tenth was taken
// over, and one of its segments is there twice.
func (w *world) shortEvenings(first, last int) {
	for k := first; k <= last; k++ {
		f, late := feed{Content: fmt.Sprint("evening ", k), Width: 1280, Height: 720}, time.Duration(k)*day
		w.lay(night(k)+"/720p", f, 0, 3, late)
		if k%10 == 0 {
			w.lay(night(k)+"b/720p", f, 3, 3, late+3*time.Second)
		}
	}
	w.clock.set(onAir.Add(time.Duration(last)*day + 2*time.Hour))
}

// olderProgram makes an archive look as if another program version had written it,
// with another number of the output format in its records.
func olderProgram(t *testing.T, w *world, recording string) {
	t.Helper()
	all := w.Snapshot()
	marker := string(all[markerKey(recording)].Body)
	for key, e := range all {
		if !strings.HasPrefix(key, outPath+recording+"/") || !strings.HasSuffix(key, "/segments.json.gz") {
			continue
		}
		old := unzip(t, e.Body)
		if !strings.Contains(string(old), `"output_format":`) {
			t.Fatalf("%s has no output format", key)
		}
		raw := zip(t, []byte(strings.Replace(string(old), `"output_format":`, `"output_format":9`, 1)))
		marker = strings.Replace(marker, hexSum(e.Body), hexSum(raw), 1)
		w.Set(key, raw, e.Modified, nil)
	}
	w.Set(markerKey(recording), []byte(marker), all[markerKey(recording)].Modified, nil)
}

// zip compresses.
func zip(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// otherSettings are changes after which a committed recording stays as it is.
func otherSettings(t *testing.T) map[string]func(*finalize.Config) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	two := func(names ...string) []*layout.Layout {
		l, err := finalize.ParseLayouts(names, nil)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	return map[string]func(*finalize.Config){
		"none":                   func(*finalize.Config) {},
		"hls alone":              asHLS,
		"mp4 alone":              asMP4,
		"a rendition left out":   func(c *finalize.Config) { c.Selection.Exclude = []string{"7*"} },
		"other renditions alone": func(c *finalize.Config) { c.Selection.Include = []string{"1080p"} },
		"a rendition renamed":    func(c *finalize.Config) { c.Renames = []finalize.Rename{{Glob: "720*", Name: "hd"}} },
		"a longer session gap":   func(c *finalize.Config) { c.SessionGap = 23*time.Hour + 59*time.Minute },
		"no session gap":         func(c *finalize.Config) { c.SessionGap = 0 },
		"a longer settling":      func(c *finalize.Config) { c.Settle = 400 * day },
		"split at midnight":      func(c *finalize.Config) { c.Split = finalize.SplitMidnight },
		"gaps kept":              func(c *finalize.Config) { c.Gaps = finalize.GapsKeep },
		"durations probed":       func(c *finalize.Config) { c.Durations = finalize.DurationsProbe },
		"another time zone":      func(c *finalize.Config) { c.TimeZone = zone.String() },
		"another layout first":   func(c *finalize.Config) { c.Layouts = append(two("mediamtx", "livepeer"), c.Layouts...) },
		"a layout for the same":  func(c *finalize.Config) { c.Layouts = two("{recording}/{nonce}/{rendition}/{seq}.{ext}") },
		"forced":                 forcing,
		"one at a time":          func(c *finalize.Config) { c.Concurrency, c.Memory = 1, 1<<20 },
	}
}

// TestSettingsChangeOverAYear: a year of evenings is committed, as one recording and
// as one a day, by this program and by one before it. Whatever setting changes,
// nothing of it is written or deleted; and tonight's session is made by the new
// settings beside it.
func TestSettingsChangeOverAYear(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	w.shortEvenings(0, aYear-1)
	archive := func(s store.Store) finalize.Config {
		return with(only(s, finalize.Formats{HLS: true, MP4: true}), func(c *finalize.Config) { c.Concurrency = 8 })
	}
	mustRun(t, archive(w), "foo")
	if n := len(read(t, w.Snapshot(), "foo").Sessions); n != aYear {
		t.Fatalf("%d sessions of %d evenings", n, aYear)
	}
	for _, older := range []bool{false, true} {
		if older {
			olderProgram(t, w, "foo")
		}
		before := w.Snapshot()
		for name, change := range otherSettings(t) {
			rec := storetest.NewRecorder(w)
			r, err := run(with(archive(rec), change), "foo")
			if err != nil || !r.Done() || r.Status() != finalize.Done {
				t.Errorf("%s: %s, %v", name, r.Status(), err)
			}
			if n := len(rec.Mutations()); n > 0 {
				t.Errorf("%s: %d writes and deletes, the first is %s", name, n, rec.Mutations()[0])
			}
		}
		noDifference(t, w.Snapshot(), before, false)
		if t.Failed() {
			return
		}
	}
	before := w.Snapshot()
	w.shortEvenings(aYear, aYear)
	mustRun(t, with(archive(w), func(c *finalize.Config) { asHLS(c); c.SessionGap, c.Gaps = time.Minute, finalize.GapsKeep }), "foo")
	unchanged(t, before, w.Snapshot(), markerKey("foo"))
	a := read(t, w.Snapshot(), "foo")
	if last := a.Sessions[len(a.Sessions)-1]; len(a.Sessions) != aYear+1 || last.Formats != "hls" {
		t.Errorf("%d sessions, the last as %q", len(a.Sessions), last.Formats)
	}
	before = w.Snapshot()
	w.clock.advance(day)
	r := mustRun(t, with(archive(w), func(c *finalize.Config) { asHLS(c); c.Delete = finalize.DeleteLeftovers }), "foo")
	var copies []string
	for k := 0; k <= aYear; k += 10 {
		copies = append(copies, night(k)+"b/720p/3.ts")
	}
	same(t, "deleted when that is asked for", gone(before, w.Snapshot()), copies)
	if len(r.Committed) > 0 {
		t.Errorf("%d sessions were written anew", len(r.Committed))
	}
}

// TestSettingsChangeOverManyRecordings is the same with a recording a day.
func TestSettingsChangeOverManyRecordings(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	id := func(k int) string { return fmt.Sprintf("day%03d", k) }
	for k := range aYear {
		w.lay(id(k)+"/A/720p", feed{Content: fmt.Sprint("day ", k%7), Width: 1280, Height: 720}, 0, 2, time.Duration(k)*day)
	}
	w.clock.set(onAir.Add((aYear + 1) * day))
	for k := range aYear {
		mustRun(t, with(settings(w), asBoth), id(k))
	}
	before := w.Snapshot()
	for name, change := range otherSettings(t) {
		rec := storetest.NewRecorder(w)
		f, err := finalize.New(with(settings(rec), change))
		if err != nil {
			t.Fatal(err)
		}
		for k := 0; k < aYear; k += 5 {
			if r, err := f.Run(t.Context(), id(k)); err != nil || !r.Done() {
				t.Errorf("%s: %s: %s, %v", name, id(k), r.Status(), err)
			}
		}
		if n := len(rec.Mutations()); n > 0 {
			t.Errorf("%s: %d writes and deletes, the first is %s", name, n, rec.Mutations()[0])
		}
	}
	noDifference(t, w.Snapshot(), before, false)
}

// unchanged holds that what was there is there as it was, but for some keys.
func unchanged(t *testing.T, before, after snapshot, but ...string) {
	t.Helper()
	for key, e := range before {
		if x, ok := after[key]; !slices.Contains(but, key) && (!ok || x.ETag != e.ETag || !x.Modified.Equal(e.Modified)) {
			t.Errorf("%s is not what it was", key)
		}
	}
}
