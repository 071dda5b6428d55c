package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/finalize/layout"
	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
	"recfin/internal/bug"
	"recfin/store"
)

// Note is something of the sidecars and of what lies beside the segments that a
// human should know.
type Note struct {
	What string   // "missing", "sidecar", "init", "unlisted"
	Keys []string // that it is about
	Why  string
}

// Kinds of notes.
const (
	noteMissing = "missing" // a sidecar names what is not there: a hole
	noteSidecar = "sidecar" // it cannot be read
	noteInit    = "init"    // an init segment is not there or is none
	// noteUnlisted: bytes of an object that is several segments are in none of them.
	noteUnlisted = "unlisted"
)

// noteWords are the warnings that the notes give rise to.
func (l *Listing) noteWords() []string {
	var words []string
	for _, n := range l.Notes {
		word := map[string]string{noteMissing: "sidecar-names-missing", noteSidecar: "sidecar-unreadable", noteInit: "init-missing", noteUnlisted: "bytes-unlisted"}[n.What]
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// sidecar is one playlist or manifest of a writer, as it was read.
type sidecar struct {
	from *keyed    // its object and what its key says
	at   time.Time // when what was read was written
	says *playlist.Packed
	// number is that of its object in Listing.Sidecars, from 1.
	number int32
	why    string // it cannot be read
}

// maxSidecar is the size in bytes of the largest sidecar that is read: a
// playlist of 48 h in segments of 2 s has some 15 MB.
const maxSidecar = 64 << 20

// readSidecars reads the sidecars that can speak of segments which the marker
// does not know, each version once in a job.
func (j *job) readSidecars(ctx context.Context, l *Listing) ([]sidecar, error) {
	wanted := j.wanted(l)
	out := make([]sidecar, len(wanted))
	var mu sync.Mutex
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for n, i := range wanted {
		s := &l.Sidecars[i]
		id := idOf(s.Object)
		mu.Lock()
		had, ok := j.sidecars[id]
		mu.Unlock()
		if ok {
			out[n] = had
			out[n].from, out[n].number = s, int32(i+1)
			continue
		}
		g.Go(func() error {
			x, err := j.readSidecar(ctx, s)
			if err != nil {
				return err
			}
			x.number = int32(i + 1)
			out[n] = x
			mu.Lock()
			defer mu.Unlock()
			j.sidecars[id] = x
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, x := range out {
		if x.why != "" {
			l.Notes = append(l.Notes, Note{What: noteSidecar, Keys: []string{x.from.Key}, Why: x.why})
		}
	}
	return out, nil
}

// wanted are the sidecars, by their number, that can speak of segments which the
// marker does not know: of their folder or writer, and written no earlier than
// the first of them. Where playlists say what the segments are, order and parts
// hold whenever they were written; the event of a recording is of its id, which
// no other has.
func (j *job) wanted(l *Listing) []int {
	news := newUnknown(l)
	var out []int
	for i := range l.Sidecars {
		s := &l.Sidecars[i]
		first, ok := news.first(s)
		if ok && (!s.Modified.Before(first) || s.Form == layout.IVSEvent || j.f.byPlaylist(s.Layout)) {
			out = append(out, i)
		}
	}
	return out
}

// unknown tells when the first segment that the marker does not know was
// uploaded: by folder, above all folders that hold one, and by writer.
type unknown struct {
	folder, nonce map[string]time.Time
	any           time.Time
}

func newUnknown(l *Listing) unknown {
	u := unknown{folder: map[string]time.Time{}, nonce: map[string]time.Time{}}
	known := l.Committed.known().objects
	earliest := func(m map[string]time.Time, name string, t time.Time) bool {
		if had, ok := m[name]; ok && !t.Before(had) {
			return false
		}
		m[name] = t
		return true
	}
	var last struct {
		nonce, folder string // of the segment before: of most segments no more is to be told
		first         timeline.Instant
	}
	for i := range l.Segments {
		s := &l.Segments[i]
		if len(known) > 0 {
			if _, ok := known[s.version()]; ok {
				continue
			}
		}
		folder := s.Key[:strings.LastIndexByte(s.Key, '/')+1]
		if i > 0 && last.first.Known() && s.Uploaded >= last.first && s.Nonce == last.nonce && folder == last.folder {
			continue
		}
		last.nonce, last.folder, last.first = s.Nonce, folder, s.Uploaded
		up := s.Modified()
		if u.any.IsZero() || up.Before(u.any) {
			u.any = up
		}
		earliest(u.nonce, s.Nonce, up)
		for dir := path.Dir(s.Key); earliest(u.folder, dir, up) && dir != "." && dir != "/"; {
			dir = path.Dir(dir)
		}
	}
	return u
}

// first is the upload of the first unknown segment that a sidecar can speak of.
func (u unknown) first(s *keyed) (time.Time, bool) {
	if t, ok := u.folder[path.Dir(s.Key)]; ok {
		return t, true
	}
	if s.Nonce != "" {
		t, ok := u.nonce[s.Nonce]
		return t, ok
	}
	return u.any, !u.any.IsZero()
}

// readSidecar reads one sidecar. What is wrong with it is a note; what is wrong
// with the store is an error.
func (j *job) readSidecar(ctx context.Context, s *keyed) (sidecar, error) {
	x := sidecar{from: s, at: s.Modified}
	if s.Size > maxSidecar {
		x.why = fmt.Sprintf("it has %d bytes, too many to be read", s.Size)
		return x, nil
	}
	from := j.f.cfg.source(s.Store)
	raw, info, ok, err := readSmall(ctx, from, s.Key, store.Pinned(s.Object))
	if errors.Is(err, store.ErrChanged) { // a live one is written anew all the time: the newest counts
		if raw, info, ok, err = readSmall(ctx, from, s.Key, store.GetOptions{}); ok {
			x.at = info.Modified
		}
	}
	switch {
	case errors.Is(err, store.ErrArchived):
		x.why = "it is archived"
		return x, nil
	case err != nil:
		return x, fmt.Errorf("read the sidecar %s: %w", store.Printable(s.Key), err)
	case !ok: // gone: it says nothing
		return x, nil
	}
	says, err := parseSidecar(s.Form, raw)
	switch {
	case err == nil:
		x.says = says
	case !bytes.Contains(raw, []byte("#EXT-X-I-FRAMES-ONLY")):
		x.why = err.Error()
	}
	return x, nil
}

func parseSidecar(form layout.Form, raw []byte) (*playlist.Packed, error) {
	read := playlist.ReadM3U8
	switch form {
	case layout.LivepeerJSON:
		return playlist.PackLivepeer(raw)
	case layout.IVSEvent:
		read = playlist.ReadIVS
	}
	says, err := read(raw)
	if err != nil {
		return nil, err
	}
	return says.Pack(), nil
}
