package mpegts

import (
	"errors"
	"fmt"

	"recfin/probe/sound"
)

// latmFrames takes AAC in LATM out of its AudioSyncStream (ISO/IEC 14496-3
// §1.7): its payloads, moved to whole bytes, are access units.
type latmFrames struct {
	refusal
	f   *finder
	mux sound.LATM
	buf []byte
}

func (l *latmFrames) learn(fr frame) (bool, error) {
	if l.doubtful(fr) {
		return true, nil
	}
	err := l.mux.Learn(fr.data[sound.LOASHeader:])
	return !errors.Is(err, sound.ErrNoConfig), nil // take says what else is wrong
}

// doubtful reports whether a frame of which packets may be missing brings
// another configuration: it is not to be believed.
func (l *latmFrames) doubtful(fr frame) bool {
	if !fr.damaged || l.mux.Entry() == nil {
		return false
	}
	mux := l.mux
	return mux.Learn(fr.data[sound.LOASHeader:]) != nil || mux.Entry() != l.mux.Entry()
}

func (l *latmFrames) take(fr frame) error {
	if l.doubtful(fr) {
		return l.broken(fr)
	}
	u := soundUnit{time: fr.time}
	var failed error // of the sink
	buf, err := l.mux.Read(fr.data[sound.LOASHeader:], l.buf, func(payload []byte) error {
		e := l.mux.Entry()
		u.data, u.samples, u.entry = payload, int64(e.FrameSize), e
		failed = l.f.pacer.take(u)
		u.time.timed = false
		return failed
	})
	l.buf = buf
	switch {
	case failed != nil:
		return failed
	case err == nil:
		l.accept()
		return nil
	case errors.Is(err, sound.ErrForeign):
		if err := l.refuse(fmt.Errorf("%w is %w", err, ErrUnsupported)); err != nil {
			return err
		}
	}
	return l.broken(fr)
}

// broken drops a frame; its time passes.
func (l *latmFrames) broken(fr frame) error {
	l.f.d.stats.Truncated++
	if e := l.mux.Entry(); e != nil {
		return l.f.pacer.take(soundUnit{samples: int64(e.FrameSize), entry: e, time: fr.time})
	}
	return nil
}

func (l *latmFrames) flush() error { return l.end() }
