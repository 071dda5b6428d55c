package survival

import (
	"os"
	"testing"

	"recfin/finalize"
	"recfin/internal/powercut"
	"recfin/internal/testenv"
)

var (
	both = finalize.Formats{HLS: true, MP4: true}

	scenes = []scene{
		{"first", takeover, both, finalize.DeleteLeftovers, 2, finalize.HLSReference},
		{"grows", func(t testing.TB, dir string) {
			takeover(t, dir)
			tt := t.(*testing.T)
			s := scene{formats: both, mode: finalize.DeleteNone}
			if err := s.rerun(open(tt, dir)); err != nil {
				t.Fatal(err)
			}
			late(t, dir)
		}, both, finalize.DeleteLeftovers, 6, finalize.HLSReference},
		{"sources", takeover, finalize.Formats{MP4: true}, finalize.DeleteSources, 10, finalize.HLSReference},
		{"copies", takeover, finalize.Formats{HLS: true}, finalize.DeleteSources, 10, finalize.HLSCopy},
		{"single", takeover, finalize.Formats{HLS: true}, finalize.DeleteSources, 10, finalize.HLSSingle},
	}
)

// all reports whether nothing is to be left out.
func all() bool { return os.Getenv("RECFIN_TEST_CRASH") == "all" }

// stride is the distance of the points that are tried.
func stride(n int) int {
	if all() {
		return 1
	}
	return n
}

func samples() int {
	if all() {
		return 4
	}
	return 1
}

// undisturbed is what a run leaves that nobody disturbs, and how many operations
// on the file system it takes.
func undisturbed(t *testing.T, sc *stage) (want map[string]string, operations int) {
	t.Helper()
	w := sc.world(t, powercut.Plan{})
	before := contents(t, w.dir)
	r, err := sc.run(w.s)
	if err != nil {
		t.Fatal(err)
	}
	operations = w.fs.Count()
	if len(r.Deleted) < sc.deletes {
		t.Fatalf("an undisturbed run deletes %d of %d objects: the sweep would prove nothing", len(r.Deleted), len(before))
	}
	if err := w.fs.Check(); err != nil {
		t.Fatalf("something was done behind the double's back: %v", err)
	}
	if err := sc.rerun(w.s); err != nil {
		t.Fatal(err)
	}
	return contents(t, w.dir), operations
}

// survives lays out each image of a disk and lets the next processes finish.
func survives(t *testing.T, sc *stage, w *world, want map[string]string) (n int) {
	t.Helper()
	dir := w.dir
	for _, image := range w.fs.Images(samples()) {
		wipe(t, dir)
		err := image.Lay(dir)
		if err == nil {
			err = sc.rerun(open(t, dir))
		}
		if err == nil {
			err = differences(contents(t, dir), want)
		}
		if err == nil {
			err = private(dir)
		}
		if err != nil {
			t.Errorf("image %v: %v", image, err)
		}
		n++
	}
	return n
}

// TestPowerCut cuts the power at operations on the file system of a whole run,
// before and after their effect, and lets the next run carry on with what a disk
// may hold then. At last outputs, marker and segments are those of a run that
// nobody disturbed.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	points, images := 0, 0
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			sc := newStage(t, sc)
			want, operations := undisturbed(t, sc)
			for at := 0; at < operations; at += stride(17) {
				for _, after := range []bool{false, true} {
					w := sc.world(t, powercut.Plan{Cut: true, At: at, After: after})
					_, _ = sc.run(w.s) // what a dead process says nobody hears
					if !w.fs.Off() {
						t.Fatalf("operation %d was not reached", at)
					}
					points++
					images += survives(t, sc, w, want)
					if t.Failed() {
						t.Fatalf("power cut at operation %d of %d, after its effect: %v", at, operations, after)
					}
				}
			}
		})
	}
	testenv.Figure(t, "crash points, power cuts in a run over a folder", "%d, with %d images of the disk", points, images)
}

// TestKilled kills the process at operations of a run, lets the next one finish,
// and cuts the power then: what the second process found, and did not write, may
// never have been synced by the first. And again with the power cut while the
// second one works.
func TestKilled(t *testing.T) {
	t.Parallel()
	points, images := 0, 0
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			sc := newStage(t, sc)
			want, operations := undisturbed(t, sc)
			for at := 0; at < operations; at += stride(23) {
				for second := -1; second < operations; second += max(20, stride(60)) {
					w := sc.world(t, powercut.Plan{Kill: true, Cut: true, At: at, After: true})
					_, _ = sc.run(w.s)
					if !w.fs.Off() {
						t.Fatalf("operation %d was not reached", at)
					}
					w.fs.Revive(powercut.Plan{Cut: second >= 0, At: at + second, After: second%2 == 0})
					w.restart(t)
					if err := sc.rerun(w.s); err != nil && !w.fs.Off() {
						t.Fatal(err)
					}
					points++
					images += survives(t, sc, w, want)
					if t.Failed() {
						t.Fatalf("killed at operation %d of %d, the power cut %d later", at, operations, second)
					}
				}
			}
		})
	}
	testenv.Figure(t, "crash points, power cuts after a process was killed", "%d, with %d images of the disk", points, images)
}
