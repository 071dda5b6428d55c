package finalize

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// checker reads one recording back.
type checker struct {
	j   *job
	opt VerifyOptions
	dir folder
	c   *committed // nil until the marker was read
	v   *Verification

	mu    sync.Mutex
	first map[finding]int // index of the findings of a kind, see find
	count map[finding]int
}

// finding is what findings have in common that are listed together.
type finding struct{ rule, session, object string }

// most is how many findings of one kind are listed; the others are counted.
const most = 5

func newChecker(j *job, opt VerifyOptions) *checker {
	j.f.moved = map[objectID]store.Object{}
	return &checker{
		j: j, opt: opt, dir: j.f.cfg.folder(j.recording), v: &Verification{Recording: j.recording, Deep: opt.Deep},
		first: map[finding]int{}, count: map[finding]int{},
	}
}

// at is where something was found.
type at struct {
	session string
	object  string // key
	line    int    // of a playlist; 0: of all of it
}

// find notes that a rule is broken.
func (k *checker) find(rule string, where at, format string, args ...any) {
	r := verifyRule[rule]
	k.note(Finding{Severity: r.Severity, Rule: rule, Reference: r.Reference, Session: where.session, Object: where.object, Line: where.line, Text: fmt.Sprintf(format, args...), Do: k.do(r.Do)})
	if r.Damage {
		k.mu.Lock()
		k.v.Damaged = true
		k.mu.Unlock()
	}
}

// note takes a finding, or counts it where there are many like it.
func (k *checker) note(x Finding) {
	k.mu.Lock()
	defer k.mu.Unlock()
	kind := finding{x.Rule, x.Session, x.Object}
	k.count[kind]++
	switch n := k.count[kind]; {
	case n == 1:
		k.first[kind] = len(k.v.Findings)
	case n > most:
		k.v.Findings[k.first[kind]].More++
		return
	}
	k.v.Findings = append(k.v.Findings, x)
}

// do names the recording in what to type.
func (k *checker) do(text string) string {
	return strings.ReplaceAll(text, " ID", " "+store.Printable(k.v.Recording))
}

// finish puts the findings in order. What was found first of a kind has the count of
// the rest.
func (k *checker) finish() {
	for _, text := range k.j.expires.problems() {
		k.find(ruleExpires, at{}, "%s", text)
	}
	order := map[string]int{}
	for i := range k.v.Sessions {
		order[k.v.Sessions[i].ID] = i + 1
	}
	slices.SortStableFunc(k.v.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(order[a.Session], order[b.Session]), cmp.Compare(a.Session, b.Session),
			cmp.Compare(a.Object, b.Object), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Text, b.Text))
	})
}

// verify does all of it. errMoved: a run committed meanwhile.
func (k *checker) verify(ctx context.Context) error {
	raw, ok, err := k.marker(ctx)
	if err != nil || !ok || k.c.marker.As != "" {
		return err
	}
	if err := k.vouchedFor(ctx); err != nil {
		return err
	}
	if err := k.claims(ctx); err != nil {
		return err
	}
	for i := range k.c.marker.Sessions {
		if err := k.session(ctx, &k.c.marker.Sessions[i]); err != nil {
			return err
		}
	}
	if !k.v.Failed() {
		return nil
	}
	now, _, _, err := readSmall(ctx, k.j.f.cfg.Out, k.dir.marker(), store.GetOptions{})
	if err == nil && !bytes.Equal(now, raw) {
		return errMoved
	}
	return err
}

