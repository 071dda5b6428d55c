package main

import (
	"fmt"
	"slices"
	"time"
)

// Targets: what recfin may take of the wall time of others, of the user time of
// ffmpeg, and of memory.
const (
	mostOfCat      = 1.0
	mostOfPlaylist = 0.4
	mostOfConcat   = 0.12
	mostOfUser     = 0.5
	mostPeak       = 100 << 20
)

// median takes each figure by itself.
func (r *result) median() cost {
	of := func(get func(cost) int64) int64 {
		list := make([]int64, len(r.runs))
		for i, c := range r.runs {
			list[i] = get(c)
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	return cost{
		wall:   time.Duration(of(func(c cost) int64 { return int64(c.wall) })),
		user:   time.Duration(of(func(c cost) int64 { return int64(c.user) })),
		system: time.Duration(of(func(c cost) int64 { return int64(c.system) })),
		peak:   of(func(c cost) int64 { return c.peak }),
	}
}

// best is the shortest wall time: what the machine allows when it is at rest.
func (r *result) best() time.Duration {
	return slices.MinFunc(r.runs, func(a, b cost) int { return int(a.wall - b.wall) }).wall
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

// verdicts holds the medians of recfin, the first result, against the targets.
func verdicts(results []result) []string {
	us := &results[0]
	if us.err != nil {
		return []string{"no verdict: " + us.name + " failed"}
	}
	mine := us.median()
	var lines []string
	hold := func(what string, got, most float64) {
		word := "reached"
		if got > most {
			word = "missed "
		}
		lines = append(lines, fmt.Sprintf("%s  %-62s %6.2f  (target %.2f)", word, what, got, most))
	}
	for _, t := range []struct {
		name string
		most float64
	}{{nameCat, mostOfCat}, {namePlaylist, mostOfPlaylist}, {nameConcat, mostOfConcat}} {
		i := slices.IndexFunc(results, func(r result) bool { return r.name == t.name && r.err == nil })
		if i < 0 {
			lines = append(lines, "not run  wall time to "+t.name)
			continue
		}
		theirs := results[i].median()
		hold("wall time to "+t.name, ratio(mine.wall, theirs.wall), t.most)
		if t.name == namePlaylist {
			hold("user time to that", ratio(mine.user, theirs.user), mostOfUser)
		}
	}
	hold("peak memory, MB", float64(mine.peak)/(1<<20), mostPeak/(1<<20))
	return lines
}
