package finalize

import (
	"context"
	"fmt"
	"strings"
	"time"

	"recfin/finalize/playlist"
	"recfin/internal/bug"
	"recfin/store"
)

// reading is one session that is read back.
type reading struct {
	*checker
	e    *MarkerSession
	rec  *Record // nil: it cannot be read
	seen *VerifiedSession

	doors []*doorFile
	byKey map[string]*Output
	texts map[string]*mediaFile // media and I-frame playlists, by key
	there sighted               // in the store of outputs: what is named, and the outputs
	// intact are the outputs that are there as the record has them.
	intact map[string]bool
	stand  *bool // see sourcesStand

	inits    map[mapID][]byte // those that were read
	blamed   map[mapID]bool   // of which something was found
	summedUp map[string]bool  // outputs whose checksum was seen while their media were read
}

// mapID is an init segment as playlists name it.
type mapID struct {
	key            string
	offset, length int64
}

// session reads one session back, the way that a client goes: its door, the
// playlists that this names, what those name.
func (k *checker) session(ctx context.Context, e *MarkerSession) error {
	k.j.notify(Event{Stage: StageVerify, Detail: e.ID})
	k.v.Sessions = append(k.v.Sessions, VerifiedSession{ID: e.ID, Version: e.Version})
	r := &reading{
		checker: k, e: e, rec: k.c.record[e.ID], seen: &k.v.Sessions[len(k.v.Sessions)-1], texts: map[string]*mediaFile{},
		intact: map[string]bool{}, inits: map[mapID][]byte{}, blamed: map[mapID]bool{}, summedUp: map[string]bool{},
	}
	if err := r.entry(); err != nil {
		return err
	}
	if err := r.readDoors(ctx); err != nil {
		return err
	}
	if err := r.readTexts(ctx); err != nil {
		return err
	}
	if err := r.lookAround(ctx); err != nil {
		return err
	}
	if r.rec != nil {
		if err := r.outputs(ctx); err != nil {
			return err
		}
	}
	if err := r.references(ctx); err != nil {
		return err
	}
	r.lint()
	r.rows()
	return r.media(ctx)
}

