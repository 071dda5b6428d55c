package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"

	"recfin/store"
)

// proveBody proves the whole of an output: before its sources go, or are marked to
// go, every byte of it must be what was computed while it was written. Where the
// store was seen to compute a checksum over what it stored, that is the proof;
// else the object is read once. A failure is ErrVerify.
func (j *job) proveBody(ctx context.Context, o Output) error {
	if j.proved.body(o) {
		return nil
	}
	want, ok := o.crc()
	if !ok { // a playlist: its bytes are compared
		return j.readBack(ctx, o)
	}
	j.notify(Event{Stage: StageVerify, Detail: o.Key})
	got, err := j.sumOf(ctx, j.f.cfg.Out, j.f.today(o.object()))
	switch {
	case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged):
		return fmt.Errorf("read back %s: %w: %w", store.Printable(o.Key), ErrVerify, err)
	case err != nil:
		return fmt.Errorf("read back %s: %w", store.Printable(o.Key), err)
	case got != want:
		return fmt.Errorf("read back %s: %w: its body is not what was written", store.Printable(o.Key), ErrVerify)
	}
	j.proved.addBody(o)
	return nil
}

// sumOf gives the CRC-64/NVME of a version of an object: as the store tells it
// where it computes it itself, else by reading.
func (j *job) sumOf(ctx context.Context, in store.Store, o store.Object) (string, error) {
	can, err := j.f.abilities.of(ctx, in, j.probeDir(in))
	if err != nil && !errors.Is(err, store.ErrDenied) { // a store of segments that may only be read: it is
		return "", err
	}
	if can.Checksum {
		info, err := in.Head(ctx, o.Key)
		switch {
		case err != nil:
			return "", err
		case idOf(info.Object) != idOf(o):
			return "", store.ErrChanged
		case info.CRC64 != "":
			return info.CRC64, nil
		}
	}
	return j.readSum(ctx, in, piece{Object: o})
}

// readSum reads a piece and gives its CRC-64/NVME.
func (j *job) readSum(ctx context.Context, in store.Store, x piece) (string, error) {
	body, err := in.Get(ctx, x.Key, store.Range{Off: x.part.Offset, Len: x.part.Length}, proved(x.Object))
	if err != nil {
		return "", err
	}
	defer body.Close()
	sum := newCRC()
	n, err := io.Copy(sum, body)
	if err == nil && n != x.bytes() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", err
	}
	return crcText(sum.Sum64()), nil
}

// proveOutputs proves all outputs of a version, which lies in dir: bodies and heads.
func (j *job) proveOutputs(ctx context.Context, rec *Record, dir string) error {
	origins := j.origins(rec, dir)
	return j.eachOutput(ctx, rec, func(ctx context.Context, o Output) error {
		if o.Kind == "mp4" && !j.proved.body(o) { // the head by our own reader too
			if err := j.readBack(ctx, o); err != nil {
				return err
			}
		}
		if _, known := o.crc(); o.Kind == "copy" && !known {
			return j.proveCopy(ctx, o, origins[o.Key])
		}
		return j.proveBody(ctx, o)
	})
}

// origins gives what the copies of a version are copies of, by their keys.
func (j *job) origins(rec *Record, dir string) map[string]store.Object {
	from := map[string]store.Object{}
	for i := range rec.Renditions {
		for id, key := range j.copies(rec, &rec.Renditions[i], dir) {
			from[key] = id.object()
		}
	}
	return from
}

// proveCopy proves a copy of which no checksum was recorded, because the store that
// made it tells none, against its source. Where that is no more, what could be lost
// with it was lost before: then it must be there as it was recorded.
func (j *job) proveCopy(ctx context.Context, o Output, from store.Object) error {
	if j.proved.body(o) {
		return nil
	}
	in, err := j.f.pinnedTo(from)
	if err != nil {
		return err
	}
	want, err := j.sumOf(ctx, in, j.f.today(from))
	if errors.Is(err, store.ErrNotExist) || errors.Is(err, store.ErrChanged) {
		return j.readBack(ctx, o)
	}
	if err != nil {
		return fmt.Errorf("prove %s: %w", store.Printable(o.Key), err)
	}
	told := o
	told.Checksum = crcPrefix + want
	if err := j.proveBody(ctx, told); err != nil {
		return err
	}
	j.proved.add(piece{Object: from}.id(), want)
	j.proved.addSum(o, want)
	return nil
}

// proveRead shows that a segment that went into an output is what its store holds:
// a byte that was spoilt on the way here must not become the only one. What was
// proved when it was read is not read again. ok is false where it is not the same.
func (j *job) proveRead(ctx context.Context, x piece, sum string) (ok bool, err error) {
	if j.proved.of(x.id(), sum) {
		return true, nil
	}
	if sum == "" {
		return false, nil
	}
	in, err := j.f.pinnedTo(x.Object)
	if err != nil {
		return false, err
	}
	var got string
	if x.bytes() == x.Size {
		got, err = j.sumOf(ctx, in, x.Object)
	} else {
		got, err = j.readSum(ctx, in, x)
	}
	switch {
	case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged):
		return false, nil // it is another one by now, which is none of ours
	case err != nil:
		return false, fmt.Errorf("prove what was read of %s: %w", store.Printable(x.Key), err)
	case got != sum:
		return false, fmt.Errorf("%w: %s is not what went into the recording: it was spoilt when it was read then, or is now: recfin probe looks at it", ErrRefused, store.Printable(x.Key))
	}
	j.proved.add(x.id(), sum)
	return true, nil
}
