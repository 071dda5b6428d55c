//go:build unix

package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// layLive stores segments that a broadcaster was uploading until just now.
func layLive(t *testing.T, put broadcast.Put, prefix string, first, last int, ago time.Duration) {
	t.Helper()
	s := broadcast.Make(t, broadcast.Options{Seconds: 20})
	broadcast.Lay(t, put, s.Uploads(prefix, first, last, time.Now().Add(-ago-20*time.Second)))
}

// finalized reports whether a recording has a marker.
func finalized(dir, recording string) bool {
	_, err := os.Stat(filepath.Join(dir, "recordings", recording, "recording.json"))
	return err == nil
}

// A broadcaster was killed in mid-stream and starts anew: what it left is
// finalized although it is not settled. What went on at another one is not.
// Nothing is deleted, whatever the environment says.
func TestRecoverBroadcaster(t *testing.T) {
	dir := t.TempDir()
	put := broadcast.Folder(dir)
	layLive(t, put, "foo/A/720p", 0, 9, 5*time.Second)
	layLive(t, put, "foo/B/720p", 0, 1, 5*time.Second) // copies
	layLive(t, put, "bar/A/720p", 0, 4, 5*time.Second)
	layLive(t, put, "bar/B/720p", 5, 9, 5*time.Second)
	t.Setenv("RECFIN_DELETE", "sources")
	t.Setenv("RECFIN_DELETE_DELAY", "0")
	before := tree(t, dir)
	mustRecfin(t, exitDone, "recover", "--store", dir) // nobody of ours has died
	if finalized(dir, "foo") {
		t.Fatal("without --writer a live recording was finalized")
	}
	r := mustRecfin(t, exitDone, "recover", "--store", dir, "--writer", "A", "--budget", "5m", "--format", "hls,mp4")
	r.says(t, "foo: done, 1 session written", "elsewhere")
	if !finalized(dir, "foo") || finalized(dir, "bar") {
		t.Errorf("foo %v, bar %v", finalized(dir, "foo"), finalized(dir, "bar"))
	}
	after := tree(t, dir)
	for path := range before {
		if _, ok := after[path]; !ok && !strings.Contains(path, ".recfin") {
			t.Errorf("%s is gone", path)
		}
	}
	if again := mustRecfin(t, exitDone, "recover", "--store", dir, "--writer", "A", "--json"); again.out != "" {
		t.Errorf("there was something left: %s", again.out)
	}
}

// A run that is killed in the middle of its work is finished at once on the same
// host, with its own settings.
func TestRecoverKilledRun(t *testing.T) {
	if identity().Alive == nil {
		t.Skip("this system does not tell when a process was started")
	}
	d := s3double.New(t, s3double.Options{})
	layFoo(t, func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	})
	reached := make(chan struct{})
	d.Fault(s3double.Fault{Op: "PutObject", Match: func(r s3double.Request) bool { return strings.HasSuffix(r.Key, "/segments.json.gz") }, Times: 1, Do: func(x *s3double.Exchange) {
		close(reached)
		x.Hang()
	}})
	victim := child(t, "finalize", "--store", d.URL("live"), "--format", "hls,mp4", "foo")
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(time.Minute):
		t.Error("it never came to write")
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	d.Calm()
	lease := d.Body("live/recordings/" + leasePath("foo"))
	if !strings.Contains(lease, `"formats": "hls,mp4"`) {
		t.Fatalf("the lease of the dead run: %s", lease)
	}
	r := mustRecfin(t, exitDone, "recover", "--json", "--store", d.URL("live"), "--budget", "5m")
	doc := documents[reportDoc](t, r)
	if len(doc) != 1 || doc[0].Recording != "foo" || len(doc[0].Committed) != 1 || len(doc[0].Committed[0].Outputs) != 3 { // playlist, I-frame playlist, MP4
		t.Errorf("%s", r.text())
	}
	if left := d.Keys("live/recordings/.recfin/leases/"); len(left) > 0 || len(d.Uploads()) > 0 {
		t.Errorf("left: %q, uploads %v", left, d.Uploads())
	}
	r.hides(t, d.SecretKey)
}

