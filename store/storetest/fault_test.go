package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"testing"

	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// job makes one mutation of each kind, stops at the first error, and cleans up.
func job(ctx context.Context, s store.Store) error {
	a, err := s.Put(ctx, "a", []byte("a"), store.PutOptions{})
	if err != nil { // 0
		return err
	}
	o, err := s.Put(ctx, "b", []byte("b"), store.PutOptions{}) // 1
	if err != nil {
		return err
	}
	for _, abort := range []bool{false, true} {
		if err := upload(ctx, s, abort); err != nil { // 2 and 3, 4 and 5
			return err
		}
	}
	if _, err := s.Sweep(ctx, "", 0); err != nil { // 6
		return err
	}
	gone := o
	gone.Key = "never"
	for _, err := range s.Delete(ctx, []store.Object{o, gone}, store.DeleteOptions{}) { // 7, 8
		if err != nil {
			return err
		}
	}
	if _, err := s.Copy(ctx, a, "c", store.PutOptions{}); err != nil { // 9
		return err
	}
	for _, err := range s.List(ctx, "") {
		if err != nil {
			return err
		}
	}
	return nil
}

func upload(ctx context.Context, s store.Store, abort bool) error {
	u, err := s.Create(ctx, "up", store.CreateOptions{})
	if err != nil {
		return err
	}
	if abort {
		return u.Abort()
	}
	defer u.Abort()
	if _, err := u.Write([]byte("body")); err != nil {
		return err
	}
	_, err = u.Commit(ctx, emptyHead{})
	return err
}

type emptyHead struct{}

func (emptyHead) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
func (emptyHead) Size() int64                       { return 0 }

const mutations = 10

