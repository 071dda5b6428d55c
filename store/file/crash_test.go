package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"recfin/internal/powercut"
	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/file"
)

// ways are the ways of making files, by what the file system refuses.
var ways = map[string]func(op *file.Op, n int) error{
	"nameless": nil,
	"link": func(op *file.Op, _ int) error {
		if op.Kind == file.Create && op.Name == "" {
			return syscall.EOPNOTSUPP
		}
		return nil
	},
	"rename": func(op *file.Op, _ int) error {
		if op.Kind == file.Create && op.Name == "" || op.Kind == file.Link {
			return syscall.EOPNOTSUPP
		}
		return nil
	},
}

// diary is what a key may hold after a power cut: what was acknowledged last, or
// what was under way. nil is no object.
type diary struct {
	t    *testing.T
	s    *file.Store
	may  map[string][][]byte
	etag map[string]string // of what was acknowledged last and is the only possibility
	fs   *powercut.FS
	want error // what a step may fail with, besides; nil: nothing
}

// try notes what a step may lead to, does it, and notes what it led to.
func (d *diary) try(key string, then []byte, step func() (store.Object, error)) {
	if d.fs.Off() {
		return
	}
	if d.may[key] == nil {
		d.may[key] = [][]byte{nil}
	}
	before, tag := d.may[key], d.etag[key]
	d.may[key] = append(slices.Clone(before), then)
	delete(d.etag, key)
	o, err := step()
	switch {
	case err == nil:
		d.may[key] = [][]byte{then}
		d.etag[key] = o.ETag
	case d.fs.Off():
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrChanged), errors.Is(err, errGivenUp):
		d.may[key], d.etag[key] = before, tag
	case d.expected(key, err):
	default:
		d.t.Errorf("%s: %v", key, err)
	}
}

var errGivenUp = errors.New("given up")

func (d *diary) put(key, body string, opt store.PutOptions) {
	d.try(key, []byte(body), func() (store.Object, error) { return d.s.Put(d.t.Context(), key, []byte(body), opt) })
}

// copy makes a copy of what was listed, which is from.
func (d *diary) copy(key, from string, source store.Object, opt store.PutOptions) {
	d.try(key, []byte(from), func() (store.Object, error) { return d.s.Copy(d.t.Context(), source, key, opt) })
}

// upload writes a large object; without a head it is given up.
func (d *diary) upload(key, head string, opt store.CreateOptions) {
	body := strings.Repeat("body of "+key, 1500)
	d.try(key, []byte(head+body), func() (store.Object, error) {
		u, err := d.s.Create(d.t.Context(), key, opt)
		if err != nil {
			return store.Object{}, err
		}
		for part := range slices.Chunk([]byte(body), 9000) {
			if _, err := u.Write(part); err != nil {
				return store.Object{}, errors.Join(err, u.Abort())
			}
		}
		if head == "" {
			return store.Object{}, errors.Join(errGivenUp, u.Abort())
		}
		return u.Commit(d.t.Context(), strings.NewReader(head))
	})
}

// remove deletes objects in one call.
func (d *diary) remove(victims ...store.Object) {
	if d.fs.Off() {
		return
	}
	for _, v := range victims {
		d.may[v.Key] = append(slices.Clone(d.may[v.Key]), nil)
	}
	for v, err := range d.s.Delete(d.t.Context(), victims, store.DeleteOptions{}) {
		switch {
		case err == nil:
			d.may[v.Key] = [][]byte{nil}
			delete(d.etag, v.Key)
		case d.fs.Off():
		case errors.Is(err, store.ErrChanged):
			d.may[v.Key] = d.may[v.Key][:len(d.may[v.Key])-1]
		case d.expected(v.Key, err):
		default:
			d.t.Errorf("delete %s: %v", v.Key, err)
		}
	}
}

// expected reports whether an error is the one that a step may fail with: that
// of the contract, with the key in its text.
func (d *diary) expected(key string, err error) bool {
	return d.want != nil && errors.Is(err, d.want) && strings.Contains(err.Error(), key)
}

