package finalize

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"recfin/finalize/playlist"
	"recfin/finalize/remux"
	"recfin/probe"
	"recfin/store"
)

// One media object holds all segments of a rendition, one behind the other, and its
// playlist names ranges of it: a single object is easier to look after than a
// hundred thousand. Players take each range for a file of its own, so transport
// streams stand in it as they are, cut to whole packets; of fragments each distinct
// init segment is written once, before the first that needs it.
//
// Each segment is read once, and measured as it passes, unless an MP4 that was made
// of it has measured it. That MP4 has read it too: the two put segments into other
// orders (sound of its own, parts of copies), and a pass for both would hold the one
// back for the other.

// shelveSingle writes the one media object of a rendition.
func (j *job) shelveSingle(ctx context.Context, rec *Record, q *RenditionRecord, dir string) (*shelf, error) {
	if err := q.oneWay(); err != nil {
		return nil, err
	}
	w, err := j.writeSingle(ctx, rec, q, dir)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) {
		w, err = j.writeSingle(ctx, rec, q, dir) // it is there now: compared instead of written
	}
	if err != nil {
		return nil, err
	}
	var segments []remux.Measured
	measured := false
	if w.meter != nil {
		if segments, measured = w.meter.finish(); measured {
			rec.measured(q, segments)
		}
	}
	w.out.DurationNS = int64(q.planned())
	rec.Outputs = append(rec.Outputs, w.out)
	q.Single, q.CRC64 = &w.at, w.sums()
	for _, note := range w.notes() {
		j.report.problem(note)
	}
	uri := playlist.RelativeURI(dir, w.out.Key)
	return &shelf{
		measured: measured,
		uri:      func(int) string { return uri },
		part: func(row int) (playlist.ByteRange, *playlist.Map) {
			if init, ok := q.Single.init(row); ok {
				return q.Single.segment(row), &playlist.Map{URI: uri, Range: init}
			}
			return q.Single.segment(row), nil
		},
		begin: func(row int) int64 { return q.Single.Offset[row] - q.Single.front(row) },
	}, nil
}

// writeSingle writes the object, or compares it with what is there already, and
// reads it back.
func (j *job) writeSingle(ctx context.Context, rec *Record, q *RenditionRecord, dir string) (*single, error) {
	w := &single{ctx: ctx, j: j, q: q, base: dir + q.Output + ".media", known: map[[sha256.Size]byte]int{}}
	var err error
	if w.inits, err = j.initsOf(ctx, rec); err != nil {
		return nil, err
	}
	if len(q.CRC64) == 0 { // no MP4 was made of it
		w.meter = newSingleMeter(rec, q, w.inits)
	}
	defer func() {
		if w.body != nil {
			w.body.abort()
		}
	}()
	if err := w.copy(); err != nil {
		return nil, err
	}
	if w.body == nil {
		return nil, fmt.Errorf("%w: it has no segment", errSingle)
	}
	o, err := w.body.commit()
	if err != nil {
		return nil, err
	}
	w.out = Output{
		Rendition: q.Name, Kind: "single", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
		Checksum: crcPrefix + crcText(w.body.sum), Segments: q.Len(),
	}
	if o.Size != w.body.n {
		return nil, fmt.Errorf("read back %s: %w: it has %d bytes, and %d were written", store.Printable(o.Key), ErrVerify, o.Size, w.body.n)
	}
	return w, j.readBack(ctx, w.out)
}

// single is the one media object of a rendition on its way.
type single struct {
	ctx   context.Context
	j     *job
	q     *RenditionRecord
	inits [][]byte // of the session, by number from 1
	base  string   // of its key, without the extension
	meter *singleMeter

	kind  probe.Container           // of all segments so far
	body  *singleBody               // nil until the first segment has told the container
	known map[[sha256.Size]byte]int // numbers of init segments, by their SHA-256
	at    SingleColumns
	read  []taken
	out   Output
}

