package remux

import "recfin/mp4"

// relay is the sink of a demuxer that may outlive a part: each part has an
// intake of its own, and what was announced to the one before is announced to
// the next as soon as a sample needs it.
type relay struct {
	in    *intake
	known map[int]mp4.Track
	told  map[int]bool // to this intake
	lost  int64        // of probe.Lost, what is booked
}

// to turns the relay to the intake of the next part.
func (r *relay) to(in *intake) { r.in, r.told = in, nil }

// Track implements mp4.Sink.
func (r *relay) Track(id int, t mp4.Track) error {
	if r.known == nil {
		r.known = map[int]mp4.Track{}
	}
	r.known[id] = t
	r.tell(id)
	return r.in.Track(id, t)
}

// Sample implements mp4.Sink.
func (r *relay) Sample(id int, s *mp4.Sample) error {
	if t, ok := r.known[id]; ok && !r.told[id] {
		r.tell(id)
		if err := r.in.Track(id, t); err != nil {
			return err
		}
	}
	return r.in.Sample(id, s)
}

// Ended implements mpegts.Ender: it passes on that a track brings no more.
func (r *relay) Ended(id int) {
	delete(r.known, id)
	r.in.Ended(id)
}

func (r *relay) tell(id int) {
	if r.told == nil {
		r.told = map[int]bool{}
	}
	r.told[id] = true
}
