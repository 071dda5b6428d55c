package mp4

import "fmt"

// AAC is the sample entry of MPEG-4 audio ("mp4a", ISO/IEC 14496-14 §5.6).
type AAC struct {
	Config     []byte // AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1)
	ObjectType int    // audio object type: 2 is AAC-LC
	SampleRate int    // core rate, Hz
	Channels   int
	FrameSize  int // samples an access unit: 1024 (960 where the config says so)
}

// Kind is Audio.
func (*AAC) Kind() Kind { return Audio }

// Codec is "aac".
func (*AAC) Codec() string { return "aac" }

// Codecs is "mp4a.40." and the object type (RFC 6381 §3.3).
func (a *AAC) Codecs() string { return fmt.Sprintf("mp4a.40.%d", a.ObjectType) }

// maxASC is more than any AudioSpecificConfig has.
const maxASC = 4096

// Box is the mp4a box with its esds.
func (a *AAC) Box() ([]byte, error) {
	if len(a.Config) < 2 || len(a.Config) > maxASC {
		return nil, fmt.Errorf("AudioSpecificConfig of %d bytes: %w", len(a.Config), ErrEntry)
	}
	return soundBox("mp4a", a, "esds", esds(objectMPEG4Audio, a.Config))
}
