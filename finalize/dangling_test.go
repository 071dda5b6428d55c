package finalize_test

import (
	"fmt"
	"path"
	"strings"

	"recfin/finalize"
	"recfin/finalize/playlist"
)

// watch holds of a store, after every single operation of any run, that no playlist
// which recfin wrote names what recfin deleted, and that nothing which the marker
// chose is lost. What somebody else overwrites or deletes he has to tell.
type watch struct {
	w       *world
	ever    map[objectVersion][]byte // every upload
	touched map[string]bool          // keys that somebody else overwrote or deleted
	named   map[string][]naming      // by playlist and its bytes
	held    map[string]bool          // by record and version
	looks   int                      // full looks
	deletes int                      // of inputs
	wrong   []string
}

// Helper, Error, Errorf, Fatal and Fatalf are those of a tester. An operation may run
// in a goroutine in which no test can be ended.
func (x *watch) Helper() {}

func (x *watch) Error(args ...any) { x.Errorf("%s", fmt.Sprint(args...)) }

func (x *watch) Errorf(format string, args ...any) {
	x.wrong = append(x.wrong, fmt.Sprintf(format, args...))
}

func (x *watch) Fatal(args ...any) { x.Fatalf("%s", fmt.Sprint(args...)) }

func (x *watch) Fatalf(format string, args ...any) {
	x.Errorf(format, args...)
	panic(enough{})
}

// enough ends a look.
type enough struct{}

// right fails where anything was wrong.
func (x *watch) right(t tester, what string) {
	t.Helper()
	for _, wrong := range x.wrong {
		t.Errorf("%s: %s", what, wrong)
	}
	x.wrong = nil
}

// naming is one reference of a playlist.
type naming struct {
	key string
	end int64 // bytes of it that are needed at least
}

func newWatch(w *world) *watch {
	return &watch{w: w, ever: map[objectVersion][]byte{}, touched: map[string]bool{}, named: map[string][]naming{}, held: map[string]bool{}}
}

// on gives the store with a look behind every operation that may change it.
func (x *watch) on() *hook {
	return &hook{Store: x.w, after: func(c call) {
		if c.mutation {
			x.after(c)
		}
	}}
}

// uploads takes note of what is there now.
func (x *watch) uploads() {
	for key, e := range x.w.Snapshot() {
		if !strings.HasPrefix(key, outPath) {
			x.ever[versionOf(x.w.Label(), key, e)] = e.Body
		}
	}
}

// references are what a playlist names, gaps left out, by a strict reading.
func (x *watch) references(key string, body []byte) []naming {
	id := key + "\n" + string(body)
	if had, ok := x.named[id]; ok {
		return had
	}
	var out []naming
	add := func(uri string, r playlist.ByteRange) {
		if uri != "" {
			out = append(out, naming{playlist.Resolve(key, uri)[0], max(1, r.Offset+r.Length)})
		}
	}
	var findings []playlist.Finding
	if path.Base(key) == "index.m3u8" {
		var m *playlist.MultiText
		m, findings = playlist.ParseMultivariant(key, body)
		for _, v := range append(m.Variants, m.IFrames...) {
			add(v.URI, playlist.ByteRange{})
		}
		for _, v := range m.Media {
			add(v.URI, playlist.ByteRange{})
		}
	} else {
		var m *playlist.MediaText
		m, findings = playlist.ParseMedia(key, body)
		for _, s := range m.Segments {
			if s.Map != nil {
				add(s.Map.URI, s.Map.Range)
			}
			if !s.Gap {
				add(s.URI, s.Range)
			}
		}
	}
	for _, f := range findings {
		if f.Severity == playlist.Error {
			x.Errorf("%s: %v", key, f)
		}
	}
	x.named[id] = out
	return out
}

// after looks at what an operation has made of the store.
func (x *watch) after(c call) {
	defer func() {
		if r := recover(); r != nil && r != (enough{}) {
			panic(r)
		}
	}()
	all := x.w.Snapshot()
	if c.op == "delete" && !strings.HasPrefix(c.key, outPath) {
		if _, there := all[c.key]; !there {
			x.deletes++
			x.gone(all, c.key)
		}
	}
	x.look(all, c)
}

// gone holds that no playlist at all names an input that went: not those of versions
// that were superseded or never committed either.
func (x *watch) gone(all snapshot, victim string) {
	for key, e := range all {
		if !strings.HasPrefix(key, outPath) || path.Ext(key) != ".m3u8" {
			continue
		}
		for _, n := range x.references(key, e.Body) {
			if n.key == victim {
				x.Errorf("%s is deleted, and %s names it", victim, key)
			}
		}
	}
}

