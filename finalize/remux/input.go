package remux

import "recfin/probe"

// input is one of the renditions that go into the movie: the way of its bytes
// to the part in which it is.
type input struct {
	j      *Joiner
	number int
	part   *part
	in     *intake // nil until the first segment of a part

	seg    int  // its segment that is read, or was read last; -1: none
	last   int  // the one before that
	follow bool // the other inputs are in the next part: what begins now is too

	container probe.Container
	demux     probe.Demuxer // nil until the container is known
	relay     *relay        // its sink
	head      []byte        // bytes that came before it was
	init      []byte        // Boundary.Init, until the demuxer has it
	run       int           // number of the demuxer, from 1
	met       probe.Omitted // what it had met when it was asked last
}

// begin starts its next segment.
func (x *input) begin(b Boundary) error {
	other := b.Container != probe.Unknown && b.Container != x.container
	fresh := x.in == nil || other
	if err := x.between(fresh, b.MissingBefore > 0 || b.Shared); err != nil {
		return err
	}
	again := x.in != nil
	x.last, x.seg = x.seg, x.j.log.open(b, x.number)
	x.init = b.Init
	if !fresh {
		x.follow = x.follow || x.part == x.j.before && x.part != nil && b.At >= x.j.part.from
		x.in.begin(b)
		return x.describe()
	}
	x.in = &intake{j: x.j, from: x}
	if !b.Same || x.demux == nil || other {
		x.demux, x.container, x.relay = nil, b.Container, nil
	} else {
		x.relay.to(x.in)
	}
	if err := x.enter(again); err != nil {
		return err
	}
	return x.describe()
}

// enter puts the input into the newest part, where it has left its own into the
// next one.
func (x *input) enter(left bool) error {
	row := &x.j.log.rows[x.seg]
	if left {
		return x.j.advance(x, row.at, row.missing)
	}
	if x.j.part == nil {
		x.j.part = x.j.newPart(row.at, row.missing)
	}
	x.part = x.j.part
	return nil
}

// describe hands Boundary.Init to the demuxer, if there is one that takes it.
func (x *input) describe() error {
	if x.demux == nil || len(x.init) == 0 {
		return nil
	}
	init := x.init
	x.init = nil
	if d, ok := x.demux.(interface{ Init([]byte) error }); ok {
		return x.blame(d.Init(init))
	}
	return nil
}

// between ends the segment before: its part, or only the segment. What is open
// before a hole, or at the end of another copy, does not run on.
func (x *input) between(fresh, ends bool) error {
	switch {
	case x.in == nil:
		return nil
	case fresh:
		return x.drain()
	case x.demux == nil:
		return nil
	case ends:
		return x.flush()
	}
	x.demux.Boundary()
	x.ask()
	return nil
}

// ask books what the demuxer has met since it was asked last.
func (x *input) ask() {
	if x.demux == nil || x.seg < 0 {
		return
	}
	now := probe.OmittedBy(x.demux)
	x.j.log.met(x.seg, x.run, now.Less(x.met))
	x.met = now
}

func (x *input) write(b []byte) (int, error) {
	if x.demux == nil {
		x.head = append(x.head, b...)
		if x.container == probe.Unknown && len(x.head) < sniffed {
			return len(b), nil
		}
		return len(b), x.openDemuxer()
	}
	n, err := x.demux.Write(b)
	return n, x.blame(err)
}

// sniffed is how many bytes tell the container.
const sniffed = 4096

// openDemuxer makes the demuxer and hands it what came before.
func (x *input) openDemuxer() error {
	if x.container == probe.Unknown {
		x.container, _ = probe.Sniff(x.head)
	}
	x.relay = &relay{in: x.in}
	d, err := x.j.opt.Open(x.container, x.relay)
	if err != nil {
		return x.blame(err)
	}
	head := x.head
	x.demux, x.head = d, nil
	x.j.runs++
	x.run, x.met = x.j.runs, probe.Omitted{}
	if err := x.describe(); err != nil {
		return err
	}
	_, err = d.Write(head)
	return x.blame(err)
}

// end ends its segment.
func (x *input) end() error {
	if x.demux == nil && len(x.head) > 0 {
		if err := x.openDemuxer(); err != nil {
			return err
		}
	}
	if err := x.in.end(); err != nil {
		return x.j.fail(err)
	}
	x.ask()
	if x.demux != nil {
		x.j.log.rows[x.seg].sight.says = probe.Describes(x.demux)
	}
	return x.j.fail(x.part.segmentEnd(x))
}

// drain ends what it has in its part, with what its demuxer holds.
func (x *input) drain() error {
	if err := x.flush(); err != nil {
		return err
	}
	if x.demux != nil {
		n := probe.Lost(x.demux) - x.relay.lost
		if x.relay.lost += n; n > 0 {
			x.j.log.lost(x.seg, n)
		}
	}
	return x.j.fail(x.in.end())
}

func (x *input) flush() error {
	if x.demux == nil {
		return nil
	}
	err := x.demux.Flush()
	x.ask()
	return x.blame(err)
}

// blame turns an error of the demuxer into one of the segment, unless it is one
// of the output that came back through the demuxer and is kept already.
func (x *input) blame(err error) error {
	j := x.j
	if err == nil || j.err != nil {
		return j.err
	}
	return j.fail(&SegmentError{Index: x.seg, Name: j.log.name(x.seg), Err: err})
}
