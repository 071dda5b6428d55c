package remux

import (
	"bytes"
	"encoding/binary"
	"slices"

	"recfin/mp4"
)

// mostShared is how far, in seconds, a segment on a shared clock may begin away
// from where the one before ends.
const mostShared = 60

// tail is the end of one copy of the pictures, which another copy on the same
// clock overlaps. It waits until the other shows where it can take over.
//
// Pictures that both copies have byte by byte are skipped in the later one: then
// it goes on where the earlier one ends, at any point. Otherwise it takes over at
// its first random access point, and what it has before that is skipped. The
// earlier copy ends before the first of its pictures, in decode order, that reaches
// that point. So no picture refers to one of the other copy, and the head of the
// later copy's group of pictures is never cut.
type tail struct {
	seg   int     // of the earlier copy
	out   []*unit // its pictures, in decode order
	in    []*unit // those of the later copy, until it is known which of them count
	at    int     // index into out of the picture that in[0] equals
	equal bool    // all of in equals what stands in out from there on
	bytes int
}

// overlap takes a picture that waits, or lets what waited go first. It reports
// false where the picture goes on to its track.
func (p *part) overlap(u *unit) (waits bool, err error) {
	l := u.lane
	t, row := l.tail, &p.j.log.rows[u.seg]
	switch {
	case u.settled || l.kind != mp4.Video:
		return false, nil
	case t == nil && !row.heads:
		return false, nil
	case t == nil:
		l.tail = &tail{seg: u.seg}
		return true, p.keepTail(l, u)
	case u.seg <= t.seg:
		return true, p.keepTail(l, u)
	case len(t.in) == 0 && !row.shared, len(t.in) > 0 && u.seg > t.in[0].seg: // nothing more of the later copy
		if err := p.endTail(l); err != nil {
			return true, err
		}
		return p.overlap(u)
	}
	t.in = append(t.in, u)
	t.bytes += len(u.data) + unitCost
	return true, p.decide(l)
}

// keepTail holds a picture of the earlier copy. What is too much goes on: the later
// copy may overlap less.
func (p *part) keepTail(l *lane, u *unit) error {
	t := l.tail
	t.out = append(t.out, u)
	for t.bytes += len(u.data) + unitCost; t.bytes > holdLimit && len(t.out) > 0; {
		if err := p.settle(t.shift()); err != nil {
			return err
		}
	}
	return nil
}

// shift takes the first picture of the earlier copy.
func (t *tail) shift() *unit {
	u := t.out[0]
	t.out = t.out[1:]
	t.bytes -= len(u.data) + unitCost
	return u
}

// settle sends a picture on that waits no more.
func (p *part) settle(u *unit) error {
	u.settled = true
	return p.push(u)
}

// decide looks at what is there of the later copy.
func (p *part) decide(l *lane) error {
	t := l.tail
	n := len(t.in) - 1
	u := t.in[n]
	if n == 0 {
		t.at = slices.IndexFunc(t.out, func(o *unit) bool { return p.samePicture(o, u) })
		t.equal = t.at >= 0
	} else if t.equal {
		t.equal = p.samePicture(t.out[t.at+n], u)
	}
	if t.equal {
		if t.at+n == len(t.out)-1 {
			return p.goOn(l)
		}
		return nil
	}
	if i := p.opening(t, mp4.Recovery); i >= 0 {
		return p.takeOver(l, i)
	}
	if t.bytes > holdLimit {
		return p.endTail(l)
	}
	return nil
}

// opening finds the first picture at which the later copy may take over, if there
// is one of that kind of access, or if its first picture is any. Pictures behind a
// lone I picture may refer to what precedes it, unless the segment begins with it.
func (p *part) opening(t *tail, least mp4.Access) int {
	return slices.IndexFunc(t.in, func(u *unit) bool {
		enough := u.access >= least || u.access > mp4.NotAccess && u == t.in[0]
		return enough && (len(t.out) == 0 || p.time(u) >= p.earliest(t.out))
	})
}

