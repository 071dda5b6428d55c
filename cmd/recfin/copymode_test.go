package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/versity"
	"recfin/store/storetest/s3double"
)

// copiesOf gives the copies in a report by key, and holds that there is one for every
// segment that was chosen.
func copiesOf(t *testing.T, r reportDoc, segments int) (keys []string) {
	t.Helper()
	for _, c := range r.Committed {
		for _, o := range c.Outputs {
			if o.Kind == "copy" {
				keys = append(keys, o.Key)
			}
		}
	}
	if len(keys) != segments || r.Cost.Copy != int64(segments) {
		t.Errorf("%d copies and a cost of %d, want %d", len(keys), r.Cost.Copy, segments)
	}
	return keys
}

// TestCopyModeInAFolder: copies are made in the folder, and then the sources may go.
func TestCopyModeInAFolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(root), "foo", onAir)
	before := tree(t, filepath.Join(root, "foo"))
	r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", root, "--format", "hls", "--hls", "copy", "foo"))
	unchanged(t, before, filepath.Join(root, "foo"), "finalize")
	copies := copiesOf(t, r, 17)
	held := map[string]string{}
	for _, key := range copies {
		raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(key)))
		if err != nil {
			t.Fatal(err)
		}
		held[string(raw)] = key
	}
	all, err := filepath.Glob(filepath.Join(root, "foo", "*", "*", "*.ts"))
	if err != nil || len(all) < len(copies) {
		t.Fatalf("%d segments, %v", len(all), err)
	}
	args := []string{"finalize", "--json", "--store", root, "--format", "hls", "--hls", "copy", "--delete", "sources", "--delete-delay", "0", "--accept", "foo", "foo"}
	r = document[reportDoc](t, mustRecfin(t, exitDone, args...))
	if len(r.Deleted) < len(copies) {
		t.Errorf("%d of %d sources went: %q", len(r.Deleted), len(copies), r.Problems)
	}
	for _, key := range copies {
		raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(key)))
		if err != nil || held[string(raw)] == "" {
			t.Errorf("%s is not what it was: %v", key, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(root, "recordings", ".recfin", "partial", "*")); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
	mustRecfin(t, exitDone, args...).wantCode(t, exitDone)
}

// TestCopyModeOverTheWire: once the first copy is asked for, no media goes over the
// wire, in neither direction, whatever the names are.
func TestCopyModeOverTheWire(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]s3double.Options{
		"as AWS": {}, "opaque": {OpaqueETags: true}, "no checksums": {OpaqueETags: true, Checksums: s3double.ChecksumsIgnored},
		"unlike AWS": {NoCopyIf: true, Deaf: s3double.Deaf{Source: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := s3double.New(t, opt)
			names := hostileNames
			if name != "as AWS" {
				names = names[:6]
			}
			s := broadcast.Make(t, broadcast.Options{})
			for _, name := range names {
				broadcast.Lay(t, func(key string, body []byte, uploaded time.Time) error {
					d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
					return nil
				}, s.Uploads(name+"/A/"+name, 0, 2, onAir))
			}
			for _, name := range names {
				from := len(d.Log())
				r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", d.URL("live"), "--format", "hls", "--hls", "copy", "--", name))
				for _, key := range copiesOf(t, r, 3) {
					o, there := d.Get("live/" + key)
					if !there || len(o.Body) == 0 || o.ContentType != "video/mp2t" {
						t.Errorf("%q: %d bytes of %q", key, len(o.Body), o.ContentType)
					}
				}
				copied := false
				for _, x := range d.Log()[from:] {
					copied = copied || x.Op == "CopyObject"
					if media := strings.HasSuffix(x.Key, ".ts"); media && (x.Op == "GetObject" && copied || x.Op == "PutObject" || x.Op == "UploadPart") {
						t.Errorf("%s of %q", x.Op, x.Key)
					}
				}
				if !copied {
					t.Errorf("%q: nothing was copied", name)
				}
			}
			if len(names) == len(hostileNames) {
				outputsAreClean(t, d)
			}
		})
	}
}

// TestCopyModeOnAServer: a real server makes the copies, and they are the segments.
func TestCopyModeOnAServer(t *testing.T) {
	t.Parallel()
	b := newBucket(t, versity.Start(t))
	layTwoRenditions(t, b.put(), "a b+ü%", onAir)
	var segments [][]byte
	for key := range b.list(t) {
		if strings.HasSuffix(key, ".ts") {
			segments = append(segments, b.get(t, key))
		}
	}
	r := mustRecfin(t, exitDone, "finalize", "--json", "--force", "--store", b.url, "--format", "hls", "--hls", "copy", "a b+ü%")
	r.hides(t, b.secrets...)
	for _, key := range copiesOf(t, document[reportDoc](t, r), 17) {
		got := b.get(t, key)
		if !slices.ContainsFunc(segments, func(s []byte) bool { return string(s) == string(got) }) {
			t.Errorf("%s is no segment", key)
		}
	}
	if r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--force", "--store", b.url, "--format", "hls", "--hls", "copy", "a b+ü%")); len(r.Committed) != 0 || r.Cost.Copy != 0 {
		t.Errorf("a second run commits %d and copies %d", len(r.Committed), r.Cost.Copy)
	}
}

// TestCopyModeUnknown: a store that makes no copies is told, and nothing is committed.
func TestCopyModeUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault s3double.Fault
		code  int
		says  string
	}{
		"not implemented": {s3double.Fault{Op: "CopyObject", Do: s3double.Error(501, "NotImplemented")}, exitFailed, "NotImplemented"},
		"denied":          {s3double.Fault{Op: "CopyObject", Do: s3double.Error(403, "AccessDenied")}, exitUsage, "access denied"},
		"archived":        {s3double.Fault{Op: "CopyObject", Do: s3double.Error(403, "ObjectNotInActiveTierError")}, exitFailed, "restored first"},
	} {
		t.Run(name, func(t *testing.T) {
			d := s3double.New(t, s3double.Options{})
			s := broadcast.Make(t, broadcast.Options{})
			broadcast.Lay(t, func(key string, body []byte, uploaded time.Time) error {
				d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
				return nil
			}, s.Uploads("foo/A/720p", 0, 2, onAir))
			d.Fault(c.fault)
			r := mustRecfin(t, c.code, "finalize", "--store", d.URL("live"), "--format", "hls", "--hls", "copy", "foo")
			r.says(t, c.says)
			if d.Body("live/recordings/foo/recording.json") != "" || len(d.Uploads()) != 0 {
				t.Error("it was committed, or an upload is left")
			}
		})
	}
}
