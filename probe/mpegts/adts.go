package mpegts

import (
	"fmt"

	"recfin/mp4"
	"recfin/probe/sound"
)

// adtsFrames takes the frames of AAC in ADTS apart (ISO/IEC 14496-3 §1.A.2.2).
type adtsFrames struct {
	refusal
	f     *finder
	fixed uint32 // of the header that entry was made of
	entry *mp4.AAC
}

var codingADTS = &coding{
	name: "AAC", lead: 0xff,
	read: readADTS,
	open: func(f *finder) unpacker { return &adtsFrames{f: f, refusal: refusal{pid: f.s.info.PID}} },
}

func readADTS(b []byte) (head, match) {
	if len(b) < adtsHeader {
		return head{}, prefix(b, [2]byte{0xff, 0xf0}, [2]byte{0xff, 0xf6})
	}
	h, ok := parseADTS(b)
	if !ok {
		return head{}, no
	}
	return head{size: h.size, kind: h.fixed}, yes
}

// learn makes the entry. Channel configuration 0 has its channels in the program
// config element that some of the frames begin with (§1.A.2.2): it goes into the
// AudioSpecificConfig and stays in the frame.
func (a *adtsFrames) learn(fr frame) (bool, error) {
	h, _ := parseADTS(fr.data)
	if h.channels() > 0 {
		if a.entry == nil || a.fixed != h.fixed {
			a.entry, a.fixed = h.entry(), h.fixed
		}
		return true, nil
	}
	blocks, ok, err := h.blocks(fr.data)
	if err == nil && ok {
		if p, ok := sound.ReadPCE(fr.data[blocks[0].lo:blocks[0].hi]); ok {
			e := h.entry()
			e.Config, e.Channels = p.ASC(e.ObjectType, h.rateIndex()), p.Channels
			if a.entry == nil || a.fixed != h.fixed || string(e.Config) != string(a.entry.Config) {
				a.entry, a.fixed = e, h.fixed
			}
		}
	}
	return a.entry != nil && a.fixed == h.fixed, nil
}

func (a *adtsFrames) take(fr frame) error {
	h, _ := parseADTS(fr.data)
	blocks, ok, err := h.blocks(fr.data)
	if err != nil {
		if err := a.refuse(err); err != nil {
			return err
		}
	}
	u := soundUnit{samples: frameSamples, entry: a.entry, time: fr.time}
	if err != nil || !ok { // of a stream that is otherwise fine: damage
		a.f.d.stats.Truncated += int64(h.count)
		u.samples *= int64(h.count)
		return a.f.pacer.take(u)
	}
	a.accept()
	for _, r := range blocks[:h.count] {
		u.data = fr.data[r.lo:r.hi]
		if err := a.f.pacer.take(u); err != nil {
			return err
		}
		u.time.timed = false
	}
	return nil
}

func (a *adtsFrames) flush() error {
	if a.entry == nil && len(a.f.backlog) > 0 {
		return a.fail(fmt.Errorf("AAC with a channel configuration of its own (0) and no program config element is %w", ErrUnsupported))
	}
	return a.end()
}
