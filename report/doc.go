// Package report draws what was decided about recordings as HTML pages: one page of
// a recording, with its timeline, what was dropped and why, what needs a look and
// what it cost, and an index over many recordings.
//
// # What a page needs
//
// Nothing but itself. Styles, scripts, data and, where there is something to play,
// hls.js stand in the file; its Content-Security-Policy allows the scripts and styles
// that are in it, by their SHA-256, and no connection at all, but for the media of a
// player. Without scripts it is still a report: tables and a drawing that stands.
//
// # What it does not do
//
// It decides nothing, reads no store and knows no clock: equal reports and options
// give equal bytes. Names and keys are those of strangers: they reach a page as text
// that [store.Printable] has made visible, through html/template or as JSON that
// cannot end its script element.
//
// # From a record to the picture
//
// The columns of a [finalize.Record] become the tables of view.go and, for the
// timeline, the columns of data.go: numbers as differences from what is expected of
// them, run-length coded, and keys as a pattern and a number, so that a stream of two
// days in five renditions is a few megabytes. The script draws of them what is in
// view and at least a pixel wide, and counts together what is not.
package report
