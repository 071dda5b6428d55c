package finalize

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"

	"recfin/finalize/playlist"
	"recfin/internal/bug"
	"recfin/store"
)

// A playlist reaches what lies in its own store. A chosen segment of another
// store is copied into the version, as <rendition>/<slot, six digits>.<ext>: read
// pinned to the version that was listed, streamed, created once, read back, and
// recorded as an output, so that it is verified, superseded and condemned with
// the version that it belongs to.

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
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for n, o := range from {
		g.Go(func() error {
			out, err := j.copySegment(ctx, o, copies[idOf(o)])
			out.Rendition, out.DurationNS, out.Segments = outputs[n].Rendition, outputs[n].DurationNS, outputs[n].Segments
			outputs[n] = out
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	rec.Outputs = append(rec.Outputs, outputs...)
	return nil
}

// copySegment copies one object and reads the copy back. One that is there
// already is compared with what would be written.
func (j *job) copySegment(ctx context.Context, o store.Object, key string) (Output, error) {
	held := min(o.Size, streamed) // at most so much of it is in memory
	if err := j.f.memory.Acquire(ctx, held); err != nil {
		return Output{}, err
	}
	defer j.f.memory.Release(held)
	j.f.cfg.notify(Event{Recording: j.recording, Stage: "write", Detail: key, Total: o.Size})
	opt := store.CreateOptions{SizeHint: o.Size}
	opt.IfAbsent, opt.ContentType, opt.CacheControl = true, mediaType(key), immutable
	up, err := j.f.cfg.Out.Create(ctx, key, opt)
	var there store.Object
	sum := newCRC()
	if err == nil {
		there, err = j.stream(ctx, o, up, sum)
	}
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) {
		sum.Reset()
		there, err = j.compareCopy(ctx, o, key, sum)
	}
	if err != nil {
		return Output{}, err
	}
	out := Output{Kind: "copy", Store: there.Store, Key: key, Size: there.Size, ETag: there.ETag, Checksum: "crc64nvme:" + crcText(sum.Sum64())}
	if err := j.readBack(ctx, out); err != nil {
		return out, err
	}
	j.proved.addBody(out)
	return out, nil
}

// compareCopy reads what is there under the key of a copy against the original.
func (j *job) compareCopy(ctx context.Context, o store.Object, key string, sum hash.Hash64) (store.Object, error) {
	info, err := j.f.cfg.Out.Head(ctx, key)
	if err != nil {
		return store.Object{}, err
	}
	return j.stream(ctx, o, &comparison{ctx: ctx, r: j.f.cfg.Out, o: info.Object}, sum)
}

// sink is an upload, or a comparison in its place.
type sink interface {
	io.Writer
	Commit(ctx context.Context, head store.Headed) (store.Object, error)
	Abort() error
}

// stream hands the whole of an object to an upload and commits it.
func (j *job) stream(ctx context.Context, o store.Object, to sink, sum hash.Hash64) (store.Object, error) {
	done := false
	defer func() {
		if !done {
			_ = to.Abort() // what remains is aborted by a later run; the error that led here counts
		}
	}()
	body, err := j.f.open(ctx, o)
	if err != nil {
		return store.Object{}, err
	}
	defer body.Close()
	n, err := io.Copy(io.MultiWriter(to, sum), body)
	if err == nil && n != o.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return store.Object{}, fmt.Errorf("copy %s: %w", store.Printable(o.Key), err)
	}
	if body.Proved {
		j.proved.add(piece{Object: o}.id(), crcText(sum.Sum64()))
	}
	made, err := to.Commit(ctx, noHead{})
	done = err == nil
	return made, err
}

// noHead is the head of an object that is all body.
type noHead struct{}

func (noHead) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
func (noHead) Size() int64                       { return 0 }

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

// readBackCopy proves a copy by reading all of it.
func (j *job) readBackCopy(ctx context.Context, o Output) error {
	opt := proved(j.f.today(o.object()))
	opt.Durable = true
	body, err := j.f.cfg.Out.Get(ctx, o.Key, store.Whole, opt)
	switch {
	case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged):
		return fmt.Errorf("read back %s: %w: %w", store.Printable(o.Key), ErrVerify, err)
	case err != nil:
		return err
	}
	defer body.Close()
	sum := newCRC()
	n, err := io.Copy(sum, body)
	switch {
	case errors.Is(err, store.ErrChanged):
		return fmt.Errorf("read back %s: %w: %w", store.Printable(o.Key), ErrVerify, err)
	case err != nil:
		return fmt.Errorf("read back %s: %w", store.Printable(o.Key), err)
	case n != o.Size || "crc64nvme:"+crcText(sum.Sum64()) != o.Checksum:
		return fmt.Errorf("read back %s: %w: it is not what was written", store.Printable(o.Key), ErrVerify)
	}
	return nil
}
