package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"recfin/internal/bug"
	"recfin/store"
)

// sighted is what is there under keys of one store.
type sighted map[string]store.Object

// area is where some sorted keys lie: all of them begin with its prefix.
type area struct {
	prefix string
	keys   []string
	tries  int // listings of what is around it that were given up
}

const (
	// handful is how many keys are looked for one by one.
	handful = 8
	// strangers is how many objects that nobody asked for a listing may show, in any
	// case and for each that was, before it is given up: about as much costs asking
	// for each key.
	strangersAnyway, strangers = 1000, 4
	// mostTries is after how many listings that were given up the keys of an area are
	// looked for one by one.
	mostTries = 3
)

// look finds which of some keys are there: by listing where many lie together, one
// by one where few do. A folder of a hundred thousand segments is a hundred requests
// then, and two keys of a bucket with a million objects are two.
func (k *checker) look(ctx context.Context, in store.Reader, keys []string) (sighted, error) {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	seen := sighted{}
	var single []string
	for todo := divided(area{keys: keys}); len(todo) > 0; {
		found, left := make([]sighted, len(todo)), make([]area, len(todo))
		g, ctx := bug.WithContext(ctx)
		g.SetLimit(k.j.f.cfg.Concurrency)
		for i, a := range todo {
			if len(a.keys) <= handful || a.tries >= mostTries {
				single = append(single, a.keys...)
				continue
			}
			g.Go(func() (err error) {
				found[i], left[i], err = survey(ctx, in, a)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
		todo = nil
		for i := range found {
			for key, o := range found[i] {
				seen[key] = o
			}
			todo = append(todo, divided(left[i])...)
		}
	}
	return seen, k.heads(ctx, in, single, seen)
}

// heads looks for keys one by one.
func (k *checker) heads(ctx context.Context, in store.Reader, keys []string, to sighted) error {
	found := make([]store.Object, len(keys))
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(k.j.f.cfg.Concurrency)
	for i, key := range keys {
		if store.CheckKey(key) != nil {
			continue // no object can have it
		}
		g.Go(func() error {
			info, err := in.Head(ctx, key)
			if err == nil {
				found[i] = info.Object
			} else if !errors.Is(err, store.ErrNotExist) {
				return fmt.Errorf("look for %s: %w", store.Printable(key), err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, o := range found {
		if o.Key != "" {
			to[o.Key] = o
		}
	}
	return nil
}

// survey lists an area. left are the keys that were not seen when the listing was given
// up, because too much else lies there.
func survey(ctx context.Context, in store.Reader, a area) (found sighted, left area, err error) {
	found = sighted{}
	wanted := make(map[string]bool, len(a.keys))
	for _, key := range a.keys {
		wanted[key] = true
	}
	alien := 0
	for o, err := range in.List(ctx, a.prefix) {
		switch {
		case err != nil:
			return nil, left, err
		case wanted[o.Key]:
			found[o.Key] = o
			if len(found) == len(a.keys) {
				return found, left, nil
			}
			continue
		}
		if alien++; alien > strangersAnyway+strangers*len(a.keys) {
			unseen := slices.DeleteFunc(slices.Clone(a.keys), func(key string) bool { _, ok := found[key]; return ok })
			return found, area{a.prefix, unseen, a.tries + 1}, nil
		}
	}
	return found, left, nil
}

// divided gives the smaller areas in which the keys of one lie: by the first element
// of their path at first, by the next character where that was too much.
func divided(a area) []area {
	var out []area
	for keys := a.keys; len(keys) > 0; {
		n, next := len(a.prefix), keys[0]
		if at := strings.IndexByte(next, '/'); a.tries == 0 && at >= 0 {
			next = next[:at+1]
		} else if n < len(next) {
			_, size := utf8.DecodeRuneInString(next[n:])
			next = next[:n+size]
		}
		group := below(keys, next)
		out = append(out, area{alike(group[0], group[len(group)-1]), group, a.tries})
		keys = keys[len(group):]
	}
	return out
}