// look holds everything against everything, if a marker, a door or the keys have
// changed since the last time.
func (x *watch) look(all snapshot, c call) {
	if c.op != "delete" && c.key != markerKey("foo") && path.Base(c.key) != "index.m3u8" {
		return // it adds a name that nothing leads to yet
	}
	if strings.HasPrefix(c.key, private) {
		return
	}
	x.looks++
	a := read(x, all, "foo")
	condemned := map[objectVersion]bool{}
	if a != nil {
		for _, o := range a.condemned {
			condemned[o] = true
		}
	}
	for key, e := range all { // what players come to by the doors
		if strings.HasPrefix(key, outPath) && path.Base(key) == "index.m3u8" {
			for _, n := range x.references(key, e.Body) {
				x.plays(all, n.key, a, condemned)
			}
		}
	}
	if a == nil {
		return
	}
	for id, r := range a.records {
		for _, o := range r.Outputs {
			if e := all[o.Key]; (e.ETag != o.ETag || int64(len(e.Body)) != o.Size) && !x.touched[o.Key] {
				x.Errorf("output %s of session %s is not what it was", o.Key, id)
			}
			if o.Kind == "hls" || o.Kind == "iframes" {
				x.plays(all, o.Key, a, condemned)
			}
		}
		x.chosen(all, a, id, condemned)
	}
}

// plays holds that all is there that a media playlist names, and, if it is that of a
// version which stands, that none of it is condemned.
func (x *watch) plays(all snapshot, list string, a *archive, condemned map[objectVersion]bool) {
	e, ok := all[list]
	if !ok {
		x.Errorf("%s is led to, and is not there", list)
		return
	}
	for _, n := range x.references(list, e.Body) {
		if x.touched[n.key] {
			continue
		}
		media, ok := all[n.key]
		switch {
		case !ok:
			x.Errorf("%s names %s, which is not there", list, n.key)
		case int64(len(media.Body)) < n.end:
			x.Errorf("%s names %d bytes of %s, which has %d", list, n.end, n.key, len(media.Body))
		case a != nil && a.has(list) && condemned[versionOf(x.w.Label(), n.key, media)]:
			x.Errorf("%s names %s, which is condemned", list, n.key)
		}
	}
}

// chosen holds that every segment of a session is there as it was uploaded, and not
// condemned, or that outputs which are there hold it.
func (x *watch) chosen(all snapshot, a *archive, id string, condemned map[objectVersion]bool) {
	for _, q := range a.records[id].Renditions {
		for _, v := range q.versions() {
			if e, ok := all[v.Key]; ok && versionOf(x.w.Label(), v.Key, e) == v && !condemned[v] {
				continue
			}
			if x.touched[v.Key] && !a.sources[v] {
				continue
			}
			if !a.sources[v] {
				x.Errorf("%s of session %s is gone or condemned, and not as a source", v.Key, id)
				continue
			}
			key := fmt.Sprint(id, a.sessionOf(id).Segments, v)
			if x.held[key] {
				continue
			}
			body, ok := x.ever[v]
			if !ok {
				x.Fatalf("nobody uploaded %+v", v)
			}
			if why := missingIn(body, x.outputs(all, a, id)); why != "" {
				x.Errorf("%s went as a source, and no output of session %s has %s", v.Key, id, why)
			}
			x.held[key] = true
		}
	}
}

// outputs are the bodies of the media that a session has for itself.
func (x *watch) outputs(all snapshot, a *archive, id string) [][]byte {
	var bodies [][]byte
	for _, o := range a.records[id].Outputs {
		if e, ok := all[o.Key]; ok && o.Kind != "hls" && o.Kind != "iframes" {
			bodies = append(bodies, e.Body)
		}
	}
	return bodies
}

// sessionOf is the entry of a session.
func (a *archive) sessionOf(id string) markerEntry {
	for _, s := range a.Sessions {
		if s.ID == id {
			return s
		}
	}
	return markerEntry{}
}

// hlsModes are the ways to have a recording: three of playlists, and a file.
var hlsModes = []string{"reference", "copy", "single", "mp4"}

// inMode asks for one of them.
func inMode(c *finalize.Config, mode string) {
	c.Formats = finalize.Formats{MP4: true}
	if mode != "mp4" {
		c.Formats, c.HLS = finalize.Formats{HLS: true}, finalize.HLSMode(mode)
	}
}
