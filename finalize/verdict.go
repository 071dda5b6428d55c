package finalize

import (
	"bytes"
	"context"
	"fmt"

	"recfin/store"
)

// verdict gives what is wrong with a recording, unless the marker is another one by
// now: then a rival has committed or deleted between the reading of the marker and
// the listing, the two do not belong together, and nothing is wrong (errMoved).
func (j *job) verdict(ctx context.Context, c *committed, wrong error) error {
	now, err := j.f.readMarker(ctx, j.recording, durable)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil, now == nil && c == nil:
		return wrong
	case now == nil || c == nil || !bytes.Equal(now.raw, c.raw):
		return fmt.Errorf("plan %s: %w", store.Printable(j.recording), errMoved)
	}
	return wrong
}
