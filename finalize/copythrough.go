package finalize

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"recfin/store"
)

// copyThrough copies one object of another store and reads the copy back. One that is
// there already is compared with what would be written.
func (j *job) copyThrough(ctx context.Context, o store.Object, key string) (Output, error) {
	held := min(o.Size, streamed) // at most so much of it is in memory
	if err := j.f.memory.Acquire(ctx, held); err != nil {
		return Output{}, err
	}
	defer j.f.memory.Release(held)
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
	out := Output{Kind: "copy", Store: there.Store, Key: key, Size: there.Size, ETag: there.ETag, Checksum: crcPrefix + crcText(sum.Sum64())}
	if err := j.readBackCopy(ctx, out); err != nil {
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

// readBackCopy proves media that came through this machine by reading all of it.
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
	case n != o.Size || crcPrefix+crcText(sum.Sum64()) != o.Checksum:
		return fmt.Errorf("read back %s: %w: it is not what was written", store.Printable(o.Key), ErrVerify)
	}
	return nil
}
