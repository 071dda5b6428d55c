package mpegts

// tables notes where a segment describes itself.
type tables struct {
	pat, pmt bool
	end      int64 // of the packet that completes them, in the segment
	maps     int   // programs that it began
	changed  bool  // another map than its first one came
	cut      bool  // it begins with a part of a picture or of a frame
}

// sawPAT notes that the PAT of the program stands in the segment; moved: it says
// something new.
func (d *Demuxer) sawPAT(moved bool) {
	t := &d.tables
	t.changed = t.changed || (t.pat || t.pmt) && moved
	if !t.pat {
		t.pat, t.end = true, d.at.pos+packetSize
	}
}

// sawMap notes that the map stands in the segment; other: it is not the one in force.
func (d *Demuxer) sawMap(other bool) {
	t := &d.tables
	if other {
		t.maps++
	}
	t.changed = t.changed || t.pmt && other
	if !t.pmt {
		t.pmt, t.end = true, d.at.pos+packetSize
	}
}

// Described says where, in the segment that was written last, the PAT and the PMT
// are both complete, which hold for all of it. false: it lacks one, or the map
// changes in it.
func (d *Demuxer) Described() (end int64, ok bool) {
	t := d.tables
	return t.end, t.pat && t.pmt && !t.changed
}

// Maps is how many programs the segment that was written last has begun: none where
// the one before it goes on.
func (d *Demuxer) Maps() int { return d.tables.maps }

// Cut reports whether the segment that was written last begins with a part of a PES
// packet, of a picture whose begin was never seen, or of a frame of sound. Of pictures
// that run over into it their samples tell (mp4.Place).
func (d *Demuxer) Cut() bool { return d.tables.cut }

// nextSegment says that what follows is another segment.
func (d *Demuxer) nextSegment() {
	d.at, d.tables, d.flushed = spot{segment: d.at.segment + 1}, tables{}, false
	for _, s := range d.streams {
		s.first, s.edge = true, s.es.end()
	}
}
