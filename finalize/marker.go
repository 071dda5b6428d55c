package finalize

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"recfin/store"
)

const (
	markerFormat  = "recfin/recording"
	markerVersion = 1
)

// Marker is recording.json: one per recording, and the only commit point. An
// output, a choice or a condemnation exists if the marker says so. It holds
// nothing that depends on how a run went.
type Marker struct {
	Format      string          `json:"format"` // "recfin/recording"
	Version     int             `json:"version"`
	Recording   string          `json:"recording"`
	Generation  int64           `json:"generation"`            // +1 with every swap
	Predecessor string          `json:"predecessor,omitempty"` // SHA-256 of the marker before this
	Sessions    []MarkerSession `json:"sessions"`              // by start
	Condemned   []CondemnedSet  `json:"condemned,omitempty"`   // in the order of condemning
	Seen        *SeenList       `json:"seen,omitempty"`        // what came later and was not taken
	// IDs are those whose segments the recording holds, sorted, its own name among
	// them. Absent: its own alone.
	IDs []string `json:"ids,omitempty"`
	// As is the recording that this ID is a part of. Such a marker has nothing else
	// and is never replaced.
	As string `json:"as,omitempty"`
}

// MarkerSession is what is committed of one session.
type MarkerSession struct {
	ID       string    `json:"id"` // for life
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Version  string    `json:"version"`            // the current one: <n>-<hash>
	Highest  int       `json:"highest"`            // highest n that was ever used here
	Segments string    `json:"segments"`           // SHA-256 of the version's segments.json.gz
	Formats  string    `json:"formats"`            // "hls", "mp4" or "hls,mp4"
	Absorbed []string  `json:"absorbed,omitempty"` // ids of sessions that it took over; their doors lead here
	// Variants are what the door is made of, in the order of the door.
	Variants []Variant `json:"variants,omitempty"`
}

// Variant is one rendition in the door of a session.
type Variant struct {
	Name      string `json:"name"` // of its playlist in the version, without ".m3u8"
	Bandwidth int    `json:"bandwidth"`
	Average   int    `json:"average_bandwidth"`
	Codecs    string `json:"codecs"`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	FrameNum  int    `json:"frame_rate_num,omitempty"`
	FrameDen  int    `json:"frame_rate_den,omitempty"`
	// Role is empty for a variant stream, and "audio" for sound of its own that joins
	// the variant streams which have none (EXT-X-MEDIA).
	Role string `json:"role,omitempty"`
	// Sound: the variant stream takes its sound from those of Role "audio"; Bandwidth,
	// Average and Codecs count the largest of them in.
	Sound    bool         `json:"sound,omitempty"`
	Language string       `json:"language,omitempty"` // of its sound, as its container has it
	Channels int          `json:"channels,omitempty"` // of its sound, the most
	IFrames  *IFrameTrack `json:"iframes,omitempty"`  // it has an I-frame playlist
}

// IFrameTrack is the I-frame playlist of a rendition, <name>/iframes.m3u8 in the
// version (EXT-X-I-FRAME-STREAM-INF).
type IFrameTrack struct {
	Bandwidth int    `json:"bandwidth"` // bits per second, of the I pictures alone
	Average   int    `json:"average_bandwidth"`
	Codecs    string `json:"codecs"` // of the pictures alone
}

// Kinds of condemned sets.
const (
	condemnedLeftovers = "leftovers" // copies that lost
	condemnedOutputs   = "outputs"   // files of superseded and abandoned versions
	condemnedSources   = "sources"   // segments that an output is proved to hold whole, and what describes them
)