// copy reads all segments and writes what of them goes into the object.
func (w *single) copy() error {
	pieces := make([]piece, w.q.Len())
	for i := range pieces {
		pieces[i] = w.q.piece(i)
	}
	bad, total, done := -1, w.q.bytes(), int64(0)
	err := w.j.f.fetch(w.ctx, pieces, func(i int, body content) error {
		err := w.segment(i, body)
		if singled(err) {
			bad = i
			if _, lost := io.Copy(io.Discard, body); lost != nil { // for its sum
				return lost
			}
		}
		w.read = append(w.read, taken{body.Sum64(), body.Proved()})
		done += pieces[i].bytes()
		w.j.notify(Event{Stage: StageWrite, Detail: w.q.Output + ".media", Done: done, Total: total, Unit: UnitBytes})
		return err
	})
	if bad >= 0 { // bytes that were spoilt on the way say nothing about a segment
		if again := w.j.readAgain(w.ctx, pieces[bad], &w.read[bad]); again != nil {
			return again
		}
	}
	if err != nil {
		return err
	}
	return w.prove(pieces)
}

// singled reports whether an error says something about a segment alone.
func singled(err error) bool {
	var bad *remux.SegmentError
	return errors.Is(err, errSingle) || errors.As(err, &bad)
}

// prove shows, as far as that costs nothing, that what was read is what the stores
// hold; what was cut off is read once more, because bytes that were spoilt on the
// way are no packets either.
func (w *single) prove(pieces []piece) error {
	for i := range w.read {
		r := &w.read[i]
		if !w.at.holds(i) || w.meter.damaged(i) {
			if err := w.j.readAgain(w.ctx, pieces[i], r); err != nil {
				return err
			}
		}
		sum := crcText(r.sum)
		if i < len(w.q.CRC64) && w.q.CRC64[i] != sum {
			return fmt.Errorf("copy %s: %w", store.Printable(pieces[i].Key), errSpoilt)
		}
		if r.proved {
			w.j.proved.add(pieces[i].id(), sum)
		}
	}
	return nil
}

// segment takes one segment.
func (w *single) segment(row int, body io.Reader) error {
	s := &singleRow{w: w, row: row}
	var to io.Writer = s
	if w.meter != nil {
		w.meter.begin(row)
		to = io.MultiWriter(s, w.meter)
	}
	_, err := io.Copy(to, body)
	if err == nil {
		err = s.end()
	}
	if err == nil && w.meter != nil {
		w.meter.end()
	}
	name := w.q.Key[row]
	switch {
	case errors.Is(err, errSingle):
		return fmt.Errorf("%s: %w", store.Printable(name), err)
	case errors.Is(err, probe.ErrUnreadable):
		return &remux.SegmentError{Index: row, Name: name, Err: err}
	}
	return err
}

// open begins the object, once the first segment has told the container.
func (w *single) open(kind probe.Container) error {
	switch {
	case w.body == nil:
	case kind == w.kind:
		return nil
	default:
		return fmt.Errorf("%w: it is %v and others of its rendition are %v: use --hls copy or --format mp4", errSingle, kind, w.kind)
	}
	w.kind = kind
	most := w.q.bytes()
	for _, raw := range w.inits {
		most += int64(len(raw))
	}
	var err error
	w.body, err = newSingleBody(w.ctx, w.j, w.base+singleExt[kind], most)
	return err
}

// singleExt is the extension of a media object.
var singleExt = map[probe.Container]string{probe.MPEGTS: ".ts", probe.MP4: ".m4s"}

// init gives the number of an init segment in the object, from 1; 0 of none.
func (w *single) init(raw []byte) (int, error) {
	if len(raw) == 0 {
		return 0, nil
	}
	sum := sha256.Sum256(raw)
	if n, ok := w.known[sum]; ok {
		return n, nil
	}
	w.at.InitOffset = append(w.at.InitOffset, w.body.n)
	w.at.InitLength = append(w.at.InitLength, int64(len(raw)))
	n := len(w.at.InitOffset)
	w.known[sum] = n
	return n, w.body.write(raw)
}

// sums are the checksums of the segments as they were read.
func (w *single) sums() []string {
	out := make([]string, len(w.read))
	for i, r := range w.read {
		out[i] = crcText(r.sum)
	}
	return out
}

// notes say what of the segments is not in the object.
func (w *single) notes() []string {
	rows, bytes, first := 0, int64(0), ""
	for i := range w.at.Cut {
		if n := w.at.Cut[i]; n > 0 {
			if rows == 0 {
				first = w.q.Key[i]
			}
			rows, bytes = rows+1, bytes+n
		}
	}
	if rows == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d bytes at the ends of %d segments are no whole packets and are not in %s%s, the first in %s; these segments stay",
		store.Printable(w.q.Name), bytes, rows, w.q.Output, ".media"+singleExt[w.kind], store.Printable(first))}
}
