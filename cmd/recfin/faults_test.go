package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"recfin/internal/testenv"
	"recfin/store/storetest/s3double"
)

// cell is one fault at one phase, passing or lasting.
type cell struct {
	phase
	kind
	lasting bool
}

func (c cell) String() string {
	how := "passing"
	if c.lasting {
		how = "lasting"
	}
	return fmt.Sprintf("%s/%s/%s", c.phase.name, c.kind.name, how)
}

// arm lets the fault meet what comes.
func (c cell) arm(p *patient) s3double.Armed {
	times := 2
	if c.lasting {
		times = 0
	}
	return p.Fault(s3double.Fault{Match: c.fits, After: c.after, Times: times, Do: c.do})
}

// TestFaultTable plays the program through each fault at each phase.
//
// It is not parallel: what is hurried (openHurried) fails where the machine is too busy.
func TestFaultTable(t *testing.T) {
	calm := newPatient(t, "leftovers")
	if r := calm.recfin("run"); r.code != exitDone {
		t.Fatal(r.text())
	}
	want := calm.contents(t, "")
	wantBar := calm.contents(t, "bar")
	var cells []cell
	for _, m := range phases {
		for _, k := range kinds {
			if k.does == nil || slices.Contains(k.does, m.does) {
				cells = append(cells, cell{m, k, false}, cell{m, k, true})
			}
		}
	}
	cells = chosen(cells)
	bad := make([]string, len(cells))
	var g errgroup.Group
	g.SetLimit(8) // most of them wait
	for i, c := range cells {
		g.Go(func() error {
			t.Run(c.String(), func(t *testing.T) { bad[i] = c.play(t, want, wantBar) })
			return nil
		})
	}
	_ = g.Wait()
	var table strings.Builder
	whole := 0
	for i, c := range cells {
		if bad[i] == "ok" {
			whole++
		}
		fmt.Fprintf(&table, "%-60s %s\n", c, bad[i])
	}
	t.Logf("\n%s", table.String())
	testenv.Figure(t, "faults of a store", "%d cells (phase, fault, passing or lasting), %d ok", len(cells), whole)
}

// chosen are some of all cells, spread evenly, or all of them.
func chosen(cells []cell) []cell {
	if os.Getenv("RECFIN_TEST_CRASH") == "all" {
		return slices.DeleteFunc(cells, cell.odd)
	}
	var some []cell
	for i, c := range cells {
		if i%31 == 0 || always[c.String()] {
			some = append(some, c)
		}
	}
	return some
}

// odd reports a cell whose end is not that of the others: what was stored wrong keeps
// its name, and the next version takes another; the answer to a HEAD does not say
// that credentials expired.
func (c cell) odd() bool {
	return c.kind.name == "stored wrong" || c.kind.name == "expired" && c.phase.does == looks
}

// always are cells that found something once.
var always = map[string]bool{
	"marker read/404 page/lasting":    true, // no marker, said a page for people
	"head read/404 page/lasting":      true, // gone, said a page for people
	"head read/200 page/lasting":      true, // changed, because the page had no ETag
	"body read/short body/lasting":    true, // changed, because the same version was shorter
	"marker write/200 page/lasting":   true, // written, said a page for people
	"complete/200 with error/lasting": true,
	"delete/denied/lasting":           true,
	"part/elsewhere/lasting":          true,
}

// play runs, and runs again, until the fault is over. It says "ok", or what is wrong
// in a word.
func (c cell) play(t *testing.T, want, wantBar map[string]string) string {
	p := newPatient(t, "leftovers")
	defer p.Close()
	armed := c.arm(p)
	r := p.recfin("run")
	if armed.Met() == 0 {
		t.Errorf("nothing of a run fits the phase:\n%s", r.text())
	}
	c.judge(t, p, r)
	if c.lasting {
		if !c.whole {
			if err := differing(p.contents(t, "bar"), wantBar); err != nil {
				t.Errorf("bar, which has nothing to do with it: %v\n%s", err, r.text())
			}
		}
		armed.Stop()
		c.arm(p)
		p.later(3 * time.Minute) // a lease that could not be given back is over
		c.judge(t, p, p.recfin("finalize", "foo"))
	}
	p.Calm()
	p.later(25 * time.Hour) // unfinished uploads are old now
	r = p.recfin("run")
	r.wantCode(t, exitDone)
	err := differing(p.contents(t, ""), want)
	if err == nil {
		err = p.sound(t)
	}
	if err != nil {
		t.Errorf("after the rerun: %v\n%s", err, r.text())
	}
	for _, u := range p.Uploads() {
		t.Errorf("an upload of %s is left", u.Key)
	}
	if t.Failed() {
		return "BAD"
	}
	return "ok"
}

// judge looks at what a command did and said under the fault.
func (c cell) judge(t *testing.T, p *patient, r result) {
	t.Helper()
	if err := p.sound(t); err != nil {
		t.Errorf("recfin %s: %v\n%s", r.args[0], err, r.text())
	}
	r.hides(t, p.SecretKey)
	removing := c.phase.does == removes
	switch {
	case r.code == exitDone: // it was not needed, or is settled later: the rerun shows
	case r.code == exitPartly && (removing || c.whole): // what could not be deleted is named
	case r.code == exitPartly && r.args[0] == "run", r.code == c.code:
		r.says(t, c.says...)
	default:
		t.Errorf("recfin %s: exit code %d, want %d\n%s", r.args[0], r.code, c.code, r.text())
	}
	if r.code == exitRefused && !c.lasting {
		t.Errorf("a fault that passed asks for a human:\n%s", r.text())
	}
}
