package finalize_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/golden"
	"recfin/store"
	"recfin/store/mem"
)

// A golden case is what stores hold (objects.txt), what the sidecars in them say
// (sidecars.txt), and the plan that is expected (want.plan), to be read beside
// each other in testdata/cases/NAME. They hold nothing that depends on the
// version of an encoder: no sizes of its output and no ETags.
func goldenCase(t *testing.T, name string, cfg finalize.Config, recording string, stores ...*world) *finalize.Report {
	t.Helper()
	var objects, sidecars strings.Builder
	for _, w := range stores {
		if len(stores) > 1 {
			fmt.Fprintf(&objects, "%s\n", w.Label())
		}
		all := w.Snapshot()
		for _, key := range slices.Sorted(maps.Keys(all)) {
			fmt.Fprintf(&objects, "%s %s\n", all[key].Modified.Format("2006-01-02T15:04:05.000Z"), key)
			if strings.HasSuffix(key, ".json") || strings.HasSuffix(key, ".m3u8") {
				fmt.Fprintf(&sidecars, "== %s%s\n%s\n", w.Label(), key, strings.TrimSpace(string(all[key].Body)))
			}
		}
	}
	golden.Check(t, "cases/"+name+"/objects.txt", objects.String())
	if sidecars.Len() > 0 {
		golden.Check(t, "cases/"+name+"/sidecars.txt", sidecars.String())
	}
	r := mustPlan(t, cfg, recording)
	golden.Check(t, "cases/"+name+"/want.plan", decisionText(r))
	everyObjectOnce(t, r, stores...)
	return r
}

// laid gives settings for a layout that write playlists and delete nothing.
func laid(t testing.TB, name string, sources ...store.Store) finalize.Config {
	t.Helper()
	l, err := layout.Parse(name, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return with(only(sources[0], finalize.Formats{HLS: true}), func(c *finalize.Config) {
		c.Sources, c.Out, c.Layouts = sources, sources[0], []*layout.Layout{l}
	})
}

// decisionText is the decision of a plan, a line a fact.
func decisionText(r *finalize.Report) string {
	var b strings.Builder
	p := r.Plan
	fmt.Fprintf(&b, "%s: %s\n", p.Recording, p.Status)
	for i := range p.Sessions {
		rec := p.Sessions[i].Record
		fmt.Fprintf(&b, "session %s: %s to %s, %d slots\n", rec.Session, rec.Start.Round(coarse).Format(wallForm), rec.End.Round(coarse).Format(wallForm), len(rec.Slots.Seq))
		for k := range rec.Renditions {
			renditionText(&b, rec, &rec.Renditions[k])
		}
		for _, h := range rec.Holes {
			fmt.Fprintf(&b, "  hole %s after %d before %d: %s\n", h.Rendition, h.AfterSeq, h.BeforeSeq, time.Duration(h.DurationNS).Round(coarse))
		}
	}
	for _, d := range p.Dropped {
		fmt.Fprintf(&b, "dropped %s%s%s: %s", d.Store, d.Key, partText(d.Part.Offset, d.Part.Length), d.Reason)
		if d.Kept != "" {
			fmt.Fprintf(&b, ", kept %s", d.Kept)
		}
		if d.Leftover {
			b.WriteString(", a leftover")
		}
		b.WriteByte('\n')
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "note %s: %s: %s\n", n.What, strings.Join(n.Keys, " "), n.Why)
	}
	for _, u := range p.Uncertain {
		fmt.Fprintf(&b, "uncertain %s: %s: %s\n", u.What, strings.Join(u.Keys, " "), u.Why)
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning %s\n", w)
	}
	for _, o := range p.Beside {
		fmt.Fprintf(&b, "beside %s%s\n", o.Store, o.Key)
	}
	for _, o := range p.Unknown {
		fmt.Fprintf(&b, "unknown %s%s\n", o.Store, o.Key)
	}
	return b.String()
}

// Times of a golden plan are rounded: how long an encoder's frames last to the
// millisecond depends on its version.
const (
	wallForm = "2006-01-02T15:04:05.00Z"
	coarse   = 10 * time.Millisecond
)