// CondemnedSet names objects that may be deleted, for ever: no later commit
// chooses, references or names one of them. The objects stand in File.
type CondemnedSet struct {
	Session string `json:"session"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	File    string `json:"file"`   // name of the list, in the folder of the version that Session and Version name
	SHA256  string `json:"sha256"` // of the list
	Objects int    `json:"objects"`
	Bytes   int64  `json:"bytes"`
	// Since is the upload time of the marker that first named the set. That
	// marker cannot know it; each later one does.
	Since *time.Time `json:"since,omitempty"`
	// Kept: its deletion was cancelled, for good. It stays condemned, and what is
	// left of it is never deleted.
	Kept bool `json:"kept,omitempty"`
}

// encode gives the bytes of the marker: stable, readable, ending in a newline.
func (m *Marker) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("encode the marker of %s: %w", store.Printable(m.Recording), err)
	}
	return b.Bytes(), nil
}

// decodeMarker reads a marker and refuses what it cannot understand in full:
// acting on half a marker could delete what the other half protects.
func decodeMarker(raw []byte) (*Marker, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	m := &Marker{}
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("%w: it is no marker of this program: %v", ErrRefused, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something stands behind its end", ErrRefused)
	}
	if m.Format != markerFormat || m.Version != markerVersion {
		return nil, fmt.Errorf("%w: it has format %q version %d, this program knows %q version %d: use the newer program", errForm, m.Format, m.Version, markerFormat, markerVersion)
	}
	if err := m.checkGroup(); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, s := range m.Sessions {
		v, ok := parseVersion(s.Version)
		if !ok || !sessionForm.MatchString(s.ID) || seen[s.ID] || s.Highest < v.N {
			return nil, fmt.Errorf("%w: its session %q, version %q makes no sense", ErrRefused, s.ID, s.Version)
		}
		seen[s.ID] = true
	}
	for _, s := range m.Sessions {
		for _, id := range s.Absorbed {
			if !sessionForm.MatchString(id) || seen[id] {
				return nil, fmt.Errorf("%w: its session %q makes no sense: it has absorbed %q", ErrRefused, s.ID, id)
			}
			seen[id] = true
		}
	}
	for _, c := range m.Condemned {
		if !isFile(c.Session, c.Version, c.File) {
			return nil, fmt.Errorf("%w: its condemned set %q/%q/%q makes no sense", ErrRefused, c.Session, c.Version, c.File)
		}
	}
	if l := m.Seen; l != nil && !isFile(l.Session, l.Version, l.File) {
		return nil, fmt.Errorf("%w: its list of what was seen, %q/%q/%q, makes no sense", ErrRefused, l.Session, l.Version, l.File)
	}
	return m, nil
}

// isFile reports whether a file that a marker names lies in the folder of a version.
func isFile(session, v, name string) bool {
	_, ok := parseVersion(v)
	return ok && sessionForm.MatchString(session) && name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
}

// checkGroup refuses a marker that is a part of another recording and something
// itself, or that lists IDs which cannot be any.
func (m *Marker) checkGroup() error {
	if m.As != "" && (m.As == m.Recording || checkRecording(m.As) != nil || len(m.Sessions)+len(m.Condemned)+len(m.IDs) > 0) {
		return fmt.Errorf("%w: it is a part of %q and something itself", ErrRefused, m.As)
	}
	if len(m.IDs) > 0 && (!slices.IsSorted(m.IDs) || !slices.Contains(m.IDs, m.Recording)) {
		return fmt.Errorf("%w: its list of IDs makes no sense", ErrRefused)
	}
	for _, id := range m.IDs {
		if checkRecording(id) != nil {
			return fmt.Errorf("%w: its ID %q makes no sense", ErrRefused, id)
		}
	}
	return nil
}

// session finds an entry by id.
func (m *Marker) session(id string) *MarkerSession {
	for i := range m.Sessions {
		if m.Sessions[i].ID == id {
			return &m.Sessions[i]
		}
	}
	return nil
}

// clone is a deep copy, to be changed into the successor.
func (m *Marker) clone() *Marker {
	c := *m
	c.Sessions = append([]MarkerSession(nil), m.Sessions...)
	c.Condemned = append([]CondemnedSet(nil), m.Condemned...)
	return &c
}

func hashHex(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
