package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/semaphore"

	"recfin/finalize/timeline"
	"recfin/probe"
	"recfin/store"
)

// kept are segments that measuring has read whole and joining will read: they are
// held until then, as far as there is room, so that none of their bytes is read
// twice. The room is shared by all jobs and never waited for.
type kept struct {
	room *semaphore.Weighted
	mu   sync.Mutex
	by   map[rowID]keptBytes
}

type keptBytes struct {
	raw    []byte
	info   store.Info
	proved bool // see content.Proved
}

// keptShare is the part of the memory that may be kept.
const keptShare = 16

// keptLeast is the room that there is at least, in bytes.
const keptLeast = 4 << 20

func newKept(room *semaphore.Weighted) *kept { return &kept{room: room, by: map[rowID]keptBytes{}} }

// add holds a segment for which there was room already.
func (k *kept) add(id rowID, b keptBytes) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if had, ok := k.by[id]; ok {
		k.room.Release(int64(len(had.raw)))
	}
	k.by[id] = b
}

// look gives a segment that is kept, and keeps it.
func (k *kept) look(id rowID) (keptBytes, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, ok := k.by[id]
	return b, ok
}

// take gives up a segment; false: it is not kept. Whoever reads it once more reads
// the store.
func (k *kept) take(id rowID) (keptBytes, bool) {
	if k == nil {
		return keptBytes{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	b, ok := k.by[id]
	if ok {
		delete(k.by, id)
		k.room.Release(int64(len(b.raw)))
	}
	return b, ok
}

// drop gives up all.
func (k *kept) drop() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, b := range k.by {
		delete(k.by, id)
		k.room.Release(int64(len(b.raw)))
	}
}

// readAhead is readPiece for a piece that is joined: from memory where measuring has
// kept it.
func (f *Finalizer) readAhead(ctx context.Context, o piece, raw []byte) (read []byte, proved bool, err error) {
	if b, ok := f.kept.take(o.id()); ok && len(b.raw) == len(raw) {
		copy(raw, b.raw)
		return raw, b.proved, nil
	}
	return f.readPiece(ctx, o, raw)
}

// measureKept measures a segment that is kept, or is read whole and kept from now
// on. false: there is no room, or what came is no verdict yet: it is to be measured in
// the store.
func (f *Finalizer) measureKept(ctx context.Context, s *Segment, level timeline.Level) (media *probe.Media, ok bool, err error) {
	if f.kept == nil || s.Part != nil {
		return nil, false, nil
	}
	b, ok := f.kept.look(s.id())
	if !ok {
		if ok, err = f.keep(ctx, s, &b); !ok || err != nil {
			return nil, false, err
		}
	}
	in := &inMemory{Reader: f.cfg.source(s.Store), keptBytes: b}
	media, err = measureIn(ctx, in, f.today(s.Object()), level, probe.Options{Digests: level == timeline.ReadWhole})
	if err != nil { // bytes are condemned only by two reads of the store
		f.kept.take(s.id())
		return nil, false, nil
	}
	return media, true, nil
}

// keep reads all of a segment, if there is room.
func (f *Finalizer) keep(ctx context.Context, s *Segment, b *keptBytes) (bool, error) {
	size := s.Bytes()
	if size == 0 || size > streamed || !f.kept.room.TryAcquire(size) {
		return false, nil
	}
	err := store.Reread(ctx, func() (opened bool, err error) {
		body, err := f.open(ctx, s.Object())
		if err != nil {
			return false, err
		}
		defer body.Close()
		b.info, b.proved = body.Info, body.Proved
		b.raw, err = readExactly(body, size)
		return true, err
	})
	if err != nil {
		f.kept.room.Release(size)
		return false, fmt.Errorf("measure %s: %w", store.Printable(s.Key), err)
	}
	f.kept.add(s.id(), *b)
	return true, nil
}

// keepCopy keeps a segment that is in memory now, if there is room.
func (k *kept) keepCopy(id rowID, b keptBytes) {
	if k != nil && k.room.TryAcquire(int64(len(b.raw))) {
		b.raw = bytes.Clone(b.raw)
		k.add(id, b)
	}
}

// readExactly reads a body that must have so many bytes, and its end.
func readExactly(body io.Reader, size int64) ([]byte, error) {
	raw := make([]byte, size)
	if _, err := io.ReadFull(body, raw); err != nil {
		return nil, err
	}
	switch _, err := io.ReadFull(body, make([]byte, 1)); { // the end is where the version is checked
	case err == nil:
		return nil, store.ErrChanged
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return raw, nil
}

// inMemory is a store that has the bytes of one object here.
type inMemory struct {
	store.Reader
	keptBytes
}

// Get implements store.Reader.
func (m *inMemory) Get(_ context.Context, _ string, r store.Range, _ store.GetOptions) (store.Body, error) {
	p := m.raw[min(max(r.Off, 0), int64(len(m.raw))):]
	if r.Len > 0 && r.Len < int64(len(p)) {
		p = p[:r.Len]
	}
	body := &heldBody{Reader: bytes.NewReader(p), p: p}
	return store.Body{ReadCloser: body, Info: m.info, Length: int64(len(p)), Proved: m.proved && len(p) == len(m.raw)}, nil
}

// heldBody is a body that need not be copied to be measured.
type heldBody struct {
	*bytes.Reader
	p []byte
}

// Bytes is all of it. It is not to be changed.
func (b *heldBody) Bytes() []byte { return b.p }

// Close implements io.Closer.
func (b *heldBody) Close() error { return nil }
