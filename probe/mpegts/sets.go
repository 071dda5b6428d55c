package mpegts

// parameterSets is what the sets of every codec say about the SPS in force.
type parameterSets[S any] interface {
	Active(pps uint32) *S
	Any() *S
}

// inForce is the SPS that a picture is decoded by: the one that its slices name,
// else the one of the picture before, else the first that can be used; nil: none.
func inForce[S any](sets parameterSets[S], before *S, p *picture) *S {
	if p.hasPPS {
		if s := sets.Active(p.pps); s != nil {
			return s
		}
	}
	return lastInForce(sets, before)
}

// lastInForce is the SPS of the picture before, else the first that can be used.
func lastInForce[S any](sets parameterSets[S], before *S) *S {
	if before != nil {
		return before
	}
	return sets.Any()
}
