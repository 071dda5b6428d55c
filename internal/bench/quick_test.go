package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recfin/internal/testenv"
)

// TestMain makes this binary a contender where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && children[os.Args[1]] != nil {
		if err := children[os.Args[1]](context.Background(), os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestQuick runs every section on tiny inputs, and writes the pages.
func TestQuick(t *testing.T) {
	for _, program := range []string{"ffmpeg", "rclone", "versitygw"} {
		testenv.Need(t, program)
	}
	parent := t.TempDir()
	recfin := filepath.Join(parent, "recfin")
	if said, err := exec.Command("go", "build", "-o", recfin, "recfin/cmd/recfin").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	l, err := newLab(parent, recfin)
	if err != nil {
		t.Fatal(err)
	}
	l.rounds, l.seconds, l.hours, l.quick = 1, 20, 2, true
	o := &options{keep: filepath.Join(parent, "kept.json")}
	f, err := l.begin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.measureAll(t.Context(), sections, f, o.keep); err != nil {
		t.Fatal(err)
	}
	resumed, err := l.begin(t.Context(), &options{keep: o.keep, resume: true})
	if err != nil || resumed.page() != f.page() {
		t.Errorf("what was kept is another page (%v)", err)
	}
	// Nothing is left to do, and so nothing is done.
	if err := l.measureAll(t.Context(), sections, resumed, ""); err != nil || resumed.page() != f.page() {
		t.Errorf("it ran again (%v)", err)
	}
	l.rounds++
	if _, err := l.begin(t.Context(), &options{keep: o.keep, resume: true}); err == nil {
		t.Error("figures of fewer rounds are taken")
	}
	segments := f.Media.Segments
	for _, s := range sections {
		for _, r := range f.Sections[s.name] {
			c := r.Runs[0]
			if c.Wall <= 0 || c.Peak < 1<<20 || len(r.Command) == 0 {
				t.Errorf("%s, %s: %+v", s.title, r.Name, c)
			}
			if s.name == "store" || s.name == "modes" || s.name == "latency" {
				if gets := c.Asked[sources+" GetObject"]; gets < segments != (r.Name == nameUpload) {
					t.Errorf("%s, %s: %d GETs of %d segments: %v", s.title, r.Name, gets, segments, c.Asked)
				}
			}
		}
	}
	if r := f.of("store", nameTuned); len(r.Runs[0].Steps) != 3 || r.Runs[0].Files < f.Media.Bytes*3/2 {
		t.Errorf("the pipeline: %+v", r.Runs[0])
	}
	if r := f.of("store", nameStore); r.Runs[0].Files > 1<<16 || r.Runs[0].Read < f.Media.Bytes || r.Runs[0].Sent < f.Media.Bytes/2 {
		t.Errorf("recfin wrote %d bytes into files, read %d, sent %d, of %d", r.Runs[0].Files, r.Runs[0].Read, r.Runs[0].Sent, f.Media.Bytes)
	}
	if l.gateway != nil {
		t.Error("the server still runs in the sections without one")
	}
	if err := l.close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(parent, "bench-*")); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
	docs := t.TempDir()
	if err := f.writePages(docs); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{pageFile, scaleFile, figuresFile} {
		text, err := os.ReadFile(filepath.Join(docs, file))
		if err != nil {
			t.Fatal(err)
		}
		host, _ := os.Hostname()
		for _, private := range []string{parent, l.self, "127.0.0.1", "recfin-test", host} {
			if private != "" && strings.Contains(string(text), private) {
				t.Errorf("%s holds %q", file, private)
			}
		}
	}
	// The same figures make the same pages.
	before, _ := os.ReadFile(filepath.Join(docs, pageFile))
	if err := render(docs); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(filepath.Join(docs, pageFile)); string(after) != string(before) {
		t.Error("another page of the same figures")
	}
}

// TestCleared: what a contender that fails has made goes too, and its error has no secret.
func TestCleared(t *testing.T) {
	l, err := newLab(t.TempDir(), "recfin")
	if err != nil {
		t.Fatal(err)
	}
	var dir string
	_, err = l.compete(t.Context(), []contender{{name: "one that fails", steps: func(r *room) ([]step, error) {
		dir = r.dir
		return []step{{args: []string{"sh", "-c", "echo no >&2; touch " + r.dir + "/x; exit 3"}}}, nil
	}}}, 2)
	if err == nil || !strings.Contains(err.Error(), "one that fails") || !strings.HasSuffix(err.Error(), "no") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(dir); dir == "" || !os.IsNotExist(err) {
		t.Errorf("%s: %v", dir, err)
	}
	if err := l.close(); err != nil {
		t.Error(err)
	}
}
