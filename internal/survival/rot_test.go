package survival

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest/s3double"
)

// spoiler flips a bit of an output right behind its upload.
type spoiler struct {
	store.Store
	end   string // of the key
	spoil func(key string) error
	done  int
}

func (s *spoiler) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	u, err := s.Store.Create(ctx, key, opt)
	if err == nil && strings.HasPrefix(key, "recordings/foo/") && strings.HasSuffix(key, s.end) {
		u = &spoiling{u, s, key}
	}
	return u, err
}

type spoiling struct {
	store.Upload
	s   *spoiler
	key string
}

func (u *spoiling) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	o, err := u.Upload.Commit(ctx, head)
	if err == nil {
		u.s.done++
		err = u.s.spoil(u.key)
	}
	return o, err
}

// places are where a bit is flipped of a file of so many bytes: in the head of an
// MP4, and in the last frame.
var places = map[string]func(size int) int{
	"head": func(int) int { return 60 },
	"body": func(size int) int { return size - 200 },
}

// soundly deletes the sources of a recording, holes and all.
var soundly = scene{"sources", nil, finalize.Formats{MP4: true}, finalize.DeleteSources, 10, finalize.HLSReference}

// TestSpoiltInBucket flips a bit of a stored MP4, right behind its upload or a day
// later: where the checksum that the store computes shows it, and where only reading
// does. It is found, and no source is marked.
func TestSpoiltInBucket(t *testing.T) {
	for what, opt := range map[string]s3double.Options{
		"computed": {}, "echoed": {Checksums: s3double.ChecksumsEchoed}, "none": {Checksums: s3double.ChecksumsIgnored},
	} {
		for place, at := range places {
			spoil := func(b *bucket, key string) error {
				size := len(b.Body(key))
				if what == "computed" && !b.Corrupt(key, int64(at(size))) || what != "computed" && !b.Rot(key, int64(at(size))) {
					return errors.New("nothing was spoilt")
				}
				return nil
			}
			t.Run(what+"/"+place+"/at once", func(t *testing.T) {
				b := newBucket(t, bucketScene{}, opt)
				s := &spoiler{Store: b.store(t), end: ".mp4", spoil: func(key string) error { return spoil(b, key) }}
				_, err := soundly.run(s)
				b.sound(t, s.done, err)
			})
			t.Run(what+"/"+place+"/later", func(t *testing.T) {
				b := newBucket(t, bucketScene{}, opt)
				if err := (scene{formats: soundly.formats, mode: finalize.DeleteNone}).rerun(b.store(t)); err != nil {
					t.Fatal(err)
				}
				done := 0
				for _, key := range b.Keys("recordings/foo/") {
					if strings.HasSuffix(key, "/640p.mp4") {
						if err := spoil(b, key); err != nil {
							t.Fatal(err)
						}
						done++
					}
				}
				_, err := soundly.run(b.store(t))
				b.sound(t, done, err)
			})
		}
	}
}

// sound holds that all segments are there and none is marked.
func (b *bucket) sound(t *testing.T, spoilt int, err error) {
	t.Helper()
	found(t, spoilt, err)
	if n := len(b.Keys("foo/")); n != 12 {
		t.Errorf("%d segments of 12 are left", n)
	}
	for _, key := range b.Keys("recordings/foo/") {
		if strings.Contains(key, "/sources-") || strings.HasSuffix(key, "/recording.json") && strings.Contains(b.Body(key), `"sources"`) {
			t.Errorf("sources are marked: %s", key)
		}
	}
}

// found holds that a spoilt output is no success.
func found(t *testing.T, spoilt int, err error) {
	t.Helper()
	if spoilt == 0 {
		t.Fatal("nothing was spoilt: the test proves nothing")
	}
	if !errors.Is(err, finalize.ErrVerify) && !errors.Is(err, finalize.ErrRefused) {
		t.Errorf("it was not found: %v", err)
	}
}

// TestSpoiltInFolder is the same of a file, which keeps its size and its date.
func TestSpoiltInFolder(t *testing.T) {
	spoil := func(name string, at func(int) int) error {
		fi, err := os.Stat(name)
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		raw[at(len(raw))] ^= 1
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(raw, 0)
		return errors.Join(err, f.Close(), os.Chtimes(name, fi.ModTime(), fi.ModTime()))
	}
	sound := func(t *testing.T, dir string, spoilt int, err error) {
		t.Helper()
		found(t, spoilt, err)
		left, _ := filepath.Glob(filepath.Join(dir, "foo", "*", "*", "*.ts"))
		marked, _ := filepath.Glob(filepath.Join(dir, "recordings", "foo", "*", "*", "sources-*"))
		if len(left) != 12 || len(marked) > 0 {
			t.Errorf("%d segments of 12 are left, and marked: %q", len(left), marked)
		}
	}
	for place, at := range places {
		t.Run(place+"/at once", func(t *testing.T) {
			dir := t.TempDir()
			takeover(t, dir)
			s := &spoiler{Store: open(t, dir), end: ".mp4", spoil: func(key string) error {
				return spoil(filepath.Join(dir, filepath.FromSlash(key)), at)
			}}
			_, err := soundly.run(s)
			sound(t, dir, s.done, err)
		})
		t.Run(place+"/later", func(t *testing.T) {
			dir := t.TempDir()
			takeover(t, dir)
			if err := (scene{formats: soundly.formats, mode: finalize.DeleteNone}).rerun(open(t, dir)); err != nil {
				t.Fatal(err)
			}
			names, _ := filepath.Glob(filepath.Join(dir, "recordings", "foo", "*", "*", "640p.mp4"))
			for _, name := range names {
				if err := spoil(name, at); err != nil {
					t.Fatal(err)
				}
			}
			_, err := soundly.run(open(t, dir))
			sound(t, dir, len(names), err)
		})
	}
}
