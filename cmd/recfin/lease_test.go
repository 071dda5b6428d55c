//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// leasePath is where the lease of a recording is, below the folder of the outputs.
func leasePath(recording string) string {
	sum := sha256.Sum256([]byte(recording))
	return ".recfin/leases/" + hex.EncodeToString(sum[:])[:32] + ".json"
}

// leaseOf is the lease that a process holds, of a run with the settings of
// `finalize --store DIR --format hls`.
func leaseOf(t *testing.T, id finalize.Identity, dir, recording string) []byte {
	t.Helper()
	store := "file://" + dir + "/"
	raw, err := json.Marshal(map[string]any{
		"format": "recfin/lease", "version": 1, "recording": recording, "token": strings.Repeat("5a", 16), "renewed": 3,
		"host": id.Host, "boot": id.Boot, "pids": id.PIDs, "pid": id.PID, "started": id.Started, "since": "2026-01-02T03:04:05Z",
		"settings": map[string]any{
			"stores": []string{store}, "out": store, "out_path": "recordings/", "layouts": []string{"nonce"}, "formats": "hls",
			"durations": "auto", "split": "never", "gaps": "close", "session_gap_ns": 15 * time.Minute, "settle_ns": 30 * time.Minute,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// writeLease puts it into a folder.
func writeLease(t *testing.T, id finalize.Identity, dir, recording string) (path string) {
	t.Helper()
	path = filepath.Join(dir, "recordings", leasePath(recording))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, leaseOf(t, id, dir, recording), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// layFoo stores four segments of a recording that is long settled.
func layFoo(t *testing.T, put broadcast.Put) {
	t.Helper()
	broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
}

// Who holds a recording is told, with what to do; run counts it, finalize ID has a
// code for it; --force writes nevertheless.
func TestLeased(t *testing.T) {
	dir := t.TempDir()
	layFoo(t, broadcast.Folder(dir))
	path := writeLease(t, identity(), dir, "foo") // this process lives
	before := tree(t, filepath.Join(dir, "recordings"))
	r := mustRecfin(t, exitLeased, "finalize", "--store", dir, "foo")
	r.says(t, "another run holds this recording", "on host ", "process ", "2026-01-02T03:04:05Z", "--force")
	if d := documents[reportDoc](t, mustRecfin(t, exitLeased, "finalize", "--json", "--store", dir, "foo")); d[0].Status != "leased" || d[0].Error == "" {
		t.Errorf("status %q, error %q", d[0].Status, d[0].Error)
	}
	mustRecfin(t, exitDone, "run", "--store", dir).says(t, "foo: leased")
	after := tree(t, filepath.Join(dir, "recordings"))
	if _, err := os.Stat(filepath.Join(dir, "recordings", "foo")); err == nil || len(after) < len(before) {
		t.Errorf("something was written: %v", after)
	}
	mustRecfin(t, exitDone, "plan", "--store", dir, "foo")
	mustRecfin(t, exitDone, "finalize", "--force", "--store", dir, "foo").says(t, "written beside another run")
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the lease of the other run: %v", err)
	}
}

// alive tells a process from another with its number, and from one that has ended.
func TestAlive(t *testing.T) {
	id := identity()
	if id.Alive == nil {
		t.Skip("this system does not tell when a process was started")
	}
	if id.Boot == "" || id.Started <= 0 || id.PID != os.Getpid() {
		t.Errorf("identity %+v", id)
	}
	if !id.Alive(id.PID, id.Started) || id.Alive(id.PID, id.Started-1) || id.Alive(0, 0) || id.Alive(-1, 0) {
		t.Error("this process is alive, and none with its number that was started before")
	}
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	pid := sleep.Process.Pid
	started, ok := startOf(pid)
	if !ok || !alive(pid, started) {
		t.Error("a child is alive")
	}
	if err := sleep.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for alive(pid, started) { // it is dead and was not waited for
		time.Sleep(time.Millisecond)
	}
	_ = sleep.Wait()
	if alive(pid, started) {
		t.Error("a child that was waited for is not alive")
	}
}

// Ten at once, on a store that does as S3 does: the outputs are right, and only one
// wrote them.
func TestTenAtOnce(t *testing.T) {
	d := s3double.New(t, s3double.Options{})
	layFoo(t, func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	})
	var wg sync.WaitGroup
	results := make([]result, 10)
	for i := range results {
		wg.Go(func() { results[i] = recfin("finalize", "--store", d.URL("live"), "--format", "hls,mp4", "foo") })
	}
	wg.Wait()
	ended, leased := 0, 0
	for _, r := range results {
		switch r.code {
		case exitDone:
			ended++
		case exitLeased:
			leased++
		default:
			t.Errorf("exit code %d\n%s", r.code, r.text())
		}
		r.hides(t, d.SecretKey)
	}
	wrote := 0
	for _, q := range d.Log() {
		if q.Op == "PutObject" && strings.HasSuffix(q.Key, "/segments.json.gz") {
			wrote++
		}
	}
	if ended == 0 || wrote != 1 {
		t.Errorf("%d ended, %d found a lease, and the version was written %d times", ended, leased, wrote)
	}
	mustRecfin(t, exitDone, "finalize", "--store", d.URL("live"), "--format", "hls,mp4", "foo").says(t, "nothing to do")
	if left := passing(d); len(left) > 0 || len(d.Uploads()) > 0 {
		t.Errorf("left: %q, uploads %v", left, d.Uploads())
	}
	t.Logf("%d ended, %d found a lease", ended, leased)
}

// A lease names stores without their credentials. Where nothing may be deleted it
// stays, and says that it is free.
func TestLeaseHasNoSecret(t *testing.T) {
	d := s3double.New(t, s3double.Options{})
	layFoo(t, func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	})
	d.Deny("s3:DeleteObject", "")
	for range 2 {
		mustRecfin(t, exitDone, "finalize", "--store", d.URL("live"), "foo").hides(t, d.SecretKey, d.AccessKey)
	}
	text := d.Body("live/recordings/" + leasePath("foo"))
	if !strings.Contains(text, `"released": true`) || !strings.Contains(text, d.Bucket) || strings.Contains(text, d.SecretKey) || strings.Contains(text, d.AccessKey) {
		t.Errorf("the lease: %s", text)
	}
}
