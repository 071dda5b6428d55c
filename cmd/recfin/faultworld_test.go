package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/store"
	"recfin/store/open"
	"recfin/store/s3"
	"recfin/store/storetest/s3double"
)

// hurried are the endpoints of which the buckets are opened with waits and parts that
// fit a double.
var hurried sync.Map

// hurry makes it so for a URL, as long as a test goes on.
func hurry(t *testing.T, raw string) {
	t.Helper()
	l, err := open.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	hurried.Store(l.Endpoint, true)
	t.Cleanup(func() { hurried.Delete(l.Endpoint) })
}

// openHurried opens any URL. The label of a bucket that is hurried is the same
// wherever the double listens, since it stands in everything that is compared.
func openHurried(ctx context.Context, raw string, opt open.Options) (store.Store, error) {
	l, err := open.Parse(raw)
	if err != nil || l.Kind != open.S3 {
		return open.With(ctx, raw, opt)
	}
	if _, ok := hurried.Load(l.Endpoint); !ok {
		return open.With(ctx, raw, opt)
	}
	key, secret := l.Credentials.Reveal()
	return s3.New(ctx, s3.Options{
		Endpoint: l.Endpoint, Region: l.Region, Bucket: l.Bucket, Prefix: l.Prefix, AccessKey: key, SecretKey: secret,
		PathStyle: true, Label: "s3://" + l.Bucket + "/" + l.Prefix, Hurry: 20, PartSize: 16 << 10, Concurrency: opt.Concurrency,
	})
}

// patient is a bucket in which two recordings lie: foo, the last segment of which
// two broadcasters uploaded, and bar.
type patient struct {
	*s3double.Server
	ago    atomic.Int64 // how long ago the broadcast was, in ns
	before map[string]s3double.Object
	mode   string // of deleting
}

func newPatient(t *testing.T, mode string) *patient {
	t.Helper()
	p := &patient{mode: mode}
	p.ago.Store(int64(2 * time.Hour))
	p.Server = s3double.New(t, s3double.Options{MinPart: 10 << 10, PageSize: 2, Clock: func() time.Time {
		return onAir.Add(time.Duration(p.ago.Load()))
	}})
	hurry(t, p.URL("live"))
	layCopies(t, p.Server)
	put := func(key string, body []byte, at time.Time) error {
		p.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: at})
		return nil
	}
	broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads("bar/A/720p", 0, 3, onAir))
	p.before = p.Objects()
	return p
}

// later lets time pass in the store.
func (p *patient) later(d time.Duration) { p.ago.Add(int64(d)) }

// recfin runs a command over the bucket.
func (p *patient) recfin(args ...string) result {
	formats := "hls,mp4"
	if p.mode == "sources" {
		formats = "mp4"
	}
	return recfin(append(args, "--store", p.URL("live"), "--format", formats, "--delete", p.mode, "--delete-delay", "0", "--concurrency", "8")...)
}

// What says when something was written.
var (
	whenWritten = regexp.MustCompile(`"(since|uploaded)": ?"[^"]*"`)
	nanoseconds = regexp.MustCompile(`\b1[0-9]{18}\b`)
	sumsOfThose = regexp.MustCompile(`"(predecessor|sha256|segments|etag)": ?"[0-9a-f]{32,64}"`)
	listOfThose = regexp.MustCompile(`\boutputs-[0-9a-f]{16}\b`)
)

// contents is what the bucket holds of a recording, without the times at which the
// outputs were written. Empty: of all.
func (p *patient) contents(t *testing.T, recording string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for key, o := range p.Objects() {
		if strings.Contains(key, "/.recfin/") || recording != "" && !strings.HasPrefix(key, "live/recordings/"+recording+"/") && !strings.HasPrefix(key, "live/"+recording+"/") {
			continue
		}
		raw := o.Body
		if strings.HasSuffix(key, ".gz") {
			raw = unpacked(t, raw)
		}
		if strings.HasSuffix(key, ".gz") || strings.HasSuffix(key, ".json") {
			raw = whenWritten.ReplaceAll(raw, []byte(`"$1": "then"`))
			raw = sumsOfThose.ReplaceAll(raw, []byte(`"$1": "sum"`))
			raw = nanoseconds.ReplaceAll(raw, []byte("0"))
			raw = listOfThose.ReplaceAll(raw, []byte("outputs-sum"))
		}
		all[listOfThose.ReplaceAllString(key, "outputs-sum")] = string(raw)
	}
	return all
}

func unpacked(t *testing.T, raw []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sound says what is wrong with the bucket at this moment: a segment that is gone
// although no marker condemned it, or a marker that lies.
func (p *patient) sound(t *testing.T) error {
	t.Helper()
	now := p.Objects()
	condemned := map[string]bool{}
	for _, id := range []string{"foo", "bar"} {
		folder := "live/recordings/" + id + "/"
		raw, there := now[folder+"recording.json"]
		if !there {
			continue
		}
		var m struct {
			Sessions  []struct{ ID, Version string }
			Condemned []struct{ Session, Version, File string }
		}
		if err := json.Unmarshal(raw.Body, &m); err != nil {
			return fmt.Errorf("the marker of %s: %w", id, err)
		}
		for _, s := range m.Sessions {
			var r struct {
				Outputs []struct {
					Key, ETag string
					Size      int
				}
			}
			if err := json.Unmarshal(unpacked(t, now[folder+s.ID+"/"+s.Version+"/segments.json.gz"].Body), &r); err != nil {
				return fmt.Errorf("the record of %s: %w", id, err)
			}
			for _, o := range r.Outputs {
				if is := now["live/"+o.Key]; len(is.Body) != o.Size || strings.Trim(is.ETag, `"`) != o.ETag {
					return fmt.Errorf("%s is not there as the marker has it", o.Key)
				}
			}
		}
		for _, c := range m.Condemned {
			var list struct{ Key []string }
			if err := json.Unmarshal(unpacked(t, now[folder+c.Session+"/"+c.Version+"/"+c.File].Body), &list); err != nil {
				return fmt.Errorf("%s: %w", c.File, err)
			}
			for _, key := range list.Key {
				condemned["live/"+key] = true
			}
		}
	}
	for key, was := range p.before {
		if is, there := now[key]; (!there && !condemned[key]) || there && !bytes.Equal(is.Body, was.Body) {
			return fmt.Errorf("segment %s is lost", key)
		}
	}
	return nil
}

// differing names what is not as it should be.
func differing(got, want map[string]string) error {
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if is, there := got[name]; !there {
			bad = append(bad, name+" is not there")
		} else if is != want[name] {
			bad = append(bad, fmt.Sprintf("%s differs: %.600q, want %.600q", name, is, want[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, due := want[name]; !due {
			bad = append(bad, name+" should not be there")
		}
	}
	if bad == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(bad, "\n"))
}
