package playlist

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// ivsStatus translates recording_status. A recording that failed has ended too.
var ivsStatus = map[string]string{
	"RECORDING_STARTED":            "started",
	"RECORDING_ENDED":              "ended",
	"RECORDING_ENDED_WITH_FAILURE": "failed",
}

// ReadIVS reads a metadata file of Amazon IVS recording to S3:
// events/recording-started.json, -ended.json or -failed.json. It lists no
// segments: [Sidecar.Event] names the playlists that do, but for the second set
// that names parts of the same objects (byte_range_playlist).
func ReadIVS(raw []byte) (*Sidecar, error) {
	var doc struct {
		Status  string     `json:"recording_status"`
		Started *time.Time `json:"recording_started_at"`
		Ended   *time.Time `json:"recording_ended_at"`
		Media   struct {
			HLS struct {
				Path       string        `json:"path"`
				Playlist   string        `json:"playlist"`
				Renditions []ivsPlaylist `json:"renditions"`
			} `json:"hls"`
		} `json:"media"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%w: %.500v", ErrSidecar, err) // it may quote a long value
	}
	kind, ok := ivsStatus[doc.Status]
	if !ok {
		return nil, fmt.Errorf("%w: recording_status is %.40q", ErrSidecar, doc.Status)
	}
	e := &Event{Kind: kind}
	if doc.Started != nil {
		e.Started = doc.Started.UTC()
	}
	if doc.Ended != nil {
		e.Ended = doc.Ended.UTC()
	}
	hls := doc.Media.HLS
	e.media(hls.Path, "", hls.Playlist)
	for _, r := range hls.Renditions {
		e.media(hls.Path, r.Path, r.Playlist)
	}
	return &Sidecar{Ended: kind != "started", Event: e}, nil
}

// ivsPlaylist is one rendition's playlist.
type ivsPlaylist struct {
	Path     string `json:"path"`
	Playlist string `json:"playlist"`
}

// media adds a playlist of a folder and a folder in it. Paths count from the
// folder above the one of the events. One that leads out of there is left out.
func (e *Event) media(dir, sub, name string) {
	if name == "" {
		return
	}
	key := path.Join(dir, sub, name)
	if Addressable(key) && !strings.HasPrefix(key, "/") {
		e.Media = append(e.Media, RelativeURI("events", key))
	}
}
