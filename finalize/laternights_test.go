package finalize_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// TestNightsDecideAlike: a broadcast of which parts come nights late is finalized
// night by night in two worlds: in one heads are read as segments are joined, in the
// other all of them before anything is written. Each night both have committed the same
// sessions of the same segments, for the same reasons, with the same bytes in the
// MP4s; the same sources are condemned, and the same are gone.
func TestNightsDecideAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := newWorld(false)
		whole.odd(t)
		nights := rapid.IntRange(2, 3).Draw(t, "nights")
		comes := heldBack(t, whole.Snapshot(), nights)
		later := &world{mem.New(mem.Options{Clock: whole.clock.now}), whole.clock}
		heads := later.clone()
		for night := range nights {
			at := onAir.Add(rapid.SampledFrom([]time.Duration{8 * time.Minute, 32 * time.Minute, 50 * time.Minute, 12 * time.Hour}).Draw(t, "begins"))
			whole.clock.set(at.Add(time.Duration(night) * day))
			for _, x := range comes[night] {
				later.Set(x.key, x.Body, x.Modified, nil)
				heads.Set(x.key, x.Body, x.Modified, nil)
			}
			before := later.Snapshot()
			label, cfg := fmt.Sprint("night ", night), laterSettings(t)
			got, gotErr := later.runs(cfg, (*finalize.Finalizer).Run)
			want, wantErr := heads.runs(cfg, (*finalize.Finalizer).RunWithHeads)
			after, other := later.Snapshot(), heads.Snapshot()
			if waitsLonger(after, other, got) {
				return
			}
			one, two := archived(t, after), archived(t, other)
			if one != two && len(want.Plan.Uncertain) > 0 {
				same(t, label+", segments of what is uncertain", chosenInOrder(got), chosenInOrder(want))
				same(t, label+", sources of what is uncertain", slices.Sorted(maps.Keys(sources(after))), slices.Sorted(maps.Keys(sources(other))))
				return
			}
			alike(t, label+", archive", one, two)
			if _, any := after[markerKey("foo")]; any { // a plan of which nothing comes may rest on guesses
				alike(t, label+", report", told(t, got, gotErr), told(t, want, wantErr))
				for _, problem := range want.Problems { // of what was joined in vain there may be more
					if !slices.Contains(got.Problems, problem) {
						t.Errorf("%s: nobody is told %q", label, problem)
					}
				}
			} else if got.Plan.Status != want.Plan.Status || (gotErr == nil) != (wantErr == nil) {
				t.Fatalf("%s: %s (%v), with all heads %s (%v)", label, got.Plan.Status, gotErr, want.Plan.Status, wantErr)
			}
			same(t, label+", sources", slices.Sorted(maps.Keys(sources(after))), slices.Sorted(maps.Keys(sources(other))))
			audit(t, before, after, "foo")
			grown(t, before, after)
		}
	})
}

// waitsLonger reports whether nothing is committed where guesses join a session to one
// that is on air, while with all heads something is. Nothing is lost by that: a later
// night commits it.
func waitsLonger(later, heads snapshot, r *finalize.Report) bool {
	_, one := later[markerKey("foo")]
	_, other := heads[markerKey("foo")]
	return !one && other && r.Plan.Status == finalize.NotSettled && r.Err == nil
}

// chosenInOrder are the segments of each rendition as they are chosen, and what is uncertain.
// There it is told by how much of a segment was read when a session began, to a second
// or so; and what was read depends on what was read before.
func chosenInOrder(r *finalize.Report) []string {
	var out []string
	for i := range r.Plan.Sessions {
		for _, q := range r.Plan.Sessions[i].Record.Renditions {
			out = append(out, fmt.Sprint(q.Name, q.Nonce, q.Seq))
		}
	}
	for _, u := range r.Plan.Uncertain {
		out = append(out, fmt.Sprint(u))
	}
	return out
}

// arrival is an object that comes on some night.
type arrival struct {
	key string
	mem.Entry
}

// heldBack deals what was uploaded out to nights: on all but the first some stretches
// come of which nothing was seen before, with the time of that day or, as copying
// tools leave it, that of their upload.
func heldBack(t *rapid.T, all snapshot, nights int) [][]arrival {
	keys := []string{}
	for key := range all {
		keys = append(keys, key)
	}
	number := func(key string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(path.Base(key), ".ts"))
		return n
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(path.Dir(a), path.Dir(b)), cmp.Compare(number(a), number(b)))
	})
	on := make([]int, len(keys))
	for night := 1; night < nights; night++ {
		for range rapid.IntRange(0, 4).Draw(t, "stretches held back") {
			from := rapid.IntRange(0, len(keys)-1).Draw(t, "held back from")
			for i := from; i < min(len(keys), from+rapid.SampledFrom([]int{1, 1, 4, 12, 30}).Draw(t, "held back")); i++ {
				on[i] = night
			}
		}
	}
	out := make([][]arrival, nights)
	old := rapid.Bool().Draw(t, "with the times of their upload")
	for i, key := range keys {
		x := arrival{key, all[key]}
		if !old {
			x.Modified = x.Modified.Add(time.Duration(on[i]) * day)
		}
		out[on[i]] = append(out[on[i]], x)
	}
	return out
}

