package mp4

import "fmt"

// MP3 is the sample entry of MPEG audio ("mp4a" with object type 0x6B or 0x69,
// ISO/IEC 14496-1 table 5), of any layer.
type MP3 struct {
	ObjectType uint8 // 0x6B: MPEG-1 (ISO/IEC 11172-3); 0x69: MPEG-2 (ISO/IEC 13818-3) and 2.5
	Layer      int   // 1 to 3
	SampleRate int   // Hz
	Channels   int
	FrameSize  int // samples an access unit: 1152, 576 or 384
}

// Kind is Audio.
func (*MP3) Kind() Kind { return Audio }

// Codec is "mp1", "mp2" or "mp3".
func (m *MP3) Codec() string { return fmt.Sprintf("mp%d", m.Layer) }

// Codecs is "mp4a.6B" or "mp4a.69" (RFC 6381 §3.3).
func (m *MP3) Codecs() string { return fmt.Sprintf("mp4a.%02X", m.ObjectType) }

// Layout is the sample rate in Hz and the number of channels.
func (m *MP3) Layout() (rate, channels int) { return m.SampleRate, m.Channels }

// Frame is FrameSize.
func (m *MP3) Frame() int { return m.FrameSize }

// Object types of MPEG audio (ISO/IEC 14496-1 table 5).
const (
	objectMPEG2Audio = 0x69
	objectMPEG1Audio = 0x6b
)

// Box is the mp4a box with its esds, which needs no decoder information.
func (m *MP3) Box() ([]byte, error) {
	if m.ObjectType != objectMPEG1Audio && m.ObjectType != objectMPEG2Audio || m.Layer < 1 || m.Layer > 3 {
		return nil, fmt.Errorf("MPEG audio of object type %#x and layer %d: %w", m.ObjectType, m.Layer, ErrEntry)
	}
	return soundBox("mp4a", m, "esds", esds(m.ObjectType, nil))
}
