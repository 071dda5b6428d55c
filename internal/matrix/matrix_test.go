package matrix

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"sync"
	"testing"
)

// The values of the matrix.
var (
	videos     = []string{"h264", "h264-b", "h264-open", "hevc", "interlaced"}
	audios     = []string{"aac", "mp3", "ac3", "eac3", "opus", "none", "two"}
	containers = []string{inTS, inFMP4, inFiles}
	histories  = []string{"contiguous", "clock restart", "wrap", "hole", "swapped PIDs", "swapped order", "resolution", "overlap", "sound missing", "cut tail", "mid-GOP"}
)

// every gives all cells of the matrix, the void ones too.
func every() []cell {
	var all []cell
	for _, h := range histories {
		for _, k := range containers {
			for _, v := range videos {
				for _, a := range audios {
					all = append(all, cell{v, a, k, h})
				}
			}
		}
	}
	return all
}

// selected are the cells to run: a pairwise cover, or what RECFIN_MATRIX names:
// "all", or a pattern like "hole/ts/*/aac".
func selected(t *testing.T) []cell {
	t.Helper()
	all := slices.DeleteFunc(every(), func(c cell) bool { return c.void() != "" })
	switch pattern := os.Getenv("RECFIN_MATRIX"); pattern {
	case "":
		return pairwise(all)
	case "all":
		return all
	default:
		some := slices.DeleteFunc(all, func(c cell) bool {
			ok, err := path.Match(pattern, c.String())
			if err != nil {
				t.Fatalf("RECFIN_MATRIX: %v", err)
			}
			return !ok
		})
		if len(some) == 0 {
			t.Fatalf("no cell is like %q", pattern)
		}
		return some
	}
}

// TestMatrix: whatever kind of media a recording has, and whatever befell it,
// nothing is lost, nothing is moved, and sound stays with its pictures.
func TestMatrix(t *testing.T) {
	rows := &tally{}
	for _, c := range every() {
		if why := c.void(); why != "" {
			rows.row(c).void++
			rows.why(why)
		}
	}
	cells := selected(t)
	t.Run("cells", func(t *testing.T) {
		for _, c := range cells {
			t.Run(c.String(), func(t *testing.T) {
				t.Parallel()
				h, err := shapes[c.shape](t, c).hold(t, c)
				if rows.note(c, h, err); err != nil {
					t.Error(err)
				}
			})
		}
	})
	rows.print(t)
}

// tally counts by history and container.
type tally struct {
	mu      sync.Mutex
	rows    map[string]*row
	reasons map[string]int
}

type row struct{ ok, failed, void, unshown, doubled int }

func (y *tally) row(c cell) *row {
	if y.rows == nil {
		y.rows, y.reasons = map[string]*row{}, map[string]int{}
	}
	key := c.shape + "/" + c.container
	if y.rows[key] == nil {
		y.rows[key] = &row{}
	}
	return y.rows[key]
}

func (y *tally) why(reason string) { y.reasons[reason]++ }

func (y *tally) note(c cell, h held, err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	r := y.row(c)
	if h.doubled {
		r.doubled++
	}
	if r.unshown += h.unshown; err != nil {
		r.failed++
	} else {
		r.ok++
	}
}

// print says what became of all cells.
func (y *tally) print(t *testing.T) {
	t.Helper()
	var sum row
	text := fmt.Sprintf("%-14s %-4s %6s %6s %6s\n", "matrix", "", "ok", "failed", "void")
	for _, h := range histories {
		for _, k := range containers {
			if r := y.rows[h+"/"+k]; r != nil {
				text += fmt.Sprintf("%-14s %-4s %6d %6d %6d\n", h, k, r.ok, r.failed, r.void)
				sum = row{sum.ok + r.ok, sum.failed + r.failed, sum.void + r.void, sum.unshown + r.unshown, sum.doubled + r.doubled}
			}
		}
	}
	text += fmt.Sprintf("%-19s %6d %6d %6d\n", "in all", sum.ok, sum.failed, sum.void)
	for _, why := range slices.Sorted(maps.Keys(y.reasons)) {
		text += fmt.Sprintf("void, %d: %s\n", y.reasons[why], why)
	}
	text += fmt.Sprintf("exempt: %d pictures that a decoder does not show where H.264 is joined at a picture that is no IDR\n", sum.unshown)
	text += fmt.Sprintf("exempt: %d cells in which the plan has the overlap of two writers twice; the joiner, told of it, has it once\n", sum.doubled)
	t.Logf("\n%s", text)
	if name := os.Getenv("RECFIN_MATRIX_TABLE"); name != "" {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	if sum.ok+sum.failed == 0 {
		t.Error("no cell was run")
	}
}

// The cover has every pair of values that exists, in few cells.
func TestCover(t *testing.T) {
	all := slices.DeleteFunc(every(), func(c cell) bool { return c.void() != "" })
	few := pairwise(all)
	if len(few) > 120 {
		t.Errorf("%d cells", len(few))
	}
	have := map[string]bool{}
	for _, c := range few {
		for _, p := range c.pairs() {
			have[p] = true
		}
	}
	for _, c := range all {
		for _, p := range c.pairs() {
			if !have[p] {
				t.Fatalf("%s of %s is in no cell", p, c)
			}
		}
	}
	t.Logf("%d of %d cells", len(few), len(all))
}