// start lays out what is there before, all of it on the disk.
func start(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, key := range []string{"a/1", "a/2", "b/1", "b/deep/1", "ahead", "stays", "dir/stays"} {
		all[key] = []byte(strings.Repeat("old "+key, 700))
		name := filepath.Join(dir, key)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, all[key], 0o666)); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2025, 1, 1, 0, 0, 0, len(all), time.UTC)
		if key == "ahead" {
			at = time.Now().Add(1500 * time.Millisecond)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// story does everything that a store can do, until the power is cut.
func story(t *testing.T, dir string, plan powercut.Plan) *diary {
	t.Helper()
	return storyWith(t, dir, plan, nil)
}

// storyWith is a story in which steps may fail with an error.
func storyWith(t *testing.T, dir string, plan powercut.Plan, want error) *diary {
	t.Helper()
	d := &diary{t: t, want: want, may: map[string][][]byte{}, etag: map[string]string{}}
	for key, body := range start(t, dir) {
		d.may[key] = [][]byte{body}
	}
	var err error
	if d.fs, err = powercut.New(dir, plan); err != nil {
		t.Fatal(err)
	}
	if d.s, err = file.NewWatched(dir, d.fs); err != nil {
		t.Fatal(err)
	}
	listed := map[string]store.Object{}
	for o, err := range d.s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		listed[o.Key], d.etag[o.Key] = o, o.ETag
	}
	once := store.PutOptions{IfAbsent: true}
	d.put("new/deep/x", strings.Repeat("x", 9000), once)
	d.put("new/deep/x", "another", once)
	d.put("new/deep/y", "y", once)
	d.put("a/1", "second", store.PutOptions{})
	d.put("a/1", "third", store.PutOptions{IfMatch: d.etag["a/1"]})
	d.put("a/1", "fourth", store.PutOptions{IfMatch: listed["a/1"].ETag})
	d.put("ahead", "moved on", store.PutOptions{})
	d.upload("m/movie", strings.Repeat("h", 5000), store.CreateOptions{Room: 5000, PutOptions: once})
	d.upload("m/outgrown", strings.Repeat("h", 5000), store.CreateOptions{Room: 10, PutOptions: once})
	d.upload("m/outgrown", strings.Repeat("other", 5), store.CreateOptions{Room: 10, PutOptions: once})
	d.upload("m/given up", "", store.CreateOptions{Room: 10})
	d.upload("a/2", "head", store.CreateOptions{})
	old := func(key string) string { return strings.Repeat("old "+key, 700) }
	d.copy("c/deep/copy", old("stays"), listed["stays"], once)
	d.copy("m/movie", old("dir/stays"), listed["dir/stays"], store.PutOptions{})
	d.remove(listed["b/1"], listed["b/deep/1"], listed["a/1"])
	d.put("b/1", "anew", once)
	if _, err := d.s.Sweep(t.Context(), "", 0); err != nil && !d.fs.Off() && !d.expected("", err) {
		t.Error(err)
	}
	return d
}

// verify reads an image as the next process does.
func (d *diary) verify(dir string) error {
	s, err := file.New(dir)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for o, err := range s.List(d.t.Context(), "") {
		if err != nil {
			return err
		}
		there[o.Key] = true
		b, err := s.Get(d.t.Context(), o.Key, store.Whole, store.Pinned(o))
		if err != nil {
			return err
		}
		got, err := io.ReadAll(b)
		b.Close()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(d.may[o.Key], func(w []byte) bool { return w != nil && bytes.Equal(w, got) }) {
			return fmt.Errorf("%s holds %d bytes, %.20q…, which is none of %d possibilities", o.Key, len(got), got, len(d.may[o.Key]))
		}
		if tag := d.etag[o.Key]; tag != "" && tag != o.ETag {
			return fmt.Errorf("%s has the ETag %s, and %s was acknowledged", o.Key, o.ETag, tag)
		}
	}
	for key, may := range d.may {
		if !there[key] && !slices.ContainsFunc(may, func(w []byte) bool { return w == nil }) {
			return fmt.Errorf("%s is gone", key)
		}
	}
	return d.leavesNothing(s, dir)
}

// leavesNothing sweeps, and finds nothing of ours but locks.
func (d *diary) leavesNothing(s *file.Store, dir string) error {
	if _, err := s.Sweep(d.t.Context(), "", 0); err != nil {
		return err
	}
	private := filepath.Join(dir, ".recfin")
	entries, err := os.ReadDir(filepath.Join(private, "partial"))
	if err != nil && !errors.Is(err, os.ErrNotExist) || len(entries) > 0 {
		return fmt.Errorf("temporary files remain: %v, %v", entries, err)
	}
	entries, err = os.ReadDir(private)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.Name() != "partial" && e.Name() != "locks" {
			return fmt.Errorf(".recfin/%s was left", e.Name())
		}
	}
	return nil
}

// samples is how many seeds are tried of a variant that depends on one.
const samples = 3

// images lays out every image of a dead file system, one after the other.
func images(t *testing.T, fs *powercut.FS, check func(dir string) error) (n int) {
	t.Helper()
	for _, image := range fs.Images(samples) {
		dir, err := os.MkdirTemp(powercut.Folder(t), "image")
		if err == nil {
			err = image.Lay(dir)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := check(dir); err != nil {
			t.Errorf("image %v: %v", image, err)
		}
		n++
	}
	return n
}

// TestPowerCut cuts the power at every operation on the file system, before and
// after its effect: what was acknowledged is there, whole and under the ETag that
// was said; what was not is there whole or not at all; what was said to be
// deleted does not come back; and nothing else has changed.
func TestPowerCut(t *testing.T) {
	points, all := 0, 0
	for name, refuse := range ways {
		t.Run(name, func(t *testing.T) {
			dir := powercut.Folder(t)
			calm := story(t, dir, powercut.Plan{Fail: refuse})
			if err := calm.fs.Check(); err != nil {
				t.Fatalf("something was done behind the double's back: %v", err)
			}
			images(t, calm.fs, calm.verify)
			step := 1
			if refuse != nil && os.Getenv("RECFIN_TEST_CRASH") != "all" {
				step = 3
			}
			for at := 0; at < calm.fs.Count(); at += step {
				for _, after := range []bool{false, true} {
					d := story(t, powercut.Folder(t), powercut.Plan{Cut: true, At: at, After: after, Fail: refuse})
					if !d.fs.Off() {
						t.Fatalf("operation %d was not reached", at)
					}
					points++
					all += images(t, d.fs, d.verify)
					if t.Failed() {
						t.Fatalf("power cut at operation %d of %d, after its effect: %v", at, calm.fs.Count(), after)
					}
				}
			}
		})
	}
	testenv.Figure(t, "crash points, power cuts in the file store", "%d, with %d images of the disk", points, all)
}