// state is what a run of job leaves: keys and unfinished uploads.
func state(m *mem.Store) string {
	var keys []string
	for key := range m.Snapshot() {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return fmt.Sprint(keys, m.Uploads())
}

func TestFaultUndisturbed(t *testing.T) {
	m := mem.New(mem.Options{})
	f := storetest.NewFault(m, storetest.Never)
	if err := job(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if f.Count() != mutations || f.Tripped() || f.Crashed() {
		t.Errorf("%d mutations, want %d; tripped %v, crashed %v", f.Count(), mutations, f.Tripped(), f.Crashed())
	}
	if got := state(m); got != "[a c up] []" {
		t.Error(got)
	}
	all := storetest.NewFault(mem.New(mem.Options{}), storetest.Plan{At: -1, All: true})
	if err := job(t.Context(), all); err != nil || all.Count() != mutations+1 {
		t.Errorf("%d operations, %v, want one listing more", all.Count(), err)
	}
}

// TestFaultSweep pins what each crash and each failure leaves behind.
func TestFaultSweep(t *testing.T) {
	states := map[bool][]string{
		false: {"[] []", "[a] []", "[a b] []", "[a b] [up]", "[a b up] []", "[a b up] [up]", "[a b up] []", "[a b up] []", "[a up] []", "[a up] []"},
		true:  {"[a] []", "[a b] []", "[a b] [up]", "[a b up] []", "[a b up] [up]", "[a b up] []", "[a b up] []", "[a up] []", "[a up] []", "[a c up] []"},
	}
	for _, after := range []bool{false, true} {
		for at := range mutations {
			t.Run(fmt.Sprintf("%d after %v", at, after), func(t *testing.T) {
				m := mem.New(mem.Options{})
				f := storetest.NewFault(m, storetest.Plan{At: at, After: after, Crash: true})
				if err := job(t.Context(), f); !errors.Is(err, storetest.ErrCrashed) {
					t.Errorf("crash: %v", err)
				}
				if f.Count() != at+1 || !f.Tripped() || !f.Crashed() {
					t.Errorf("crash: count %d, tripped %v, crashed %v", f.Count(), f.Tripped(), f.Crashed())
				}
				if got := state(m); got != states[after][at] {
					t.Errorf("crash: left %s, want %s", got, states[after][at])
				}
				if err := job(t.Context(), f); !errors.Is(err, storetest.ErrCrashed) || state(m) != states[after][at] {
					t.Errorf("a dead process works on: %v, %s", err, state(m))
				}

				mine := errors.New("mine")
				f = storetest.NewFault(mem.New(mem.Options{}), storetest.Plan{At: at, After: after, Err: mine})
				if err := job(t.Context(), f); !errors.Is(err, mine) || f.Crashed() {
					t.Errorf("failure: %v", err)
				} else if (at == 3 || at == 9) && after != errors.Is(err, store.ErrUnknown) {
					t.Errorf("a commit or copy whose answer was lost, %v: %v", after, err)
				}
				if err := job(t.Context(), f); err != nil {
					t.Errorf("after the failure: %v", err)
				}
			})
		}
	}
}

func last[T any](seq iter.Seq2[T, error]) (n int, err error) {
	for _, err = range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// TestFaultReads: before there is nothing, after it is half of it.
func TestFaultReads(t *testing.T) {
	m := mem.New(mem.Options{})
	for _, key := range []string{"a/1", "b/2"} {
		if _, err := m.Put(t.Context(), key, []byte("12345678"), store.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	reads := map[string]func(s store.Store) (int, error){
		"list":    func(s store.Store) (int, error) { return last(s.List(t.Context(), "")) },
		"folders": func(s store.Store) (int, error) { return last(s.Folders(t.Context(), "")) },
		"head":    func(s store.Store) (int, error) { _, err := s.Head(t.Context(), "a/1"); return 0, err },
		"now":     func(s store.Store) (int, error) { _, err := s.Now(t.Context()); return 0, err },
		"get": func(s store.Store) (int, error) {
			b, err := s.Get(t.Context(), "a/1", store.Whole, store.GetOptions{})
			if err != nil {
				return 0, err
			}
			defer b.Close()
			p, err := io.ReadAll(b)
			return len(p), err
		},
	}
	half := map[string]int{"list": 1, "folders": 1, "get": 4}
	for name, read := range reads {
		for _, crash := range []bool{false, true} {
			for _, after := range []bool{false, true} {
				f := storetest.NewFault(m, storetest.Plan{At: 0, All: true, After: after, Crash: crash})
				n, err := read(f)
				want := store.ErrUnavailable
				if crash {
					want = storetest.ErrCrashed
				}
				if !errors.Is(err, want) || after && n != half[name] || !after && n != 0 {
					t.Errorf("%s, after %v, crash %v: %d, %v", name, after, crash, n, err)
				}
				if _, err := read(f); crash != (err != nil) {
					t.Errorf("%s again, crash %v: %v", name, crash, err)
				}
			}
		}
	}
}

func TestRecorder(t *testing.T) {
	r := storetest.NewRecorder(mem.New(mem.Options{}))
	if err := job(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	o, err := r.Head(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, rg := range []store.Range{store.Whole, {Off: -1}, store.Head(65536)} {
		b, err := r.Get(ctx, "a", rg, store.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(b); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = r.Get(ctx, "a", store.Range{Off: 7}, store.GetOptions{})
	_, _ = r.Put(ctx, "a", []byte("123"), store.PutOptions{IfMatch: o.ETag})
	_, _ = r.Put(ctx, "a", nil, store.PutOptions{IfAbsent: true})
	_, _ = r.Head(ctx, "new\nline")
	_, _ = last(r.Folders(ctx, "x/"))
	_, _ = r.Now(ctx)
	want := []string{
		"put a 1", "put b 1", "create up", "commit up 0", "create up", "abort up", "sweep ",
		"delete b 1", "delete never 1", "copy c a", "list ",
		"head a", "get a", "get a -1", "get a 0-65535",
		"get a 7- -> range is outside of the object: from byte 7 of 1",
		"put a 3 if-match " + o.ETag, "put a 0 if-absent -> another version is there",
		`head "new\nline" -> no such object`, "folders x/", "now",
	}
	if got := r.Ops(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	wantMutations := slices.Concat(want[:6], want[7:10], want[16:18]) // the sweep found nothing
	if got := r.Mutations(); !slices.Equal(got, wantMutations) {
		t.Errorf("mutations %q, want %q", got, wantMutations)
	}
	c := r.Counters
	got := []int64{c.List.Load(), c.Get.Load(), c.Head.Load(), c.Put.Load(), c.Copy.Load(), c.Delete.Load(), c.BytesRead.Load(), c.BytesWritten.Load()}
	if want := []int64{3, 4, 2, 5, 1, 2, 3, 9}; !slices.Equal(got, want) {
		t.Errorf("counters %v, want %v", got, want)
	}
	r.Reset()
	if len(r.Ops()) != 0 || c.Put.Load() != 5 {
		t.Errorf("after a reset: %q, %d puts", r.Ops(), c.Put.Load())
	}
}

// TestWrappersKeepTheContract: a wrapper that does nothing passes the suite.
func TestWrappersKeepTheContract(t *testing.T) {
	small := storetest.Features{Small: true}
	storetest.RunWith(t, small, func(t *testing.T) store.Store {
		return storetest.NewFault(storetest.NewRecorder(mem.New(mem.Options{})), storetest.Plan{At: -1, All: true})
	})
}
