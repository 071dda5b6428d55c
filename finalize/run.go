package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/semaphore"

	"recfin/internal/bug"
	"recfin/store"
)

// Finalizer finalizes the recordings of its stores. Its methods may be called
// from several goroutines, for different recordings.
type Finalizer struct {
	cfg       Config
	abilities *abilities                // of the stores, shared by all jobs
	leases    *leases                   // shared by all jobs
	memory    *semaphore.Weighted       // bytes of segments in flight, shared by all jobs
	spare     *semaphore.Weighted       // bytes of segments that are kept until they are joined, shared by all jobs
	kept      *kept                     // of one job; nil: nothing is kept
	budget    *budget                   // of memory, shared by all jobs
	room      *room                     // of one job
	swept     bool                      // Sweep was done
	records   *records                  // of one job
	moved     map[objectID]store.Object // of one job, by the identity in the record: see today
}

// New checks the settings.
func New(cfg Config) (*Finalizer, error) {
	cfg = cfg.Defaults()
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	cfg.sortSources()
	return &Finalizer{
		cfg: cfg, abilities: &abilities{}, leases: &leases{}, budget: newBudget(cfg.Memory),
		memory: semaphore.NewWeighted(max(cfg.Memory/2, streamed)), spare: semaphore.NewWeighted(max(cfg.Memory/keptShare, keptLeast)),
	}, nil
}

// attempts is how often a recording is planned anew when the listing or the
// marker moved under it.
const attempts = 8

// Run finalizes one recording: everything that is settled is written, proved
// and committed, and what the marker condemned is deleted where that is due.
// The error, if any, is in the report as well.
//
// The error for an ID that is a part of another recording is a [ClaimedError], and
// that for one on which another run works a [LeasedError].
func (f *Finalizer) Run(ctx context.Context, recording string) (*Report, error) {
	j := f.job(recording)
	return j.do(ctx, j.finalize)
}

// do does the work of a job under its lease. Where it panics, that is a failure of
// this recording, and the others go on.
func (j *job) do(ctx context.Context, work func(context.Context) error) (*Report, error) {
	return j.close(bug.Contain(func() error { return j.underLease(ctx, work) }))
}

// finalize plans and carries out until nothing moves under it.
func (j *job) finalize(ctx context.Context) error {
	var err error
	for n := 0; n < attempts; n++ {
		if err = j.attempt(ctx); errors.Is(err, errLearned) {
			n-- // a segment less each time: that comes to an end
		} else if !anew(err) {
			break
		}
		if p := j.report.Plan; p != nil {
			p.there = nil // everything is listed once more
		}
	}
	if anew(err) {
		err = fmt.Errorf("finalize %s: %w: its segments or its marker changed %d times while they were worked on", store.Printable(j.recording), ErrAgain, attempts)
	}
	return errors.Join(err, j.unmade())
}

// anew reports whether what a plan rests on has moved: it is made anew.
func anew(err error) bool {
	return errors.Is(err, errReplan) || errors.Is(err, errTaken) || errors.Is(err, errMoved)
}

// attempt plans once and carries out the plan.
func (j *job) attempt(ctx context.Context) error {
	listing, err := j.collect(ctx)
	if err != nil {
		return err
	}
	j.f.kept = newKept(j.f.spare)
	defer j.f.kept.drop()
	// Where another run claimed it, for whom is read again.
	if err := j.claim(ctx, listing.Committed, true); err != nil {
		return err
	}
	sweeping := j.beginSweep(ctx, listing)
	measured, err := j.prepare(ctx, listing)
	if swept := sweeping(); err == nil {
		err = swept
	}
	if err != nil || measured == nil {
		return err
	}
	j.measured = measured
	if err := j.decide(ctx, measured); err != nil {
		return err
	}
	if err := j.cleanFirst(ctx, j.report.Plan); err != nil {
		return err
	}
	receipt, err := j.publish(ctx, j.report.Plan)
	if err != nil || receipt.committed == j.cleaned {
		return err
	}
	return j.clean(ctx, receipt)
}

// prepare finishes the doors of the last swap, and measures. nil: there is nothing to
// measure.
func (j *job) prepare(ctx context.Context, l *Listing) (*Measured, error) {
	if !j.damaged(l) {
		if err := j.finishDoors(ctx, l.Committed); err != nil {
			return nil, err
		}
	}
	if j.tooOld(l) {
		j.passOver(l)
		return nil, nil
	}
	m, err := j.measure(ctx, l)
	if err == nil && j.facts.vanished() {
		err = errReplan
	}
	return m, err
}

// damaged reports whether a committed recording is to be left as it is.
func (j *job) damaged(l *Listing) bool {
	return len(l.Committed.lost(l, j.f.looked(l.Members))) > 0
}

// Plan decides what Run would do. It writes and deletes nothing.
func (f *Finalizer) Plan(ctx context.Context, recording string) (*Report, error) {
	j := f.job(recording)
	return j.close(bug.Contain(func() error { return j.plan(ctx) }))
}

func (j *job) plan(ctx context.Context) error {
	listing, err := j.collect(ctx)
	if err == nil {
		err = j.claim(ctx, listing.Committed, false)
	}
	if err != nil {
		return err
	}
	if j.tooOld(listing) {
		j.passOver(listing)
		return nil
	}
	measured, err := j.measure(ctx, listing)
	if err != nil {
		return err
	}
	return j.decide(ctx, measured)
}

