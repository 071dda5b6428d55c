package finalize

import (
	"maps"
	"slices"
)

// WarningWords are the words that Plan.Warnings may hold, sorted.
func WarningWords() []string { return slices.Sorted(maps.Keys(warnings)) }

// WarningMeans says to a person what a word of Plan.Warnings means; empty: the word
// is not known.
func WarningMeans(word string) string { return warnings[word] }

var warnings = map[string]string{
	"uploads-not-live":      "upload times are not those of a live stream (a copied bucket?); numbers and media time decide alone",
	"unusable-segments":     "a whole rendition or more than 1 % of a session could not be used: see the advice",
	"uploads-in-the-future": "upload times lie in the future (a wrong clock, a touched file?) and say nothing of when a segment was on air; up to 24 h ahead a session waits for them",
	"durations-disagree":    "durations of metadata or playlists differ from what was measured by more than 50 ms; what was measured counts",
	"late-segments":         "segments came too late to be taken into a committed session",
	"endless":               "a session goes on for more than 48 h, and nothing of it is finished before it ends",
	"rendition-renamed":     "a rendition goes on under another name",
	"renditions-unaligned":  "renditions are cut at different times, and not all of that could be kept apart: some have a GAP where nothing is missing, or fewer discontinuities",
	"overwritten":           "a stream was started again over the keys of an older one: what is left of the old one stands before the new one",
	"start-times-off":       "start times in keys or playlists do not fit the uploads (another zone, a wrong clock?) and are ignored: see --time-zone",

	"sidecar-names-missing": "playlists or manifests beside the segments name some that are not there",
	"sidecar-unreadable":    "a playlist or manifest beside the segments cannot be read; what it would say is measured",
	"bytes-unlisted":        "bytes between the segments of one object are in no playlist and not in the recording",
	"init-missing":          "an init segment that segments need cannot be had",
}
