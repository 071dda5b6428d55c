package report

import "recfin/finalize"

// Options are what a page says besides what was decided.
type Options struct {
	Title     string // of the page; empty: the recording, or "Recordings"
	Generated string // ends the page, such as "recfin 1.0 for file:///data"; may be empty
	Links     []Link // lead elsewhere from the head of the page
	Plays     []Play // of a page of a recording; empty: it has no player
	// Due are condemned sets of a recording, as its standing has them.
	Due []finalize.StandingDue
}

// Link leads to another page.
type Link struct {
	Name string
	URL  string // relative to the page, an absolute path, or http(s)
}

// Types of what can be played.
const (
	TypeHLS = "application/vnd.apple.mpegurl"
	TypeMP4 = "video/mp4"
)

// Play is something that the player of a page can play.
type Play struct {
	Session   string // id
	Rendition string // of an MP4, by the name in its record; empty: all of them (a door)
	Part      int    // as in finalize.Output: the number of the file of several, from 2 on
	Name      string // in the list; empty: what it is
	URL       string // relative to the page, an absolute path, or http(s)
	Type      string // TypeHLS or TypeMP4
}

// Row is a recording in the index: by its report (a plan will do), or by its
// standing alone. Where it has both, the report counts, and what is due is told by the
// standing.
type Row struct {
	Recording string
	Report    *finalize.Report
	Standing  *finalize.Standing
	URL       string // of its page; empty: it has none

	view *indexRow // see Reduced
}
