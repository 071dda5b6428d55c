package finalize

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"recfin/store"
)

// restartOver is how long after its last upload a writer that has started over
// is done.
const restartOver = 24 * time.Hour

// inFolder is a folder of one store.
type inFolder struct{ store, dir string }

func folderOf(o store.Object) inFolder { return inFolder{o.Store, path.Dir(o.Key)} }

// startedOver notes the folders in which something was uploaded since the mark
// under a number at or below the highest of some victims: the writer numbers from
// the start again and may be about to overwrite one. What was quiet for a day is
// over.
func (c *cleaning) startedOver(ctx context.Context, v victims, list []victim, stand []store.Object) error {
	now, err := v.in.Now(ctx)
	if err != nil {
		return err
	}
	highest := map[inFolder]int64{}
	for _, o := range list {
		if s, ok := c.f.parse(o.Object); ok {
			dir := folderOf(o.Object)
			if n, seen := highest[dir]; !seen || s.Seq > n {
				highest[dir] = s.Seq
			}
		}
	}
	for _, o := range stand {
		dir := folderOf(o)
		n, ok := highest[dir]
		if s, parsed := c.f.parse(o); ok && parsed && s.Seq <= n && o.Modified.After(v.since) && now.Sub(o.Modified) < max(restartOver, c.f.cfg.settleAfter()) {
			c.restarted[dir] = true
		}
	}
	return nil
}

// beginnings lists the first page of each folder of a batch that was not listed
// whole: a writer that starts over begins there.
func (c *cleaning) beginnings(ctx context.Context, v victims, wanted []string) ([]store.Object, error) {
	prefixes := cover(c.ground.keys[v.in.Label()], wanted, c.ground.roots)
	var out []store.Object
	done := map[string]bool{}
	for _, o := range v.list {
		dir := path.Dir(o.Key) + "/"
		if done[dir] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(dir, p) }) {
			continue
		}
		done[dir] = true
		n := 0
		for o, err := range v.in.List(ctx, dir) {
			if err != nil {
				return nil, err
			}
			out = append(out, o)
			if n++; n == batch {
				break
			}
		}
	}
	return out, nil
}
