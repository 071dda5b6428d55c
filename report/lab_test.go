package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"recfin/finalize"
)

func TestLab(t *testing.T) {
	dir := os.Getenv("REPORT_LAB")
	if dir == "" {
		t.Skip()
	}
	write := func(name string, do func(b *bytes.Buffer) error) {
		var b bytes.Buffer
		if err := do(&b); err != nil {
			t.Fatal(err)
		}
		t.Log(name, b.Len())
		os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644)
	}
	w := newWorld(t)
	w.match("match-7")
	plan := w.plan("match-7")
	write("plan.html", func(b *bytes.Buffer) error { return Write(b, plan, Options{Generated: "recfin report for mem://"}) })
	w.cfg.Formats.MP4 = true
	w.cfg.Delete = "leftovers"
	w.cfg.DeleteDelay = 1e15
	done := w.run("match-7")
	var plays []Play
	for _, c := range done.Committed {
		plays = append(plays, Play{Session: c.Record.Session, URL: "x/" + c.Record.Session + "/index.m3u8", Type: TypeHLS})
	}
	write("done.html", func(b *bytes.Buffer) error {
		return Write(b, done, Options{Generated: "recfin report for mem://", Plays: plays, Links: []Link{{"All recordings", "index.html"}}})
	})
	rows := []Row{{Recording: "match-7", Report: done, URL: "done.html"}, {Recording: "match-8 <script>alert(1)</script> \u202egnp.exe", Report: plan, URL: "plan.html"}, {Recording: "x", Report: &finalize.Report{Recording: "x", Err: os.ErrClosed, Plan: &finalize.Plan{}}}}
	write("index.html", func(b *bytes.Buffer) error { return WriteIndex(b, rows, Options{}) })
}
