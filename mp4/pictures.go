package mp4

// Pictures is implemented by the entries of video codecs.
type Pictures interface {
	// Dimensions are luma samples after cropping.
	Dimensions() (width, height int)
}

// Dimensions are luma samples after cropping.
func (a *AVC) Dimensions() (width, height int) { return a.Width, a.Height }

// Sound is implemented by the entries of audio codecs.
type Sound interface {
	// Layout is the sample rate in Hz and the number of channels.
	Layout() (rate, channels int)
	// Frame is how many samples of that rate each access unit brings; 0: it
	// differs, and Sample.Duration tells.
	Frame() int
}

// Layout is the core sample rate in Hz and the number of channels.
func (a *AAC) Layout() (rate, channels int) { return a.SampleRate, a.Channels }

// Frame is FrameSize.
func (a *AAC) Frame() int { return a.FrameSize }
