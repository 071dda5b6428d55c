package mp4

import gomp4 "github.com/abema/go-mp4"

// edit is an entry of an edit list (ISO/IEC 14496-12 §8.6.6).
type edit struct {
	duration int64 // movie ticks
	media    int64 // media ticks; -1: empty
}

// edits gives what of the track is shown when. A track that begins with the
// movie and is shown from its start needs no list, but has one edit all the
// same. Durations are rounded up, so that no edit cuts the last sample.
func (t *track) edits() []edit {
	total := t.mediaDuration()
	priming := min(max(t.priming, 0), total-1)
	shown := edit{duration: scale(total-priming, t.timescale, up), media: priming}
	if empty := scale(t.startOffset(), t.timescale, nearest); empty > 0 {
		return []edit{{duration: empty, media: -1}, shown}
	}
	return []edit{shown}
}

// sum is the duration of a track: that of its edits.
func sum(edits []edit) int64 {
	var d int64
	for _, e := range edits {
		d += e.duration
	}
	return d
}

// listed reports whether an edit list must be written.
func listed(edits []edit) bool { return len(edits) > 1 || edits[0].media != 0 }

func (ns *nodes) editList(edits []edit) *node {
	elst := &gomp4.Elst{EntryCount: uint32(len(edits))}
	elst.SetVersion(1)
	for _, e := range edits {
		elst.Entries = append(elst.Entries, gomp4.ElstEntry{
			SegmentDurationV1: uint64(e.duration), MediaTimeV1: e.media, MediaRateInteger: 1,
		})
	}
	return group("edts", ns.small(elst))
}
