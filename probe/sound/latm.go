package sound

import (
	"fmt"

	"recfin/mp4"
)

// LOASHeader is how many bytes ReadLOAS needs.
const LOASHeader = 3

// ReadLOAS reads the header of the AudioSyncStream (ISO/IEC 14496-3 §1.7.2) that
// b begins with: size is how many bytes the frame has, header included.
func ReadLOAS(b []byte) (size int, ok bool) {
	if len(b) < LOASHeader || b[0] != 0x56 || b[1]&0xe0 != 0xe0 {
		return 0, false
	}
	n := int(b[1]&0x1f)<<8 | int(b[2])
	return LOASHeader + n, n > 0
}

// LATM takes the AudioMuxElements of one stream apart (ISO/IEC 14496-3 §1.7.3):
// those with a single program of a single layer, in frames that tell their
// length or have a constant one.
type LATM struct {
	entry     *mp4.AAC
	config    []byte // as far as it makes a difference
	subFrames int    // of an element
	constant  int    // bytes of a payload; 0: each tells its own
	other     int    // bits of other data behind the payloads
}

// Entry describes the stream; nil: no configuration came yet. It is another one
// only where the configuration has changed.
func (m *LATM) Entry() *mp4.AAC { return m.entry }

// Read hands the payloads of an AudioMuxElement (with its configuration in the
// stream) to take, moved to whole bytes in a buffer that the next one reuses;
// buf is used for it and comes back. An empty payload says that nothing was sent
// for a frame. Before the first configuration it is
// ErrNoConfig. An element that is cut or broken is ErrConfig and hands out
// nothing; one of another kind of stream is ErrForeign.
func (m *LATM) Read(element, buf []byte, take func(payload []byte) error) ([]byte, error) {
	r := reader{p: element}
	if err := m.learn(&r); err != nil {
		return buf, err
	}
	var spans [64][2]int // numSubFrames has six bits
	for i := range m.subFrames {
		n := m.constant
		if n == 0 {
			n = r.slotLength()
		}
		spans[i] = [2]int{r.pos, n}
		r.skip(8 * n)
	}
	r.skip(m.other)
	if r.over {
		return buf, fmt.Errorf("AudioMuxElement of %d bytes: %w", len(element), ErrConfig)
	}
	for _, s := range spans[:m.subFrames] {
		buf = copyBits(buf[:0], element, s[0], 8*s[1])
		if err := take(buf); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// Learn reads the configuration that an element may bring, without its payloads;
// the errors are those of Read.
func (m *LATM) Learn(element []byte) error { return m.learn(&reader{p: element}) }

func (m *LATM) learn(r *reader) error {
	if !r.flag() { // useSameStreamMux
		n := *m
		if err := n.readConfig(r); err != nil {
			return err
		}
		*m = n
	}
	if m.entry == nil {
		return ErrNoConfig
	}
	return nil
}

// ErrNoConfig: the element relies on a configuration that did not come.
var ErrNoConfig = fmt.Errorf("no StreamMuxConfig yet: %w", ErrConfig)

// readConfig reads a StreamMuxConfig (§1.7.3.1).
func (m *LATM) readConfig(r *reader) error {
	version := r.flag()
	if version && r.flag() {
		return fmt.Errorf("audioMuxVersionA 1: %w", ErrForeign)
	}
	if version {
		r.value() // taraBufferFullness
	}
	same := r.flag()
	m.subFrames = int(r.get(6)) + 1
	programs, layers := r.get(4)+1, r.get(3)+1
	if r.over {
		return fmt.Errorf("StreamMuxConfig: %w", ErrConfig)
	}
	if !same || programs > 1 || layers > 1 {
		return fmt.Errorf("LATM with %d programs of %d layers: %w", programs, layers, ErrForeign)
	}
	at, length := r.pos, 0
	if version {
		length = int(r.value())
		at = r.pos
	}
	if r.over || length > r.left() || length > 8*maxASC {
		return fmt.Errorf("StreamMuxConfig: %w", ErrConfig)
	}
	e, end, err := readASC(r.p, at)
	switch {
	case err != nil:
		return err
	case version && end > at+length:
		return fmt.Errorf("StreamMuxConfig: %w", ErrConfig)
	case version:
		end = at + length
	case e.ObjectType == objectERELD:
		return fmt.Errorf("audio object type %d without a length: %w", e.ObjectType, ErrForeign)
	}
	e.Config = copyBits(nil, r.p, at, end-at)
	r.pos = end
	m.constant = 0
	switch r.get(3) { // frameLengthType
	case 0:
		r.skip(8)
	case 1:
		m.constant = int(r.get(9)) + 20
	default:
		return fmt.Errorf("LATM with another kind of lengths: %w", ErrForeign)
	}
	m.other = 0
	if r.flag() {
		m.other = r.otherData(version)
	}
	r.skipIf(8) // crcCheckSum
	if r.over || m.other > 8*len(r.p) {
		return fmt.Errorf("StreamMuxConfig: %w", ErrConfig)
	}
	if m.entry == nil || string(m.config) != string(e.Config) || m.entry.SampleRate != e.SampleRate {
		m.entry, m.config = e, e.Config
	}
	return nil
}

// slotLength is a PayloadLengthInfo() of frames that tell their length (§1.7.3.1).
func (r *reader) slotLength() int {
	for n := 0; ; {
		k := int(r.get(8))
		if n += k; k < 255 {
			return n
		}
	}
}

// value is a LatmGetValue().
func (r *reader) value() uint32 {
	n := int(r.get(2)) + 1
	return r.get(8 * n)
}

// otherData is the length of other data, in bits.
func (r *reader) otherData(version bool) int {
	if version {
		return int(r.value())
	}
	n := 0
	for {
		more := r.flag()
		if n = n<<8 | int(r.get(8)); !more || r.over || n > 1<<24 {
			return n
		}
	}
}
