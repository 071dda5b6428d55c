package finalize

import (
	"context"
	"fmt"
)

// shelveSingle writes the one media object of a rendition.
func (j *job) shelveSingle(context.Context, *Record, *RenditionRecord, string) (*shelf, error) {
	return nil, fmt.Errorf("%w: --hls single", errUnnamed)
}
