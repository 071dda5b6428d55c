package timeline

import "fmt"

// Source says where a duration comes from.
type Source uint8

// Sources of durations.
const (
	NoSource Source = iota
	FromKey
	FromSidecar
	FromMetadata
	FromNeighbour
	FromProbe
)

// sourceWords are the sources as plan --json and records name them.
var sourceWords = [...]string{"", "key", "sidecar", "metadata", "neighbour", "probe"}

// String gives the word for a source; none for NoSource.
func (s Source) String() string {
	if int(s) < len(sourceWords) {
		return sourceWords[s]
	}
	return fmt.Sprintf("Source(%d)", uint8(s))
}

// MarshalText gives the word for a source.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word for a source.
func (s *Source) UnmarshalText(text []byte) error {
	for k, word := range sourceWords {
		if word == string(text) {
			*s = Source(k)
			return nil
		}
	}
	return fmt.Errorf("%.40q is no source of a duration", text)
}
