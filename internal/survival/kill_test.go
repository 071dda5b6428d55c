//go:build unix

package survival

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"recfin/internal/testenv"
)

// orders are what processes are told, one after the other.
var orders = [][]string{
	{"finalize", "--format", "hls,mp4", "--delete", "leftovers", "--delete-delay", "0", "foo"},
	{"finalize", "--format", "mp4", "--delete", "sources", "--delete-delay", "0", "--accept", "foo", "foo"},
}

// stages are all that a process can be killed in.
var stages = []string{"before the lease", "before the first output", "before the marker", "before the first delete", "between deletes", "behind the last delete"}

// kills is how many processes are killed on each ground.
func kills() int {
	if all() {
		return 200
	}
	return 12
}

// terms is how many processes are terminated on each ground.
func terms() int {
	if all() {
		return 200
	}
	return 6
}

// measured is how many undisturbed runs the moments are spread over.
func measured() int {
	if all() {
		return 5
	}
	return 2
}

// What a run comes to: its begin, its lease, its marker.
const milestones = 3

// reached reports whether a run has come to a milestone.
func (g *ground) reached(milestone int) bool {
	pattern := []string{".", "recordings/.recfin/leases/*.json", "recordings/foo/recording.json"}[milestone]
	there, err := filepath.Glob(filepath.Join(g.dir, filepath.FromSlash(pattern)))
	return err == nil && len(there) > 0
}

// campaign sends signals to processes at random moments of their work.
type campaign struct {
	*ground
	laid   map[string]string
	want   []map[string]string         // by order: what an undisturbed run leaves
	left   [][milestones]time.Duration // by order: how long an undisturbed run takes from a milestone on
	random *rand.Rand
	media  broadcast
	round  int

	private map[string]*regexp.Regexp
	met     map[string]bool // kinds of private files
}

func newCampaign(t *testing.T, g *ground) *campaign {
	c := &campaign{ground: g, media: newBroadcast(g.size), random: rand.New(rand.NewPCG(5, 8)), private: privateForms(t), met: map[string]bool{}}
	for _, order := range orders {
		var took [milestones][]time.Duration
		for range measured() {
			c.lay(t, c.media)
			if c.laid == nil {
				c.laid = contents(t, c.dir)
			}
			var at [milestones]time.Time
			p := begin(t, c.url, order...)
			for i := range at {
				p.await(func() bool { return c.reached(i) })
				at[i] = time.Now()
			}
			p.end(t)
			for i := range at {
				took[i] = append(took[i], time.Since(at[i]))
			}
		}
		var left [milestones]time.Duration
		for i := range left {
			left[i] = slices.Min(took[i])
		}
		c.left = append(c.left, left)
		c.finish(t, order)
		done := contents(t, c.dir)
		if gone := missing(c.laid, done); gone < 4 || len(done)-len(c.laid)+gone < 4 {
			t.Fatalf("an undisturbed run deletes %d of %d files and has %d: nothing would be proved", gone, len(c.laid), len(done))
		}
		c.want = append(c.want, done)
	}
	return c
}

// tries is how many processes are begun at most for each that is to be struck: on a busy
// machine many have ended before their moment comes, or have not begun to listen.
const tries = 8

// strike lays the recording and sends a signal to a process that works on it, at a
// random moment of what it takes from a milestone on.
func (c *campaign) strike(t *testing.T, sig os.Signal) (p *process, order int, alive bool) {
	t.Helper()
	c.lay(t, c.media)
	order, from := c.round/milestones%len(orders), c.round%milestones
	c.round++
	p = begin(t, c.url, orders[order]...)
	p.await(func() bool { return c.reached(from) })
	began := time.Now()
	left := &c.left[order][from]
	if alive = p.stop(t, sig, time.Duration(c.random.Float64()*float64(*left))); !alive {
		*left = min(*left*3/4, time.Since(began)) // the machine has less to do by now
	}
	return p, order, alive
}

// missing counts what is not there any more.
func missing(before, after map[string]string) (n int) {
	for key := range before {
		if _, ok := after[key]; !ok {
			n++
		}
	}
	return n
}

// run makes a whole run and gives what it said.
func (c *campaign) run(t *testing.T, order []string) string {
	t.Helper()
	p := begin(t, c.url, order...)
	p.end(t)
	if code := p.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("recfin %q: exit code %d\n%s%s", order, code, &p.out, &p.errs)
	}
	return p.out.String()
}

// finish runs until there is nothing to do.
func (c *campaign) finish(t *testing.T, order []string) {
	t.Helper()
	for range 4 {
		if strings.Contains(c.run(t, order), "foo: nothing to do") {
			return
		}
	}
	t.Fatal("there is always something to do")
}