// marker reads the marker. ok is false where it is one that nothing can be made of,
// which is found.
func (k *checker) marker(ctx context.Context) (raw []byte, ok bool, err error) {
	out := k.j.f.cfg.Out
	raw, info, there, err := readSmall(ctx, out, k.dir.marker(), store.GetOptions{})
	if err != nil {
		return nil, false, err
	}
	name := store.Printable(k.j.recording)
	if !there {
		return nil, false, fmt.Errorf("%w: there is no marker of %s in %s%s: is the ID right, and --out?", ErrNothing, name, out.Label(), store.Printable(k.j.f.cfg.OutPath))
	}
	m, err := decodeMarker(raw)
	switch {
	case errors.Is(err, errForm) || newer(raw):
		return nil, false, fmt.Errorf("marker %s: %w", store.Printable(k.dir.marker()), err)
	case err != nil:
		k.find(ruleMarker, at{object: k.dir.marker()}, "%s", plain(err))
		return raw, false, nil
	case m.Recording != k.j.recording:
		k.find(ruleMarker, at{object: k.dir.marker()}, "it is the marker of %s: was the folder renamed?", store.Printable(m.Recording))
		return raw, false, nil
	}
	k.c = &committed{marker: m, raw: raw, object: info.Object, record: map[string]*Record{}, dead: map[objectID]Dropped{}, sources: map[objectID]bool{}, final: map[string]bool{}}
	return raw, true, nil
}

// newer reports whether a marker was written by a program that knows a later form,
// which may have fields that this one does not know.
func newer(raw []byte) bool {
	var m struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	return json.Unmarshal(raw, &m) == nil && m.Format == markerFormat && m.Version > markerVersion
}

// plain is the text of an error without the words that say of which kind it is.
func plain(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), ErrRefused.Error()+": ", ""), ": ")
}

// vouchedFor reads what the marker names by its hash: records, condemned sets and
// the list of what came later. What cannot be read is found, and the rest is held
// against what can.
func (k *checker) vouchedFor(ctx context.Context) error {
	m := k.c.marker
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(k.j.f.cfg.Concurrency)
	for i := range m.Sessions {
		e := &m.Sessions[i]
		g.Go(func() error {
			r, err := k.j.f.readRecord(ctx, k.dir, e)
			if err != nil {
				return k.unvouched(err, ruleRecord, at{session: e.ID, object: k.dir.version(e.ID, e.Version) + segmentsName})
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			k.c.record[e.ID] = r
			return nil
		})
	}
	for i := range m.Condemned {
		set := &m.Condemned[i]
		g.Go(func() error {
			list, err := k.j.f.readSet(ctx, k.dir, set)
			if err != nil {
				return k.unvouched(err, ruleCondemned, at{session: set.Session, object: k.dir.version(set.Session, set.Version) + set.File})
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			for _, d := range list {
				k.c.dead[idOf(d.Object)] = d
				if set.Kind == condemnedSources {
					k.c.sources[idOf(d.Object)] = true
				}
			}
			return nil
		})
	}
	if s := m.Seen; s != nil {
		g.Go(func() error {
			_, same, err := k.j.f.readSeen(ctx, k.dir, s)
			if err != nil {
				return k.unvouched(err, ruleSeen, at{session: s.Session, object: k.dir.version(s.Session, s.Version) + s.File})
			}
			k.c.same = same
			return nil
		})
	}
	return g.Wait()
}

// unvouched finds what is not as the marker vouches for it. Anything else is an
// error, and so is what a newer program wrote.
func (k *checker) unvouched(err error, rule string, where at) error {
	if !errors.Is(err, ErrRefused) || errors.Is(err, errForm) {
		return err
	}
	k.find(rule, where, "%s", plain(err))
	return nil
}

// claims looks at the markers of the IDs that the recording is made of.
func (k *checker) claims(ctx context.Context) error {
	for _, id := range k.c.marker.IDs {
		if id == k.j.recording {
			continue
		}
		key := k.j.f.cfg.folder(id).marker()
		raw, _, ok, err := readSmall(ctx, k.j.f.cfg.Out, key, store.GetOptions{})
		if err != nil {
			return err
		}
		m := &Marker{}
		switch {
		case !ok:
			k.find(ruleClaim, at{object: key}, "%s is a part of the recording, and its own marker, which says so, is not there: it could be finalized apart", store.Printable(id))
		case json.Unmarshal(raw, m) != nil || m.As != k.j.recording:
			k.find(ruleClaim, at{object: key}, "%s is a part of the recording, and its own marker says otherwise", store.Printable(id))
		}
	}
	return nil
}
