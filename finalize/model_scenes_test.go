package finalize_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// modelScene is a recording in some state, and those who work on it.
type modelScene struct {
	name  string
	begin func(t testing.TB) stock
	cast  []performer
	// last are the settings of the runs that come when all is quiet; nil: the scene
	// may end damaged, and the laws of each step are all that is held.
	last func(store.Store) finalize.Config
}

// stands makes a stock of a world.
func (w *world) stands() stock {
	all := sources(w.Snapshot())
	for key, e := range w.Snapshot() {
		if !isSource(key) && len(key) > len(private) && key[:len(private)] != private {
			all[key] = e
		}
	}
	return stock{all: all, now: w.clock.now()}
}

// tiny is a broadcast that B took over from A: both have segment 2.
func tiny() *world {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 2, 0)
	w.lay("foo/B/720p", high, 2, 3, 3*time.Second)
	return w
}

// modelSettings are those of the scenes, before they are changed.
func modelSettings(s store.Store, changes ...func(*finalize.Config)) finalize.Config {
	c := settings(s)
	c.MaxDeletePercent, c.Formats = 100, finalize.Formats{HLS: true}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func asHLS(c *finalize.Config)      { c.Formats = finalize.Formats{HLS: true} }
func asMP4(c *finalize.Config)      { c.Formats = finalize.Formats{MP4: true} }
func asSources(c *finalize.Config)  { asMP4(c); c.Delete = finalize.DeleteSources }
func asBoth(c *finalize.Config)     { c.Formats = finalize.Formats{HLS: true, MP4: true} }
func keeping(c *finalize.Config)    { c.Delete = finalize.DeleteNone }
func forcing(c *finalize.Config)    { c.Force = true }
func hasty(c *finalize.Config)      { c.Settle, c.SessionGap = 5*time.Minute, 5*time.Minute }
func without360(c *finalize.Config) { c.Selection.Exclude = []string{"360p"} }

// runWith is a run with changed settings.
func runWith(changes ...func(*finalize.Config)) act {
	return runs(func(p *process) finalize.Config { return modelSettings(p, changes...) })
}

// finally gives the settings of the quiet runs.
func finally(changes ...func(*finalize.Config)) func(store.Store) finalize.Config {
	return func(s store.Store) finalize.Config { return modelSettings(s, changes...) }
}

// refusing tolerates that a human is called.
func refusing(err error) bool { return errors.Is(err, finalize.ErrRefused) }

func one(name string, acts ...act) performer { return performer{name: name, acts: acts} }

func mortal(name string, acts ...act) performer { return performer{name, acts, true} }

// finalizedWith is tiny after runs with these settings, and some time later.
func finalizedWith(later time.Duration, changes ...func(*finalize.Config)) func(testing.TB) stock {
	return func(t testing.TB) stock {
		w := tiny()
		mustRun(t, modelSettings(w, changes...), "foo")
		w.clock.advance(later)
		return w.stands()
	}
}

var another = feed{Content: "another", Width: 1280, Height: 720}

// modelScenes are played in this order. Where a rule is switched off, one of them
// finds it.
func modelScenes() []modelScene {
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
			name: "playlists lose a segment",
			begin: func(t testing.TB) stock {
				w := tiny()
				mustRun(t, modelSettings(w, keeping), "foo")
				w.Set("foo/B/720p/4.ts", high.segment(4), w.clock.now(), nil)
				w.Set("foo/A/720p/1.ts", another.segment(1), w.clock.now(), nil)
				w.clock.advance(time.Hour)
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
		}, {
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

// spoilsOne gives a function that spoils the first body of some size.
func spoilsOne() func(string, []byte) []byte {
	done := false
	return func(_ string, body []byte) []byte {
		if done || len(body) < 100 {
			return body
		}
		done = true
		body = append([]byte(nil), body...)
		body[len(body)/2] ^= 1
		return body
	}
}

// spoilsPicture gives a function that spoils one picture of each movie.
func spoilsPicture() func(string, []byte) []byte {
	return func(key string, body []byte) []byte {
		at := bytes.Index(body, []byte("segment 2 picture 4"))
		if at < 0 || isSource(key) {
			return body
		}
		body = bytes.Clone(body)
		body[at] ^= 1
		return body
	}
}
