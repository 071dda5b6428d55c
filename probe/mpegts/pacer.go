package mpegts

import (
	"bytes"

	"recfin/mp4"
)

// soundUnit is an access unit of sound.
type soundUnit struct {
	data    []byte // valid during the call; empty: it is lost, and only its time passes
	samples int64  // of the rate of its entry
	entry   mp4.SampleEntry
	time    pesTime // of the access unit itself, if a PES packet tells it
}

// pacer gives access units of sound their times and hands them out.
//
// The PTS of a PES packet is that of the first access unit that begins in it
// (ISO/IEC 13818-1 §2.4.3.7); the units behind it follow by their samples,
// reckoned from that anchor, so that no rounding adds up. Units before the first
// anchor are held and reckoned back from it.
type pacer struct {
	d *Demuxer
	s *stream

	entry    mp4.SampleEntry // announced
	rate     int64
	anchored bool
	anchor   int64 // PTS of a unit
	since    int64 // samples since then
	early    []soundUnit
	held     int // bytes of early

	sample mp4.Sample
	piece  [1][]byte
}

// take takes the next unit. Its entry is compared by identity.
func (p *pacer) take(u soundUnit) error {
	if u.time.timed {
		if err := p.backdate(u.time.pts); err != nil {
			return err
		}
		p.anchored, p.anchor, p.since = true, u.time.pts, 0
	}
	if p.anchored {
		return p.emit(u)
	}
	u.data = bytes.Clone(u.data)
	p.early = append(p.early, u)
	if p.held += len(u.data); p.held > maxUnit {
		p.giveUp()
	}
	return nil
}

// skip lets the time of units pass that are lost.
func (p *pacer) skip(samples int64) {
	if p.anchored {
		p.since += samples
	}
}

// backdate hands out the units that came before the first anchor.
func (p *pacer) backdate(anchor int64) error {
	if len(p.early) == 0 {
		return nil
	}
	p.anchored, p.anchor, p.since = true, anchor, 0
	for i := len(p.early); i > 0; { // in stretches of one rate, from the end
		rate, n := rateOf(p.early[i-1].entry), int64(0)
		for ; i > 0 && rateOf(p.early[i-1].entry) == rate; i-- {
			n += p.early[i-1].samples
		}
		p.anchor -= ticks(n, rate)
	}
	p.d.stats.Untimed += int64(len(p.early))
	for _, u := range p.early {
		if err := p.emit(u); err != nil {
			return err
		}
	}
	p.early, p.held = nil, 0
	return nil
}

// emit hands out a unit at its time.
func (p *pacer) emit(u soundUnit) error {
	if u.entry != p.entry {
		if rate := rateOf(u.entry); rate != p.rate {
			p.anchor, p.since = p.now(), 0 // the anchor counts in samples of the old rate
			p.rate = rate
		}
		p.entry = u.entry
		if err := p.d.announce(p.s, u.entry); err != nil {
			return err
		}
	}
	pts := p.now()
	p.since += u.samples
	if len(u.data) == 0 {
		return nil
	}
	p.piece[0] = u.data
	p.sample = mp4.Sample{
		PTS: pts, DTS: pts, Duration: p.now() - pts,
		Access: mp4.Sync, InBand: true, Pieces: p.piece[:],
	}
	return p.d.sink.Sample(int(p.s.info.PID), &p.sample)
}

// now is the PTS of the next unit.
func (p *pacer) now() int64 { return p.anchor + ticks(p.since, p.rate) }

// ticks is how long samples last, to the nearest tick.
func ticks(samples, rate int64) int64 {
	if rate == 0 {
		return 0
	}
	return (2*samples*Timescale + rate) / (2 * rate)
}

// rateOf is the sample rate of an entry of sound.
func rateOf(e mp4.SampleEntry) int64 {
	if s, ok := e.(mp4.Sound); ok {
		rate, _ := s.Layout()
		return int64(rate)
	}
	return 0
}

// flush ends a part: what has no time by now never gets one.
func (p *pacer) flush() {
	p.giveUp()
	p.anchored = false
}

func (p *pacer) giveUp() {
	for _, u := range p.early {
		if len(u.data) > 0 {
			p.d.stats.Timeless++
		}
	}
	p.early, p.held = nil, 0
}
