package s3

import "strings"

// maxDepth is how deep folders are counted.
const maxDepth = 8

// gauge estimates how many names the folders of a listing hold, at that depth below its
// prefix which is the best to cut at.
type gauge struct {
	depth   int // from 1; 0: there are no folders to cut at
	names   int
	folders int
	most    int // names on a page
}

// measure looks at the first pages of a listing of what begins with prefix. The best
// depth is the deepest whose folders fill a page each; if none does, some folders of
// the first depth make a span.
func measure(prefix string, most int, pages []*page) gauge {
	var folders [maxDepth + 1]int
	names, before := 0, ""
	for _, p := range pages {
		for _, e := range p.objects {
			name := p.name(e)
			for d, at := range slashes(name, len(prefix)) {
				if !strings.HasPrefix(before, name[:at]) {
					folders[d+1]++
				}
			}
			before = name
			names++
		}
	}
	g := gauge{most: most, names: names}
	for d := 1; d <= maxDepth && folders[d] > 0; d++ {
		// Folders that have one folder each are as good a place as those.
		if d == 1 || names/folders[d] >= most && (folders[d] > g.folders || g.folders == 1) {
			g.depth, g.folders = d, folders[d]
		}
	}
	return g
}

// slashes gives where the folders of a name end, behind so many bytes of it.
func slashes(name string, from int) []int {
	var ends []int
	for i := min(from, len(name)); i < len(name) && len(ends) < maxDepth; i++ {
		if name[i] == '/' {
			ends = append(ends, i+1)
		}
	}
	return ends
}

// span learns from a span that was read.
func (g *gauge) span(x *span) {
	if x.folders > 0 {
		g.names += x.names
		g.folders += x.folders
	}
}

// group is how many folders make a span.
func (g *gauge) group() int {
	if g.folders <= 1 {
		return 1 // the first one has not ended yet
	}
	return max(1, spanPages*g.most*g.folders/max(1, g.names))
}
