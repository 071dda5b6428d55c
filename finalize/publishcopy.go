package finalize

import (
	"context"
	"fmt"
	"path"

	"recfin/finalize/playlist"
	"recfin/internal/bug"
	"recfin/store"
)

// A playlist reaches what lies in its own store. With HLSCopy every chosen segment,
// else one of another store, is copied into the version, as
// <rendition>/<slot, six digits>.<ext>: pinned to the version that was listed,
// created once, read back, and recorded as an output, so that it is verified,
// superseded and condemned with the version that it belongs to. Inside one store the
// store makes the copy; from another one it is streamed.

// copies gives the key of the copy of everything that the playlist of a
// rendition names and cannot reach: segments, and init segments as
// <rendition>/init-<n>.<ext>.
func (j *job) copies(rec *Record, q *RenditionRecord, dir string) map[objectID]string {
	home, all := j.f.cfg.Out.Label(), HLSMode(rec.Settings.HLS) == HLSCopy
	keys := map[objectID]string{}
	add := func(o store.Object, name string) {
		if id := idOf(o); (all || o.Store != home) && keys[id] == "" {
			keys[id] = dir + q.Output + "/" + name + path.Ext(o.Key)
		}
	}
	for i := range q.Key {
		add(q.Object(i), fmt.Sprintf("%06d", q.Slot[i]))
		if x, ok := rec.needsInit(q, i); ok {
			add(x.Object, fmt.Sprintf("init-%d", q.Init[i]))
		}
	}
	return keys
}

// reach gives the URI of an object, or of its copy, in a playlist in the folder
// dir.
func reach(o store.Object, dir string, copies map[objectID]string) string {
	if key, ok := copies[idOf(o)]; ok {
		return playlist.RelativeURI(dir, key)
	}
	return playlist.RelativeURI(dir, o.Key)
}

// writeCopies copies what the playlist of a rendition cannot reach. The outputs
// stand in the order of their slots.
func (j *job) writeCopies(ctx context.Context, rec *Record, q *RenditionRecord, copies map[objectID]string) error {
	var from []store.Object
	var outputs []Output
	begun := map[objectID]bool{}
	add := func(o store.Object, out Output) {
		if id := idOf(o); copies[id] != "" && !begun[id] {
			begun[id] = true
			from, outputs = append(from, o), append(outputs, out)
		}
	}
	for i := range q.Key {
		if x, ok := rec.needsInit(q, i); ok {
			add(x.Object, Output{Rendition: q.Name})
		}
		add(q.Object(i), Output{Rendition: q.Name, DurationNS: q.DurationNS[i], Segments: 1})
	}
	if len(from) == 0 {
		return nil
	}
	total := int64(0)
	for _, o := range from {
		total += o.Size
	}
	done := j.counting(StageWrite, q.Output+"/", total, UnitBytes)
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for n, o := range from {
		g.Go(func() error {
			out, err := j.copySegment(ctx, o, copies[idOf(o)])
			if err == nil {
				done.add(o.Size)
			}
			out.Rendition, out.DurationNS, out.Segments = outputs[n].Rendition, outputs[n].DurationNS, outputs[n].Segments
			outputs[n] = out
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	rec.Outputs = append(rec.Outputs, outputs...)
	j.sayStreamed(q, from)
	return nil
}

// sayStreamed says what had to come through this machine.
func (j *job) sayStreamed(q *RenditionRecord, from []store.Object) {
	n, bytes := 0, int64(0)
	for _, o := range from {
		if !j.atHome(o) {
			n++
			bytes += o.Size
		}
	}
	if n > 0 {
		j.report.problem(fmt.Sprintf("%s: %d objects (%d bytes) were read and written again: their store is not that of the outputs, or their ETags prove nothing", store.Printable(q.Name), n, bytes))
	}
}

// atHome reports whether the store of the outputs holds an object and can copy it.
func (j *job) atHome(o store.Object) bool {
	now := j.f.today(o)
	return now.Store == j.f.cfg.Out.Label() && now.Strong()
}

// copySegment copies one object.
func (j *job) copySegment(ctx context.Context, o store.Object, key string) (Output, error) {
	if j.atHome(o) {
		return j.copyInside(ctx, j.f.today(o), key)
	}
	return j.copyThrough(ctx, o, key)
}

// mediaType is the content type of a copied segment, by the end of its name.
func mediaType(key string) string {
	switch path.Ext(key) {
	case ".ts":
		return "video/mp2t"
	case ".mp4", ".m4s", ".cmfv":
		return movieType
	case ".m4a", ".cmfa":
		return "audio/mp4"
	}
	return "application/octet-stream"
}