// goOn skips what the later copy has in common with the earlier one, to its end.
func (p *part) goOn(l *lane) error {
	t := l.tail
	l.tail = nil
	for _, u := range t.in {
		p.skip(u)
	}
	l.gate.openAll() // what comes next refers to pictures that are there
	return p.settleAll(t.out)
}

// takeOver lets the later copy begin with its i-th picture.
func (p *part) takeOver(l *lane, i int) error {
	t := l.tail
	l.tail = nil
	from := p.time(t.in[i])
	end := slices.IndexFunc(t.out, func(u *unit) bool { return p.time(u) >= from })
	if end < 0 {
		end = len(t.out)
	}
	if err := p.settleAll(t.out[:end]); err != nil {
		return err
	}
	for _, u := range slices.Concat(t.out[end:], t.in[:i]) {
		p.skip(u)
	}
	l.gate = gate{}
	return p.admitted(t.in[i:])
}

// admitted sends on pictures of the later copy that can be decoded. It may be the
// earlier one of a further overlap.
func (p *part) admitted(units []*unit) error {
	for _, u := range units {
		if !p.passes(u) {
			continue
		}
		if err := p.push(u); err != nil {
			return err
		}
	}
	return nil
}

// endTail ends the wait without a decision: the later copy takes over at a lone I
// picture, or all of the earlier copy stays, and of the later one what lies behind
// it.
func (p *part) endTail(l *lane) error {
	t := l.tail
	if i := p.opening(t, mp4.Intra); i >= 0 && !t.equal {
		return p.takeOver(l, i)
	}
	l.tail = nil
	reached, known := int64(0), false
	for _, u := range t.out {
		if at := p.time(u); !known || at > reached {
			reached, known = at, true
		}
	}
	if err := p.settleAll(t.out); err != nil {
		return err
	}
	for i, u := range t.in {
		if i == 0 {
			p.j.log.problem(noAccess, u.seg)
		}
		if known && p.time(u) <= reached {
			p.skip(u)
			continue
		}
		if err := p.settle(u); err != nil {
			return err
		}
	}
	return nil
}

// noAccess is the problem of a copy that goes on where another ends without an
// access point.
const noAccess = "a copy takes over from another without a random access point: pictures after it may not decode"

// endTails ends all waits of the part.
func (p *part) endTails() error {
	for _, l := range p.lanes {
		for l.tail != nil {
			if err := p.endTail(l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *part) settleAll(units []*unit) error {
	for _, u := range units {
		if err := p.settle(u); err != nil {
			return err
		}
	}
	return nil
}

// skip leaves a picture out that another copy has the time of.
func (p *part) skip(u *unit) {
	p.j.log.overlapping(u.seg)
	p.j.pool.release(u)
}

// samePicture says whether two units hold the same coded picture of the same time:
// a slate repeats its bytes at other times.
func (p *part) samePicture(a, b *unit) bool {
	const rounding = clock / 1000
	return abs(p.time(a)-p.time(b)) <= rounding && bytes.Equal(slicesOf(a), slicesOf(b))
}

// slicesOf gives the NAL units that hold the picture itself (ITU-T H.264 table
// 7-1, H.265 table 7-1); of other codecs all that there is.
func slicesOf(u *unit) []byte {
	var isSlice func(head byte) bool
	switch u.entry.(type) {
	case *mp4.AVC:
		isSlice = func(head byte) bool { return head&31 >= 1 && head&31 <= 5 }
	case *mp4.HEVC:
		isSlice = func(head byte) bool { return head>>1&63 < 32 }
	default:
		return u.data
	}
	var out []byte
	for b := u.data; len(b) > 4; {
		n := int64(binary.BigEndian.Uint32(b)) + 4
		if n > int64(len(b)) || n == 4 {
			return u.data
		}
		if isSlice(b[4]) {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}
