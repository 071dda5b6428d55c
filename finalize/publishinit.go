package finalize

import (
	"context"
	"fmt"

	"recfin/probe"
	"recfin/store"
)

// initsOf reads the init segments of a session, by number from 1, and proves that
// they are those that it was decided on.
func (j *job) initsOf(ctx context.Context, rec *Record) ([][]byte, error) {
	all := make([][]byte, 1+rec.Inits.Len())
	for i := range rec.Inits.Len() {
		x := piece{rec.Inits.Object(i), rec.Inits.Part(i)}
		raw, ok := j.inits[x.id()]
		if !ok {
			b, err := j.readInit(ctx, x)
			if err != nil {
				return nil, fmt.Errorf("read the init segment: %w", err)
			}
			raw = readInit{piece: x, raw: b, sum: hashHex(b)}
		}
		if raw.sum != rec.Inits.SHA256[i] {
			return nil, fmt.Errorf("init segment %s: %w: it is not what was decided on", store.Printable(x.Key), errReplan)
		}
		all[i+1] = raw.raw
	}
	return all, nil
}

// initNumber is the number of the init segment of row i; 0: it needs none.
func (q *RenditionRecord) initNumber(i int) int {
	if i >= len(q.Init) {
		return 0
	}
	return q.Init[i]
}

// describes gives what describes row i and is no part of its media: its init
// segment, or the moov of a large MP4 that may have it behind its media.
func (j *job) describes(ctx context.Context, q *RenditionRecord, i int, inits [][]byte) ([]byte, error) {
	plain := i < len(q.Header) && q.Header[i] == q.rowBytes(i)
	if n := q.initNumber(i); n > 0 || !plain || q.rowBytes(i) <= streamed {
		return inits[n], nil
	}
	x := q.piece(i)
	from, err := j.f.pinnedTo(x.Object)
	if err != nil {
		return nil, err
	}
	opt := probe.Options{Off: x.part.Offset, Len: x.part.Length}
	m, err := probe.Head(ctx, from, j.f.today(x.Object), opt)
	if err != nil || m.MoovAt == 0 {
		return nil, err
	}
	return probe.Moov(ctx, from, j.f.today(x.Object), m.MoovAt, opt)
}
