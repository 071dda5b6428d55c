package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/condemn"
	"recfin/store"
	"recfin/store/open"
	"recfin/store/storetest/s3double"
)

// words is a JSON string or a list of them, as policies have.
type words []string

func (w *words) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(w))
}

// policy is an IAM policy without conditions.
type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect      string
		Action, Resource words
	}
}

// policies are those of docs/deleting.md: to finalize, and to delete.
func policies(t *testing.T) (finalize, deletes policy) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "deleting.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d policies", len(blocks))
	}
	for i, p := range []*policy{&finalize, &deletes} {
		if err := json.Unmarshal(blocks[i][1], p); err != nil {
			t.Fatal(err)
		}
		if p.Version != "2012-10-17" || len(p.Statement) == 0 {
			t.Errorf("policy %d: %+v", i, p)
		}
	}
	return finalize, deletes
}

// wildcard is how IAM matches: a star stands for anything, slashes too.
func wildcard(pattern, s string) bool {
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + `$`).MatchString(s)
}

// permits evaluates policies as IAM does: a Deny wins, and without an Allow nothing
// may be done.
func permits(action, resource string, all ...policy) bool {
	allowed := false
	for _, p := range all {
		for _, s := range p.Statement {
			hit := slices.ContainsFunc(s.Action, func(a string) bool { return wildcard(a, action) }) &&
				slices.ContainsFunc(s.Resource, func(r string) bool { return wildcard(r, resource) })
			if hit && s.Effect == "Deny" {
				return false
			}
			allowed = allowed || hit && s.Effect == "Allow"
		}
	}
	return allowed
}

// guarded is a strict S3 on which a caller may do what policies say.
func guarded(t *testing.T, all ...policy) *s3double.Server {
	t.Helper()
	const bucket = "my-bucket"
	return s3double.New(t, s3double.Options{Bucket: bucket, Allow: func(action, resource string) bool {
		if strings.HasPrefix(action, "s3:List") && action != "s3:ListMultipartUploadParts" || strings.HasPrefix(action, "s3:GetBucket") {
			return permits(action, "arn:aws:s3:::"+bucket, all...)
		}
		return permits(action, "arn:aws:s3:::"+bucket+"/"+resource, all...)
	}})
}

// layCopies lays a recording of four segments, the last of them twice.
func layCopies(t *testing.T, d *s3double.Server) (copied string) {
	t.Helper()
	put := func(key string, body []byte, at time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: at})
		return nil
	}
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, put, s.Uploads("foo/A/720p", 0, 3, onAir))
	broadcast.Lay(t, put, s.Uploads("foo/B/720p", 3, 3, onAir.Add(3*time.Second)))
	return "live/foo/B/720p/3.ts"
}

// TestPolicies runs with exactly the rights that the documents give.
func TestPolicies(t *testing.T) {
	finalize, deletes := policies(t)
	t.Run("finalize without a right to delete", func(t *testing.T) {
		d := guarded(t, finalize)
		layCopies(t, d)
		for range 2 {
			r := mustRecfin(t, exitDone, "finalize", "--store", d.URL("live"), "--format", "hls,mp4", "foo")
			if strings.Contains(r.out+r.err, "denied") || strings.Contains(r.out+r.err, "note:") {
				t.Errorf("it complains: %s", r.text())
			}
		}
		mustRecfin(t, exitDone, "finalize", "--store", d.URL("live"), "--format", "mp4", "foo")
	})
	t.Run("delete without the right", func(t *testing.T) {
		d := guarded(t, finalize)
		copied := layCopies(t, d)
		r := mustRecfin(t, exitPartly, "finalize", "--store", d.URL("live"), "--delete", "leftovers", "--delete-delay", "0", "foo")
		r.says(t, "done", "foo/B/720p/3.ts", "s3:DeleteObject")
		if _, ok := d.Get(copied); !ok {
			t.Error("it is gone")
		}
	})
	t.Run("delete with it", func(t *testing.T) {
		for _, mode := range []string{"leftovers", "sources"} {
			d := guarded(t, finalize, deletes)
			copied := layCopies(t, d)
			args := []string{"finalize", "--store", d.URL("live"), "--format", "mp4", "--delete", mode, "--delete-delay", "0", "foo"}
			mustRecfin(t, exitDone, args...).says(t, "deleted foo/B/720p/3.ts")
			if _, ok := d.Get(copied); ok {
				t.Errorf("%s: it is there", mode)
			}
			if n := len(d.Keys("live/foo/")); mode == "leftovers" && n != 4 || mode == "sources" && n != 0 {
				t.Errorf("%s: %d segments are left", mode, n)
			}
			for _, key := range passing(d) {
				t.Errorf("%s: %s is left", mode, key)
			}
		}
	})
	t.Run("nobody deletes a marker", func(t *testing.T) {
		d := guarded(t, finalize, deletes)
		layCopies(t, d)
		mustRecfin(t, exitDone, "finalize", "--store", d.URL("live"), "foo")
		s, err := open.URL(context.Background(), d.URL("live"))
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Head(context.Background(), "recordings/foo/recording.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range s.Delete(context.Background(), []store.Object{info.Object}, store.DeleteOptions{}) {
			if err == nil {
				t.Error("the marker was deleted")
			}
		}
	})
}

