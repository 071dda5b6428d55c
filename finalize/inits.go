package finalize

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"

	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
	"recfin/store"
)

// readInit is an init segment that segments need.
type readInit struct {
	piece
	raw []byte // nil: it could not be had
	sum string // SHA-256 of raw: what tells two init segments apart, wherever they lie
}

// maxInit is the size in bytes of the largest init segment.
const maxInit = 1 << 20

// largestInit is the size of the largest init segment with an extension. That of
// MPEG-TS holds tables and nothing else (RFC 8216 §3.2), and that of audio is none.
func largestInit(ext string) int64 {
	switch strings.ToLower(ext) {
	case "ts", "m2ts", "mts":
		return 20 * 188
	case "aac", "mp3", "ac3", "ec3":
		return 0
	}
	return maxInit
}

// readInits gives every segment of a fragmented file that no playlist gave one
// the init segment beside it, and reads each of them once in a job. One that is
// not there, or is none, is a note: its segments cannot be understood.
func (j *job) readInits(ctx context.Context, l *Listing) error {
	l.besides()
	used := make([]bool, len(l.inits)) // a playlist may name any number that no segment needs
	for i := range l.Segments {
		if n := l.Segments[i].init; n > 0 {
			used[n-1] = true
		}
	}
	for i := range l.inits {
		x := &l.inits[i]
		if !used[i] {
			continue
		}
		if had, ok := j.inits[x.id()]; ok {
			x.raw, x.sum = had.raw, had.sum
			continue
		}
		raw, err := j.readInit(ctx, x.piece)
		switch {
		case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged):
			j.missInit(x.id())
			l.noteInit(x.piece, "it is listed and not there")
			continue
		case errors.Is(err, store.ErrArchived):
			l.noteInit(x.piece, "it is archived: restore it")
			continue
		case errors.Is(err, ErrRefused):
			l.noteInit(x.piece, fmt.Sprintf("it has %d bytes, too many for an init segment", x.Size))
			continue
		case err != nil:
			return fmt.Errorf("read the init segment %s: %w", store.Printable(x.Key), err)
		}
		sum := sha256.Sum256(raw)
		x.raw, x.sum = raw, hex.EncodeToString(sum[:])
		j.inits[x.id()] = *x
	}
	return nil
}

// readInit reads all bytes of an init segment.
func (j *job) readInit(ctx context.Context, x piece) ([]byte, error) {
	if x.bytes() > maxInit {
		return nil, ErrRefused
	}
	raw, _, err := j.f.readPiece(ctx, x, make([]byte, x.bytes()))
	return raw, err
}

// missInit takes note that an init segment is listed and was not found, like
// that of a segment: it is looked for again before that is the answer.
func (j *job) missInit(id rowID) {
	missed := 1
	if x := j.facts[id]; x != nil {
		missed += x.missed
	}
	j.facts[id] = &fact{fault: timeline.Gone, missed: missed}
}

func (l *Listing) noteInit(x piece, why string) {
	l.Notes = append(l.Notes, Note{What: noteInit, Keys: []string{x.Key}, Why: why})
}

// addInit gives an init segment its number, from 1.
func (l *Listing) addInit(x piece) int32 {
	if l.initNumber == nil {
		l.initNumber = map[rowID]int32{}
	}
	n, ok := l.initNumber[x.id()]
	if !ok {
		l.inits = append(l.inits, readInit{piece: x})
		n = int32(len(l.inits))
		l.initNumber[x.id()] = n
	}
	return n
}

