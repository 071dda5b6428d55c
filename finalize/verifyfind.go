package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"recfin/internal/bug"
	"recfin/store"
)

// Finalized gives the recordings that have a marker in the folder of outputs, sorted,
// of those in the share of Config.Shard. An ID that is a part of another recording is
// not among them.
func (f *Finalizer) Finalized(ctx context.Context) ([]string, error) {
	return f.finalized(ctx, f.cfg.Shard)
}

// AnyFinalized reports whether any recording has a marker, whatever its share.
func (f *Finalizer) AnyFinalized(ctx context.Context) (bool, error) {
	names, err := f.finalized(ctx, Shard{})
	return len(names) > 0, err
}

func (f *Finalizer) finalized(ctx context.Context, in Shard) ([]string, error) {
	var names []string
	for level := []string{""}; len(level) > 0; {
		var below []string
		for _, dir := range level {
			for name, err := range f.cfg.Out.Folders(ctx, f.cfg.OutPath+dir) {
				if err != nil {
					return nil, err
				}
				// A folder of a session holds versions. At the top it may be a recording.
				if strings.HasPrefix(name, ".recfin") || dir != "" && sessionForm.MatchString(name) || len(dir)+len(name) > store.MaxKey {
					continue
				}
				below = append(below, dir+name+"/")
			}
		}
		has := make([]bool, len(below))
		g, ctx := bug.WithContext(ctx)
		g.SetLimit(f.cfg.Concurrency)
		for i, dir := range below {
			g.Go(func() (err error) {
				name := strings.TrimSuffix(dir, "/")
				if in.Takes(name) {
					has[i], err = f.marked(ctx, name)
				}
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
		for i, dir := range below {
			if has[i] {
				names = append(names, strings.TrimSuffix(dir, "/"))
			}
		}
		level = below
	}
	slices.Sort(names)
	return names, nil
}

// marked reports whether a recording has a marker that is not a mere claim.
func (f *Finalizer) marked(ctx context.Context, recording string) (bool, error) {
	if checkRecording(recording) != nil || store.CheckKey(f.cfg.folder(recording).marker()) != nil {
		return false, nil
	}
	c, err := f.readMarker(ctx, recording, store.GetOptions{})
	switch {
	case errors.Is(err, ErrRefused):
		return true, nil // verifying says what is wrong with it
	case err != nil:
		return false, fmt.Errorf("see whether %s was finalized: %w", store.Printable(recording), err)
	}
	return c != nil && c.marker.As == "", nil
}
