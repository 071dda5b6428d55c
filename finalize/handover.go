package finalize

import (
	"fmt"
	"slices"
)

// noteRenamed is the kind of note on a rendition that goes on under another name.
const noteRenamed = "renamed"

// handovers notes where a rendition ends and another one of the same picture size
// and codecs goes on: a broadcaster that took over names its qualities otherwise.
// They are not joined unasked, because two names may be two cameras.
func (d *decision) handovers() {
	d.p.Notes = slices.Clone(d.p.Notes)
	for i := range d.p.Sessions {
		if a := d.p.Sessions[i].Action; a == Keep || a == Outside {
			continue
		}
		r := d.p.Sessions[i].Record
		for a := range r.Renditions {
			for b := range r.Renditions {
				from, to := &r.Renditions[a], &r.Renditions[b]
				if !from.goesOnAs(to) {
					continue
				}
				d.p.Notes = append(d.p.Notes, Note{
					What: noteRenamed, Keys: []string{to.Key[0]},
					Why: fmt.Sprintf("%s ends where %s begins, with the same size and codecs: --rename '%s=%s' makes one of them", from.Name, to.Name, to.Name, from.Name),
				})
			}
		}
	}
	if slices.ContainsFunc(d.p.Notes, func(n Note) bool { return n.What == noteRenamed }) {
		d.p.Warnings = append(slices.Clone(d.p.Warnings), "rendition-renamed")
	}
}

// goesOnAs reports whether another rendition begins in the slot after the last of
// this one and looks the same.
func (q *RenditionRecord) goesOnAs(o *RenditionRecord) bool {
	return q.Name != o.Name && q.Len() > 0 && o.Len() > 0 && q.Width > 0 &&
		q.Width == o.Width && q.Height == o.Height && q.Codecs == o.Codecs && o.Slot[0] == q.Slot[q.Len()-1]+1
}
