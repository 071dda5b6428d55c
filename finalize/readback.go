package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"recfin/internal/bug"
	"recfin/mp4"
	"recfin/store"
)

// readBack proves that an output in the store is what the record says: a playlist by
// its bytes, an MP4 by its size and by reading its head with our own reader, a copied
// segment by what the store tells of it: size, ETag and checksum. A failure is
// ErrVerify: it was written wrongly or changed since.
func (j *job) readBack(ctx context.Context, o Output) error {
	j.notify(Event{Stage: StageVerify, Detail: o.Key})
	switch o.Kind {
	case "hls", "iframes":
		raw, _, ok, err := readSmall(ctx, j.f.cfg.Out, o.Key, durable)
		if err != nil {
			return err
		}
		if !ok || "sha256:"+hashHex(raw) != o.Checksum {
			return fmt.Errorf("read back %s: %w: it is not what was written", store.Printable(o.Key), ErrVerify)
		}
		return nil
	case "mp4":
		held := min(pageSize, o.Size)
		if err := j.f.memory.Acquire(ctx, held); err != nil {
			return err
		}
		defer j.f.memory.Release(held)
		return j.readBackMovie(ctx, o, nil)
	case "copy":
		return j.lookAtCopy(ctx, o)
	case "single":
		return j.readBackSingle(ctx, o)
	}
	return fmt.Errorf("read back %s: %w: an output of kind %q is not known here", store.Printable(o.Key), ErrVerify, o.Kind)
}

// readBackAll proves all outputs of a version.
func (j *job) readBackAll(ctx context.Context, rec *Record) error {
	return j.eachOutput(ctx, rec, func(ctx context.Context, o Output) error { return j.readBack(ctx, o) })
}

// eachOutput reads outputs of a version back, several at once.
func (j *job) eachOutput(ctx context.Context, rec *Record, read func(context.Context, Output) error) error {
	done := j.counting(StageVerify, rec.Session, int64(len(rec.Outputs)), UnitObjects)
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for _, o := range rec.Outputs {
		g.Go(func() error {
			err := read(ctx, o)
			if err == nil {
				done.add(1)
			}
			return err
		})
	}
	return g.Wait()
}

// readBackSingle proves a media object: by the checksum that the store has computed
// over what it stored, or else by reading all of it.
func (j *job) readBackSingle(ctx context.Context, o Output) error {
	out := j.f.cfg.Out
	can, err := j.f.abilities.of(ctx, out, j.probeDir(out))
	switch {
	case err != nil && !errors.Is(err, store.ErrDenied): // who may not write there: it is read
		return err
	case can.Checksum:
		return j.proveBody(ctx, o)
	}
	if err := j.readBackCopy(ctx, o); err != nil {
		return err
	}
	j.proved.addBody(o)
	return nil
}

// proving proves what was written of a session while other work goes on.
type proving struct {
	ctx    context.Context
	cancel context.CancelFunc
	g      bug.Group
}

func newProving(ctx context.Context) *proving {
	p := &proving{}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.g.SetLimit(1)
	return p
}

// begin begins to prove something, behind what was begun before.
func (p *proving) begin(prove func(context.Context) error) {
	p.g.Go(func() error { return prove(p.ctx) })
}

// wait gives the first error, when all of it is over.
func (p *proving) wait() error { return p.g.Wait() }

// stop ends what is under way.
func (p *proving) stop() {
	p.cancel()
	_ = p.g.Wait() // whoever stops has another error, or has waited
}

// movieHead is the head of an MP4 as it was written.
type movieHead struct {
	size    int64
	crc     uint64 // CRC-64/NVME
	summary mp4.Summary
}

// readBackMovie reads the head of an MP4: its tables must be whole, lead into
// the body, and count what the output counts. Right after writing every byte of
// it is compared too.
func (j *job) readBackMovie(ctx context.Context, o Output, wrote *movieHead) error {
	r := &pages{ctx: ctx, r: j.f.cfg.Out, o: j.f.today(o.object())}
	if wrote != nil {
		r.expect(wrote.size)
	}
	wrong := func(err error) error {
		return fmt.Errorf("read back %s: %w: %w", store.Printable(o.Key), ErrVerify, err)
	}
	s, err := mp4.ReadHead(r, o.Size)
	if err == nil && wrote != nil {
		sum := newCRC()
		if _, err = io.Copy(sum, io.NewSectionReader(r, 0, wrote.size)); err == nil && (sum.Sum64() != wrote.crc || !s.Equal(wrote.summary)) {
			return wrong(errors.New("its head is not what was written"))
		}
	}
	switch {
	case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged), errors.Is(err, mp4.ErrCorrupt):
		return wrong(err)
	case err != nil:
		return err
	}
	video, audio := samples(s)
	if video != o.Video || audio != o.Audio || mp4Duration(*s) != o.DurationNS {
		return wrong(fmt.Errorf("it has %d pictures, %d audio frames and %d ns, and should have %d, %d and %d",
			video, audio, mp4Duration(*s), o.Video, o.Audio, o.DurationNS))
	}
	return nil
}

// samples are how many pictures and audio frames a movie has.
func samples(s *mp4.Summary) (video, audio int) {
	for _, t := range s.Tracks {
		switch t.Kind {
		case mp4.Video:
			video += t.Samples
		case mp4.Audio:
			audio += t.Samples
		}
	}
	return video, audio
}

// pages reads an output at any offset, a page a request, pinned to its version.
type pages struct {
	ctx  context.Context
	r    store.Reader
	o    store.Object
	page []byte
	off  int64 // of page
	head int64 // bytes of the first page; 0: not known how many are of use
}

const (
	pageSize  = 8 << 20
	firstPage = 1 << 20 // most heads end there, and package mp4 reads as much at once
)

// expect has one request read a head of that many bytes, unless it is so large (many
// hours) that it should not be in memory as a whole.
func (p *pages) expect(head int64) {
	if head <= 2*pageSize {
		p.head = (head + firstPage - 1) / firstPage * firstPage
	}
}

// ReadAt implements io.ReaderAt, for one goroutine.
func (p *pages) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	for n < len(b) {
		at := off + int64(n)
		if at >= p.o.Size {
			return n, io.EOF
		}
		if at < p.off || at >= p.off+int64(len(p.page)) {
			if err := p.load(at); err != nil {
				return n, err
			}
		}
		n += copy(b[n:], p.page[at-p.off:])
	}
	return n, nil
}

func (p *pages) load(at int64) error {
	size := min(pageSize, p.o.Size-at)
	if at == 0 {
		size = min(max(p.head, firstPage), p.o.Size)
	}
	opt := proved(p.o)
	opt.Durable = true
	body, err := p.r.Get(p.ctx, p.o.Key, store.Range{Off: at, Len: size}, opt)
	if err != nil {
		return err
	}
	defer body.Close()
	p.page, p.off = grow(p.page, int(size)), at
	if _, err = io.ReadFull(body, p.page); err == nil {
		_, err = io.Copy(io.Discard, body) // the end is where it is proved
	}
	if err != nil {
		p.page = p.page[:0]
		return fmt.Errorf("read %s: %w", store.Printable(p.o.Key), err)
	}
	return nil
}

// hasFormat reports whether a list of formats such as "hls,mp4" has one.
func hasFormat(list, format string) bool {
	for _, f := range strings.Split(list, ",") {
		if f == format {
			return true
		}
	}
	return false
}
