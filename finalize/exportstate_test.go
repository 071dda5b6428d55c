package finalize

import (
	"context"
	"time"
)

// Lay notes a recording as if a run had finished it at that time and left nothing to be
// done. Its sources are listed.
func (s *Search) Lay(ctx context.Context, recording string, commit time.Time) error {
	all, err := s.f.listSource(ctx, []string{recording})
	if err != nil {
		return err
	}
	s.put(stateRow{name: recording, commit: commit.Unix(), listing: all.sum.String(), settings: s.settings}, true)
	return nil
}
