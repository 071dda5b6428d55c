package timeline

import (
	"slices"
	"testing"
	"time"
)

// inStore moves segments to a store, in which they were uploaded later.
func inStore(store string, later time.Duration, segs []flat) []flat {
	for i := range segs {
		s := &segs[i]
		s.Store, s.ETag, s.Uploaded = store, s.ETag+store, s.Uploaded.Add(later)
	}
	return segs
}

// A node was started again over its old keys in one store, and another store
// still has the old ones: nothing of either stream is dropped but copies.
func TestRestartWithOldKeysInAnotherStore(t *testing.T) {
	for _, rendition := range []string{"source", "720p"} {
		for _, clock := range []time.Duration{0, 5 * time.Hour} {
			for _, pause := range []time.Duration{2 * time.Minute, 3 * time.Hour} {
				old := func(from int64) []flat {
					at := time.Duration(from) * two
					return feed{nonce: "A", rendition: rendition, from: from, to: 49, at: at, clock: at}.make()
				}
				anew := feed{nonce: "A", rendition: rendition, stream: "b", to: 29, at: seconds(100) + pause, clock: clock}.make()
				for _, stores := range [][2]string{{"p", "q"}, {"q", "p"}} {
					segs := slices.Concat(inStore(stores[0], 0, anew), inStore(stores[0], 0, old(30)), inStore(stores[1], 0, old(0)))
					tl, _ := plan(t, segs, defaults)
					n := 0
					for _, s := range tl.Sessions {
						n += len(s.Slots)
					}
					if n != 80 || len(tl.Dropped) != 20 {
						t.Fatalf("%s, clock %v, %v later: %s\n%s %+v", rendition, clock, pause, show(segs, tl), drops(segs, tl), tl.Uncertain)
					}
					for _, d := range tl.Dropped {
						if d.Reason != Identical {
							t.Errorf("%+v", d)
						}
					}
				}
			}
		}
	}
}

// A store that was copied a day later, or has what another lacks, is no second
// stream, however its ETags are made.
func TestMirrorAndBackup(t *testing.T) {
	day1 := feed{nonce: "A", to: 39}.make()
	mirror := inStore("q", 24*time.Hour, feed{nonce: "A", to: 39}.make())
	segs := slices.Concat(inStore("p", 0, day1), mirror)
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("A", 0, 39)+" ]" || len(tl.Uncertain) > 0 || len(tl.Dropped) != 40 || !tl.Dropped[0].Leftover {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
	var half [2][]flat
	for i, s := range (feed{nonce: "A", to: 39}).make() {
		half[i*7/3%2] = append(half[i*7/3%2], s)
	}
	segs = slices.Concat(inStore("p", 0, half[0]), inStore("q", 5*time.Minute, half[1]))
	if tl, _ = plan(t, segs, defaults); show(segs, tl) != "["+seqs("A", 0, 39)+" ]" || len(tl.Uncertain) > 0 {
		t.Errorf("%s %+v", show(segs, tl), tl.Uncertain)
	}
}
