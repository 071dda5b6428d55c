package s3

import (
	"context"
	"errors"
	"sync"

	"recfin/internal/bug"
)

// A long listing is read in several places at once. The names behind a prefix are cut
// into spans, each of which is listed by pages of its own from the name where it begins
// (start-after), and handed over one after the other. Where they are cut decides about
// speed alone: whatever a cut is, each name belongs to one span. That a store begins
// where it was told to is not taken on trust: a span reads on until it sees a name of
// the next one, which must then begin with that name or with one in front of it. If it
// does not, all but the span at hand is forgotten and that one reads to the end.
//
// Cuts are names of folders, which a scout finds by listings with a delimiter.

const (
	spreadAfter = 2   // pages that a listing has before it is spread
	spreadWidth = 16  // spans that are read at once, at most
	spreadPages = 256 // pages that wait for their turn, at most: 40 MB of usual ones
	spanPages   = 4   // that a span should have, for each costs up to one request more
)

// span is a part of a listing: the names behind lo up to hi. The lock of its spread
// guards all but lo and the paging.
type span struct {
	lo, hi  string // hi is empty in the last one: to the end
	paging  *paging
	folders int // that a scout saw between lo and hi

	waiting []*page
	reached string // the last name that was read
	names   int    // how many were read
	done    bool   // no more is to be read
	over    *page  // the page with the first name behind hi; nil: there was none
	deaf    bool   // the store took no notice of lo
	err     error
}

// spread is a listing in several places.
type spread struct {
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	change  sync.Cond
	spans   []*span // the first is the one that is handed over
	held    int     // pages that wait
	fetched int     // pages that were read
	gauge   gauge
	broken  error // a bug
}

// newSpread goes on with a listing whose first pages were handed over.
func newSpread(ctx context.Context, p *paging, g gauge) *spread {
	sp := &spread{gauge: g, fetched: spreadAfter}
	sp.ctx, sp.stop = context.WithCancel(ctx)
	sp.change.L = &sp.mu
	context.AfterFunc(sp.ctx, func() {
		sp.mu.Lock()
		defer sp.mu.Unlock()
		sp.change.Broadcast()
	})
	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.start(&span{lo: p.last, reached: p.last, paging: p})
	return sp
}

// end stops everything and waits for it.
func (sp *spread) end() {
	sp.stop()
	sp.work.Wait()
}

// fail ends everything because of a bug.
func (sp *spread) fail(err error) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.broken = err
	sp.change.Broadcast()
}

// start adds a span behind the others. The caller holds the lock.
func (sp *spread) start(x *span) {
	sp.spans = append(sp.spans, x)
	sp.work.Go(func() {
		err := bug.Contain(func() error { return sp.read(x) })
		sp.mu.Lock()
		defer sp.mu.Unlock()
		if err != nil {
			x.err = err
		}
		x.done = true
		sp.change.Broadcast()
	})
}

// read fetches the pages of a span.
func (sp *spread) read(x *span) error {
	for sp.room(x) {
		page, err := x.paging.next(sp.ctx)
		if err != nil {
			return err
		}
		if !sp.add(x, page) {
			return nil
		}
	}
	return sp.ctx.Err()
}

// room waits until a span may hold one page more, or everything is over. The first one
// that is not done may always hold some, or nothing would go on.
func (sp *spread) room(x *span) bool {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	for sp.ctx.Err() == nil && sp.held >= spreadPages && !(x == sp.first() && len(x.waiting) < spanPages) {
		sp.change.Wait()
	}
	return sp.ctx.Err() == nil
}

// first is the first span that is not done, or nil. The caller holds the lock.
func (sp *spread) first() *span {
	for _, x := range sp.spans {
		if !x.done {
			return x
		}
	}
	return nil
}

// add takes a page over and reports whether more pages are wanted.
func (sp *spread) add(x *span, p *page) bool {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	defer sp.change.Broadcast()
	sp.fetched++
	if p.end == "" {
		return p.truncated
	}
	if x.names == 0 && p.begin <= x.lo {
		x.deaf = true
		return false
	}
	x.waiting = append(x.waiting, p)
	sp.held++
	x.reached, x.names = p.end, x.names+p.found()
	if x.hi != "" && p.end > x.hi {
		x.over = p
		return false
	}
	return p.truncated
}

