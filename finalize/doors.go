package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// finishDoors writes every door that is not what the marker says: of a swap
// that was just made, or of one whose run died before its doors. The order is
// read the doors, then the marker, then put with If-Match, so that a stalled
// writer with an old marker can never replace a newer door.
func (j *job) finishDoors(ctx context.Context, c *committed) error {
	if c == nil {
		return nil
	}
	m := c.marker
	for range attempts {
		doors, err := j.readDoors(ctx, m)
		if err != nil {
			return err
		}
		now, err := j.f.readMarker(ctx, c.marker.Recording, store.GetOptions{})
		if err != nil || now == nil {
			return err
		}
		m = now.marker
		again, err := j.writeDoors(ctx, now, doors)
		if err != nil || !again {
			return err
		}
	}
	return fmt.Errorf("write the doors of %s: %w: other runs keep replacing them", store.Printable(m.Recording), ErrAgain)
}

// openDoors is finishDoors of a swap of this run: the doors were read before the marker
// was read back as c, which is the order that it takes.
func (j *job) openDoors(ctx context.Context, c *committed, doors map[string]door) error {
	again, err := j.writeDoors(ctx, c, doors)
	if err != nil || !again {
		return err
	}
	return j.finishDoors(ctx, c)
}

// door is what stands under the key of a door.
type door struct {
	text []byte
	etag string
	ok   bool // there is one
}

// ids are those under which a session has a door: its own, and those of the
// sessions that it has absorbed.
func (e *MarkerSession) ids() []string { return append([]string{e.ID}, e.Absorbed...) }

// readDoors reads the doors of the sessions that a marker names, several at once.
func (j *job) readDoors(ctx context.Context, m *Marker) (map[string]door, error) {
	doors := map[string]door{}
	var mu sync.Mutex
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for i := range m.Sessions {
		e := &m.Sessions[i]
		if !hasFormat(e.Formats, "hls") || !j.f.cfg.Days.take(e.ID) {
			continue
		}
		for _, id := range e.ids() {
			g.Go(func() error {
				text, info, ok, err := readSmall(ctx, j.f.cfg.Out, j.f.cfg.folder(m.Recording).door(id), store.GetOptions{})
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				doors[id] = door{text: text, etag: info.ETag, ok: ok}
				return nil
			})
		}
	}
	return doors, g.Wait()
}

// writeDoors puts the doors that differ from what the marker says. again: one
// was replaced meanwhile, or the marker names a session that was not read.
func (j *job) writeDoors(ctx context.Context, c *committed, doors map[string]door) (again bool, err error) {
	m := c.marker
	for i := range m.Sessions {
		e := &m.Sessions[i]
		if !j.f.cfg.Days.take(e.ID) {
			continue
		}
		for _, id := range e.ids() {
			want, err := e.door(id)
			if err != nil {
				return false, err
			}
			there, read := doors[id]
			switch {
			case want == nil || read && there.ok && bytes.Equal(there.text, want):
				continue
			case !read:
				again = true
				continue
			}
			if err := j.hold(ctx, c); err != nil {
				return false, err
			}
			opt := store.PutOptions{IfAbsent: true}
			if there.ok {
				if opt, err = j.replacing(ctx, there.etag); err != nil {
					return false, err
				}
			}
			opt.ContentType, opt.CacheControl = playlistType, brief
			_, err = j.f.cfg.Out.Put(ctx, j.f.cfg.folder(m.Recording).door(id), want, opt)
			switch {
			case err == nil:
			case ctx.Err() == nil && errors.Is(err, store.ErrConflict):
				again = true
			default:
				return false, err
			}
		}
	}
	return again, nil
}