// TestProcesses lets real processes die at random moments of a run.
func TestProcesses(t *testing.T) {
	t.Parallel()
	for name, ground := range map[string]func(*testing.T) *ground{"folder": folderGround, "versitygw": bucketGround} {
		t.Run(name, func(t *testing.T) {
			c := newCampaign(t, ground(t))
			c.kill(t)
			c.terminate(t)
			if all() && !c.met["probe/<24 hex digits>-<word>"] {
				t.Error("no process was killed while it probed the store")
			}
		})
	}
}

// kill is kill -9, and in every third round of the run after it, too. Then the next
// runs, on the same host and at once, make what an undisturbed one would have left,
// and nothing but that.
func (c *campaign) kill(t *testing.T) {
	t.Helper()
	seen, hits, rounds, held, open, again := map[string]int{}, 0, 0, 0, 0, 0
	for ; hits < kills() && rounds < tries*kills(); rounds++ {
		_, o, alive := c.strike(t, os.Kill)
		if alive {
			hits++
			seen[c.stage(t, c.laid, c.want[o])]++
			held += len(c.leases(t))
			open += min(1, len(c.uploads(t)))
		}
		if c.random.IntN(3) == 0 && begin(t, c.url, orders[o]...).stop(t, os.Kill, time.Duration(c.random.Float64()*float64(c.left[o][0]))) {
			again++
		}
		c.finish(t, orders[o])
		c.judge(t, o)
		if t.Failed() {
			t.Fatalf("%s: kill -9, round %d", c.name, rounds)
		}
	}
	testenv.Figure(t, "crash points by kill -9, "+c.name, "%d of %d processes were alive: %s; %d left a lease, %d an upload; %d were killed while they recovered",
		hits, rounds, spread(seen), held, open, again)
	for _, s := range stages {
		if all() && seen[s] == 0 {
			t.Errorf("%s: none was killed %s", c.name, s)
		}
	}
	if hits < kills() {
		t.Errorf("%s: only %d of %d processes were alive when they were killed", c.name, hits, rounds)
	}
}

// spread says when the signals came.
func spread(seen map[string]int) string {
	var parts []string
	for _, s := range stages {
		if seen[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", seen[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// judge holds what is there against what an undisturbed run leaves.
func (c *campaign) judge(t *testing.T, order int) {
	t.Helper()
	if err := differences(contents(t, c.dir), c.want[order]); err != nil {
		t.Error(err)
	}
	if n := c.sweep(t, "recordings/foo/"); n > 0 {
		t.Errorf("%d unfinished uploads were left", n)
	}
	c.documented(t)
	if len(c.leases(t)) > 0 { // of a process that was killed when all was done
		p := begin(t, c.url, "recover", "--budget", "5m")
		p.end(t)
		if code := p.ProcessState.ExitCode(); code != 0 || len(c.leases(t)) > 0 {
			t.Errorf("recover: exit code %d, leases %q\n%s%s", code, c.leases(t), &p.out, &p.errs)
		}
		if err := differences(contents(t, c.dir), c.want[order]); err != nil {
			t.Error(err)
		}
	}
	c.sweep(t, "") // those of probes, which the next probe would abort after a day
	if left := c.uploads(t); len(left) > 0 {
		t.Errorf("of unfinished uploads there is %q", left)
	}
}

// terminate is SIGTERM. A process ends with 143, within its grace, and leaves no
// lease and no upload; the next runs carry on.
func (c *campaign) terminate(t *testing.T) {
	t.Helper()
	seen, hits, rounds, early := map[string]int{}, 0, 0, 0
	for ; hits < terms() && rounds < tries*terms(); rounds++ {
		p, o, alive := c.strike(t, syscall.SIGTERM)
		state := p.ProcessState.Sys().(syscall.WaitStatus)
		switch {
		case alive && state.Signaled() && state.Signal() == syscall.SIGTERM:
			early++ // it had not come to listen for signals
		case alive && (state.ExitStatus() != 143 || !strings.Contains(p.errs.String(), "interrupted; the next run carries on")):
			t.Errorf("%v\n%s%s", p.ProcessState, &p.out, &p.errs)
		case alive:
			hits++
			stage := c.stage(t, c.laid, c.want[o])
			if stage == stages[0] { // its lease has been released
				stage = stages[1]
			}
			seen[stage]++
		}
		if left := append(c.leases(t), c.uploads(t)...); len(left) > 0 {
			t.Errorf("it has left %q", left)
		}
		c.finish(t, orders[o])
		c.judge(t, o)
		if t.Failed() {
			t.Fatalf("%s: SIGTERM, round %d", c.name, rounds)
		}
	}
	testenv.Figure(t, "crash points by SIGTERM, "+c.name, "%d of %d processes heard it: %s; %d did not listen yet", hits, rounds, spread(seen), early)
	if hits < terms() {
		t.Errorf("%s: only %d of %d processes heard their signal", c.name, hits, rounds)
	}
}