// TestThousandsOnS3 deletes the sources of a recording of 50,000 segments: 50
// requests where the batch form is honoured, and a few for what else goes and for
// the probe.
func TestThousandsOnS3(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		deaf   s3double.Deaf
		many   int
		single bool
	}{
		{"batches", s3double.Deaf{}, 50_000, false},
		{"single", s3double.Deaf{DeleteBatch: true}, 1500, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := s3double.New(t, s3double.Options{Deaf: c.deaf})
			layCopies(t, d)
			at := d.URL("live")
			mustRecfin(t, exitDone, "finalize", "--store", at, "--format", "mp4", "foo")
			condemnMany(t, d, c.many)
			before := d.Count("DeleteObjects")
			r := mustRecfin(t, exitDone, "finalize", "--store", at, "--format", "mp4", "--delete", "sources", "--delete-delay", "0", "foo")
			r.says(t, fmt.Sprintf("%d objects", c.many+5)) // four segments and a copy of one besides
			if n := d.Count("DeleteObjects") - before; !c.single && (n < c.many/1000 || n > c.many/1000+8) || c.single && n > 8 {
				t.Errorf("%d batches", n)
			}
			if left := d.Keys("live/foo/C/"); len(left) != 0 {
				t.Errorf("%d are left", len(left))
			}
			if n := d.Count("ListObjectsV2"); n > 20*c.many/1000+100 {
				t.Errorf("%d pages were listed", n)
			}
		})
	}
}

// condemnMany adds objects to the finalized recording foo, condemned as sources.
func condemnMany(t *testing.T, d *s3double.Server, n int) {
	t.Helper()
	ctx := context.Background()
	s, err := open.URL(ctx, d.URL("live"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		d.SetObject(s3double.Object{Key: fmt.Sprintf("live/foo/C/720p/%d.ts", i), Body: fmt.Appendf(nil, "%d", i), Modified: onAir})
	}
	var all []store.Object
	for o, err := range s.List(ctx, "foo/C/") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	if len(all) != n {
		t.Fatalf("%d objects", len(all))
	}
	if err := condemn.Set(ctx, s, "recordings/foo/", "sources", all); err != nil {
		t.Fatal(err)
	}
}

// TestKeepCommand: what keep prints, and its exit codes.
func TestKeepCommand(t *testing.T) {
	d := s3double.New(t, s3double.Options{})
	copied := layCopies(t, d)
	at := d.URL("live")
	mustRecfin(t, exitDone, "finalize", "--store", at, "--delete", "leftovers", "foo").says(t, "marked for deletion")
	mustRecfin(t, exitUsage, "keep", "--store", at).says(t, "ID")
	r := mustRecfin(t, exitDone, "keep", "--store", at, "foo")
	r.says(t, "foo: kept 1 object", "marked for deletion")
	r.hides(t, d.SecretKey)
	mustRecfin(t, exitDone, "keep", "--store", at, "foo").says(t, "nothing else is marked", "1 object kept before")
	mustRecfin(t, exitFailed, "keep", "--store", at, "bar").says(t, "bar", "no marker")
	mustRecfin(t, exitPartly, "keep", "--store", at, "bar", "foo")
	var doc struct {
		Recording string
		Objects   int
		Bytes     int64
		Already   int
		Error     string
	}
	if err := json.Unmarshal([]byte(mustRecfin(t, exitDone, "keep", "--json", "--store", at, "foo").out), &doc); err != nil || doc.Recording != "foo" || doc.Already != 1 || doc.Objects != 0 || doc.Error != "" {
		t.Errorf("%+v, %v", doc, err)
	}
	mustRecfin(t, exitDone, "finalize", "--store", at, "--delete", "leftovers", "--delete-delay", "0", "foo").says(t, "nothing to do")
	if _, ok := d.Get(copied); !ok {
		t.Error("what was kept is gone")
	}
}
