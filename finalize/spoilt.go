package finalize

import (
	"context"
	"errors"
	"fmt"

	"recfin/finalize/remux"
	"recfin/store"
)

// errSpoilt: two reads of one version of an object gave different bytes. It says
// something about the store or the way to it, and nothing about the segment.
var errSpoilt = fmt.Errorf("%w: two reads of one version gave different bytes", ErrAgain)

// confirm reads a segment that could not be joined once more, unless the store
// has proved what it gave. Only if the bytes are the same the error is one of the
// segment, which is then left out for good, or of its output, which is not made;
// otherwise it is errSpoilt.
func (j *job) confirm(ctx context.Context, err error, pieces []piece, read []taken) error {
	at, ok := blamed(err)
	if !ok || at < 0 || at >= len(read) {
		return err
	}
	if again := j.readAgain(ctx, pieces[at], &read[at]); again != nil {
		return again
	}
	return err
}

// blamed is the segment, as the joiner counts them, of which an error says that it
// cannot be joined, or not here.
func blamed(err error) (int, bool) {
	if err == nil {
		return 0, false
	}
	var bad *remux.SegmentError
	var codec *remux.CodecError
	var config *remux.ConfigError
	switch {
	case errors.As(err, &bad):
		return bad.Index, true
	case errors.As(err, &codec):
		return codec.Index, true
	case errors.As(err, &config):
		return config.Index, true
	}
	return 0, false
}

// confirmDamage does so with the segments in which something is missing or wrong:
// a demuxer passes over what it cannot use, so bytes that were spoilt on their way
// would be a hole of which nobody hears. What looks like damage of a segment may
// be that of the end of the one before.
func (j *job) confirmDamage(ctx context.Context, res *remux.Result, pieces []piece, read []taken) error {
	for i, m := range res.Segments {
		if !m.Damage.Any() {
			continue
		}
		for k := max(0, i-1); k <= i; k++ {
			if err := j.readAgain(ctx, pieces[k], &read[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readAgain reads a piece once more, if it is not proved yet, and compares.
func (j *job) readAgain(ctx context.Context, o piece, was *taken) error {
	if was.proved {
		return nil
	}
	in, err := j.f.pinnedTo(o.Object)
	if err != nil {
		return err
	}
	got, err := j.readSum(ctx, in, piece{j.f.today(o.Object), o.part})
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", store.Printable(o.Key), err)
	case got != crcText(was.sum):
		delete(j.facts, o.id()) // they may have been learned of the bytes that were spoilt
		return fmt.Errorf("join %s: %w", store.Printable(o.Key), errSpoilt)
	}
	was.proved = true
	return nil
}
