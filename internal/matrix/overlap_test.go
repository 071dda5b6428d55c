package matrix

import (
	"fmt"
	"slices"
)

// switchPictures leaves out of an overlapping part what does not belong into the file:
// pictures switch at the first access point of the second piece, before the first
// picture, in decode order, that reaches it.
func (p *part) switchPictures() {
	if p.seam == 0 || p.seam >= len(p.units) {
		return
	}
	at := p.units[p.seam].pts
	from := slices.IndexFunc(p.units[:p.seam], func(u unit) bool { return u.pts >= at })
	if from < 0 {
		return
	}
	p.units = slices.Delete(p.units, from, p.seam)
	p.least = len(p.units)
}

// switchSound does the same for sound: of the first piece come frames up to some
// point, of the second those from some point on, and what lies between is neither
// a gap of a frame nor an overlap of more than half of one.
func (p *part) switchSound(got []unit) error {
	if p.seam == 0 || p.seam >= len(p.units) {
		return nil
	}
	ends := 0
	for ends < p.seam && ends < len(got) && got[ends].coded == p.units[ends].coded {
		ends++
	}
	if ends == 0 || ends == len(got) {
		return fmt.Errorf("%d of %d frames come from the first of two encoders", ends, len(got))
	}
	begins := p.seam + slices.IndexFunc(p.units[p.seam:], func(u unit) bool { return u.coded == got[ends].coded })
	if begins < p.seam {
		return fmt.Errorf("frame %d is of neither encoder", ends)
	}
	step := p.step()
	if gap := p.units[begins].pts - p.units[ends-1].pts - step; gap >= step || gap < -step/2-twoMillis {
		return fmt.Errorf("%d ms are missing between two encoders", gap*1000/flick)
	}
	p.opens = map[int]bool{0: true, ends: true}
	p.units = slices.Delete(p.units, ends, begins)
	if len(p.sound) >= begins {
		p.sound = slices.Delete(p.sound, ends, begins)
	}
	p.least = len(p.units)
	return nil
}
