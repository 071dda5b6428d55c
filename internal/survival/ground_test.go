package survival

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/powercut"
	"recfin/internal/versity"
	"recfin/store"
	storeopen "recfin/store/open"
)

// gatewayDir is where the S3 server keeps unfinished uploads, in the folder behind
// a bucket.
const gatewayDir = ".sgwtmp"

// inParts is a size of pictures with which an MP4 takes several parts of an upload.
const inParts = 200_000

// ground is a store that processes work on. Behind it lies a folder.
type ground struct {
	name string
	url  string
	dir  string
	size int // of pictures
	put  func(key string, body []byte) error
}

func folderGround(t *testing.T) *ground {
	dir := filepath.Join(powercut.Folder(t), "store")
	return &ground{"a folder", dir, dir, 10_000, func(key string, body []byte) error {
		name := filepath.Join(dir, filepath.FromSlash(key))
		return errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, body, 0o666))
	}}
}

func bucketGround(t *testing.T) *ground {
	srv := versity.Start(t)
	if srv.External() {
		t.Skip("the times of objects on another server cannot be set")
	}
	bucket := srv.Bucket(t)
	url := srv.URL(bucket)
	s, err := storeopen.URL(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return &ground{"versitygw", url, srv.Folder(bucket), inParts, func(key string, body []byte) error {
		_, err := s.Put(context.Background(), key, body, store.PutOptions{})
		return err
	}}
}

// lay makes the state that a run begins with: two renditions. Broadcaster B takes
// over from A, whose last segment was cut off, sends two segments again and loses
// one.
func (g *ground) lay(t *testing.T, b broadcast) {
	t.Helper()
	entries, err := os.ReadDir(g.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(g.dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range b.keys {
		err := g.put(key, b.bodies[key])
		if err == nil {
			err = os.Chtimes(filepath.Join(g.dir, filepath.FromSlash(key)), b.times[key], b.times[key])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// broadcast is what broadcasters left.
type broadcast struct {
	keys   []string
	bodies map[string][]byte
	times  map[string]time.Time
}

// Segments of the broadcast.
const (
	lastOfA  = 5 // cut off
	firstOfB = 4
	lost     = 8
	last     = 11
)

// newBroadcast has pictures of size bytes in the larger rendition.
func newBroadcast(size int) broadcast {
	b := broadcast{bodies: map[string][]byte{}, times: map[string]time.Time{}}
	for width, size := range map[int]int{640: size, 320: 2_000} {
		add := func(writer string, n int) {
			key := fmt.Sprintf("foo/%s/%dp/%d.ts", writer, width, n)
			body := large(width, n, size)
			if writer == "A" && n == lastOfA {
				body = body[:len(body)/188*2/3*188]
			}
			b.keys = append(b.keys, key)
			b.bodies[key], b.times[key] = body, uploaded(n)
		}
		for n := 0; n <= lastOfA; n++ {
			add("A", n)
		}
		for n := firstOfB; n <= last; n++ {
			if n != lost {
				add("B", n)
			}
		}
	}
	slices.Sort(b.keys)
	return b
}

// leases are those that stand in a folder.
func (g *ground) leases(t *testing.T) []string {
	t.Helper()
	return g.below(t, "recordings/.recfin/leases")
}

// below names the files below a folder.
func (g *ground) below(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(filepath.Join(g.dir, filepath.FromSlash(folder)), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // there never was one, or the server removes it
			return nil
		}
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(g.dir, name)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// uploads names the files of unfinished uploads that the server behind keeps. It
// may still remove those of an upload whose end it has confirmed.
func (g *ground) uploads(t *testing.T) (left []string) {
	t.Helper()
	for range 50 {
		if left = g.below(t, gatewayDir); len(left) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return left
}

// sweep aborts the unfinished uploads below a prefix, and counts them.
func (g *ground) sweep(t *testing.T, prefix string) int {
	t.Helper()
	s, err := storeopen.URL(t.Context(), g.url)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Sweep(t.Context(), prefix, -time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// stage says how far a run has come, by what is there.
func (g *ground) stage(t *testing.T, laid, done map[string]string) string {
	t.Helper()
	now := contents(t, g.dir)
	gone, goes, outputs := 0, 0, 0
	for key := range laid {
		if _, ok := done[key]; !ok {
			goes++
		}
		if _, ok := now[key]; !ok {
			gone++
		}
	}
	for key := range now {
		if strings.HasPrefix(key, "recordings/") {
			outputs++
		}
	}
	switch _, marker := now["recordings/foo/recording.json"]; {
	case outputs == 0 && len(g.leases(t)) == 0:
		return "before the lease"
	case outputs == 0:
		return "before the first output"
	case !marker:
		return "before the marker"
	case gone == 0:
		return "before the first delete"
	case gone < goes:
		return "between deletes"
	}
	return "behind the last delete"
}
