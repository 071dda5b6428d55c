package mp4

// A decoder of Opus converges in 80 ms ("Encapsulation of Opus in ISO Base Media
// File Format" §4.3.6.2), which is at most 32 packets of 2.5 ms (RFC 6716 §2.1.4).
const (
	opusPreroll    = 80 // ms
	maxOpusPreroll = 32 // samples
)

// rollDistance is how many samples before one must be decoded to hear it right,
// counted with the shortest sample of the track, so that it is enough anywhere;
// 0 where none.
func (t *track) rollDistance() int64 {
	if string(t.entries[0][4:8]) != "Opus" {
		return 0
	}
	shortest := t.shortest
	if shortest == 0 {
		shortest = t.duration
	}
	ms := shortest * 1000
	n := (opusPreroll*int64(t.timescale) + ms - 1) / ms
	return min(max(n, 1), maxOpusPreroll)
}

// roll is the sample group "roll" of which all samples are (ISO/IEC 14496-12
// §8.9.2, §8.9.3, §10.1), or nothing.
func (t *track) roll() []*node {
	distance := t.rollDistance()
	if distance == 0 {
		return nil
	}
	sgpd := append([]byte{1, 0, 0, 0}, "roll"...)
	sgpd = be.AppendUint32(be.AppendUint32(sgpd, 2), 1) // one description of two bytes
	sgpd = be.AppendUint16(sgpd, uint16(-distance))
	sbgp := append(make([]byte, 4), "roll"...)
	sbgp = be.AppendUint32(sbgp, 1)
	sbgp = be.AppendUint32(be.AppendUint32(sbgp, uint32(t.samples)), 1)
	return []*node{{typ: "sgpd", data: sgpd}, {typ: "sbgp", data: sbgp}}
}
