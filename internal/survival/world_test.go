package survival

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/powercut"
	"recfin/store"
	"recfin/store/file"
)

// scene is what a run finds, and how it is made.
type scene struct {
	name    string
	lay     func(t testing.TB, dir string)
	formats finalize.Formats
	mode    finalize.DeleteMode
	deletes int // objects that an undisturbed run deletes, at least
	hls     finalize.HLSMode
}

func (s scene) settings(in store.Store) finalize.Config {
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		panic(err)
	}
	return finalize.Config{
		Sources: []store.Store{in}, OutPath: "recordings/", Layouts: []*layout.Layout{nonce}, Formats: s.formats,
		SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, Delete: s.mode, MaxDeletePercent: 60, Concurrency: 1, HLS: s.hls,
		Accept: []string{"foo"},
	}
}

// run makes one run as a new process over a folder would.
func (s scene) run(in store.Store) (*finalize.Report, error) {
	f, err := finalize.New(s.settings(in))
	if err != nil {
		return nil, err
	}
	return f.Run(context.Background(), "foo")
}

// rerun runs until there is nothing to do.
func (s scene) rerun(in store.Store) error {
	for range 4 {
		r, err := s.run(in)
		if err != nil {
			return err
		}
		if r.Done() {
			return nil
		}
	}
	return fmt.Errorf("there is always something to do")
}

// world is a folder under a double of a file system.
type world struct {
	dir string
	fs  *powercut.FS
	s   *file.Store
}

// stage is where a scene is played, again and again from the same state. The
// folder is always the same: its path is the label of its store, and so in
// everything that is compared.
type stage struct {
	scene
	dir   string
	start powercut.Image
}

func newStage(t *testing.T, sc scene) *stage {
	t.Helper()
	st := &stage{scene: sc, dir: filepath.Join(powercut.Folder(t), "store")}
	wipe(t, st.dir)
	sc.lay(t, st.dir)
	fs, err := powercut.New(st.dir, powercut.Plan{})
	if err != nil {
		t.Fatal(err)
	}
	st.start = fs.Images(1)[0]
	return st
}

// world makes the state that the scene begins with.
func (st *stage) world(t *testing.T, plan powercut.Plan) *world {
	t.Helper()
	wipe(t, st.dir)
	if err := st.start.Lay(st.dir); err != nil {
		t.Fatal(err)
	}
	w := &world{dir: st.dir}
	var err error
	if w.fs, err = powercut.New(w.dir, plan); err != nil {
		t.Fatal(err)
	}
	w.restart(t)
	return w
}

// wipe makes an empty folder.
func wipe(t *testing.T, dir string) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
}

// restart is a new process.
func (w *world) restart(t *testing.T) {
	t.Helper()
	s, err := file.NewWatched(w.dir, w.fs)
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
}

// open opens a folder as a process does that nobody watches.
func open(t *testing.T, dir string) *file.Store {
	t.Helper()
	s, err := file.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What depends on when a run was made: times of outputs, in ETags too, and sums
// over files that hold those.
var (
	etags = regexp.MustCompile(`"[0-9]+-[0-9]{16,}"`)
	sums  = regexp.MustCompile(`"(predecessor|sha256|segments)": ?"[0-9a-f]{64}"`)
	times = regexp.MustCompile(`"since": ?"[^"]*"`)
	lists = regexp.MustCompile(`\boutputs-[0-9a-f]{16}\b`) // of superseded outputs, with their ETags
	nanos = regexp.MustCompile(`\b1[0-9]{18}\b`)
)

// timeless leaves out of a marker or a record what depends on when it was written.
func timeless(raw []byte) []byte {
	raw = etags.ReplaceAll(raw, []byte(`"etag"`))
	raw = sums.ReplaceAll(raw, []byte(`"$1": "sum"`))
	raw = times.ReplaceAll(raw, []byte(`"since": "then"`))
	raw = lists.ReplaceAll(raw, []byte("outputs-sum"))
	return nanos.ReplaceAllFunc(raw, func(ns []byte) []byte {
		n, err := strconv.ParseInt(string(ns), 10, 64)
		if err == nil && time.Unix(0, n).Sub(onAir).Abs() < time.Hour {
			return ns
		}
		return []byte("0")
	})
}

// contents is everything in a folder but what is private: by name, with the times
// of segments, and without what depends on when a run was made.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, rerr := filepath.Rel(dir, name)
		if errors.Is(err, fs.ErrNotExist) { // a server removes folders that are empty
			return nil
		}
		if err != nil || rerr != nil || d.IsDir() || strings.Contains(rel, ".recfin/") || strings.HasPrefix(rel, gatewayDir) {
			return err
		}
		raw, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case strings.HasSuffix(rel, ".json"):
			raw = timeless(raw)
		case strings.HasSuffix(rel, ".gz"):
			if raw, err = unzip(raw); err != nil {
				return fmt.Errorf("%s: %w", rel, err)
			}
			raw = timeless(raw)
		case strings.HasSuffix(rel, ".ts") && !strings.HasPrefix(rel, "recordings/"):
			fi, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			raw = fmt.Appendf(raw, " of %d", fi.ModTime().UnixNano())
		}
		rel = lists.ReplaceAllString(rel, "outputs-sum")
		for all[rel] != "" {
			rel += " too"
		}
		all[rel] = string(raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func unzip(raw []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// differences names what is not as it should be.
func differences(got, want map[string]string) error {
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if g, ok := got[name]; !ok {
			bad = append(bad, name+" is gone")
		} else if g != want[name] {
			bad = append(bad, fmt.Sprintf("%s differs:\n%.2000s\nwant\n%.2000s", name, g, want[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			bad = append(bad, name+" should not be there")
		}
	}
	if bad == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(bad, "\n"))
}

// private is what may be below .recfin/ when nobody works: what is documented.
func private(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, rerr := filepath.Rel(dir, name)
		if err != nil || rerr != nil || d.IsDir() {
			return err
		}
		_, own, is := strings.Cut(filepath.ToSlash(rel), ".recfin/")
		stays := slices.ContainsFunc([]string{"locks/", "probe/", "days/", "state/"}, func(folder string) bool { return strings.HasPrefix(own, folder) })
		if is && !stays {
			return fmt.Errorf("%s was left", rel)
		}
		return nil
	})
}
