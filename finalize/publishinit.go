package finalize

import (
	"context"
	"fmt"
	"io"

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

// writeInit writes an init segment in front of the segment that it describes.
func writeInit(to io.Writer, raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	_, err := to.Write(raw)
	return err
}