func renditionText(b *strings.Builder, rec *finalize.Record, q *finalize.RenditionRecord) {
	fmt.Fprintf(b, "  %s\n", q.Name)
	for i := range q.Key {
		mark := "  "
		if slices.Contains(rec.Slots.Discontinuity, q.Slot[i]) {
			mark = "| "
		}
		wall := rec.Start.Add(time.Duration(rec.Slots.StartNS[q.Slot[i]]))
		fmt.Fprintf(b, "    %s%3d  no. %-4d %s %5.2f s (%s)  %s%s%s", mark, q.Slot[i], q.Seq[i], wall.Round(coarse).Format("15:04:05.00"),
			time.Duration(q.DurationNS[i]).Seconds(), q.Source[i], q.Store[i], q.Key[i], partText(q.Part(i).Offset, q.Part(i).Length))
		if i < len(q.Init) && q.Init[i] > 0 {
			n := q.Init[i] - 1
			fmt.Fprintf(b, "  init %s%s", rec.Inits.Key[n], partText(rec.Inits.Part(n).Offset, rec.Inits.Part(n).Length))
		}
		if i < len(q.Header) && q.Header[i] > 0 {
			b.WriteString("  with a moov of its own")
		}
		b.WriteByte('\n')
	}
}

// partText marks a part of an object. Where it lies depends on the encoder.
func partText(_, length int64) string {
	if length == 0 {
		return ""
	}
	return " (part)"
}

// everyObjectOnce holds that every listed object is chosen, dropped, beside the
// segments or unknown, and only one of these (I6, I10).
func everyObjectOnce(t tester, r *finalize.Report, stores ...*world) {
	t.Helper()
	class := map[place]string{}
	put := func(label, key, as string) {
		if had := class[place{label, key}]; had != "" && had != as && had != "chosen" {
			t.Errorf("%s%s is %s and %s", label, key, had, as)
		} else if had == "" {
			class[place{label, key}] = as
		}
	}
	for _, s := range r.Plan.Sessions {
		for _, q := range s.Record.Renditions {
			for i := range q.Key {
				put(q.Store[i], q.Key[i], "chosen")
			}
		}
	}
	for _, d := range r.Plan.Dropped {
		put(d.Store, d.Key, "dropped")
	}
	for _, o := range r.Plan.Beside {
		put(o.Store, o.Key, "beside")
	}
	for _, o := range r.Plan.Unknown {
		put(o.Store, o.Key, "unknown")
	}
	n := 0
	for _, w := range stores {
		for key := range w.Snapshot() {
			if strings.HasPrefix(key, outPath) || strings.HasPrefix(key, store.Private) {
				continue
			}
			n++
			if class[place{w.Label(), key}] == "" {
				t.Errorf("%s%s is nowhere in the plan", w.Label(), key)
			}
		}
	}
	if len(class) != n {
		t.Errorf("%d objects in the plan, %d in the stores", len(class), n)
	}
}

// everyByteOnce holds that no two chosen segments have a byte in common.
func everyByteOnce(t tester, r *finalize.Report) {
	t.Helper()
	type span struct{ from, to int64 }
	seen := map[place][]span{}
	for _, s := range r.Plan.Sessions {
		for _, q := range s.Record.Renditions {
			for i := range q.Key {
				at, p := span{0, q.Size[i]}, place{q.Store[i], q.Key[i]}
				if part := q.Part(i); part.Length > 0 {
					at = span{part.Offset, part.Offset + part.Length}
				}
				for _, x := range seen[p] {
					if at.from < x.to && x.from < at.to {
						t.Errorf("%s is chosen twice: bytes %d to %d and %d to %d", p.key, x.from, x.to, at.from, at.to)
					}
				}
				seen[p] = append(seen[p], at)
			}
		}
	}
}

// place is a key of one store.
type place struct{ store, key string }

// named puts a world of another name beside w, with its clock.
func (w *world) named(name string) *world {
	return &world{mem.New(mem.Options{Name: name, Clock: w.clock.now}), w.clock}
}
