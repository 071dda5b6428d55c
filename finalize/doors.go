package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"recfin/store"
)

// finishDoors writes every door that is not what the marker says: of a swap
// that was just made, or of one whose run died before its doors. The order is
// read the door, then the marker, then put with If-Match, so that a stalled
// writer with an old marker can never replace a newer door.
func (j *job) finishDoors(ctx context.Context, c *committed) error {
	if c == nil {
		return nil
	}
	for i := range c.marker.Sessions {
		if err := j.finishDoor(ctx, c.marker.Recording, c.marker.Sessions[i].ID); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) finishDoor(ctx context.Context, recording, session string) error {
	dir := j.f.cfg.folder(recording)
	for range attempts {
		there, info, ok, err := readSmall(ctx, j.f.cfg.Out, dir.door(session), store.GetOptions{})
		if err != nil {
			return err
		}
		want, err := j.currentDoor(ctx, dir, session)
		if err != nil || want == nil || ok && bytes.Equal(there, want) {
			return err
		}
		opt := store.PutOptions{IfAbsent: !ok, ContentType: playlistType, CacheControl: brief}
		if ok {
			opt.IfMatch = info.ETag
		}
		_, err = j.f.cfg.Out.Put(ctx, dir.door(session), want, opt)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("write %s: %w: other runs keep replacing it", store.Printable(dir.door(session)), ErrAgain)
}

// currentDoor is what the marker in the store says now. Nil: no door.
func (j *job) currentDoor(ctx context.Context, dir folder, session string) ([]byte, error) {
	raw, _, ok, err := readSmall(ctx, j.f.cfg.Out, dir.marker(), store.GetOptions{})
	if err != nil || !ok {
		return nil, err
	}
	m, err := decodeMarker(raw)
	if err != nil {
		return nil, fmt.Errorf("marker %s: %w", store.Printable(dir.marker()), err)
	}
	if e := m.session(session); e != nil {
		return e.door()
	}
	return nil, nil
}
