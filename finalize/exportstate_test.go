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

// Known reports whether the state says of a recording that was found that it is committed
// and that nothing was wrong with it.
func (s *Search) Known(recording string) bool { return s.says(recording)&(hadRow|hadTrouble) == hadRow }