// mapped gives the number of the init segment that a playlist names, 0 where it
// is not there: in the playlist's own store before any other. Of a segment it can
// only be a part: the whole of it holds pictures, which would be there twice.
func (l *Listing) mapped(x *sidecar, m *playlist.Map) int32 {
	for _, key := range playlist.Resolve(x.from.Key, m.URI) {
		var best *store.Object
		take := func(o *store.Object) {
			if o.Key == key && (best == nil || o.Store == x.from.Store) {
				best = o
			}
		}
		for _, i := range l.initsOf(key) {
			take(&l.Inits[i].Object)
		}
		part := rangeOf(m.Range)
		for i, to := l.at(key); i < to; i++ {
			if part.Length > 0 && part.Length < l.Segments[i].Size {
				o := l.Segments[i].Object()
				take(&o)
			}
		}
		if best != nil && part.Offset <= best.Size && part.Length <= best.Size-part.Offset {
			return l.addInit(piece{*best, part})
		}
	}
	return 0
}

// initsOf are the init segments of a key, in every store.
func (l *Listing) initsOf(key string) []int {
	if l.initKeys == nil || l.initsIndexed != len(l.Inits) {
		l.initKeys, l.initsIndexed = make(map[string][]int, len(l.Inits)), len(l.Inits)
		for i := range l.Inits {
			l.initKeys[l.Inits[i].Key] = append(l.initKeys[l.Inits[i].Key], i)
		}
	}
	return l.initKeys[key]
}

// besides gives segments without one the init segment that lies beside them: of
// the same folder, or else of the same writer and rendition, in the same store.
func (l *Listing) besides() {
	type group struct{ store, name string }
	folder, writer := map[group][]int{}, map[group][]int{}
	for i := range l.Inits {
		x := &l.Inits[i]
		if x.Layout == "" || strings.TrimSuffix(path.Base(x.Key), path.Ext(x.Key)) != "init" {
			continue // a playlist named it, and says for what
		}
		folder[group{x.Store, path.Dir(x.Key)}] = append(folder[group{x.Store, path.Dir(x.Key)}], i)
		writer[group{x.Store, x.Nonce + "/" + x.Rendition}] = append(writer[group{x.Store, x.Nonce + "/" + x.Rendition}], i)
	}
	fragmented := fragmentOrigins()
	for i := range l.Segments {
		s := &l.Segments[i]
		if s.init != 0 || !fragmented(s.origin) {
			continue
		}
		found := folder[group{s.Store, path.Dir(s.Key)}]
		if len(found) == 0 {
			found = writer[group{s.Store, s.Nonce + "/" + s.Rendition}]
		}
		if best := l.likest(found, s); best >= 0 {
			s.init = l.addInit(piece{Object: l.Inits[best].Object})
		}
	}
}

// expose has every fragmented file measured that has no init segment: where its
// own moov ends, a playlist has to say.
func (l *Listing) expose() {
	fragmented := fragmentOrigins()
	for i := range l.Segments {
		if s := &l.Segments[i]; s.init == 0 && fragmented(s.origin) {
			s.Length, s.LengthSource = 0, timeline.NoSource
		}
	}
}

// fragmentNames are the extensions of fragments of MP4 (ISO/IEC 14496-12, CMAF).
var fragmentNames = map[string]bool{
	"mp4": true, "m4s": true, "m4v": true, "m4a": true, "m4f": true, "cmfv": true, "cmfa": true, "cmft": true, "frag": true, "fmp4": true,
}

// fragmentOrigins tells whether what has an origin may be fragments of MP4, by the extension:
// asked once for those that stand together.
func fragmentOrigins() func(*origin) bool {
	var last *origin
	is := false
	return func(o *origin) bool {
		if o != last {
			last, is = o, fragmentNames[strings.ToLower(o.Ext)]
		}
		return is
	}
}

// likest is the init segment with the extension of the segment, or the first of
// them; -1 of none.
func (l *Listing) likest(inits []int, s *Segment) int {
	best := -1
	for _, i := range inits {
		if best < 0 || path.Ext(l.Inits[i].Key) == path.Ext(s.Key) && path.Ext(l.Inits[best].Key) != path.Ext(s.Key) {
			best = i
		}
	}
	return best
}

// initOf is the init segment of a segment; nil: it needs none.
func (l *Listing) initOf(s *Segment) *readInit {
	if s.init == 0 {
		return nil
	}
	return &l.inits[s.init-1]
}
