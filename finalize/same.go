package finalize

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"recfin/finalize/timeline"
	"recfin/store"
)

// A file that was touched, or a tree that was restored, has other ETags and the
// same bytes. The identity of an object in the record stays what it was, so that
// nothing condemned under it is deleted under the new one; reads are pinned to
// the version that is there today. Where the bytes are not known to be the same
// the recording is damaged.

// today is the version of an object that is there now: another one than the
// record has only if its bytes were compared.
func (f *Finalizer) today(o store.Object) store.Object {
	if now, ok := f.moved[idOf(o)]; ok {
		return now
	}
	return o
}

// suspect is something that a committed session stands on, and that is there in
// another version of the same size perhaps.
type suspect struct {
	was  store.Object
	sums map[rowID]string // checksum of each part that is needed, as in Output; empty: not known
}

// recognize finds what committed sessions stand on and is listed in another
// version with the same bytes, and gives it the identity that the marker knows.
// What the marker says to be the same is not read again.
func (j *job) recognize(ctx context.Context, l *Listing) error {
	j.f.moved = map[objectID]store.Object{}
	suspects := l.suspects()
	if len(suspects) == 0 {
		return nil
	}
	known := func(o *store.Object) error { return j.known(ctx, l, suspects, o) }
	for i := range l.Segments {
		s := &l.Segments[i]
		if _, ok := suspects[place{s.Store, s.Key}]; !ok {
			continue
		}
		o := s.Object()
		if err := known(&o); err != nil {
			return err
		}
		s.setObject(o)
	}
	for i := range l.Inits {
		if err := known(&l.Inits[i].Object); err != nil {
			return err
		}
	}
	for i := range l.Outputs {
		if err := known(&l.Outputs[i]); err != nil {
			return err
		}
	}
	return nil
}

// known gives a listed object the identity that the marker knows, if it is a suspect
// with the same bytes.
func (j *job) known(ctx context.Context, l *Listing, suspects map[place]suspect, o *store.Object) error {
	x, ok := suspects[place{o.Store, o.Key}]
	if !ok || o.Size != x.was.Size || !o.Strong() {
		return nil
	}
	pair := [2]objectID{idOf(x.was), idOf(*o)}
	same, compared := j.same[pair]
	if !compared {
		var err error
		if same, err = j.compare(ctx, l.Committed, x, *o); err != nil {
			return err
		}
		j.same[pair] = same
	}
	if same {
		was := x.was
		if was.Modified.IsZero() {
			was.Modified = o.Modified
		}
		j.f.moved[idOf(was)], *o = *o, was
	}
	return nil
}

// suspects is what the records name and the listing does not have as they do. A
// listing with two versions under one key does not exist.
func (l *Listing) suspects() map[place]suspect {
	if l.Committed == nil {
		return nil
	}
	there := l.there()
	out := map[place]suspect{}
	add := func(o store.Object, part timeline.Range, sum string) {
		if there.has(idOf(o)) || l.Committed.departed(idOf(o)) {
			return // what comes under the key of a source that went is something new
		}
		x, ok := out[place{o.Store, o.Key}]
		if !ok {
			x = suspect{was: o, sums: map[rowID]string{}}
			out[place{o.Store, o.Key}] = x
		}
		if idOf(x.was) == idOf(o) {
			x.sums[rowID{idOf(o), part}] = sum
		}
	}
	for _, e := range l.Committed.marker.Sessions {
		r := l.Committed.record[e.ID]
		for k := range r.Renditions {
			q := &r.Renditions[k]
			for i := range q.Key {
				sum := ""
				if i < len(q.CRC64) && q.CRC64[i] != "" {
					sum = crcPrefix + q.CRC64[i]
				}
				add(q.Object(i), q.Part(i), sum)
			}
		}
		for i := range r.Inits.Len() {
			add(r.Inits.Object(i), r.Inits.Part(i), shaPrefix+r.Inits.SHA256[i])
		}
		for _, o := range r.Outputs {
			add(o.object(), timeline.Range{}, o.Checksum)
		}
	}
	return out
}

// Checksums say of which kind they are.
const (
	crcPrefix = "crc64nvme:"
	shaPrefix = "sha256:"
)

// compare reads the version that is there and holds it against the checksums in
// the record. Without them nothing is known to be the same.
func (j *job) compare(ctx context.Context, c *committed, x suspect, now store.Object) (bool, error) {
	if c.same[idOf(now)] == idOf(x.was) {
		return true, nil
	}
	for _, sum := range x.sums {
		if sum == "" {
			return false, nil
		}
	}
	for row, want := range x.sums {
		body, err := j.f.openPiece(ctx, piece{now, row.part})
		if err == nil {
			crc, sha := newCRC(), sha256.New()
			_, err = io.Copy(io.MultiWriter(crc, sha), body)
			body.Close()
			if err == nil && want != crcPrefix+crcText(crc.Sum64()) && want != shaPrefix+hex.EncodeToString(sha.Sum(nil)) {
				return false, nil
			}
		}
		switch {
		case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrArchived):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("compare %s with what was recorded: %w", store.Printable(now.Key), err)
		}
	}
	return true, nil
}

// sameColumns are objects that are the very ones which the records have under
// another ETag.
type sameColumns struct {
	ObjectColumns          // as they are today
	Was           []string `json:"was_etag"`
}

func (c *sameColumns) check() error {
	if len(c.Was) != c.Len() {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	return c.ObjectColumns.check()
}

// known gives the identities in the records, by those of today.
func (c *sameColumns) known() map[objectID]objectID {
	out := map[objectID]objectID{}
	for i := range c.Key {
		now := idOf(c.Object(i))
		was := now
		was.etag = c.Was[i]
		out[now] = was
	}
	return out
}

// sameRows are what this job knows to be the same; news: the marker does not know
// one of them.
func (j *job) sameRows(c *committed) (rows sameColumns, news bool) {
	var was []objectID
	for id := range j.f.moved {
		was = append(was, id)
	}
	slices.SortFunc(was, func(a, b objectID) int { return compareObjects(a.object(), b.object()) })
	for _, id := range was {
		now := j.f.moved[id]
		rows.add(now)
		rows.Was = append(rows.Was, id.etag)
		news = news || c == nil || c.same[idOf(now)] != id && j.f.cfg.Days.take(c.known().objects[id])
	}
	return rows, news
}

// object is the version without its upload time.
func (id objectID) object() store.Object {
	return store.Object{Store: id.store, Key: id.key, ETag: id.etag, Size: id.size}
}
