package matrix

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"recfin/internal/mp4check"
)

// Tolerances of times, in flicks.
const (
	oneTick   = flick / 90000
	twoMillis = flick / 500
	anyFrame  = flick * 40 / 1000 // longer than any frame of sound or picture here
)

// Where a part of H.264 begins without an IDR, no bit says that the order of
// pictures begins anew (§8.2.1): a decoder counts on from the part before, modulo
// MaxPicOrderCntLsb, and may take pictures for late and not show them. Nothing
// but coding anew would mend that. So many of the pictures before and after such a
// join may be missing from what is shown; they are counted.
const (
	heldBack  = 4
	aliasedBy = 32
)

// unsettled is how many frames of sound may differ after a join: one overlaps
// with the frame before; the bit reservoir of MP3 reaches over a few more; and some state
// is never the same again (dither of AC-3, energies of Opus).
var unsettled = map[string]int{"aac": 1, "mp3": 5, "ac3": 1 << 30, "eac3": 1 << 30, "opus": 1 << 30}

// part is what ffmpeg reads of one part of a scene: the units of each track, on
// one clock, and what a decoder makes of them.
type part struct {
	video bool
	codec string
	units []unit
	// decoded by presentation time; of sound in order. Pictures that lead the
	// first of a piece are not in it.
	pictures map[int64]frame
	sound    []frame
	vague    bool             // it begins without an IDR behind another part
	hushed   func(i int) bool // picture i may not be shown
	opens    map[int]bool     // units with which a decoder began afresh
	seam     int              // where its last piece begins
	least    int              // units that must be there; the others were cut off
	torn     map[string]bool
}

// judge holds a file against the segments that it was made of. It counts the
// pictures that are there and are not shown, see heldBack.
func (s *scene) judge(t *testing.T, c cell, out *joined) (unshown int, err error) {
	t.Helper()
	if _, err := mp4check.Open(bytes.NewReader(out.body), int64(len(out.body))); err != nil {
		return 0, fmt.Errorf("structure: %w", err)
	}
	got := read(t, out.body, inFiles, true)
	parts := s.read(t, c)
	if len(parts) == 0 || len(got) != len(parts[0]) {
		return 0, fmt.Errorf("%d tracks, want %d", len(got), len(parts[0]))
	}
	tracks := make([]*matcher, len(got))
	for k, st := range got {
		tracks[k] = &matcher{got: st}
	}
	for i, p := range parts {
		clock := &clock{}
		lowest := int64(1) << 62
		for k, want := range p {
			m := tracks[k]
			want.vague = want.codec == "h264" && i > 0 && want.opening() == 1
			want.hushed = func(n int) bool {
				return want.codec == "h264" && (want.vague && n < aliasedBy ||
					i+1 < len(parts) && parts[i+1][k].opening() == 1 && n >= len(want.units)-heldBack)
			}
			was := m.end
			if s.overlap && !want.video {
				if err := want.switchSound(m.got.units); err != nil {
					return 0, fmt.Errorf("track %d (%s): %w", k, want.codec, err)
				}
			}
			if err := m.part(want, clock, i == 0); err != nil {
				return 0, fmt.Errorf("part %d, track %d (%s): %w", i, k, want.codec, err)
			}
			if i > 0 && m.matched > 0 && was != 0 {
				lowest = min(lowest, m.begin-was)
			}
		}
		if i > 0 && lowest < 1<<62 && (lowest < -twoMillis || lowest >= anyFrame) {
			return 0, fmt.Errorf("part %d begins %d ms behind the end of the one before", i, lowest*1000/flick)
		}
	}
	extra := 0
	for k, m := range tracks {
		n, err := m.rest()
		if err != nil {
			return 0, fmt.Errorf("track %d (%s): %w", k, m.got.codec, err)
		}
		extra += n
		unshown += m.unshown
	}
	if extra != out.silent {
		return 0, fmt.Errorf("%d frames are of no source, %d are said to be silence", extra, out.silent)
	}
	return unshown, nil
}

// read has ffmpeg read all parts of a scene.
func (s *scene) read(t *testing.T, c cell) [][]*part {
	t.Helper()
	var all [][]*part
	for i, pieces := range s.parts {
		var tracks []*part
		for n, piece := range pieces {
			r := read(t, s.bytes(piece, false), c.readAs(), true)
			for k, st := range r {
				if k == len(tracks) {
					tracks = append(tracks, &part{video: st.video, codec: st.codec, pictures: map[int64]frame{}, opens: map[int]bool{}, torn: map[string]bool{}})
				}
				tracks[k].add(st, n == 0)
				if s.overlap && n > 0 && st.video {
					tracks[k].switchPictures()
				}
			}
			if s.cutTail && i == len(s.parts)-1 && n == len(pieces)-1 {
				for k, st := range read(t, s.bytes(piece, true), c.readAs(), false) {
					tracks[k].cut(st)
				}
			}
		}
		all = append(all, tracks)
	}
	return all
}

// readAs is the extension by which ffmpeg knows the container.
func (c cell) readAs() string {
	if c.container == inTS {
		return inTS
	}
	return inFiles
}

// bytes joins segments by plain concatenation, as they were laid, or as they were
// before one of them was cut off.
func (s *scene) bytes(piece []int, asLaid bool) []byte {
	body := slices.Clone(s.segments[piece[0]].init)
	for _, i := range piece {
		b := s.segments[i].body
		if !asLaid && s.segments[i].uncut != nil {
			b = s.segments[i].uncut
		}
		body = append(body, b...)
	}
	return body
}

// add appends a piece to a part.
func (p *part) add(st *stream, first bool) {
	from, before := len(p.units), int64(-1)<<62
	units := st.units
	if st.video {
		at := slices.IndexFunc(units, func(u unit) bool { return u.start > 0 })
		if at >= 0 && units[at].start == 1 {
			before = units[at].pts
		}
		if first && at > 0 {
			units = units[at:]
		}
	}
	shown := map[int64]bool{}
	if p.opens[from] = true; !first {
		p.seam = from
	}
	for _, u := range units {
		leads := u.pts < before
		if leads && first {
			continue
		}
		p.units = append(p.units, u)
		shown[wrapped(u.pts)] = !leads
	}
	if st.video {
		for _, f := range st.decoded {
			if shown[wrapped(f.pts)] {
				p.pictures[wrapped(f.pts)] = f
			}
		}
	} else if from == 0 {
		p.sound = st.decoded
	} else {
		p.sound = append(p.sound[:min(from, len(p.sound))], st.decoded...)
	}
	p.least = len(p.units)
}

// wrapped is a time on the clock of MPEG-TS: programs unwrap it at their own
// discretion.
func wrapped(pts int64) int64 {
	const period = (1 << 33) * (flick / 90000)
	return (pts%period + period) % period
}

// cut takes note of how much ffmpeg finds whole in what was cut off, and what
// else it finds.
func (p *part) cut(st *stream) {
	whole := map[string]bool{}
	for _, u := range p.units {
		whole[u.coded] = true
	}
	there := map[string]bool{}
	for _, u := range st.units {
		there[u.coded] = true
		if !whole[u.coded] {
			p.torn[u.coded] = true
		}
	}
	for p.least > 0 && !there[p.units[p.least-1].coded] {
		p.least--
	}
}

// opening says how a decoder may start at the first unit, see unit.start.
func (p *part) opening() int {
	if len(p.units) == 0 {
		return 0
	}
	return p.units[0].start
}
