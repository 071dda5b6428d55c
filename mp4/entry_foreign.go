package mp4

import "fmt"

// ForeignVideo describes pictures of a codec that a Movie cannot hold. They can
// be measured, not written: Box is ErrCodec.
type ForeignVideo struct {
	Name          string // as ffprobe has it: "mpeg2video", "vp8"
	Type          string // value for the CODECS attribute (RFC 6381)
	Width, Height int    // luma samples
	Why           string // of a codec that a Movie can hold: why not here
}

// Kind is Video.
func (*ForeignVideo) Kind() Kind { return Video }

// Codec is the short name.
func (f *ForeignVideo) Codec() string { return f.Name }

// Codecs is the value for the CODECS attribute.
func (f *ForeignVideo) Codecs() string { return f.Type }

// Dimensions are luma samples.
func (f *ForeignVideo) Dimensions() (width, height int) { return f.Width, f.Height }

// Box is ErrCodec.
func (f *ForeignVideo) Box() ([]byte, error) { return nil, foreign(f.Name, f.Why) }

// ForeignAudio describes audio frames of a codec that a Movie cannot hold.
// They can be measured, not written: Box is ErrCodec.
type ForeignAudio struct {
	Name       string // as ffprobe has it: "dts", "flac"
	Type       string // value for the CODECS attribute (RFC 6381)
	SampleRate int    // Hz
	Channels   int
	Why        string // of a codec that a Movie can hold: why not here
}

// Kind is Audio.
func (*ForeignAudio) Kind() Kind { return Audio }

// Codec is the short name.
func (f *ForeignAudio) Codec() string { return f.Name }

// Codecs is the value for the CODECS attribute.
func (f *ForeignAudio) Codecs() string { return f.Type }

// Layout is the sample rate in Hz and the number of channels.
func (f *ForeignAudio) Layout() (rate, channels int) { return f.SampleRate, f.Channels }

// Frame is 0: unknown.
func (f *ForeignAudio) Frame() int { return 0 }

// Box is ErrCodec.
func (f *ForeignAudio) Box() ([]byte, error) { return nil, foreign(f.Name, f.Why) }

func foreign(name, why string) error {
	if why != "" {
		return fmt.Errorf("%s (%s): %w", name, why, ErrCodec)
	}
	return fmt.Errorf("%s: %w", name, ErrCodec)
}
