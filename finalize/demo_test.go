package finalize_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/demo"
	"recfin/internal/golden"
	"recfin/store/storetest"
)

// demoWorld is a store that holds the demo, two hours after it was on air.
func demoWorld(t *testing.T) (*world, demo.Story) {
	t.Helper()
	dir := t.TempDir()
	story, err := demo.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(false)
	w.clock.set(demo.Start.Add(2 * time.Hour))
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		key, err := filepath.Rel(dir, name)
		if err == nil {
			w.Set(filepath.ToSlash(key), body, info.ModTime(), nil)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, story
}

const demoSession = "20250601T180000Z"

// TestDemo finalizes the demo as its user would. What is decided and what is
// written stands in testdata/cases/demo, to be read.
func TestDemo(t *testing.T) {
	w, story := demoWorld(t)
	before := w.Snapshot()
	both := finalize.Formats{HLS: true, MP4: true}
	planned := mustPlan(t, only(w, both), demo.Recording)
	golden.Check(t, "cases/demo/objects.txt", objectsText(before))
	golden.Check(t, "cases/demo/want.plan", planText(t, planned))
	rec := storetest.NewRecorder(w)
	r := mustRun(t, only(rec, both), demo.Recording)
	after := w.Snapshot()
	audit(t, before, after, demo.Recording)
	golden.Check(t, "cases/demo/want.ops", strings.Join(rec.Mutations(), "\n")+"\n")

	a := read(t, after, demo.Recording)
	e := a.Sessions[0]
	folder := outPath + demo.Recording + "/"
	version := folder + demoSession + "/" + e.Version + "/"
	var fresh []string
	for key := range after {
		if _, old := before[key]; !old {
			fresh = append(fresh, key)
		}
	}
	slices.Sort(fresh)
	same(t, "new keys", fresh, []string{
		private + "days/2025-06-01/" + demo.Recording + "@" + demoSession,
		version + "180p.m3u8", version + "180p.mp4", version + "180p/iframes.m3u8", version + "segments.json.gz",
		folder + demoSession + "/index.m3u8", folder + "recording.json",
	})
	if e.ID != demoSession || !strings.HasPrefix(e.Version, "1-") || e.Highest != 1 || e.Formats != "hls,mp4" || len(e.Variants) != 1 ||
		a.Format != "recfin/recording" || a.markerFile.Version != 1 || a.Recording != demo.Recording || a.Generation != 1 || a.Predecessor != "" ||
		len(a.Condemned) > 0 || !e.Start.Equal(demo.Start.Add(400*time.Millisecond)) || e.End.Sub(e.Start) != 40*time.Second {
		t.Errorf("marker %s", a.raw)
	}
	golden.Check(t, "cases/demo/want.m3u8", "# "+folder+demoSession+"/index.m3u8\n"+string(after[folder+demoSession+"/index.m3u8"].Body)+
		"\n# "+version+"180p.m3u8\n"+string(after[version+"180p.m3u8"].Body))
	checkDemoPlan(t, r, story)
	checkDemoPlaylist(t, string(after[version+"180p.m3u8"].Body))
	checkDemoMovie(t, w, r, after[version+"180p.mp4"].Body)
}

// objectsText lists what a store holds, as the test that reads it sees it.
func objectsText(all snapshot) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		e := all[key]
		fmt.Fprintf(&b, "%s %8d %s %s\n", e.Modified.Format("2006-01-02T15:04:05.000Z"), len(e.Body), e.ETag, key)
	}
	return b.String()
}

func planText(t *testing.T, r *finalize.Report) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(r.PlanJSON()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// checkDemoPlan holds the decision against the story.
func checkDemoPlan(t *testing.T, r *finalize.Report, story demo.Story) {
	t.Helper()
	p := r.PlanJSON()
	q := p.Sessions[0].Renditions[0]
	if len(p.Sessions) != 1 || len(p.Sessions[0].Renditions) != 1 || q.Name != demo.Rendition || len(q.Segments) != story.Chosen {
		t.Errorf("%d sessions, rendition %s of %d segments", len(p.Sessions), q.Name, len(q.Segments))
	}
	if len(q.Holes) != 1 || q.Holes[0].AfterSeq != 13 || q.Holes[0].BeforeSeq != 15 || q.Holes[0].Duration.String() != "2.0" {
		t.Errorf("holes %v", q.Holes)
	}
	dropped := map[string]string{}
	for _, d := range p.Dropped {
		dropped[d.Key] = string(d.Reason) + " for " + d.Kept
	}
	want := map[string]string{
		"demo/A/180p/9.ts":  "truncated for demo/B/180p/9.ts",
		"demo/A/180p/10.ts": "empty for demo/B/180p/10.ts",
		"demo/B/180p/8.ts":  "identical for demo/A/180p/8.ts",
	}
	if !maps.Equal(dropped, want) || len(dropped) != story.Dropped {
		t.Errorf("dropped %v", dropped)
	}
	same(t, "unknown", p.Unknown, []string{"demo/notes.txt"})
	if len(p.Uncertain)+len(p.Warnings)+len(r.Problems) > 0 {
		t.Errorf("uncertain %v, warnings %v, problems %v", p.Uncertain, p.Warnings, r.Problems)
	}
}

// checkDemoPlaylist holds the playlist against what the encoder was told:
// segments of exactly 2 s.
func checkDemoPlaylist(t *testing.T, text string) {
	t.Helper()
	if n := strings.Count(text, "#EXTINF:2.000000,\n"); n != 19 || strings.Count(text, "#EXTINF:") != 19 {
		t.Errorf("%d of %d segments last 2 s:\n%s", n, strings.Count(text, "#EXTINF:"), text)
	}
	if strings.Count(text, "#EXT-X-DISCONTINUITY\n") != 1 || !strings.Contains(text, "13.ts\n#EXT-X-DISCONTINUITY\n") {
		t.Error("the discontinuity is not at the hole alone")
	}
}

// TestDemoLeftovers deletes what lost in the demo, and no more.
func TestDemoLeftovers(t *testing.T) {
	w, _ := demoWorld(t)
	before := w.Snapshot()
	mustRun(t, settings(w), demo.Recording)
	after := w.Snapshot()
	audit(t, before, after, demo.Recording)
	same(t, "gone", gone(before, after), []string{"demo/A/180p/9.ts", "demo/B/180p/8.ts"})
}
