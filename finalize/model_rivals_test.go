package finalize_test

import (
	"testing"
	"time"
)

// rivalScenes are two runs, and others, at one recording.
func rivalScenes() []modelScene {
	return []modelScene{
		{
			name:  "two finalizers, nothing there",
			begin: func(testing.TB) stock { return tiny().stands() },
			cast:  []performer{one("hls, leftovers", runWith()), one("both, none", runWith(asBoth, keeping))},
			last:  finally(asBoth),
		}, {
			name: "two finalizers, late segments",
			begin: func(t testing.TB) stock {
				w := tiny()
				mustRun(t, modelSettings(w, keeping), "foo")
				w.Set("foo/B/720p/4.ts", high.segment(4), w.clock.now(), nil)
				w.clock.advance(time.Hour)
				return w.stands()
			},
			cast: []performer{one("hls, leftovers", runWith()), one("mp4, leftovers", runWith(asMP4)), one("writer", uploads("foo/B/720p/5.ts", high.segment(5)))},
			last: finally(asBoth),
		}, {
			name: "a late writer before the first segment",
			begin: func(testing.TB) stock {
				w := tiny()
				s := w.stands()
				delete(s.all, "foo/A/720p/0.ts")
				return s
			},
			cast: []performer{
				one("hls, leftovers", runWith()),
				one("writer", uploads("foo/A/720p/0.ts", high.segment(0)), waits(time.Hour)),
				one("mp4, leftovers", runWith(asMP4)),
			},
			last: finally(asBoth),
		}, {
			name:  "one dies and comes again with other settings",
			begin: func(testing.TB) stock { return tiny().stands() },
			cast: []performer{
				mortal("hls, then both", runWith(), runWith(asBoth), runWith()),
				one("mp4", runWith(asMP4)),
			},
			last: finally(asBoth),
		}, {
			name: "a recording grows under two",
			begin: func(t testing.TB) stock {
				w := tiny()
				mustRun(t, modelSettings(w), "foo")
				w.clock.advance(time.Hour)
				return w.stands()
			},
			cast: []performer{
				one("first", runWith(hasty), runWith(hasty)),
				one("writer", uploads("foo/B/720p/4.ts", high.segment(4)), waits(10*time.Minute), uploads("foo/B/720p/5.ts", high.segment(5)), waits(time.Hour)),
				mortal("second", runWith(hasty), runWith(hasty)),
			},
			last: finally(),
		}, {
			name: "on air, and forced",
			begin: func(testing.TB) stock {
				w := tiny()
				w.clock.set(uploaded(3).Add(time.Minute))
				return w.stands()
			},
			cast: []performer{
				one("forced", runWith(forcing), runWith(forcing)),
				one("writer", uploads("foo/B/720p/4.ts", high.segment(4)), waits(time.Hour)),
				one("patient", runWith()),
			},
			last: finally(),
		}, {
			name: "a rendition is left out",
			begin: func(t testing.TB) stock {
				w := tiny()
				w.lay("foo/A/360p", low, 0, 2, 0)
				w.lay("foo/B/360p", low, 2, 3, 3*time.Second)
				mustRun(t, modelSettings(w, asHLS), "foo")
				w.Set("foo/B/720p/4.ts", high.segment(4), w.clock.now(), nil)
				w.Set("foo/B/360p/4.ts", low.segment(4), w.clock.now(), nil)
				w.clock.advance(time.Hour)
				return w.stands()
			},
			cast: []performer{
				one("all", runWith()),
				one("without 360p", runWith(without360)),
			},
			last: finally(),
		},
	}
}
