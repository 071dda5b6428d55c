//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/store/mem"
)

// wide lays out recordings of two small segments each.
func wide(t *testing.T, put broadcast.Put, n int) (names []string) {
	t.Helper()
	s := broadcast.Make(t, broadcast.Options{Seconds: 2, Segment: time.Second, Width: 64, Height: 36, Rate: "5", NoAudio: true})
	for i := range n {
		name := fmt.Sprintf("show-%04d", i)
		names = append(names, name)
		broadcast.Lay(t, put, s.Uploads(name+"/A/36p", 0, 1, onAir))
	}
	return names
}

// committedBy are the recordings that a run committed, and what each cost in writes.
func committedBy(t *testing.T, r result) map[string]int {
	t.Helper()
	done := map[string]int{}
	if r.out == "" {
		return done
	}
	for _, d := range documents[reportDoc](t, r) {
		if len(d.Committed) > 0 {
			if _, again := done[d.Recording]; again {
				t.Errorf("%s was committed twice by one shard", d.Recording)
			}
			done[d.Recording] = int(d.Cost.Put)
		}
	}
	return done
}

// once fails unless every recording was finalized exactly once: by its marker, and by
// what lies in its folder. files are all keys and what is in them.
func once(t *testing.T, files map[string][]byte, names []string) {
	t.Helper()
	versions := map[string]map[string]bool{}
	for key := range files {
		if parts := strings.Split(key, "/"); len(parts) > 4 && parts[0] == "recordings" {
			if versions[parts[1]] == nil {
				versions[parts[1]] = map[string]bool{}
			}
			versions[parts[1]][parts[2]+"/"+parts[3]] = true
		}
	}
	for _, name := range names {
		var m struct {
			Generation int   `json:"generation"`
			Sessions   []any `json:"sessions"`
		}
		if err := json.Unmarshal(files["recordings/"+name+"/recording.json"], &m); err != nil || m.Generation != 1 || len(m.Sessions) != 1 {
			t.Errorf("%s: generation %d, %d sessions, %v", name, m.Generation, len(m.Sessions), err)
		}
		if len(versions[name]) != 1 {
			t.Errorf("%s has the versions %v", name, versions[name])
		}
	}
	for key := range files {
		if strings.HasPrefix(key, "recordings/.recfin/leases/") {
			t.Errorf("a lease is left: %s", key)
		}
	}
}

// filesIn are the files of a folder.
func filesIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[name], err = fs.ReadFile(os.DirFS(dir), name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Eight shards at once over 1,000 recordings: each is finalized exactly once, with the
// writes of one, and shares are within 20 % of even. A second time there is nothing to
// do. Another run holds one of them, and one is live: that is no failure.
func TestEightShards(t *testing.T) {
	t.Parallel()
	const shards, recordings, url = 8, 1000, "mem://eight-shards"
	at := mem.Open(strings.TrimPrefix(url, "mem://"))
	put := func(key string, body []byte, uploaded time.Time) error {
		at.Set(key, body, uploaded, nil)
		return nil
	}
	names := wide(t, put, recordings)
	now, err := at.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, put, s.Uploads("live/A/720p", 0, 3, now.Add(-time.Minute)))
	layFoo(t, put)
	lease := "recordings/" + leasePath("foo")
	at.Set(lease, leaseOf(t, identity(), "/", "foo"), now, nil) // this process lives
	results := make([]result, shards)
	all := func() {
		var wg sync.WaitGroup
		for k := range results {
			wg.Go(func() {
				results[k] = recfin("run", "--json", "--log-level", "warn", "--store", url, "--shard", fmt.Sprintf("%d/%d", k, shards))
			})
		}
		wg.Wait()
	}
	all()
	by, more := map[string]int{}, 0
	least := math.MaxInt
	var puts []int
	for k, r := range results {
		r.wantCode(t, exitDone)
		done := committedBy(t, r)
		if n := len(done); n < recordings/shards*8/10 || n > recordings/shards*12/10 {
			t.Errorf("share %d/%d has %d of %d recordings", k, shards, n, recordings)
		}
		for name, put := range done {
			if other, twice := by[name]; twice {
				t.Errorf("%s was finalized by %d and by %d", name, other, k)
			}
			by[name] = k
			puts, least = append(puts, put), min(least, put)
		}
	}
	for _, n := range puts {
		if n > least {
			more++ // the first recording of each process tries out what the store honours
		}
	}
	if len(by) != recordings || more > shards {
		t.Errorf("%d recordings, of which %d were written with more than %d puts", len(by), more, least)
	}
	all()
	for _, r := range results {
		r.wantCode(t, exitDone)
		if done := committedBy(t, r); len(done) > 0 {
			t.Errorf("a second time: %v", done)
		}
	}
	files := map[string][]byte{}
	for key, e := range at.Snapshot() {
		files[key] = e.Body
	}
	for _, name := range []string{"foo", "live"} {
		if _, ok := files["recordings/"+name+"/recording.json"]; ok {
			t.Errorf("%s was finalized, and another run holds it, or it is live", name)
		}
	}
	if _, ok := files[lease]; !ok {
		t.Error("the lease of the other run is gone")
	}
	delete(files, lease)
	once(t, files, names)
}

// A shard that is killed in the middle of its work is started again, as a scheduler
// does: what it had finished is not done again, the rest is, and nothing is twice. The
// others do not notice.
func TestShardThatDies(t *testing.T) {
	t.Parallel()
	if identity().Alive == nil {
		t.Skip("this system does not tell when a process was started")
	}
	// What is printed of a share (1.4 kB each) does not fit into the pipe of an operating
	// system, of which nobody reads the rest: it cannot have ended when it is killed.
	const shards, dying, recordings = 3, 1, 240
	dir := t.TempDir()
	names := wide(t, broadcast.Folder(dir), recordings)
	share := 0
	for _, name := range names {
		if shardOfName(name, shards) == dying {
			share++
		}
	}
	victim := child(t, "run", "--json", "--log-level", "error", "--store", dir, "--concurrency", "2", "--shard", fmt.Sprintf("%d/%d", dying, shards))
	before := killAfter(t, victim, 4)
	done := map[string]bool{}
	for _, name := range names {
		if finalized(dir, name) {
			done[name] = true
		}
	}
	if len(done) < before || len(done) >= share {
		t.Fatalf("killed after %d lines, %d of %d are finalized: that is no death in the middle", before, len(done), share)
	}
	total := len(done)
	for k := range shards {
		r := mustRecfin(t, exitDone, "run", "--json", "--log-level", "warn", "--store", dir, "--shard", fmt.Sprintf("%d/%d", k, shards))
		for name := range committedBy(t, r) {
			if total++; done[name] {
				t.Errorf("%s was finalized again", name)
			}
		}
	}
	if total != len(names) {
		t.Errorf("%d of %d recordings", total, len(names))
	}
	// A lease that the dead one held on what it had finished is met by nobody who writes.
	mustRecfin(t, exitDone, "recover", "--store", dir, "--log-level", "error")
	once(t, filesIn(t, dir), names)
	mustRecfin(t, exitDone, "verify", "--store", dir, "--shard", fmt.Sprintf("%d/%d", dying, shards), "--log-level", "error")
}

// killAfter starts a process and kills it when it has printed so many lines. It gives
// how many it had printed.
func killAfter(t *testing.T, cmd *exec.Cmd, lines int) int {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	read := bufio.NewReader(out)
	for n < lines {
		if _, err := read.ReadString('\n'); err != nil {
			break
		}
		n++
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); n < lines {
		t.Fatalf("it ended after %d lines: %s", n, errs.String())
	}
	return n
}
