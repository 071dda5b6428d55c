package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// contender is what takes part in a comparison: one command, or several that one
// after the other do the same.
type contender struct {
	name  string
	steps func(r *room) ([]step, error)
	// tally, where it is set, reads figures from what the last step said.
	tally func(said spoken, c *cost) error
	// synced: a run is over when its files are on the disk, not when the kernel has
	// promised to write them.
	synced bool
	once   bool // it takes so long that the first round is enough
}

// step is one command.
type step struct {
	args []string
	env  []string // besides that of this process
	pipe string   // file that takes the standard output; empty: none
	// shown is the command for readers; empty: made of args.
	shown string
}

// room is where one run of a contender works: all of it is new, and goes afterwards.
type room struct {
	dir    string // an empty folder
	bucket string // an empty bucket of the store; empty: there is no store
}

// compete runs the contenders by turns (A B A B), so that what else the machine
// does falls on all of them.
func (l *lab) compete(ctx context.Context, all []contender, rounds int) ([]result, error) {
	results := make([]result, len(all))
	for round := range rounds {
		for i := range all {
			if all[i].once && round > 0 {
				continue
			}
			c, shown, err := l.run(ctx, &all[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", all[i].name, err)
			}
			r := &results[i]
			r.Name, r.Command, r.Runs = all[i].name, shown, append(r.Runs, c)
			fmt.Fprintf(os.Stderr, "  round %d  %7.2f s wall  %7.2f s CPU  %4d MiB  %s\n", round+1, c.Wall.Seconds(), c.cpu().Seconds(), c.Peak>>20, r.Name)
		}
	}
	return results, ctx.Err()
}

// run is one run, in a room of its own.
func (l *lab) run(ctx context.Context, c *contender) (total cost, shown []string, err error) {
	r, err := l.newRoom(ctx)
	if err != nil {
		return cost{}, nil, err
	}
	defer func() {
		if cleared := l.clear(r); err == nil {
			err = cleared
		}
	}()
	settle()
	before, err := l.meterServer()
	if err != nil {
		return cost{}, nil, err
	}
	steps, err := c.steps(r)
	if err != nil {
		return cost{}, nil, err
	}
	var said spoken
	for _, s := range steps {
		var one cost
		if one, said, err = measure(ctx, &s); err != nil {
			return cost{}, nil, l.plain(err)
		}
		text := l.shown(&s, r)
		shown = append(shown, text)
		total.add(one)
		if one.Of = text; len(steps) > 1 {
			total.Steps = append(total.Steps, one)
		}
	}
	if c.synced {
		begin := time.Now()
		if err := syncAll(r.dir); err != nil {
			return cost{}, nil, err
		}
		total.Wall += time.Since(begin)
	}
	after, err := l.meterServer()
	if err != nil {
		return cost{}, nil, err
	}
	total.Server, total.Asked = after.cpu-before.cpu, after.asked.since(before.asked)
	if c.tally != nil {
		err = c.tally(said, &total)
	}
	return total, shown, err
}

// newRoom makes a room.
func (l *lab) newRoom(ctx context.Context) (*room, error) {
	dir, err := os.MkdirTemp(l.dir, "room-")
	if err != nil {
		return nil, err
	}
	r := &room{dir: dir}
	if l.gateway != nil {
		r.bucket = "out" + filepath.Base(dir)[len("room-"):]
		err = l.gateway.makeBucket(ctx, r.bucket)
	}
	return r, err
}

// clear removes a room.
func (l *lab) clear(r *room) error {
	if l.gateway != nil {
		if err := l.gateway.removeBucket(r.bucket); err != nil {
			return err
		}
	}
	return os.RemoveAll(r.dir)
}
