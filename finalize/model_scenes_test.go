package finalize_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
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
	return slices.Concat(rivalScenes(), deletingScenes(), oddScenes(), sourceScenes())
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
