package finalize

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"recfin/store"
)

// copyInside has the store of the outputs copy an object of its own. No body is
// read, neither for the copy nor to prove it: it has the size of its source and,
// where that can be told, its ETag or its checksum. One that is there already is
// taken if it is the same.
func (j *job) copyInside(ctx context.Context, from store.Object, key string) (Output, error) {
	opt := store.PutOptions{IfAbsent: true, ContentType: mediaType(key), CacheControl: immutable}
	made, err := j.f.cfg.Out.Copy(ctx, from, key, opt)
	found := errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown)
	if err != nil && !found {
		return Output{}, err
	}
	there, headErr := j.f.cfg.Out.Head(ctx, key)
	switch {
	case errors.Is(headErr, store.ErrNotExist) && found:
		return Output{}, err
	case errors.Is(headErr, store.ErrNotExist):
		return Output{}, fmt.Errorf("read back %s: %w: it is not there", store.Printable(key), ErrVerify)
	case headErr != nil:
		return Output{}, headErr
	}
	like, err := j.likeness(ctx, from, there)
	switch {
	case err != nil:
	case found:
		err = j.takeCopy(ctx, from, there, like)
	case like == likeNothing || !there.Same(made):
		err = fmt.Errorf("read back %s: %w: it is not what the store was told to copy", store.Printable(key), ErrVerify)
	}
	if err != nil {
		return Output{}, err
	}
	out := Output{Kind: "copy", Store: there.Store, Key: key, Size: there.Size, ETag: there.ETag}
	sum, err := j.toldSum(ctx, there)
	if sum != "" {
		out.Checksum = crcPrefix + sum
	}
	return out, err
}

// takeCopy takes what is there already, by an earlier run or by a request whose
// answer was lost, if it holds what the source holds. Only where the store cannot say
// so both are read.
func (j *job) takeCopy(ctx context.Context, from store.Object, there store.Info, like likeness) error {
	switch like {
	case likeNothing:
		return fmt.Errorf("write %s: %w", store.Printable(there.Key), errTaken)
	case likeSize:
		if _, err := j.compareCopy(ctx, from, there.Key, newCRC()); err != nil {
			return err
		}
	}
	return j.nail(ctx, there.Object)
}

// likeness is what can be told of two objects without reading them.
type likeness int

const (
	likeNothing likeness = iota // they differ
	likeSize                    // they have one size, and nothing else can be compared
	likeSum                     // the store says by a checksum that they hold the same
)

// likeness compares a copy with its source, by what the store tells of them.
func (j *job) likeness(ctx context.Context, from store.Object, there store.Info) (likeness, error) {
	if there.Size != from.Size {
		return likeNothing, nil
	}
	if there.ETag == from.ETag && isDigest(from.ETag) {
		return likeSum, nil
	}
	// Two ETags that differ say nothing: one may be that of a multipart upload.
	sum, err := j.toldSum(ctx, there)
	if err != nil || sum == "" {
		return likeSize, err
	}
	source, err := j.f.cfg.Out.Head(ctx, from.Key)
	switch {
	case err != nil:
		return likeNothing, err
	case !source.Same(from):
		return likeNothing, fmt.Errorf("copy %s: %w", store.Printable(from.Key), store.ErrChanged)
	case source.CRC64 == "":
		return likeSize, nil
	case source.CRC64 != sum:
		return likeNothing, nil
	}
	return likeSum, nil
}

// isDigest reports whether an ETag has the form of an MD5.
func isDigest(etag string) bool {
	raw, err := hex.DecodeString(etag)
	return err == nil && len(raw) == 16
}

// toldSum is the CRC-64/NVME of an object as its store tells it, where the store was
// seen to compute it by itself; empty: it tells none.
func (j *job) toldSum(ctx context.Context, info store.Info) (string, error) {
	if info.CRC64 == "" {
		return "", nil
	}
	in, err := j.f.pinnedTo(info.Object)
	if err != nil {
		return "", err
	}
	can, err := j.f.abilities.of(ctx, in, j.probeDir(in))
	if err != nil && !errors.Is(err, store.ErrDenied) { // a store of segments that may only be read: it is
		return "", err
	}
	if !can.Checksum {
		return "", nil
	}
	return info.CRC64, nil
}

// nail makes sure that what somebody else wrote would survive a power cut.
func (j *job) nail(ctx context.Context, o store.Object) error {
	opt := store.Pinned(o)
	opt.Durable = true
	body, err := j.f.cfg.Out.Get(ctx, o.Key, store.Head(1), opt)
	if err != nil {
		return err
	}
	return body.Close()
}

// lookAtCopy shows that a copy is there as it was recorded. Only where that has a
// checksum and the store tells none it is read.
func (j *job) lookAtCopy(ctx context.Context, o Output) error {
	wrong := func(err error) error {
		return fmt.Errorf("read back %s: %w: %w", store.Printable(o.Key), ErrVerify, err)
	}
	now := j.f.today(o.object())
	info, err := j.f.cfg.Out.Head(ctx, o.Key)
	switch {
	case errors.Is(err, store.ErrNotExist):
		return wrong(err)
	case err != nil:
		return err
	case info.Size != now.Size || info.ETag != now.ETag:
		return wrong(store.ErrChanged)
	}
	want, known := o.crc()
	told, err := j.toldSum(ctx, info)
	switch {
	case err != nil || !known:
		return err
	case told == "":
		return j.readBackCopy(ctx, o)
	case told != want:
		return wrong(errors.New("its body is not what was recorded"))
	}
	return nil
}
