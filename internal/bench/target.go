package main

import (
	"fmt"
	"slices"
)

// verdict is a figure beside its target.
type verdict struct {
	point  int    // of the list of targets
	what   string // is compared with what
	got    float64
	most   float64 // target; 0: none, the figure is given for itself
	least  bool    // the target is the least, not the most
	format string  // of both figures
	front  bool    // it stands in README.md
}

// reached reports whether the target is.
func (v *verdict) reached() bool {
	if v.least {
		return v.got >= v.most
	}
	return v.got <= v.most
}

// word is what stands beside it.
func (v *verdict) word() string {
	switch {
	case v.most == 0:
		return ""
	case v.reached():
		return "reached"
	}
	return "missed"
}

func (v *verdict) show(x float64) string { return fmt.Sprintf(v.format, x) }

// verdicts holds the figures of all sections that were run against the targets, in
// the order of these.
func (f *figures) verdicts() []verdict {
	var all []verdict
	for _, s := range sections {
		if s.judge != nil && len(f.Sections[s.name]) > 0 {
			all = append(all, s.judge(f)...)
		}
	}
	all = append(all, judgeRecords(f)...)
	slices.SortStableFunc(all, func(a, b verdict) int { return a.point - b.point })
	return all
}

const (
	asRatio = "%.2f"
	asMiB   = "%.0f MiB"
	asCount = "%.0f"
)

// against compares the medians of two contenders of a section.
func (f *figures) against(section, us, them, what string, get func(cost) int64, most float64) []verdict {
	a, b := f.of(section, us), f.of(section, them)
	if a == nil || b == nil {
		return nil
	}
	return []verdict{{what: what, got: ratio(a, b, get), most: most, format: asRatio}}
}

// judgeStore: point 1 and 2.
func judgeStore(f *figures) []verdict {
	const section = "store"
	us := f.of(section, nameStore)
	if us == nil {
		return nil
	}
	var all []verdict
	add := func(point int, list ...verdict) {
		for _, v := range list {
			v.point = point
			all = append(all, v)
		}
	}
	for _, them := range []struct {
		name string
		most float64
	}{{nameTuned, 0.65}, {nameTunedConcat, 0}, {nameUntuned, 0}} {
		most := 0.0
		if them.most > 0 {
			most = 0.5
		}
		both := append(f.against(section, nameStore, them.name, "wall time, to "+them.name, wall, them.most),
			f.against(section, nameStore, them.name, "processor time, to "+them.name, cpu, most)...)
		for _, v := range both {
			v.front = v.most > 0
			add(1, v)
		}
	}
	gets := us.over(asked(sources+" GetObject", outs+" GetObject")).median
	add(1,
		verdict{what: "peak memory", got: float64(us.over(peak).median) / (1 << 20), most: 256, format: asMiB, front: true},
		verdict{what: "temporary disk", got: float64(us.over(files).median) / (1 << 20), most: 1, format: asMiB, front: true},
		verdict{what: "GETs: segments + 2 for the MP4 + 2 for its table + the marker", got: float64(gets), most: float64(f.Media.Segments + 5), format: asCount},
		verdict{what: "GETs to see what the store honours, and of the lease", got: float64(us.over(asked(private + " GetObject")).median), format: asCount},
		verdict{what: "bytes read of segments, to their bytes", got: float64(us.over(source).median) / float64(max(f.Media.Bytes, 1)), most: 1.005, format: "%.3f", front: true},
		verdict{what: "bytes read of the output, to prove it, to the same", got: float64(us.over(back).median) / float64(max(f.Media.Bytes, 1)), format: "%.3f"})
	down, up := f.of(section, nameDownload), f.of(section, nameUpload)
	if down != nil && up != nil {
		slower := down
		if up.over(wall).median > down.over(wall).median {
			slower = up
		}
		add(2, verdict{what: "wall time, to the slower of " + nameDownload + " and " + nameUpload, got: ratio(us, slower, wall), most: 1.25, format: asRatio, front: true})
	}
	return all
}
