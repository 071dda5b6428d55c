package mpegts

// fewPIDs is up to how many streams are found by looking at each of them.
const fewPIDs = 8

// pidTable finds the stream of a PID. There is a demuxer for each segment that
// is measured, and hardly a program has more than a few streams, so the table of
// all PIDs is made only where one has.
type pidTable struct {
	pids    []uint16      // of the streams, as far as they are looked at one by one
	streams []*stream     // nil: free
	place   *[8192]uint16 // in streams, from 1; 0: none; nil: by pids
}

// of gives the stream of a PID, or nil. A PID has 13 bits.
func (t *pidTable) of(pid uint16) *stream {
	pid &= 0x1fff
	if t.place == nil {
		for i, x := range t.pids {
			if x == pid {
				return t.streams[i]
			}
		}
		return nil
	}
	if n := t.place[pid]; n > 0 {
		return t.streams[n-1]
	}
	return nil
}

// set makes s the stream of a PID; nil: it has none.
func (t *pidTable) set(pid uint16, s *stream) {
	pid &= 0x1fff
	for i, x := range t.pids {
		if x == pid {
			t.streams[i] = s
			return
		}
	}
	if s == nil {
		return
	}
	t.pids, t.streams = append(t.pids, pid), append(t.streams, s) // at most one for each PID
	if n := len(t.pids); t.place != nil {
		t.place[pid] = uint16(n)
	} else if n > fewPIDs {
		t.place = new([8192]uint16)
		for i, x := range t.pids {
			t.place[x] = uint16(i + 1)
		}
	}
}
