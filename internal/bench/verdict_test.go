package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func runs(name string, walls ...time.Duration) result {
	r := result{name: name}
	for i, w := range walls {
		r.runs = append(r.runs, cost{wall: w, user: w / 2, peak: int64(i) << 20})
	}
	return r
}

func TestMedian(t *testing.T) {
	r := runs("x", 5*time.Second, time.Second, 3*time.Second)
	if m := r.median(); m.wall != 3*time.Second || m.user != 1500*time.Millisecond || m.peak != 1<<20 {
		t.Errorf("median %+v", m)
	}
	if b := r.best(); b != time.Second {
		t.Errorf("best %v", b)
	}
}

func TestVerdicts(t *testing.T) {
	failed := result{name: nameConcat, err: errors.New("no")}
	for _, c := range []struct {
		name    string
		results []result
		want    []string
	}{
		{"mixed", []result{runs(nameRecfin, time.Second), runs(nameCat, 2*time.Second), runs(namePlaylist, 2*time.Second), runs(nameConcat, 8*time.Second)},
			[]string{"reached", "missed ", "reached", "missed ", "reached"}},
		{"one failed", []result{runs(nameRecfin, time.Second), runs(nameCat, time.Second), runs(namePlaylist, 4*time.Second), failed},
			[]string{"reached", "reached", "reached", "not run", "reached"}},
		{"ours failed", []result{{name: nameRecfin, err: errors.New("no")}, runs(nameCat, time.Second)}, []string{"no verdict"}},
	} {
		got := verdicts(c.results)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", c.name, got)
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], c.want[i]) {
				t.Errorf("%s: line %d is %q, want %q", c.name, i, got[i], c.want[i])
			}
		}
	}
}
