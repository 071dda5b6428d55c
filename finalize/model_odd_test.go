package finalize_test

import (
	"errors"
	"testing"
	"time"

	"recfin/finalize"
)

// oddScenes are damage, settings that come back, and stores that spoil.
func oddScenes() []modelScene {
	return []modelScene{
		{
			name: "playlists lose a segment",
			begin: func(t testing.TB) stock {
				w := tiny()
				mustRun(t, modelSettings(w, keeping), "foo")
				w.Set("foo/B/720p/4.ts", high.segment(4), w.clock.now(), nil)
				w.Set("foo/A/720p/1.ts", another.segment(1), w.clock.now(), nil)
				w.lay("foo/C/720p", feed{Content: "the evening", Width: 1280, Height: 720}, 0, 2, 4*time.Hour)
				w.clock.advance(4 * time.Hour)
				s := w.stands()
				s.tolerates = refusing
				return s
			},
			cast: []performer{one("hls", runWith()), one("mp4", runWith(asMP4, forcing))},
		}, {
			name: "settings are rolled back",
			begin: func(testing.TB) stock {
				w := tiny()
				w.lay("foo/C/720p", feed{Content: "the evening", Width: 1280, Height: 720}, 0, 2, 100*time.Minute)
				s := w.stands()
				s.now = onAir.Add(110 * time.Minute)
				return s
			},
			cast: []performer{
				mortal("hasty, patient, hasty", runWith(hasty), runWith(), waits(time.Hour), runWith(hasty)),
				one("patient", runWith(), runWith(asBoth)),
			},
			last: finally(asBoth),
		}, {
			name: "a store that spoils a body",
			begin: func(testing.TB) stock {
				s := tiny().stands()
				s.spoils = spoilsOne
				s.tolerates = func(err error) bool { return errors.Is(err, finalize.ErrVerify) || errors.Is(err, finalize.ErrRefused) }
				return s
			},
			cast: []performer{one("first", runWith()), one("second", runWith(asMP4))},
		}, {
			name: "a store that spoils a movie",
			begin: func(testing.TB) stock {
				s := tiny().stands()
				s.spoils = spoilsPicture
				s.tolerates = func(err error) bool { return errors.Is(err, finalize.ErrVerify) || errors.Is(err, finalize.ErrRefused) }
				return s
			},
			cast: []performer{one("first", runWith(asMP4)), one("second", runWith(asSources))},
		},
	}
}

// sourceScenes are recordings of which the sources go.
func sourceScenes() []modelScene {
	return []modelScene{
		{
			name: "sources go",
			begin: func(testing.TB) stock {
				s := tiny().stands()
				s.tolerates = refusing // playlists cannot be had any more
				return s
			},
			cast: []performer{
				mortal("sources", runWith(asSources), runWith(asSources)),
				one("playlists", runWith(asHLS)),
				one("writer", uploads("foo/B/720p/4.ts", high.segment(4)), waits(time.Hour)),
			},
			last: finally(asMP4),
		}, {
			name: "sources are marked",
			begin: func(t testing.TB) stock {
				s := finalizedWith(day, later, asSources)(t)
				s.tolerates = refusing
				return s
			},
			cast: []performer{
				one("sources", runWith(later, asSources)),
				one("leftovers, playlists", runWith(later), runWith(later, asMP4)),
				one("writer", uploads("foo/B/720p/4.ts", high.segment(4)), waits(time.Hour), uploads("foo/A/720p/1.ts", high.segment(1)), waits(time.Hour)),
			},
			last: finally(asMP4),
		}, {
			name: "sources that playlists name",
			begin: func(t testing.TB) stock {
				s := finalizedWith(day, asBoth)(t)
				s.tolerates = refusing
				return s
			},
			cast: []performer{one("sources", runWith(asSources), runWith(asSources)), one("leftovers", runWith(asBoth))},
			last: finally(asBoth),
		},
	}
}