// The lease of a process that is gone is finished in a folder too; that of one with
// other stores is named and left, which has a code of its own.
func TestRecoverLeaseFile(t *testing.T) {
	id := identity()
	if id.Alive == nil {
		t.Skip("this system does not tell when a process was started")
	}
	id.Started-- // nobody has this number since then
	dir, other := t.TempDir(), t.TempDir()
	layFoo(t, broadcast.Folder(dir))
	path := writeLease(t, id, dir, "foo")
	mustRecfin(t, exitDone, "recover", "--store", dir, "--format", "mp4").says(t, "foo: done, 1 session written")
	if _, err := os.Stat(path); err == nil {
		t.Error("the lease stays")
	}
	if mp4, _ := filepath.Glob(filepath.Join(dir, "recordings", "foo", "*", "1-*", "*.mp4")); len(mp4) > 0 {
		t.Errorf("not the settings of the lease: %q", mp4)
	}
	layFoo(t, broadcast.Folder(other))
	lease := leaseOf(t, id, dir, "foo")
	path = writeLease(t, id, other, "foo")
	if err := os.WriteFile(path, lease, 0o644); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitNotSettled, "recover", "--store", other).says(t, "foo: left", "--store file://"+dir)
	if finalized(other, "foo") {
		t.Error("it was finalized with settings that nobody gave")
	}
}

// What there is no time for is named, and has a code of its own; a store that does
// not answer has another. The node is never kept waiting.
func TestRecoverEnds(t *testing.T) {
	t.Run("out of budget", func(t *testing.T) {
		d := s3double.New(t, s3double.Options{})
		put := func(key string, body []byte, uploaded time.Time) error {
			d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
			return nil
		}
		for _, id := range []string{"foo", "bar"} {
			broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads(id+"/A/720p", 0, 3, onAir))
		}
		d.Fault(s3double.Fault{Op: "GetObject", Match: func(r s3double.Request) bool { return strings.HasSuffix(r.Key, ".ts") }, Do: s3double.Hang()})
		r := ends(t, "recover", "--store", d.URL("live"), "--writer", "A", "--budget", "3s")
		r.wantCode(t, exitNotSettled)
		r.says(t, "foo: left", "bar: left", "out of time")
		r.hides(t, d.SecretKey)
		d.Calm()
		mustRecfin(t, exitDone, "recover", "--store", d.URL("live"), "--writer", "A", "--budget", "5m").says(t, "foo: done", "bar: done")
	})
	t.Run("nobody answers", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		r := ends(t, "recover", "--store", secretURL(l.Addr().String()), "--writer", "A", "--budget", "2s")
		r.wantCode(t, exitUnavailable)
		r.hides(t, secret)
	})
	t.Run("nothing heeds the end", func(t *testing.T) {
		c := cli.NewContext(cli.NewApp(), nil, nil)
		c.Context = context.Background()
		never := make(chan struct{})
		defer close(never)
		err := within(c, 100*time.Millisecond, func() error { <-never; return nil })
		if exitCode(err) != exitUnavailable || c.Context.Err() == nil {
			t.Errorf("%v", err)
		}
		if err := within(c, time.Hour, func() error { return quiet{exitNotSettled} }); exitCode(err) != exitNotSettled {
			t.Errorf("%v", err)
		}
	})
	t.Run("wrong usage", func(t *testing.T) {
		dir := t.TempDir()
		mustRecfin(t, exitUsage, "recover", "--store", dir, "foo").says(t, "finalize --force")
		mustRecfin(t, exitUsage, "recover", "--store", dir, "--budget", "0s").says(t, "--budget")
		mustRecfin(t, exitUsage, "recover", "--store", dir, "--writer", "A", "--layout", "ivs").says(t, "--writer", "finalize --force ID")
	})
}

// ends runs a command line that must not hang.
func ends(t *testing.T, args ...string) result {
	t.Helper()
	done := make(chan result, 1)
	go func() { done <- recfin(args...) }()
	select {
	case r := <-done:
		return r
	case <-time.After(time.Minute):
		t.Fatalf("recfin %q does not end", slices.Concat(args[:1], args[3:]))
		return result{}
	}
}
