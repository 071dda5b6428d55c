package report

import (
	"recfin/finalize"
)

// playsOf are what the player lists, and what the cursor of the timeline needs of
// it: both in one order.
func playsOf(plays []Play, records []*finalize.Record) ([]playView, []playData) {
	var views []playView
	var rows []playData
	for _, p := range plays {
		name := p.Name
		if name == "" {
			name = "HLS"
			if p.Type == TypeMP4 {
				name = "MP4"
			}
			if p.Rendition != "" {
				name = p.Rendition + ", " + name
			}
		}
		views = append(views, playView{Name: shown(name), Session: shown(p.Session), URL: p.URL, Type: p.Type, HLS: p.Type == TypeHLS})
		row := playData{Session: p.Session, URL: p.URL, Type: p.Type}
		if p.Rendition != "" {
			row.Rendition = shown(p.Rendition)
		}
		for _, r := range records {
			if r.Session == p.Session {
				row.From = ms(before(r, p))
			}
		}
		rows = append(rows, row)
	}
	return views, rows
}

// before is how much of its rendition the files before a play have, in ns.
func before(r *finalize.Record, p Play) (ns int64) {
	for i := range r.Outputs {
		if o := &r.Outputs[i]; o.Kind == "mp4" && o.Rendition == p.Rendition && max(o.Part, 1) < max(p.Part, 1) {
			ns += o.DurationNS
		}
	}
	return ns
}
