package mpegts

import (
	"errors"
	"fmt"

	"recfin/probe/sound"
)

// latmFrames takes AAC in LATM out of its AudioSyncStream (ISO/IEC 14496-3
// §1.7): its payloads, moved to whole bytes, are access units.
type latmFrames struct {
	f      *finder
	mux    sound.LATM
	buf    []byte
	handed bool // there was an access unit
}

func (l *latmFrames) learn(fr frame) (bool, error) {
	err := l.mux.Learn(fr.data[sound.LOASHeader:])
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, sound.ErrNoConfig):
		return false, nil
	}
	return true, nil // take says what is wrong
}

func (l *latmFrames) take(fr frame) error {
	u := soundUnit{time: fr.time}
	var failed error // of the sink
	buf, err := l.mux.Read(fr.data[sound.LOASHeader:], l.buf, func(payload []byte) error {
		e := l.mux.Entry()
		u.data, u.samples, u.entry = payload, int64(e.FrameSize), e
		failed = l.f.pacer.take(u)
		u.time.timed = false
		l.handed = true
		return failed
	})
	l.buf = buf
	switch {
	case failed != nil:
		return failed
	case err == nil:
		return nil
	case errors.Is(err, sound.ErrForeign) && !l.handed:
		return fmt.Errorf("PID %d: %w is %w", l.f.s.info.PID, err, ErrUnsupported)
	}
	l.f.d.stats.Truncated++ // broken
	if e := l.mux.Entry(); e != nil {
		return l.f.pacer.take(soundUnit{samples: int64(e.FrameSize), entry: e, time: fr.time})
	}
	return nil
}

func (l *latmFrames) flush() error { return nil }
