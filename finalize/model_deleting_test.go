package finalize_test

import (
	"testing"
	"time"

	"recfin/store/mem"
)

// deletingScenes are runs that delete what is due, and what comes between.
func deletingScenes() []modelScene {
	return []modelScene{
		{
			name: "the winner is overwritten while its copy is deleted",
			begin: func(t testing.TB) stock {
				s := finalizedWith(day, later)(t)
				s.tolerates = refusing
				return s
			},
			cast: []performer{
				one("deleter", runWith(later)),
				one("writer", uploads("foo/A/720p/2.ts", another.segment(2))),
				one("finalizer", runWith(asBoth, later)),
			},
		}, {
			name: "the winner is taken away while its copy is deleted",
			begin: func(t testing.TB) stock {
				s := finalizedWith(day, later)(t)
				s.tolerates = refusing
				return s
			},
			cast: []performer{
				one("deleter", runWith(later)),
				one("somebody", removes("foo/A/720p/2.ts")),
			},
		}, {
			name: "a writer starts over",
			begin: func(t testing.TB) stock {
				s := finalizedWith(day, later)(t)
				s.tolerates = refusing
				return s
			},
			cast: []performer{
				one("deleter", runWith(later, hasty)),
				one("writer", uploads("foo/B/720p/0.ts", another.segment(0)), waits(6*time.Minute), uploads("foo/B/720p/1.ts", another.segment(1)), waits(6*time.Minute), uploads("foo/B/720p/2.ts", another.segment(2))),
			},
		}, {
			name: "a store that is deaf to conditions",
			begin: func(t testing.TB) stock {
				s := finalizedWith(day, later)(t)
				s.tolerates, s.opt = refusing, mem.Options{IgnoreDeleteIf: true, IgnoreBatchIf: true}
				return s
			},
			cast: []performer{
				one("deleter", runWith(later)),
				one("writer", uploads("foo/B/720p/2.ts", another.segment(2))),
			},
		}, {
			name:  "the same bytes come again",
			begin: finalizedWith(day, later),
			cast: []performer{
				one("deleter", runWith(later, hasty)),
				one("writer", uploads("foo/B/720p/2.ts", high.segment(2)), waits(time.Hour)),
				one("deleter too", runWith(later, hasty)),
			},
			last: finally(),
		}, {
			name:  "a playlist of others comes",
			begin: func(t testing.TB) stock { return finalizedWith(day, later)(t) },
			cast: []performer{
				one("deleter", runWith(later)),
				one("player", uploads("foo/B/720p/live.m3u8", []byte("#EXTM3U\n#EXTINF:2,\n2.ts\n"))),
			},
			last: finally(),
		}, {
			name:  "a playlist of others comes before the mark",
			begin: func(testing.TB) stock { return tiny().stands() },
			cast: []performer{
				one("finalizer", runWith(later)),
				one("player", uploads("foo/B/720p/live.m3u8", []byte("#EXTM3U\n#EXTINF:2,\n2.ts\n"))),
			},
			last: finally(),
		}, {
			name:  "somebody keeps what is due",
			begin: finalizedWith(day, later),
			cast:  []performer{one("deleter", runWith(later)), one("keeper", keeps()), one("deleter too", runWith(later))},
			last:  finally(),
		}, {
			name:  "marked, and on air again",
			begin: finalizedWith(day, later),
			cast: []performer{
				one("deleter", runWith(later)),
				one("writer", uploads("foo/B/720p/4.ts", high.segment(4)), waits(time.Minute)),
				one("forced", runWith(later, forcing)),
			},
			last: finally(),
		}, {
			name:  "marked just now",
			begin: func(testing.TB) stock { return tiny().stands() },
			cast: []performer{
				one("first", runWith(later), waits(time.Hour), runWith(later)),
				one("second", runWith(later), waits(22*time.Hour), runWith(later)),
			},
			last: finally(),
		},
	}
}
