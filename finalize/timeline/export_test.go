package timeline

// What the tests beside the package write segments down with.
type Flat = flat

// BuildFlat is Build of such segments.
func BuildFlat(segs []Flat, opt Options) (*Timeline, []Need) { return build(segs, opt) }
