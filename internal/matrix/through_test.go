package matrix

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/store"
	"recfin/store/mem"
)

// onAir is when all broadcasts here began.
var onAir = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

// recording is the ID of all recordings here.
const recording = "foo"

// bucket is a store two hours later.
func bucket() *mem.Store {
	return mem.New(mem.Options{Clock: func() time.Time { return onAir.Add(2 * time.Hour) }})
}

// run finalizes the recording of a store. Nothing is deleted.
func run(t testing.TB, s *mem.Store, formats finalize.Formats) (*finalize.Report, error) {
	t.Helper()
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := finalize.New(finalize.Config{
		Sources: []store.Store{s}, OutPath: "recordings/", Layouts: []*layout.Layout{nonce}, Formats: formats,
		SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, Delete: finalize.DeleteNone, MaxDeletePercent: 60, Concurrency: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return f.Run(context.Background(), recording)
}

// lay puts the segments of a scene into a store, each when a live uploader would
// have had it ready.
func (s *scene) lay(b *mem.Store) {
	for i, g := range s.segments {
		at := onAir.Add(time.Duration(i+1)*cutEvery*time.Second + g.lost + 400*time.Millisecond)
		b.Set(recording+"/"+g.key, g.body, at, nil)
		if len(g.init) > 0 {
			b.Set(recording+"/"+path.Dir(g.key)+"/init.mp4", g.init, at, nil)
		}
	}
}

// finalize sends the segments through the whole finalizer.
func (s *scene) finalize(t *testing.T) (*joined, error) {
	t.Helper()
	b := bucket()
	s.lay(b)
	r, err := run(t, b, finalize.Formats{MP4: true})
	if err != nil {
		return nil, fmt.Errorf("finalize: %w", err)
	}
	if n := len(r.Plan.Dropped); n > 0 {
		return nil, fmt.Errorf("finalize: %d segments dropped, the first, %s, as %s", n, r.Plan.Dropped[0].Key, r.Plan.Dropped[0].Reason)
	}
	return movie(b, r)
}

// movie is the one MP4 that a run has made.
func movie(b *mem.Store, r *finalize.Report) (*joined, error) {
	var found []finalize.Output
	for _, c := range r.Committed {
		for _, o := range c.Record.Outputs {
			if o.Kind == "mp4" {
				found = append(found, o)
			}
		}
	}
	if len(r.Committed) != 1 || len(found) != 1 {
		return nil, fmt.Errorf("finalize: %d sessions with %d MP4s", len(r.Committed), len(found))
	}
	return &joined{body: b.Snapshot()[found[0].Key].Body, silent: found[0].Silent}, nil
}

// held is what is exempt in a cell that was found right.
type held struct {
	unshown int  // pictures that a decoder does not show, see heldBack
	doubled bool // the plan takes two writers on one clock for two clocks: what overlaps is there twice
}

// hold judges a cell: what the joiner makes of it by the plan's word, and what
// the whole finalizer makes of its store. The first is judged for both where they
// are equal.
func (s *scene) hold(t *testing.T, c cell) (h held, err error) {
	t.Helper()
	direct, err := s.join(t, c)
	if err != nil {
		return h, err
	}
	if h.unshown, err = s.judge(t, c, direct); err != nil {
		return h, err
	}
	whole, err := s.finalize(t)
	if err != nil || bytes.Equal(whole.body, direct.body) && whole.silent == direct.silent {
		return h, err
	}
	h.unshown, err = s.judge(t, c, whole)
	if err != nil && s.overlap {
		h.doubled = true
		h.unshown, err = s.apart().judge(t, c, whole)
	}
	if err != nil {
		err = fmt.Errorf("through the finalizer: %w", err)
	}
	return h, err
}

// apart is the scene with each piece as a part of its own.
func (s *scene) apart() *scene {
	all := &scene{segments: s.segments}
	for _, pieces := range s.parts {
		for _, piece := range pieces {
			all.parts = append(all.parts, [][]int{piece})
		}
	}
	return all
}
