package main

import (
	"maps"
	"slices"
	"time"
)

// cost is what one run of a contender took.
type cost struct {
	Wall   time.Duration `json:"wall_ns"`
	User   time.Duration `json:"user_ns"`   // of its processes
	System time.Duration `json:"system_ns"` // of its processes
	Server time.Duration `json:"server_ns,omitempty"`
	Peak   int64         `json:"peak_bytes"`                // resident memory of its largest process
	Files  int64         `json:"file_bytes"`                // that it wrote to files of its own machine
	Read   int64         `json:"read_bytes,omitempty"`      // of bodies from the store, where it tells
	Back   int64         `json:"read_back_bytes,omitempty"` // of those, to prove what was written
	Sent   int64         `json:"sent_bytes,omitempty"`      // of bodies to the store, where it tells
	Asked  requests      `json:"requests,omitempty"`        // of the store, by kind
	Steps  []cost        `json:"steps,omitempty"`           // where it is more than one command
	Of     string        `json:"of,omitempty"`              // of which command a step is
}

// requests counts requests by kind, in the words of S3 ("GetObject").
type requests map[string]int

// cpu is the processor time of a run.
func (c cost) cpu() time.Duration { return c.User + c.System }

// add takes in what a step of the run took.
func (c *cost) add(step cost) {
	c.Wall, c.User, c.System = c.Wall+step.Wall, c.User+step.User, c.System+step.System
	c.Peak, c.Files = max(c.Peak, step.Peak), c.Files+step.Files
}

// result are the runs of a contender.
type result struct {
	Name    string   `json:"name"`
	Command []string `json:"command"` // as a person types it, one for each step
	Runs    []cost   `json:"runs"`
}

// spread is a figure over all runs.
type spread struct{ median, least, most int64 }

// over gives the spread of a figure. Of an even number of runs the median is the
// lower one of the two in the middle: a run that there was.
func (r *result) over(get func(cost) int64) spread {
	return spreadOf(slices.Collect(func(yield func(int64) bool) {
		for _, c := range r.Runs {
			if !yield(get(c)) {
				return
			}
		}
	}))
}

func spreadOf(list []int64) spread {
	if len(list) == 0 {
		return spread{}
	}
	slices.Sort(list)
	return spread{median: list[(len(list)-1)/2], least: list[0], most: list[len(list)-1]}
}

// Figures of a run.
func wall(c cost) int64   { return int64(c.Wall) }
func cpu(c cost) int64    { return int64(c.cpu()) }
func user(c cost) int64   { return int64(c.User) }
func server(c cost) int64 { return int64(c.Server) }
func peak(c cost) int64   { return c.Peak }
func files(c cost) int64  { return c.Files }
func read(c cost) int64   { return c.Read }
func sent(c cost) int64   { return c.Sent }
func back(c cost) int64   { return c.Back }
func source(c cost) int64 { return c.Read - c.Back }

// asked is the number of requests of some kinds.
func asked(kinds ...string) func(cost) int64 {
	return func(c cost) int64 {
		n := 0
		for kind, count := range c.Asked {
			if len(kinds) == 0 || slices.Contains(kinds, kind) {
				n += count
			}
		}
		return int64(n)
	}
}

// kinds are the kinds of requests of all runs, in the order of their names.
func (r *result) kinds() []string {
	all := requests{}
	for _, c := range r.Runs {
		maps.Copy(all, c.Asked)
	}
	return slices.Sorted(maps.Keys(all))
}

// ratio is a over b, by medians.
func ratio(a, b *result, get func(cost) int64) float64 {
	return float64(a.over(get).median) / float64(max(b.over(get).median, 1))
}
