package report

import (
	"recfin/finalize"
	"recfin/store"
)

type page struct {
	Title, Status string
	Links         []Link
	Plays         []Play
	Generated     string
}

func pageOf(r *finalize.Report, opt Options) page {
	p := page{Title: opt.Title, Links: opt.Links, Plays: opt.Plays, Generated: opt.Generated}
	if p.Title == "" {
		p.Title = store.Printable(r.Recording)
	}
	if r.Plan != nil {
		p.Status = string(r.Status())
	}
	return p
}

type index struct {
	Title     string
	Rows      []Row
	Generated string
}

func indexOf(rows []Row, opt Options) index {
	if opt.Title == "" {
		opt.Title = "Recordings"
	}
	return index{Title: opt.Title, Rows: rows, Generated: opt.Generated}
}