// laterSettings gives settings for one night. MP4s are made each time, mostly alone.
func laterSettings(t *rapid.T) finalize.Config {
	c := settings(nil)
	c.MaxDeletePercent = 100
	c.Formats = rapid.SampledFrom([]finalize.Formats{{MP4: true}, {MP4: true}, {MP4: true}, {HLS: true, MP4: true}}).Draw(t, "formats")
	c.Delete = rapid.SampledFrom([]finalize.DeleteMode{finalize.DeleteNone, finalize.DeleteLeftovers, finalize.DeleteSources}).Draw(t, "delete")
	if c.Formats.HLS && c.Delete == finalize.DeleteSources {
		c.Delete = finalize.DeleteLeftovers
	}
	c.DeleteDelay = rapid.SampledFrom([]time.Duration{0, day}).Draw(t, "delay")
	c.Force = rapid.IntRange(0, 4).Draw(t, "force") == 0
	c.Selection.Exclude = slices.Clone(rapid.SampledFrom([][]string{nil, nil, nil, {"360p"}}).Draw(t, "exclude"))
	return c
}

// runs runs a new Finalizer in a world.
func (w *world) runs(cfg finalize.Config, run func(*finalize.Finalizer, context.Context, string) (*finalize.Report, error)) (*finalize.Report, error) {
	cfg.Sources = []store.Store{w}
	f, err := finalize.New(cfg)
	if err != nil {
		return nil, err
	}
	return run(f, context.Background(), "foo")
}

var anyVersion = regexp.MustCompile(`\b[0-9]+-[0-9a-f]{16}\b`)

// nameless takes the names of versions out: their hash is that of the plan that was
// carried out, which knows less where heads were not read, and what was written in vain
// has used numbers up. And what was
// looked at first decides of which segments more than the head is needed: so a length is
// told by the segment itself or by the begin of the next.
func nameless(s string) string {
	return strings.ReplaceAll(anyVersion.ReplaceAllString(s, "#"), `"neighbour"`, `"probe"`)
}

// told is what a run says of the recording, but for its own outputs.
func told(t tester, r *finalize.Report, err error) string {
	var out struct {
		Err, Why            string
		Status              finalize.Status
		Deleted, Kept, Lost []string
		Warnings            []string
		Sessions            []string
		Uncertain           []finalize.UncertainRow
	}
	p := r.Plan
	out.Err, out.Why, out.Status = fmt.Sprint(err), p.Why, p.Status
	for _, o := range r.Deleted {
		if !strings.HasPrefix(o.Key, outPath) {
			out.Deleted = append(out.Deleted, o.Key)
		}
	}
	for _, k := range r.Kept {
		if !strings.HasPrefix(k.Key, outPath) {
			out.Kept = append(out.Kept, k.Key+": "+k.Why)
		}
	}
	slices.Sort(out.Deleted)
	slices.Sort(out.Kept)
	for _, d := range p.Dropped {
		out.Lost = append(out.Lost, fmt.Sprintf("%s: %s, %s, kept %s, leftover %v", d.Key, d.Reason, d.Why, d.Kept, d.Leftover))
	}
	for _, s := range p.Sessions {
		out.Sessions = append(out.Sessions, fmt.Sprintf("%s: %s, %s", s.Record.Session, s.Action, s.Why))
	}
	out.Warnings, out.Uncertain = p.Warnings, p.Uncertain
	return pretty(t, out)
}

// archived is what a store holds of the recording for good, but for the names of
// versions and for what a run wrote in vain.
func archived(t tester, all snapshot) string {
	a := read(t, all, "foo")
	if a == nil {
		return ""
	}
	var out struct {
		Sessions []markerEntry
		Records  []json.RawMessage
		Movies   []string
		Sources  []string // that were condemned
		Seen     []string
	}
	for _, s := range a.Sessions {
		key := outPath + "foo/" + s.ID + "/" + s.Version + "/segments.json.gz"
		out.Records = append(out.Records, unzip(t, all[key].Body))
		for _, o := range a.records[s.ID].Outputs {
			out.Movies = append(out.Movies, o.Key+" "+hexSum(all[o.Key].Body))
		}
		s.Segments, s.Variants, s.Highest = "", nil, 0
		out.Sessions = append(out.Sessions, s)
	}
	for _, o := range a.condemned {
		if !strings.HasPrefix(o.Key, outPath) {
			out.Sources = append(out.Sources, fmt.Sprintf("%s %s, a source %v, kept %v", o.Key, o.ETag, a.sources[o], a.cancelled[o]))
		}
	}
	slices.Sort(out.Sources)
	out.Seen = slices.Sorted(slices.Values(a.seen))
	return pretty(t, out)
}

func pretty(t tester, v any) string {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return nameless(string(raw))
}

// alike fails unless both texts are the same, and shows where they are not.
func alike(t tester, what, later, before string) {
	t.Helper()
	if later == before {
		return
	}
	a, b := strings.Split(later, "\n"), strings.Split(before, "\n")
	k := 0
	for k < min(len(a), len(b)) && a[k] == b[k] {
		k++
	}
	around := func(lines []string) string { return strings.Join(lines[max(0, k-8):min(len(lines), k+5)], "\n") }
	t.Fatalf("%s, line %d:\n later %s\n before %s", what, k, around(a), around(b))
}
