//go:build unix

package survival

import (
	"fmt"
	"math/rand/v2"
	"os"
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
var stages = []string{"before the first output", "before the marker", "before the first delete", "between deletes", "behind the last delete"}

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

// campaign sends signals to processes at random moments of their work.
type campaign struct {
	*ground
	laid   map[string]string
	want   []map[string]string // by order: what an undisturbed run leaves
	length []time.Duration     // by order: of an undisturbed run
	tail   []time.Duration     // by order: of that, with the marker in its place
	random *rand.Rand
	media  broadcast
	round  int
}

func newCampaign(t *testing.T, g *ground) *campaign {
	c := &campaign{ground: g, media: newBroadcast(g.size), random: rand.New(rand.NewPCG(5, 8))}
	for _, order := range orders {
		var lengths, tails []time.Duration
		for range measured() {
			c.lay(t, c.media)
			if c.laid == nil {
				c.laid = contents(t, c.dir)
			}
			p := begin(t, c.url, order...)
			p.await(c.marked)
			marked := time.Now()
			p.end(t)
			lengths, tails = append(lengths, p.took), append(tails, time.Since(marked))
		}
		slices.Sort(lengths)
		slices.Sort(tails)
		c.length, c.tail = append(c.length, lengths[(len(lengths)-1)/2]), append(c.tail, tails[(len(tails)-1)/2])
		c.finish(t, order)
		done := contents(t, c.dir)
		if gone := missing(c.laid, done); gone < 4 || len(done)-len(c.laid)+gone < 4 {
			t.Fatalf("an undisturbed run deletes %d of %d files and has %d: nothing would be proved", gone, len(c.laid), len(done))
		}
		c.want = append(c.want, done)
	}
	return c
}

// strike lays the recording and sends a signal to a process that works on it: at a
// moment anywhere in its time, and in every third round in what is left of that
// once the marker stands.
func (c *campaign) strike(t *testing.T, sig os.Signal) (p *process, order int, alive bool) {
	t.Helper()
	c.lay(t, c.media)
	order = c.round / 3 % len(orders)
	late := c.round%3 == 2
	c.round++
	p = begin(t, c.url, orders[order]...)
	after := time.Duration(c.random.Float64() * float64(c.length[order]))
	if late {
		p.await(c.marked)
		after = time.Duration(c.random.Float64() * float64(c.tail[order]))
	}
	alive = p.stop(t, sig, after)
	switch {
	case alive:
	case late:
		c.tail[order] = c.tail[order] * 3 / 4
	default: // nobody disturbed it, so that is how long a run takes by now
		c.length[order] = p.took
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
	for _, ground := range []func(*testing.T) *ground{folderGround, bucketGround} {
		c := newCampaign(t, ground(t))
		c.kill(t)
		c.terminate(t)
	}
}

// kill is kill -9, and in every third round of the run after it, too. Then the next
// runs, on the same host and at once, make what an undisturbed one would have left,
// and nothing but that.
func (c *campaign) kill(t *testing.T) {
	t.Helper()
	seen, hits, rounds, held, open, again := map[string]int{}, 0, 0, 0, 0, 0
	for ; hits < kills() && rounds < 2*kills(); rounds++ {
		_, o, alive := c.strike(t, os.Kill)
		if alive {
			hits++
			seen[c.stage(t, c.laid, c.want[o])]++
			held += len(c.leases(t))
			open += min(1, len(c.uploads(t)))
		}
		if c.random.IntN(3) == 0 && begin(t, c.url, orders[o]...).stop(t, os.Kill, time.Duration(c.random.Float64()*float64(c.length[o]))) {
			again++
		}
		c.finish(t, orders[o])
		c.judge(t, o)
		if t.Failed() {
			t.Fatalf("%s: kill -9, round %d", c.name, rounds)
		}
	}
	testenv.Figure(t, "crash points by kill -9, "+c.name, "%d of %d processes were alive: %s; %d left a lease, %d an upload; %d were killed while they recovered",
		hits, rounds, c.spread(t, seen), held, open, again)
	if hits < kills() {
		t.Errorf("%s: only %d of %d processes were alive when they were killed", c.name, hits, rounds)
	}
}

// spread says when the signals came. Of many, some come in each stage.
func (c *campaign) spread(t *testing.T, seen map[string]int) string {
	t.Helper()
	var parts []string
	for _, s := range stages {
		parts = append(parts, fmt.Sprintf("%d %s", seen[s], s))
		if all() && seen[s] == 0 {
			t.Errorf("%s: no signal came %s", c.name, s)
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

// What may be in private folders when nobody works, see docs/stores.md.
var (
	privateForm = regexp.MustCompile(`^(recordings/)?\.recfin/(leases/[0-9a-f]{32}\.json|probe/[0-9a-f]{24}-[a-z]+|locks/[0-9a-f]{2})$`)
	mostPrivate = int64(4 << 10) // bytes of one
)

// documented: nothing is private but what the documents name, and that is small.
func (c *campaign) documented(t *testing.T) {
	t.Helper()
	for _, name := range append(c.below(t, ".recfin"), c.below(t, "recordings/.recfin")...) {
		fi, err := os.Stat(c.dir + "/" + name)
		if !privateForm.MatchString(name) || err != nil || fi.Size() > mostPrivate {
			t.Errorf("%s was left, which no document names (%v)", name, err)
		}
	}
}

// terminate is SIGTERM. A process ends with 143, within its grace, and leaves no
// lease and no upload; the next runs carry on.
func (c *campaign) terminate(t *testing.T) {
	t.Helper()
	seen, hits, rounds, early := map[string]int{}, 0, 0, 0
	for ; hits < terms() && rounds < 3*terms(); rounds++ {
		p, o, alive := c.strike(t, syscall.SIGTERM)
		state := p.ProcessState.Sys().(syscall.WaitStatus)
		switch {
		case alive && state.Signaled() && state.Signal() == syscall.SIGTERM:
			early++ // it had not come to listen for signals
		case alive && (state.ExitStatus() != 143 || !strings.Contains(p.errs.String(), "interrupted; the next run carries on")):
			t.Errorf("%v\n%s%s", p.ProcessState, &p.out, &p.errs)
		case alive:
			hits++
			seen[c.stage(t, c.laid, c.want[o])]++
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
	testenv.Figure(t, "crash points by SIGTERM, "+c.name, "%d of %d processes heard it: %s; %d did not listen yet", hits, rounds, c.spread(t, seen), early)
	if hits < terms() {
		t.Errorf("%s: only %d of %d processes heard their signal", c.name, hits, rounds)
	}
}
