package mpegts

import (
	"bytes"
	"fmt"

	"recfin/mp4"
)

// adts finds the frames of an AAC stream in ADTS (ISO/IEC 14496-3 §1.A.2.2).
//
// The PTS of a PES packet is that of the first frame that begins in it; the
// frames behind it follow at 1024 samples each, reckoned from that anchor.
type adts struct {
	d *Demuxer
	s *stream

	pos    int64  // offset of the next frame
	locked bool   // a frame ended at pos
	fixed  uint32 // fixed header of the frames so far; 0: none yet
	gapLo  int64  // packets may be missing between these offsets, at both of them
	gapHi  int64

	anchored bool
	anchor   int64 // PTS of a frame
	since    int64 // raw blocks since then
	rate     int64
	early    []rawBlock // before the first anchor

	sample mp4.Sample
	piece  [1][]byte
}

// rawBlock is one raw_data_block: an access unit of AAC.
type rawBlock struct {
	lo, hi int64
	fixed  uint32
}

func newADTS(d *Demuxer, s *stream) parser {
	return &adts{d: d, s: s}
}

func (a *adts) gap() {
	if a.gapHi <= a.pos {
		a.gapLo = a.s.es.end()
	}
	a.gapHi = a.s.es.end()
}

func (a *adts) parse() error { return a.run(false) }

func (a *adts) flush(bool) error {
	if err := a.run(true); err != nil {
		return err
	}
	a.d.stats.Timeless += int64(len(a.early))
	a.early = a.early[:0]
	a.locked, a.anchored, a.gapLo, a.gapHi = false, false, 0, 0
	return nil
}

// run takes the frames that are complete. last: nothing follows.
func (a *adts) run(last bool) error {
	es := &a.s.es
	a.pos = max(a.pos, es.base)
	for {
		b := es.from(a.pos)
		if len(b) == 0 {
			break
		}
		h, ok := parseADTS(b)
		if !ok && len(b) < adtsHeader && b[0] == 0xff && !last {
			break
		}
		if !ok {
			a.junk(b)
			continue
		}
		verdict := a.judge(b, h, last)
		if verdict == wait {
			break
		}
		if verdict == reject {
			a.junk(b)
			continue
		}
		if verdict == cut {
			a.d.stats.Truncated++
			a.pos = es.end()
			break
		}
		if err := a.frame(b[:h.size], h); err != nil {
			return err
		}
	}
	keep := a.pos
	if len(a.early) > 0 {
		keep = a.early[0].lo
	}
	es.markAt(a.pos)
	es.discard(keep)
	if es.end()-es.base > maxUnit {
		a.d.stats.Truncated++
		a.early = a.early[:0]
		a.pos = es.end()
		es.reset()
	}
	return nil
}

type verdict uint8

const (
	accept verdict = iota
	reject         // no frame begins here
	wait           // more bytes will tell
	cut            // the frame ends with the stream
)

// judge says whether a frame with header h begins at b. A frame that follows
// another one, or begins a PES packet, needs no further proof; after junk, a gap
// or with another configuration the header of the next frame must be in place.
func (a *adts) judge(b []byte, h adtsInfo, last bool) verdict {
	es := &a.s.es
	end := a.pos + int64(h.size)
	sure := a.fixed == h.fixed && (a.gapHi <= a.pos || a.gapLo >= end)
	if sure && !a.locked {
		m := es.markAt(a.pos)
		sure = m != nil && m.off == a.pos
	}
	if len(b) < h.size {
		switch {
		case !last:
			return wait
		case a.locked || sure:
			return cut
		}
		return reject
	}
	if sure {
		return accept
	}
	next, ok := parseADTS(b[h.size:])
	switch {
	case ok && next.fixed == h.fixed:
		return accept
	case len(b) >= h.size+adtsHeader, len(b) > h.size && b[h.size] != 0xff:
		return reject
	case !last:
		return wait
	case len(b) == h.size && (a.fixed == 0 || a.fixed == h.fixed):
		return accept
	}
	return reject
}

// junk passes over bytes up to the next that may begin a header.
func (a *adts) junk(b []byte) {
	n := 1 + bytes.IndexByte(b[1:], 0xff)
	if n == 0 {
		n = len(b)
	}
	a.d.stats.JunkBytes += int64(n)
	a.pos += int64(n)
	a.locked = false
}

// frame takes the frame that lies at pos.
func (a *adts) frame(b []byte, h adtsInfo) error {
	if a.fixed != h.fixed {
		if err := a.describe(h); err != nil {
			return err
		}
	}
	if a.gapHi > a.pos && a.gapLo < a.pos+int64(h.size) {
		a.d.stats.Damaged++
	}
	if m := a.s.es.markAt(a.pos); m != nil && m.timed && !m.used {
		m.used = true
		a.anchored, a.anchor, a.since = true, m.pts, 0
		if err := a.backdate(); err != nil {
			return err
		}
	}
	blocks, ok, err := h.blocks(b)
	if err != nil {
		return fmt.Errorf("PID %d: %w", a.s.info.PID, err)
	}
	at := a.pos
	a.pos += int64(h.size)
	a.locked = true
	if !ok {
		a.d.stats.Truncated += int64(h.count)
		a.since += int64(h.count)
		return nil
	}
	for _, r := range blocks[:h.count] {
		rb := rawBlock{lo: at + int64(r.lo), hi: at + int64(r.hi), fixed: h.fixed}
		if !a.anchored {
			a.early = append(a.early, rb)
			continue
		}
		if err := a.emit(rb); err != nil {
			return err
		}
	}
	return nil
}

// describe announces the configuration of h.
func (a *adts) describe(h adtsInfo) error {
	e, err := h.entry()
	if err != nil {
		return fmt.Errorf("PID %d: %w", a.s.info.PID, err)
	}
	if a.anchored { // the anchor counts in samples of the old rate
		a.anchor, a.since = a.time(a.since), 0
	}
	a.fixed, a.rate = h.fixed, int64(e.SampleRate)
	return a.d.announce(a.s, e)
}

// time is the PTS of the n-th raw block after the anchor.
func (a *adts) time(n int64) int64 {
	if a.rate == 0 {
		return a.anchor
	}
	return a.anchor + (2*n*frameSamples*Timescale+a.rate)/(2*a.rate)
}

// backdate hands out the blocks that came before the first anchor.
func (a *adts) backdate() error {
	n := int64(len(a.early))
	if n == 0 {
		return nil
	}
	a.d.stats.Untimed += n
	anchor := a.anchor
	a.anchor = 2*anchor - a.time(n)
	for _, r := range a.early {
		if err := a.emit(r); err != nil {
			return err
		}
	}
	a.early = a.early[:0]
	a.anchor, a.since = anchor, 0
	return nil
}

func (a *adts) emit(r rawBlock) error {
	pts := a.time(a.since)
	a.since++
	a.piece[0] = a.s.es.at(r.lo, r.hi)
	a.sample = mp4.Sample{
		PTS: pts, DTS: pts, Duration: a.time(a.since) - pts,
		Access: mp4.Sync, InBand: true, Pieces: a.piece[:],
	}
	return a.d.sink.Sample(int(a.s.info.PID), &a.sample)
}
