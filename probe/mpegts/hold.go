package mpegts

import "cmp"

// maxHeld bounds what is held for a map that does not come: before the first
// map it is a whole large segment, after it only what may precede a new one.
const (
	maxHeldFirst = 64 << 20
	maxHeldLater = 4 << 20
)

// holder keeps packets of unknown PIDs until the segment has shown its map.
type holder struct {
	packets []byte // whole packets, one after the other
	at      []spot // where each of them stands
	mapped  bool   // the map of this segment was there: nothing is held any more
}

// reset begins a segment and returns how many packets were held in vain.
func (h *holder) reset() int64 {
	n := int64(len(h.packets) / packetSize)
	h.packets, h.at, h.mapped = h.packets[:0], h.at[:0], false
	return n
}

// hold keeps a packet, or counts it where nothing is held any more.
func (d *Demuxer) hold(p []byte) error {
	h := &d.held
	switch {
	case h.mapped, d.program != nil && len(h.packets) >= maxHeldLater:
		d.stats.UnknownPackets++
		return nil
	case len(h.packets) >= maxHeldFirst:
		if ok, err := d.guessProgram(); !ok || err != nil {
			return cmp.Or(err, ErrNoProgram)
		}
		if s := d.pids.of(pidOf(p)); s != nil {
			return d.media(s, p)
		}
		d.stats.UnknownPackets++
		return nil
	}
	h.packets, h.at = append(h.packets, p...), append(h.at, d.at)
	return nil
}

// replay feeds the held packets of PIDs that are known now.
func (d *Demuxer) replay() error {
	h := &d.held
	h.mapped = true
	held, at, now := h.packets, h.at, d.at
	h.packets, h.at = nil, nil
	defer func() { d.at = now }()
	for n := 0; len(held) >= packetSize; n, held = n+1, held[packetSize:] {
		p := held[:packetSize:packetSize]
		d.at = at[n]
		s := d.pids.of(pidOf(p))
		if s == nil {
			if !d.psi.owns(pidOf(p)) {
				d.stats.UnknownPackets++
			}
			continue
		}
		if err := d.media(s, p); err != nil {
			return err
		}
	}
	return nil
}
