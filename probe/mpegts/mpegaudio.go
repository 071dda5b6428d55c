package mpegts

import (
	"recfin/mp4"
	"recfin/probe/sound"
)

// mpegFrames hands out the frames of MPEG audio: each is an access unit.
type mpegFrames struct {
	f     *finder
	entry *mp4.MP3
}

func readMPEG(b []byte) (head, match) {
	if len(b) < sound.MPEGHeader {
		return head{}, prefix(b, [2]byte{0xff, 0xe0}, [2]byte{0xff, 0xe0})
	}
	h, ok := sound.ReadMPEG(b)
	switch {
	case !ok:
		return head{}, no
	case h.Size == 0:
		return head{}, alien // free format: no header tells the size
	}
	e := h.Entry
	return head{
		size: h.Size, rate: uint32(e.SampleRate),
		kind: uint32(e.ObjectType)<<8 | uint32(e.Layer)<<4 | uint32(e.Channels),
	}, yes
}

func (m *mpegFrames) learn(frame) (bool, error) { return true, nil }

func (m *mpegFrames) take(fr frame) error {
	if h, _ := sound.ReadMPEG(fr.data); m.entry == nil || *m.entry != h.Entry {
		m.entry = &h.Entry
	}
	return m.f.pacer.take(soundUnit{data: fr.data, samples: int64(m.entry.FrameSize), entry: m.entry, time: fr.time})
}

func (m *mpegFrames) flush() error { return nil }
