package survival

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/testenv"
	"recfin/store/s3"
	"recfin/store/storetest/s3double"
)

// bucketScene is what a run finds in a bucket.
type bucketScene struct {
	scene
	// run of yesterday, and what came since; nil: there was none
	since func(t *testing.T, b *bucket)
}

var bucketScenes = []bucketScene{
	{scene: scene{"first", nil, both, finalize.DeleteLeftovers, 2, finalize.HLSReference}},
	{scene{"grows", nil, both, finalize.DeleteLeftovers, 6, finalize.HLSReference}, func(t *testing.T, b *bucket) {
		if err := (scene{formats: both, mode: finalize.DeleteNone}).rerun(b.store(t)); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{640, 320} {
			b.lay(fmt.Sprintf("foo/B/%dp", width), width, 4, 4)
		}
	}},
	{scene: scene{"sources", nil, finalize.Formats{MP4: true}, finalize.DeleteSources, 10, finalize.HLSReference}},
	{scene: scene{"copies", nil, finalize.Formats{HLS: true}, finalize.DeleteSources, 10, finalize.HLSCopy}},
}

// bucket is a scene in a double of S3.
type bucket struct {
	*s3double.Server
	ago time.Duration // how long ago the broadcast was
}

func newBucket(t *testing.T, sc bucketScene, opt s3double.Options) *bucket {
	t.Helper()
	b := &bucket{ago: 2 * time.Hour}
	opt.Clock = func() time.Time { return onAir.Add(b.ago) }
	b.Server = s3double.New(t, opt)
	for _, width := range []int{640, 320} {
		b.lay(fmt.Sprintf("foo/A/%dp", width), width, 0, 2)
		b.lay(fmt.Sprintf("foo/B/%dp", width), width, 2, 3)
		b.lay(fmt.Sprintf("foo/B/%dp", width), width, 5, 5)
	}
	if sc.since != nil {
		sc.since(t, b)
	}
	return b
}

func (b *bucket) lay(prefix string, width, first, last int) {
	for n := first; n <= last; n++ {
		at := onAir.Add(time.Duration(n+1)*2*time.Second + 400*time.Millisecond)
		b.SetObject(s3double.Object{Key: fmt.Sprintf("%s/%d.ts", prefix, n), Body: segment(width, n), Modified: at})
	}
}

// store opens the bucket as a new process does. Its label is the same wherever the
// double listens, because it stands in everything that is compared.
func (b *bucket) store(t *testing.T) *s3.Store {
	t.Helper()
	s, err := s3.New(t.Context(), s3.Options{
		Endpoint: b.Endpoint, Region: b.Region, Bucket: b.Bucket, AccessKey: b.AccessKey, SecretKey: b.SecretKey,
		Label: "s3://survival/", PathStyle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contents is everything in the bucket but what is private, as contents is for a
// folder.
func (b *bucket) contents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	objects := b.Objects()
	var own []string
	for key, o := range objects {
		if strings.HasPrefix(key, "recordings/") {
			inJSON, err := json.Marshal(o.ETag)
			if err != nil {
				t.Fatal(err)
			}
			own = append(own, regexp.QuoteMeta(string(inJSON)))
		}
	}
	ours := regexp.MustCompile(strings.Join(append(own, `"none at all"`), "|"))
	for key, o := range objects {
		raw := o.Body
		switch {
		case strings.Contains(key, ".recfin/"):
			continue
		case strings.HasSuffix(key, ".gz"):
			var err error
			if raw, err = unzip(raw); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			fallthrough
		case strings.HasSuffix(key, ".json"):
			raw = timeless(ours.ReplaceAll(raw, []byte(`"etag"`)))
		case strings.HasSuffix(key, ".ts") && !strings.HasPrefix(key, "recordings/"):
			raw = fmt.Appendf(bytes.Clone(raw), " of %d, %s", o.Modified.Unix(), o.ETag)
		}
		name := lists.ReplaceAllString(key, "outputs-sum")
		for all[name] != "" {
			name += " too"
		}
		all[name] = string(raw)
	}
	return all
}

// documented are the names below .recfin/.
var documented = regexp.MustCompile(`^(recordings/)?\.recfin/(probe/[0-9a-f]{24}-[a-z]+|leases/[0-9a-f]{32}\.json|days/[0-9]{4}-[0-9]{2}-[0-9]{2}/[^/@]+@[0-9]{8}T[0-9]{6}Z|state/[0-9a-f]{2}|state/looks/[0-9a-f]{16}-[0-9]+-of-[0-9]+)$`)

// check says what is left that nobody would miss.
func (b *bucket) check() error {
	for key := range b.Objects() {
		if strings.Contains(key, ".recfin/") && !documented.MatchString(key) {
			return fmt.Errorf("%s is documented nowhere", key)
		}
	}
	for _, u := range b.Uploads() {
		if strings.Contains(u.Key, ".recfin/probe/") {
			continue // the next probe aborts it
		}
		return fmt.Errorf("an unfinished upload of %s stays for ever", filepath.Base(u.Key))
	}
	return nil
}

// dies makes a run whose process dies by a plan. It reports how many requests it
// made.
func (b *bucket) dies(t *testing.T, sc scene, plan s3double.Crash) int {
	t.Helper()
	s := b.store(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dead := b.Crash(plan)
	go func() {
		select {
		case <-dead:
			cancel()
		case <-ctx.Done():
		}
	}()
	f, err := finalize.New(sc.settings(s))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Run(ctx, "foo") // what a dead process says nobody hears
	n := b.Counted()
	b.Revive()
	return n
}

// TestHTTPCrash lets the process die at requests to a bucket, before and after they
// take effect, and once more in the run that follows. At last outputs, marker and
// segments are those of a run that nobody disturbed, and no upload is left.
func TestHTTPCrash(t *testing.T) {
	t.Parallel()
	var points atomic.Int64
	t.Cleanup(func() { testenv.Figure(t, "crash points over HTTP", "%d requests to a double of S3", points.Load()) })
	for _, sc := range bucketScenes {
		for name, opt := range map[string]s3double.Options{"hashes": {}, "opaque": {OpaqueETags: true}} {
			if sc.hls == finalize.HLSCopy && opt.OpaqueETags && !all() {
				continue // in memory it is swept too
			}
			t.Run(sc.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				calm := newBucket(t, sc, opt)
				before := len(calm.Keys("foo/")) + len(calm.Keys("recordings/foo/"))
				requests := calm.dies(t, sc.scene, s3double.Crash{At: -1})
				if err := sc.rerun(calm.store(t)); err != nil {
					t.Fatal(err)
				}
				want := calm.contents(t)
				if n := before - len(calm.Keys("foo/")); n < sc.deletes {
					t.Fatalf("an undisturbed run deletes %d objects: the sweep would prove nothing", n)
				}
				for at := len(sc.name); at < requests; at += stride(23) {
					for _, after := range []bool{false, true} {
						b := newBucket(t, sc, opt)
						b.dies(t, sc.scene, s3double.Crash{At: at, After: after, Denied: true})
						points.Add(1)
						if at%2 == 0 || all() {
							b.dies(t, sc.scene, s3double.Crash{At: at / 2, After: !after, Denied: true})
							points.Add(1)
						}
						b.ago += 25 * time.Hour // unfinished uploads are old now
						err := sc.rerun(b.store(t))
						if err == nil {
							err = differences(b.contents(t), want)
						}
						if err == nil {
							err = b.check()
						}
						if err != nil {
							t.Fatalf("dead at request %d of %d, after its effect %v: %v", at, requests, after, err)
						}
						b.Close()
					}
				}
			})
		}
	}
}