// media reads what the files of a session hold.
func (r *reading) media(ctx context.Context) error {
	for _, key := range sortedKeys(r.texts) { // what is to come
		m := r.texts[key]
		if n := r.toProbe(m); n > 0 {
			r.j.notify(Event{Stage: StageVerify, Detail: m.key, Total: n, Unit: UnitSegments})
		}
	}
	for _, key := range sortedKeys(r.texts) {
		m := r.texts[key]
		var err error
		switch {
		case m.text == nil:
		case !m.text.IFramesOnly:
			err = r.probe(ctx, m)
		case r.opt.Deep:
			err = r.pictures(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	if r.rec == nil {
		return nil
	}
	if err := r.movies(ctx); err != nil || !r.opt.Deep {
		return err
	}
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(r.j.f.cfg.Concurrency)
	for i := range r.rec.Outputs {
		if o := &r.rec.Outputs[i]; !r.summedUp[o.Key] {
			g.Go(func() error { return r.body(ctx, o) })
		}
	}
	return g.Wait()
}

// readTexts reads every playlist that a door names, and those of the version that
// the marker names.
func (r *reading) readTexts(ctx context.Context) error {
	keys := map[string]bool{}
	if r.rec != nil {
		for i := range r.rec.Outputs {
			if o := &r.rec.Outputs[i]; o.isPlaylist() {
				keys[o.Key] = true
			}
		}
	}
	for _, d := range r.doors {
		for _, uri := range d.named() {
			if key, ok := clientKey(d.key, uri); ok {
				keys[key] = true
			} else {
				r.find(ruleRefOutside, at{session: r.e.ID, object: d.key}, "%q leads to nothing in this store", uri)
			}
		}
	}
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(r.j.f.cfg.Concurrency)
	for _, key := range sortedKeys(keys) {
		g.Go(func() error {
			raw, _, ok, err := readSmall(ctx, r.j.f.cfg.Out, key, store.GetOptions{})
			if err != nil {
				return err
			}
			m := &mediaFile{key: key}
			var found []playlist.Finding
			if ok {
				m.sum = hashHex(raw)
				m.text, found = playlist.ParseMedia(key, raw)
				m.resolve()
			}
			r.mu.Lock()
			r.texts[key] = m
			r.mu.Unlock()
			r.linted(found)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for key, m := range r.texts {
		if m.text != nil {
			r.seen.Playlists++
			r.seen.Duration = max(r.seen.Duration, m.text.Duration())
		}
		m.of(r, key)
	}
	return nil
}

// outputOf finds the output of the version that the marker names under a key.
func (r *reading) outputOf(key string) *Output {
	if r.rec == nil {
		return nil
	}
	if r.byKey == nil {
		r.byKey = map[string]*Output{}
		for i := range r.rec.Outputs {
			r.byKey[r.rec.Outputs[i].Key] = &r.rec.Outputs[i]
		}
	}
	return r.byKey[key]
}

// isPlaylist reports whether an output is a media or I-frame playlist.
func (o *Output) isPlaylist() bool { return o.Kind == "hls" || o.Kind == "iframes" }

// lookAround looks for everything that playlists name, and for all outputs.
func (r *reading) lookAround(ctx context.Context) error {
	named := map[string]bool{}
	for _, m := range r.texts {
		named[m.key] = true
		for _, list := range [][]string{m.keys, m.maps} {
			for _, key := range list {
				if key != "" {
					named[key] = true
				}
			}
		}
	}
	r.seen.References = len(named)
	if r.rec != nil {
		for i := range r.rec.Outputs {
			named[r.rec.Outputs[i].Key] = true
		}
	}
	var err error
	r.there, err = r.look(ctx, r.j.f.cfg.Out, sortedKeys(named))
	return err
}

// linted takes what a strict reading of a playlist found.
func (r *reading) linted(found []playlist.Finding) {
	for _, x := range found {
		severity := SeverityError
		switch x.Severity {
		case playlist.Warning:
			severity = SeverityWarning
		case playlist.Info:
			severity = SeverityInfo
		}
		r.note(Finding{
			Severity: severity, Rule: string(x.Rule), Reference: x.Rule.Reference(), Session: r.e.ID, Object: x.Playlist, Line: x.Line,
			Text: x.Text, Do: r.do(x.Rule.Do()),
		})
	}
}

// entry holds what the marker says of a session against its record.
func (r *reading) entry() error {
	if r.rec == nil {
		return nil
	}
	where := at{session: r.e.ID, object: r.dir.marker()}
	rec, e := r.rec, r.e
	if rec.Recording != r.j.recording || rec.Session != e.ID || !rec.Start.Equal(e.Start) || !rec.End.Equal(e.End) || rec.Settings.Formats != e.Formats {
		r.find(ruleEntry, where, "segments.json.gz is of %s, session %s, %s to %s, %s", store.Printable(rec.Recording), rec.Session, rec.Start.Format(time.RFC3339Nano), rec.End.Format(time.RFC3339Nano), rec.Settings.Formats)
	}
	r.seen.Renditions = len(rec.Renditions)
	for i := range rec.Renditions {
		r.seen.Duration = max(r.seen.Duration, rec.Renditions[i].planned())
	}
	playlists := map[string]bool{}
	for i := range rec.Outputs {
		o := &rec.Outputs[i]
		if err := r.known(o); err != nil {
			return err
		}
		if name, ok := strings.CutSuffix(o.Key, ".m3u8"); ok && o.Kind == "hls" {
			playlists[strings.TrimPrefix(name, r.dir.version(e.ID, e.Version))] = true
		}
	}
	for _, v := range e.Variants {
		if !playlists[v.Name] {
			r.find(ruleEntry, where, "it names a playlist %s.m3u8, which is no output of the version", store.Printable(v.Name))
		}
		delete(playlists, v.Name)
		r.claimed(&v)
	}
	for _, name := range sortedKeys(playlists) {
		r.find(ruleEntry, where, "it does not name the playlist %s.m3u8, which is an output of the version", store.Printable(name))
	}
	return nil
}

// claimed holds what the marker says of a rendition against the record. The rates are
// held against the segments.
func (r *reading) claimed(v *Variant) {
	for i := range r.rec.Renditions {
		q := &r.rec.Renditions[i]
		if q.Output != v.Name {
			continue
		}
		same := v.Width == q.Width && v.Height == q.Height && v.FrameNum == q.FrameNum && v.FrameDen == q.FrameDen &&
			v.Language == q.Language && v.Channels == q.Channels && strings.HasPrefix(v.Codecs, q.Codecs) && (v.Sound || v.Codecs == q.Codecs)
		if !same {
			r.find(ruleEntry, at{session: r.e.ID, object: r.dir.marker()}, "of %s it says %dx%d, %d/%d pictures a second, %q, language %q, %d channels; the record %dx%d, %d/%d, %q, %q, %d",
				store.Printable(v.Name), v.Width, v.Height, v.FrameNum, v.FrameDen, v.Codecs, v.Language, v.Channels, q.Width, q.Height, q.FrameNum, q.FrameDen, q.Codecs, q.Language, q.Channels)
		}
	}
}

// known refuses an output that this program cannot judge: a newer one wrote it, or it
// lies elsewhere.
func (r *reading) known(o *Output) error {
	switch o.Kind {
	case "hls", "iframes", "mp4", "copy", "single":
	default:
		return fmt.Errorf("verify %s: %w: session %s has an output of kind %q, which this program does not know: use the newer program", store.Printable(r.j.recording), ErrRefused, r.e.ID, o.Kind)
	}
	if label := r.j.f.cfg.Out.Label(); o.Store != label {
		return fmt.Errorf("verify %s: %w: it was finalized into %s, and --out leads to %s: give --out as it was given then", store.Printable(r.j.recording), ErrUsage, o.Store, label)
	}
	return nil
}
