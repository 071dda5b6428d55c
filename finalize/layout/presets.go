package layout

import (
	"maps"
	"slices"
)

// preset is a layout that has a name. Its patterns are tried in order.
type preset struct {
	patterns                          []spec
	laterWins, reusesKeys, byPlaylist bool
}

// spec is a pattern and what the objects are that it reads.
type spec struct {
	text string
	kind Kind
	form Form
}

const (
	wubloaderHour = "{rendition}/{time:2006-01-02T15}/"
	wubloaderName = "{time:04:05.999999}-{duration}-{quality}-{hash}"
	ivsFolder     = "ivs/v1/{*}/{recording}/{*}/{*}/{*}/{*}/{*}/{nonce}/"
)

// presets by name. Segments come first; sidecars and tombstones have extensions
// that no segment has.
var presets = map[string]preset{
	"nonce": {
		patterns: []spec{
			{text: "{recording}/{nonce}/{rendition}/{seq}.{ext}"},
			{text: "{recording}/{rendition=source}/{seq}.{ext}"},
		},
		laterWins: true,
	},
	"livepeer": {
		patterns: []spec{
			{text: "{recording}/{nonce}/{rendition}/{seq}.{ext}"},
			{text: "{recording}/{nonce}/playlist_{#}.json", kind: Sidecar, form: LivepeerJSON},
		},
		reusesKeys: true,
	},
	"catalyst": {
		patterns: []spec{
			{text: "{recording}/{nonce}/{rendition=source}/{seq}.{ext}"},
			{text: "hls/{recording}/{nonce}/{rendition=source}/{seq}.{ext}"},
			{text: "{recording}/{nonce}/{rendition:=source}output.m3u8", kind: Sidecar, form: M3U8},
			{text: "hls/{recording}/{nonce}/{rendition:=source}output.m3u8", kind: Sidecar, form: M3U8},
		},
	},
	"manifests": {
		patterns: []spec{
			{text: "{recording}/{nonce**}/{rendition}/{seq}.{ext}"},
			{text: "{recording}/{seq}.{ext}"},
			{text: "{recording}-{#}-{nonce}.m3u8", kind: Sidecar, form: M3U8},
			{text: "{recording}/{**}/{*}-{#}-{nonce}.m3u8", kind: Sidecar, form: M3U8},
		},
	},
	"wubloader": {
		patterns: []spec{
			{text: "{recording}/" + wubloaderHour + wubloaderName + ".ts"},
			{text: "{recording:=wubloader}" + wubloaderHour + wubloaderName + ".ts"},
			{text: "{recording}/" + wubloaderHour + wubloaderName + ".tombstone", kind: Tombstone},
			{text: "{recording:=wubloader}" + wubloaderHour + wubloaderName + ".tombstone", kind: Tombstone},
		},
	},
	"ivs": {
		patterns: []spec{
			{text: ivsFolder + "media/hls/{rendition}/{seq}.{ext}"},
			{text: ivsFolder + "media/hls/{rendition}/{*}.m3u8", kind: Sidecar, form: M3U8},
			{text: ivsFolder + "events/recording-started.json", kind: Sidecar, form: IVSEvent},
			{text: ivsFolder + "events/recording-ended.json", kind: Sidecar, form: IVSEvent},
			{text: ivsFolder + "events/recording-failed.json", kind: Sidecar, form: IVSEvent},
		},
	},
	"mediamtx": {
		patterns: []spec{
			{text: "{recording**}/{time:2006-01-02_15-04-05-000000}.{ext}"},
		},
	},
	"hls": {
		patterns: []spec{
			{text: "{recording}/{nonce**}/{rendition}/{name}.{ext}"},
			{text: "{recording}/{name}.{ext}"},
			{text: "{recording}/{nonce**}/{rendition}/{*}.m3u8", kind: Sidecar, form: M3U8},
			{text: "{recording}/{rendition:=source}{*}.m3u8", kind: Sidecar, form: M3U8},
		},
		byPlaylist: true,
	},
}

// Presets are the names of the presets, sorted.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }
