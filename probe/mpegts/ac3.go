package mpegts

import (
	"slices"

	"recfin/mp4"
	"recfin/probe/sound"
)

// ac3Frames puts the sync frames of AC-3 and E-AC-3 together to access units: an
// access unit of E-AC-3 has six blocks of all substreams (ETSI TS 102 366 annex
// F.6), whether a sync frame brings 1, 2, 3 or 6 of them. Which of the two a
// stream holds is told by its bytes, not by its stream type.
type ac3Frames struct {
	f *finder

	group   []sound.AC3Frame // the open access unit
	data    []byte
	blocks  int // of its first substream
	time    pesTime
	damaged bool

	entry mp4.SampleEntry
	model []sound.AC3Frame // what entry was made of
}

// unitBlocks is how many blocks an access unit has, of blockSamples each.
const (
	unitBlocks   = 6
	blockSamples = 256
)

func readAC3(b []byte) (head, match) {
	if len(b) < sound.AC3Header {
		return head{}, prefix(b, [2]byte{0x0b, 0x77}, [2]byte{0xff, 0xff})
	}
	h, ok := sound.ReadAC3(b)
	if !ok {
		if bsid := b[5] >> 3; b[0] == 0x0b && b[1] == 0x77 && (bsid == 9 || bsid == 10) {
			return head{}, alien
		}
		return head{}, no
	}
	kind := uint32(h.Bsid)<<8 | uint32(h.Acmod)<<1
	if h.LFE {
		kind |= 1
	}
	return head{size: h.Size, rate: uint32(h.SampleRate), kind: kind, part: !begins(h)}, yes
}

// begins reports whether the first substream begins with a frame.
func begins(h sound.AC3Frame) bool { return h.Type != sound.Dependent && h.ID == 0 }

func (a *ac3Frames) learn(frame) (bool, error) { return true, nil }

func (a *ac3Frames) take(fr frame) error {
	h, _ := sound.ReadAC3(fr.data)
	if begins(h) {
		switch {
		case a.blocks >= unitBlocks:
			if err := a.end(); err != nil {
				return err
			}
		case h.First, fr.fresh, a.blocks+h.Blocks > unitBlocks:
			a.abandon()
		}
		if fr.time.timed && (!a.time.timed || len(a.group) == 0) {
			a.time = fr.time
			a.time.pts -= ticks(int64(a.blocks)*blockSamples, int64(h.SampleRate))
		}
		a.blocks += h.Blocks
	} else if len(a.group) == 0 || fr.fresh {
		a.abandon()
		a.f.d.stats.Truncated++ // what it belongs to is missing
		return nil
	}
	a.group = append(a.group, h)
	a.data = append(a.data, fr.data...)
	a.damaged = a.damaged || fr.damaged
	if len(a.data) > maxUnit {
		a.abandon()
	}
	return nil
}

// end hands out the access unit that is complete.
func (a *ac3Frames) end() error {
	model := slices.Clone(a.group)
	for i, m := range model { // without what may change, or is not in every frame
		m.Size, m.BitRateCode, m.First, m.Bsmod, m.Objects = 0, 0, false, 0, 0
		model[i] = m
	}
	if a.entry == nil || !a.damaged && !slices.Equal(model, a.model) {
		e := sound.DolbyEntry(a.group)
		if e == nil {
			a.abandon()
			return nil
		}
		a.entry, a.model = e, model
	}
	err := a.f.pacer.take(soundUnit{data: a.data, samples: int64(a.blocks) * blockSamples, entry: a.entry, time: a.time})
	a.reset()
	return err
}

// abandon drops an access unit that is not complete. Its time passes on to what
// follows.
func (a *ac3Frames) abandon() {
	if len(a.group) == 0 {
		a.reset()
		return
	}
	a.f.d.stats.Truncated++
	at, lost := a.time, int64(a.blocks)*blockSamples
	at.pts += ticks(lost, int64(a.group[0].SampleRate))
	if !at.timed {
		a.f.pacer.skip(lost)
	}
	a.reset()
	a.time = at
}

func (a *ac3Frames) reset() {
	a.group, a.data, a.blocks, a.time, a.damaged = a.group[:0], a.data[:0], 0, pesTime{}, false
}

func (a *ac3Frames) flush() error {
	var err error
	if a.blocks >= unitBlocks {
		err = a.end()
	} else {
		a.abandon()
	}
	a.reset()
	return err
}
