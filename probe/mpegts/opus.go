package mpegts

import (
	"bytes"

	"recfin/mp4"
	"recfin/probe/sound"
)

// opusFrames takes packets of Opus from behind their control headers (ETSI TS 103
// 491). The PTS of a packet is that of its first sample, those to be thrown away
// included: so the samples that start_trim takes from the first packets are the
// pre-skip of the track (RFC 7845 §4.2) and its priming, and no time moves. In
// the middle of a stream they are left in. What end_trim takes shortens the
// duration.
type opusFrames struct {
	f      *finder
	entry  *mp4.Opus
	handed bool        // there was an access unit
	lead   []soundUnit // at the very start: packets that are thrown away whole
}

func (o *opusFrames) learn(frame) (bool, error) { return true, nil }

func (o *opusFrames) take(fr frame) error {
	c, _, _ := sound.ReadOpusControl(fr.data)
	packet := fr.data[c.Header:]
	n := sound.OpusDuration(packet)
	if n == 0 {
		o.f.d.stats.Truncated++ // broken
		return nil
	}
	if o.entry == nil {
		o.entry = sound.OpusEntry(o.f.s.info.Opus)
	}
	// A sample that has no duration at all could not be told from one of which it
	// is not known.
	u := soundUnit{data: packet, samples: int64(max(1, n-c.EndTrim)), entry: o.entry, time: fr.time}
	if !o.handed {
		o.entry.PreSkip += min(c.StartTrim, n)
		if c.StartTrim >= n && len(o.lead) < maxLeadPackets {
			u.data = bytes.Clone(u.data)
			o.lead = append(o.lead, u)
			return nil
		}
	}
	if err := o.flush(); err != nil {
		return err
	}
	o.handed = true
	return o.f.pacer.take(u)
}

// maxLeadPackets bounds what is held to add up the pre-skip: 5 s at most.
const maxLeadPackets = 40

func (o *opusFrames) flush() error {
	for _, u := range o.lead {
		o.handed = true
		if err := o.f.pacer.take(u); err != nil {
			return err
		}
	}
	o.lead = nil
	return nil
}
