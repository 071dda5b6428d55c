package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// The model test runs the real code. Several processes work on one recording in
// one store, and a stage lets one of them go on at a time: at every operation that
// another could notice, the plan of the schedule may take the turn away from it, or
// let it die. So an interleaving is a list of moves, and is the same each time.

// act is something that a performer does: a run, an upload, time that passes. The
// error of an act whose process died says nothing.
type act func(p *process) error

// performer is one line of acts. Where its processes may die, the act after the
// one that died goes on with it.
type performer struct {
	name   string
	acts   []act
	mortal bool
}

// move is one decision of a schedule, at a point of it.
type move struct {
	at   int   // number of the point
	to   int   // performer that goes on there
	dies death // of the one whose point it is
}

type death int

const (
	lives death = iota
	diesBefore
	diesAfter
)

func (m move) String() string {
	return fmt.Sprintf("%d:%d%s", m.at, m.to, []string{"", " dies before", " dies after"}[m.dies])
}

// point is a moment at which a schedule may decide.
type point struct {
	by       int
	what     string
	others   []int // who could go on instead
	free     bool  // somebody has to be chosen: that is no interruption
	mutation bool
	mortal   bool
}

// stage runs one schedule.
type stage struct {
	*referee
	cast []performer
	plan []move

	mu    sync.Mutex
	turn  *sync.Cond
	now   int // who goes on
	done  []bool
	trace []point
}

var errStopped = errors.New("the schedule is over")

// perform runs a schedule to its end. The performers take turns as the plan says;
// without a move at a point nobody is interrupted.
func perform(r *referee, cast []performer, plan []move) *stage {
	s := &stage{referee: r, cast: cast, plan: plan, done: make([]bool, len(cast))}
	s.turn = sync.NewCond(&s.mu)
	s.mu.Lock()
	s.next(-1, "begin")
	s.mu.Unlock()
	var all sync.WaitGroup
	for i := range cast {
		all.Go(func() { s.play(i) })
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		panic("a schedule hangs: " + fmt.Sprint(plan)) // with the stacks of all
	}
	return s
}

func (s *stage) play(i int) {
	s.mu.Lock()
	s.await(i)
	s.mu.Unlock()
	for n, do := range s.cast[i].acts {
		p := &process{stage: s, by: i, private: s.world.private(), seen: sight{}}
		err := do(p)
		s.mu.Lock()
		if err != nil && !p.dead && !s.broken() {
			s.law("act %d of %s: %v", n+1, s.cast[i].name, err)
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[i] = true
	s.next(i, s.cast[i].name+" is done")
}

// await waits for the turn; the caller holds the lock.
func (s *stage) await(i int) {
	for s.now != i {
		s.turn.Wait()
	}
}

// next gives the turn to somebody, if there is anybody; the caller holds the lock.
func (s *stage) next(by int, what string) {
	var left []int
	for i, done := range s.done {
		if !done {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		return
	}
	s.now = left[0]
	if len(left) > 1 {
		m, _ := s.decide(point{by: by, what: what, others: left[1:], free: true})
		if m.to >= 0 && !s.done[m.to] {
			s.now = m.to
		}
	}
	s.turn.Broadcast()
}

// decide notes a point and looks up what the plan does there.
func (s *stage) decide(p point) (move, bool) {
	at := len(s.trace)
	s.trace = append(s.trace, p)
	k := slices.IndexFunc(s.plan, func(m move) bool { return m.at == at })
	if k < 0 {
		return move{to: -1}, false
	}
	return s.plan[k], true
}

// process is one process of a performer: what it holds in memory dies with it. It
// is the store that its code sees.
type process struct {
	*stage
	by      int
	dead    bool
	private *mem.Store // its own .recfin/: leases exclude nobody, and no probe is a step
	seen    sight
}

// deed is one operation of a process, or something else that it does.
type deed struct {
	op, key  string
	mutation bool
	victims  []store.Object // of a delete
}

// step makes an operation when its turn has come.
func (p *process) step(c deed, do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.await(p.by)
	die := lives
	if !p.dead && !p.broken() && visible(c) {
		die = p.interrupted(c)
	}
	switch {
	case p.dead || die == diesBefore:
		p.dead = true
		return storetest.ErrCrashed
	case p.broken():
		return errStopped
	}
	err := p.judged(p, c, do)
	if die == diesAfter {
		p.dead = true
		return storetest.ErrCrashed
	}
	return err
}

// interrupted gives the others the turn where the plan says so.
func (p *process) interrupted(c deed) death {
	pt := point{by: p.by, what: p.cast[p.by].name + ": " + c.op + " " + c.key, mutation: c.mutation, mortal: p.cast[p.by].mortal}
	for i, done := range p.done {
		if i != p.by && !done {
			pt.others = append(pt.others, i)
		}
	}
	m, ok := p.decide(pt)
	switch {
	case !ok:
		return lives
	case m.dies != lives:
		return m.dies
	case m.to >= 0 && m.to < len(p.done) && !p.done[m.to] && m.to != p.by:
		p.now = m.to
		p.turn.Broadcast()
		p.await(p.by)
	}
	return lives
}

// visible tells the operations that another performer could notice, or the result
// of which could be another after it went on: what is read of a segment is pinned
// to its version, and nobody writes a version twice.
func visible(c deed) bool {
	switch c.op {
	case "now", "sweep", "head", "create", "abort":
		return false
	case "get":
		return strings.HasSuffix(c.key, "/recording.json") || strings.HasSuffix(c.key, "/index.m3u8")
	}
	return true
}

// runs is an act: a run with settings that are made for the store of its process.
func runs(settings func(p *process) finalize.Config) act {
	return func(p *process) error {
		cfg := settings(p)
		cfg.Concurrency = 1
		cfg.Notify = func(e finalize.Event) {
			if e.Stage == finalize.StageList {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.seen.planning = true
			}
		}
		p.seen.cfg = cfg
		f, err := finalize.New(cfg)
		if err != nil {
			return err
		}
		_, err = f.Run(context.Background(), "foo")
		if err == nil && !p.dead {
			p.mu.Lock()
			p.led(p)
			p.mu.Unlock()
		}
		if finalize.Retry(err) || p.tolerates != nil && p.tolerates(err) {
			return nil
		}
		return err
	}
}

// keeps is an act: somebody cancels all deletions.
func keeps() act {
	return func(p *process) error {
		f, err := finalize.New(with(modelSettings(p), func(c *finalize.Config) { c.Concurrency = 1 }))
		if err != nil {
			return err
		}
		if _, err = f.Keep(context.Background(), "foo"); finalize.Retry(err) || errors.Is(err, finalize.ErrNothing) {
			return nil
		}
		return err
	}
}

// uploads is an act: somebody uploads a body under a key, now.
func uploads(key string, body []byte) act {
	return func(p *process) error {
		return p.step(deed{op: "upload", key: key, mutation: true}, func() error {
			p.world.Set(key, body, p.world.clock.now(), nil)
			return nil
		})
	}
}

// removes is an act: somebody takes an object away.
func removes(key string) act {
	return func(p *process) error {
		return p.step(deed{op: "remove", key: key, mutation: true}, func() error {
			info, err := p.world.Head(context.Background(), key)
			if err != nil {
				return err
			}
			for _, err = range p.world.Delete(context.Background(), []store.Object{info.Object}, store.DeleteOptions{}) {
			}
			return err
		})
	}
}

// waits is an act: time passes.
func waits(d time.Duration) act {
	return func(p *process) error {
		return p.step(deed{op: "wait", key: d.String(), mutation: true}, func() error {
			p.world.clock.advance(d)
			return nil
		})
	}
}
