package report

import (
	"cmp"
	"slices"

	"recfin/finalize"
)

// dropGroup is what was dropped for one reason.
type dropGroup struct {
	Reason    string
	Means     string
	Mark      string // see marks
	Count     string
	Bytes     string
	Leftovers string
	Rows      []dropRow
	More      int // the script has them
}

// dropRow is one segment that was dropped.
type dropRow struct {
	Key, Store string
	Rendition  string
	Writer     string
	Seq        string
	Size       string
	Uploaded   stamp
	Kept       string
	Why        string
	Leftover   bool
}

const mostDropped = 100

// dropGroupsOf groups by reason, the largest group first.
func dropGroupsOf(dropped []finalize.DroppedAt) []dropGroup {
	by := map[finalize.Reason][]*finalize.DroppedAt{}
	var order []finalize.Reason
	for i := range dropped {
		d := &dropped[i]
		if by[d.Reason] == nil {
			order = append(order, d.Reason)
		}
		by[d.Reason] = append(by[d.Reason], d)
	}
	slices.SortFunc(order, func(a, b finalize.Reason) int {
		return cmp.Or(len(by[b])-len(by[a]), cmp.Compare(a, b))
	})
	var out []dropGroup
	for _, reason := range order {
		out = append(out, groupOf(reason, by[reason]))
	}
	return out
}

func groupOf(reason finalize.Reason, all []*finalize.DroppedAt) dropGroup {
	g := dropGroup{Reason: shown(string(reason)), Means: reasonWords[reason], Mark: markOf(reason), Count: count(len(all), "segment")}
	var bytes int64
	leftovers := 0
	for i, d := range all {
		bytes += d.Size
		if d.Leftover {
			leftovers++
		}
		if i >= mostDropped {
			g.More++
			continue
		}
		row := dropRow{Key: shown(d.Key), Store: shown(d.Store), Rendition: shown(d.Rendition), Writer: writerName(d.Nonce), Size: size(d.Size), Uploaded: stampOf(d.Modified), Kept: shown(d.Kept), Why: shown(d.Why), Leftover: d.Leftover}
		if d.HasSeq {
			row.Seq = digits(d.Seq)
		}
		g.Rows = append(g.Rows, row)
	}
	g.Bytes = size(bytes)
	if leftovers > 0 {
		g.Leftovers = count(leftovers, "leftover")
	}
	return g
}
