package mpegts

import "recfin/mp4"

// picture is a coded frame or field on its way to become a sample.
type picture struct {
	start  int64 // where its first start code begins
	from   spot  // the packet with which its PES packet begins
	leads  bool  // its PES packet begins with it
	nals   []nalRef
	slice  nalRef // its first slice; hi 0: none yet
	kind   uint16 // of its first slice: what all slices of a picture share
	time   pesTime
	access mp4.Access // what its NAL units say by themselves: Sync, OpenSync, Recovery
	ref    bool       // others may be predicted from it
	whole  bool       // its first slice is the first of a picture
	intra  bool       // all slices are I slices
	sets   setKinds
	taken  bool   // its parameter sets were stored
	pps    uint32 // id that its first slice names
	hasPPS bool   // pps could be read
	head   sliceHead
}

// has reports whether the picture brings parameter sets of all these kinds.
func (p *picture) has(kinds setKinds) bool { return p.sets&kinds == kinds }

// pesTime are the timestamps that a picture has taken.
type pesTime struct {
	pts, dts int64
	timed    bool
}

// setKinds are the kinds of parameter sets that a picture brings.
type setKinds uint8

const (
	hasVPS setKinds = 1 << iota
	hasSPS
	hasPPS
)

// sliceHead is what is used of a slice header, which can be read only with the
// parameter sets in force.
type sliceHead struct {
	ok       bool
	field    bool // half of a frame that is one sample
	bottom   bool
	frameNum uint32
	restart  bool // picture order counts start anew here
	poc      uint32
	pocBits  int   // of poc; 0: there is none
	pocStep  int64 // counts from one frame to the next, as encoders have it
}

// role is what a NAL unit is to the grouping into pictures.
type role uint8

const (
	roleInside    role = iota // belongs to the picture that is open
	roleDrop                  // is not kept
	roleDelimiter             // stands before a picture, and is not kept
	roleEnd                   // stands behind a picture, and is not kept
	rolePrefix                // belongs to the slice behind it
	roleLeading               // stands before the first slice of a picture
	roleEarly                 // as roleLeading, but may stand between two slices as well
	roleSlice
)

// nalFacts is what a NAL unit says without parameter sets.
type nalFacts struct {
	role   role
	first  bool // of a slice: the first of its picture
	intra  bool // of a slice: an I slice
	ref    bool
	kind   uint16
	access mp4.Access
	sets   setKinds
}

// syntax is what H.264 and H.265 do differently.
type syntax interface {
	// look tells what can be told of a NAL unit by itself.
	look(nal []byte) nalFacts
	// store takes a parameter set over; other NAL units change nothing. It reports
	// whether pictures can be described.
	store(nal []byte) bool
	// read fills in head and intra of p with the sets in force.
	read(es *es, p *picture)
	// entry describes the stream where that has changed before p, which was read;
	// nil: it has not. Without any sets the entry is an empty one.
	entry(p *picture) mp4.SampleEntry
	// duration is how long a frame lasts by the sets, in ticks; 0: not told.
	duration() int64
}