// job is the work on one recording. Its requests are counted apart.
type job struct {
	f         *Finalizer
	recording string
	ids       []string // that a plan puts with it
	report    *Report
	counters  []*store.Counters
	expires   *expiries
	facts     facts
	heads     bool                 // the head of each segment is read before anything is written
	measured  *Measured            // what the plan that is carried out rests on
	shared    shared               // between facts
	written   map[string]*written  // by session, of this run
	entered   map[string]bool      // sessions that are in the day index
	made      map[string]bool      // versions that this run began, as "session/version"
	failed    map[string]failure   // sessions that cannot be written
	missing   map[string]int       // by hash of a plan: how often a segment was not found, or spoilt, while it was written
	sidecars  map[objectID]sidecar // those that were read
	inits     map[rowID]readInit   // those that were read
	read      map[objectID]bool    // playlists of others that were read
	named     names                // keys that they name
	lists     map[objectID]names   // what each of them names
	unproved  error                // why sources were not condemned
	over      error                // why leftovers were not condemned
	aliases   map[alias]bool       // whether two stores are one
	proved    *proofs              // of what was read and written
	same      map[[2]objectID]bool // whether a version has the bytes of the one before
	denied    map[string]error     // stores that do not let us delete, by label
	first     bool                 // what was due before has been tried
	cleaned   *committed           // of which all that was due is done
	lowest    map[string]int       // smallest free <n> of a session whose name was taken
	held      holding              // of the lease
	expected  bool                 // it looks as if something will be written
	unmarked  bool                 // there was no marker when the lease was taken, and the first one is put where none is
	ready     func() error         // waits until the session that is written is in the day index
	proving   *proving             // of the session that is written
	life      context.Context      // of the work under the lease; nil: there is none, and nothing is written
	asked     *inquiry             // about the store of the outputs, of this job
	asking    bug.Group            // which goes on beside the work, see foresee
}

func (f *Finalizer) job(recording string) *job {
	cfg := f.cfg
	var counters []*store.Counters
	expires := &expiries{}
	counted := func(s store.Store) store.Store {
		out := cfg.Out.Label() == s.Label()
		s, n := store.Count(s)
		counters = append(counters, n)
		return &watched{Store: s, to: expires, isOutput: func(key string) bool { return out && strings.HasPrefix(key, cfg.OutPath) }}
	}
	cfg.Sources = slices.Clone(cfg.Sources)
	for i, s := range cfg.Sources {
		cfg.Sources[i] = counted(s)
	}
	if home := cfg.source(cfg.Out.Label()); home != nil {
		cfg.Out = home
	} else {
		cfg.Out = counted(cfg.Out)
	}
	return &job{
		f: &Finalizer{
			cfg: cfg, abilities: f.abilities, leases: f.leases, memory: f.memory, spare: f.spare, budget: f.budget, room: &room{budget: f.budget}, swept: f.swept,
			records: &records{by: map[[2]string]*Record{}},
		},
		recording: recording, counters: counters, expires: expires,
		report: &Report{Recording: recording}, facts: facts{}, shared: newShared(), written: map[string]*written{}, made: map[string]bool{}, entered: map[string]bool{}, failed: map[string]failure{}, lowest: map[string]int{}, same: map[[2]objectID]bool{},
		proved: newProofs(), lists: map[objectID]names{},
		sidecars: map[objectID]sidecar{}, inits: map[rowID]readInit{},
		missing: map[string]int{}, read: map[objectID]bool{}, named: newNames(), aliases: map[alias]bool{}, denied: map[string]error{},
	}
}

// decide makes the plan. What cannot be finalized at all is an error.
func (j *job) decide(ctx context.Context, m *Measured) error {
	if err := j.f.unread(m.Committed); err != nil {
		return err
	}
	now, err := j.f.sourcesNow(ctx)
	if err != nil {
		return err
	}
	p := j.f.plan(m, now)
	j.report.Plan, j.report.Now = p, now
	switch {
	case len(m.Segments) == 0 && m.Committed == nil && len(m.Unknown) > 0:
		return j.verdict(ctx, nil, j.f.noMatch(m.Listing))
	case len(m.Segments) == 0 && m.Committed == nil && len(m.Condemned) == 0:
		return j.verdict(ctx, nil, fmt.Errorf("%w: no segment of %s in %s, and no marker: is the ID right, and does --layout fit? recfin plan lists all", ErrNothing, store.Printable(j.recording), j.f.cfg.labels()))
	case len(m.rivals) > 0 && p.Status == Ready:
		p.Status, p.Why = Refused, j.f.twoPlaces(m.rivals, m.Committed)
		return refusal(store.Printable(j.recording) + ": " + p.Why)
	case p.Status == Damaged || p.Status == Refused:
		return j.verdict(ctx, m.Committed, refusal(store.Printable(j.recording)+": "+p.Why))
	}
	if len(m.rivals) > 0 {
		j.report.problem(j.f.twoPlaces(m.rivals, m.Committed))
	}
	return nil
}

// close ends the job.
func (j *job) close(err error) (*Report, error) {
	j.f.room.end()
	r := j.report
	r.Cost = costOf(j.counters)
	for _, text := range j.expires.problems() {
		r.problem(text)
	}
	r.Err = err
	if r.Plan == nil {
		r.Plan = &Plan{Recording: j.recording}
	}
	return r, err
}