// cut ends the last span at a name and begins one behind it. It waits until there is
// room for one, and reports false when no further cut has any use. A name that was read
// already is passed over. folders is how many begin between the last cut and this one.
func (sp *spread) cut(s *Store, like *paging, at string, folders, width int) bool {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	for sp.ctx.Err() == nil && sp.active() >= width && !sp.last().done {
		sp.change.Wait()
	}
	tail := sp.last()
	if sp.ctx.Err() != nil || tail.done {
		return false
	}
	if at <= tail.reached {
		return true
	}
	tail.hi, tail.folders = at, folders
	sp.start(&span{lo: at, reached: at, paging: s.pagingBehind(like, at)})
	return true
}

// active is the number of spans that are read. The caller holds the lock.
func (sp *spread) active() (n int) {
	for _, x := range sp.spans {
		if !x.done {
			n++
		}
	}
	return n
}

// last is the span that goes to the end. The caller holds the lock.
func (sp *spread) last() *span { return sp.spans[len(sp.spans)-1] }

// take waits for a page of the first span; nil: it has no more.
func (sp *spread) take() (p *page, hi string, err error) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	x := sp.spans[0]
	for sp.broken == nil && len(x.waiting) == 0 && !x.done {
		sp.change.Wait()
	}
	switch {
	case sp.broken != nil:
		return nil, "", sp.broken
	case len(x.waiting) > 0:
		p, x.waiting = x.waiting[0], x.waiting[1:]
		sp.held--
		sp.change.Broadcast()
		return p, x.hi, nil
	}
	return nil, "", x.err
}

// errSeam: the next span does not begin where the one before it ends.
var errSeam = errors.New("the spans of the listing do not meet")

// next goes on to the next span; false: there is none.
func (sp *spread) next() (more bool, err error) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	x := sp.spans[0]
	if len(sp.spans) == 1 {
		return false, nil
	}
	y := sp.spans[1]
	for sp.broken == nil && len(y.waiting) == 0 && !y.done {
		sp.change.Wait()
	}
	switch {
	case sp.broken != nil:
		return false, sp.broken
	case y.err != nil:
		return false, y.err
	case y.deaf:
		return false, errSeam
	case x.over != nil && (len(y.waiting) == 0 || y.waiting[0].begin > firstBehind(x.over, x.hi)):
		return false, errSeam
	}
	sp.gauge.span(x)
	sp.spans = sp.spans[1:]
	sp.change.Broadcast()
	return true, nil
}

// firstBehind is the first name of a page behind lo.
func firstBehind(p *page, lo string) (first string) {
	for _, e := range p.objects {
		if n := p.name(e); n > lo && (first == "" || n < first) {
			first = n
		}
	}
	return first
}

// each hands over the pages in order, with the bounds of what they are to tell: the
// names behind lo up to hi; empty: any. It ends when one returns false.
func (sp *spread) each(ctx context.Context, show func(p *page, lo, hi string) bool) error {
	for {
		p, hi, err := sp.take()
		if err != nil {
			return err
		}
		if p != nil {
			if !show(p, "", hi) {
				return nil
			}
			continue
		}
		more, err := sp.next()
		switch {
		case errors.Is(err, errSeam):
			return sp.alone(ctx, show)
		case err != nil || !more:
			return err
		}
	}
}

// alone forgets all spans but the first and lets that one read to the end.
func (sp *spread) alone(ctx context.Context, show func(p *page, lo, hi string) bool) error {
	sp.end()
	x := sp.spans[0]
	if x.over == nil {
		return nil // it has read to the end already
	}
	if !show(x.over, x.hi, "") {
		return nil
	}
	for p := x.over; p.truncated; {
		var err error
		if p, err = x.paging.next(ctx); err != nil {
			return err
		}
		if !show(p, "", "") {
			return nil
		}
	}
	return nil
}
