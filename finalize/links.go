package finalize

import (
	"context"
	"errors"
	"fmt"

	"recfin/store"
)

// In a folder several keys may lead to one file: a link to the latest recording, or
// to another folder or segment. Then a file is listed twice, as a copy of itself. So
// before anything goes from such a store, it is seen that it is not the very file
// of a segment that a session holds and that has to stay.

// looksLike is what two keys of one file have in common.
type looksLike struct {
	etag string
	size int64
}

// linked says why a victim stays that is the very file of a segment which a session
// holds; empty: it is not.
func (c *cleaning) linked(ctx context.Context, victim store.Object) (string, error) {
	in := c.f.storeOf(victim.Store)
	can, err := c.f.abilities.of(ctx, in, c.probeDir(in))
	if err != nil || !can.Links {
		return "", err
	}
	if c.stands == nil {
		c.stands = c.standingRows()
	}
	file := ""
	for _, id := range c.stands[looksLike{victim.ETag, victim.Size}] {
		if id == idOf(victim) {
			continue
		}
		if file == "" {
			if file, err = fileAt(ctx, in, victim.Key); file == "" || err != nil {
				return "", err // it is gone
			}
		}
		other := c.f.storeOf(id.store)
		if other == nil {
			continue
		}
		same, err := fileAt(ctx, other, id.key)
		if err != nil {
			return "", err
		}
		if same == file {
			return "it is the very file of " + store.Printable(id.key) + ", which the recording holds: a link leads from one to the other", nil
		}
	}
	return "", nil
}

// standingRows are the segments that sessions hold and that do not go as sources.
func (c *cleaning) standingRows() map[looksLike][]objectID {
	stands := map[looksLike][]objectID{}
	seen := map[objectID]bool{}
	for i := range c.r.committed.marker.Sessions {
		c.r.committed.record[c.r.committed.marker.Sessions[i].ID].any(func(o store.Object) bool {
			if id := idOf(o); !seen[id] && !c.r.committed.departed(id) {
				seen[id] = true
				now := c.f.today(o)
				at := looksLike{now.ETag, now.Size}
				stands[at] = append(stands[at], id)
			}
			return false
		})
	}
	return stands
}

// fileAt tells which file a key leads to; empty: none, or the store does not tell.
func fileAt(ctx context.Context, in store.Store, key string) (string, error) {
	info, err := in.Head(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("see which file %s is: %w", store.Printable(key), err)
	}
	return info.File, nil
}
