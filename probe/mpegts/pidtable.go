package mpegts

// pidTable finds the stream of a PID. There is a demuxer for each segment that
// is measured, so it is small and nothing for the garbage collector.
type pidTable struct {
	place   [8192]uint16 // in streams, from 1; 0: none
	streams []*stream    // nil: free
}

// of gives the stream of a PID, or nil. A PID has 13 bits.
func (t *pidTable) of(pid uint16) *stream {
	if n := t.place[pid&0x1fff]; n > 0 {
		return t.streams[n-1]
	}
	return nil
}

// set makes s the stream of a PID; nil: it has none.
func (t *pidTable) set(pid uint16, s *stream) {
	pid &= 0x1fff
	switch n := t.place[pid]; {
	case n > 0:
		t.streams[n-1] = s
	case s != nil:
		t.streams = append(t.streams, s)
		t.place[pid] = uint16(len(t.streams)) // at most one for each PID
	}
}
