package store_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recfin/store"
	"recfin/store/mem"
)

// liar is a store that does not keep some condition.
type liar struct {
	*mem.Store
	ignoreAbsent, ignoreMatch     bool  // writes although the condition fails
	ignoreDelete, refuseAndDelete bool  // deletes the wrong version, and says so or not
	keepAll                       bool  // says that it deleted, and did not
	weak                          bool  // has no strong ETags
	noCondition                   error // what a conditional put gets
	deleted                       error // what every delete gets
	echo                          bool  // tells the checksum that it was told
	echoParts                     bool  // and of large objects only

	mu               *sync.Mutex
	told             map[string]string
	batches, singles int // calls of Delete
}

func (l *liar) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if (opt.IfAbsent || opt.IfMatch != "") && l.noCondition != nil {
		return store.Object{}, l.noCondition
	}
	if l.ignoreAbsent {
		opt.IfAbsent = false
	}
	if l.ignoreMatch {
		opt.IfMatch = ""
	}
	if l.echo {
		l.tell(key, opt.CRC64)
		opt.CRC64 = ""
	}
	o, err := l.Store.Put(ctx, key, body, opt)
	if l.weak {
		o.ETag = "W/" + o.ETag
	}
	return o, err
}

func (l *liar) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	if l.echo || l.echoParts {
		opt.CRC64 = ""
	}
	return l.Store.Create(ctx, key, opt)
}

func (l *liar) tell(key, sum string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told == nil {
		l.told = map[string]string{}
	}
	l.told[key] = sum
}

func (l *liar) Head(ctx context.Context, key string) (store.Info, error) {
	info, err := l.Store.Head(ctx, key)
	if l.echo {
		l.mu.Lock()
		info.CRC64 = l.told[key]
		l.mu.Unlock()
	}
	return info, err
}

func (l *liar) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		l.mu.Lock()
		if opt.Batch {
			l.batches++
		} else {
			l.singles++
		}
		l.mu.Unlock()
		for _, v := range victims {
			if !yield(v, l.deleteOne(ctx, v, opt)) {
				return
			}
		}
	}
}

func (l *liar) deleteOne(ctx context.Context, v store.Object, opt store.DeleteOptions) error {
	err := l.deleted
	if err != nil {
		return err
	}
	now, herr := l.Head(ctx, v.Key)
	changed := herr == nil && now.ETag != v.ETag
	if l.ignoreDelete || l.refuseAndDelete {
		v = now.Object
	}
	if l.keepAll && !changed {
		return nil
	}
	for _, err = range l.Store.Delete(ctx, []store.Object{v}, opt) {
	}
	if l.refuseAndDelete && changed {
		return store.ErrChanged
	}
	return err
}

// without takes capabilities away from those of a store that has all.
func without(edit func(*store.Capabilities)) store.Capabilities {
	c := store.Capabilities{CreateOnce: true, Replace: true, DeleteIfMatch: true, DeleteBatch: true, Checksum: true}
	edit(&c)
	return c
}

func TestDetect(t *testing.T) {
	all := without(func(*store.Capabilities) {})
	noDelete := without(func(c *store.Capabilities) { c.DeleteIfMatch, c.DeleteBatch = false, false })
	noRight := noDelete
	noRight.DeleteDenied = true
	noSum := without(func(c *store.Capabilities) { c.Checksum = false })
	for name, c := range map[string]struct {
		liar  liar
		mem   mem.Options
		want  store.Capabilities
		left  bool  // probe objects may stay
		fails error // of Detect
	}{
		"honest":                {want: all},
		"versioned":             {mem: mem.Options{Versioned: true}, want: without(func(c *store.Capabilities) { c.Versioned = true })},
		"no create once":        {liar: liar{ignoreAbsent: true}, want: without(func(c *store.Capabilities) { c.CreateOnce = false })},
		"no replace":            {liar: liar{ignoreMatch: true}, want: without(func(c *store.Capabilities) { c.Replace = false })},
		"deaf writes":           {mem: mem.Options{IgnorePutIf: true}, want: without(func(c *store.Capabilities) { c.CreateOnce, c.Replace = false, false })},
		"conditions refused":    {liar: liar{noCondition: store.ErrInvalid}, want: without(func(c *store.Capabilities) { c.CreateOnce, c.Replace = false, false })},
		"condition unavailable": {liar: liar{noCondition: store.ErrUnavailable}, fails: store.ErrUnavailable},
		"full meanwhile":        {liar: liar{noCondition: store.ErrFull}, fails: store.ErrFull},
		"deletes silently":      {liar: liar{ignoreDelete: true}, want: noDelete},
		"deaf single deletes":   {mem: mem.Options{IgnoreDeleteIf: true}, want: without(func(c *store.Capabilities) { c.DeleteIfMatch = false })},
		"deaf batches":          {mem: mem.Options{IgnoreBatchIf: true}, want: without(func(c *store.Capabilities) { c.DeleteBatch = false })},
		"refuses and deletes":   {liar: liar{refuseAndDelete: true}, want: noDelete},
		"keeps":                 {liar: liar{keepAll: true}, want: noDelete, left: true},
		"deletes denied":        {mem: mem.Options{DenyDelete: true}, want: noRight, left: true},
		"deletes refused":       {liar: liar{deleted: store.ErrInvalid}, want: noDelete, left: true},
		"weak":                  {liar: liar{weak: true}, want: store.Capabilities{CreateOnce: true, Checksum: true}},
		"no checksums":          {mem: mem.Options{NoChecksums: true}, want: noSum},
		"echoes checksums":      {liar: liar{echo: true}, want: noSum},
		"echoes those of parts": {liar: liar{echoParts: true}, want: noSum},
	} {
		t.Run(name, func(t *testing.T) {
			c.mem.Opaque = true
			c.liar.Store, c.liar.mu = mem.New(c.mem), &sync.Mutex{}
			got, err := store.Detect(t.Context(), &c.liar, "out/.recfin/")
			if !errors.Is(err, c.fails) || got != c.want {
				t.Errorf("%+v, %v, want %+v", got, err, c.want)
			}
			if left := c.liar.Snapshot(); len(left) > 0 && !c.left {
				t.Errorf("it left %v", maps.Collect(maps.All(left)))
			}
			if left := c.liar.Uploads(); len(left) > 0 {
				t.Errorf("it left uploads of %q", left)
			}
			if c.want.DeleteBatch && c.liar.batches != 1 {
				t.Errorf("%d batch deletes", c.liar.batches)
			}
		})
	}
}

// TestDetectIsCheap: what a probe costs at most.
func TestDetectIsCheap(t *testing.T) {
	s, n := store.Count(mem.New(mem.Options{}))
	if _, err := store.Detect(t.Context(), s, ".recfin/"); err != nil {
		t.Fatal(err)
	}
	if sum := n.Put.Load() + n.Get.Load() + n.Head.Load() + n.Delete.Load() + n.List.Load(); sum > 48 {
		t.Errorf("%d requests", sum)
	}
}

func TestDetectFails(t *testing.T) {
	denied := &fails{Store: mem.New(mem.Options{}), err: store.ErrDenied}
	if got, err := store.Detect(t.Context(), denied, ".recfin/"); !errors.Is(err, store.ErrDenied) || got != (store.Capabilities{}) {
		t.Errorf("no right to write: %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	slow := &fails{Store: mem.New(mem.Options{}), after: cancel}
	if got, err := store.Detect(ctx, slow, ".recfin/"); !errors.Is(err, context.Canceled) || got != (store.Capabilities{}) {
		t.Errorf("cancelled: %+v, %v", got, err)
	}
}

// TestDetectSweeps: the upload of a probe that died is ended by the next one.
func TestDetectSweeps(t *testing.T) {
	now := mem.Start
	s := mem.New(mem.Options{Clock: func() time.Time { return now }})
	for _, key := range []string{"out/.recfin/probe/00-sum", "out/foo/.recfin/1.mp4"} {
		if _, err := s.Create(t.Context(), key, store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{2, 1} {
		if _, err := store.Detect(t.Context(), s, "out/.recfin/"); err != nil || len(s.Uploads()) != want {
			t.Errorf("after %v: %v, uploads of %q, want %d", now.Sub(mem.Start), err, s.Uploads(), want)
		}
		now = now.Add(25 * time.Hour)
	}
}

type fails struct {
	*mem.Store
	err   error
	after func()
}

func (f *fails) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if f.err != nil {
		return store.Object{}, f.err
	}
	defer f.after()
	return f.Store.Put(ctx, key, body, opt)
}

// distant is a store of which every answer takes as long: what is asked at the same
// time takes as long as one of them.
type distant struct {
	*mem.Store
}

func (d *distant) far() { time.Sleep(latency) }

const latency = 40 * time.Millisecond

func (d *distant) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	d.far()
	return d.Store.Put(ctx, key, body, opt)
}

func (d *distant) Head(ctx context.Context, key string) (store.Info, error) {
	d.far()
	return d.Store.Head(ctx, key)
}

func (d *distant) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	d.far()
	return d.Store.Get(ctx, key, r, opt)
}

func (d *distant) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	d.far()
	return d.Store.Delete(ctx, victims, opt)
}

// TestDetectIsShallow: how many requests have to wait for the one before, at most. The
// clock is that of the test and stands still but for the latency.
func TestDetectIsShallow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &distant{Store: mem.New(mem.Options{})}
		begun := time.Now()
		early := time.Duration(0)
		can, err := store.DetectEarly(t.Context(), s, ".recfin/", func(can store.Capabilities) {
			if early = time.Since(begun); !can.CreateOnce || !can.Replace || !can.Checksum || can.DeleteIfMatch {
				t.Errorf("early %+v", can)
			}
		})
		if err != nil || !can.DeleteIfMatch || !can.DeleteBatch || !can.Checksum {
			t.Fatalf("%+v, %v", can, err)
		}
		if deep := time.Since(begun) / latency; deep > 14 || early == 0 || early/latency > 5 {
			t.Errorf("a chain of %d requests, of %d until it is known what writes honour", deep, early/latency)
		}
	})
}

// TestDetectEarly: what writes honour is told as it is told in the end, once, and not at
// all where something was not answered.
func TestDetectEarly(t *testing.T) {
	for name, c := range map[string]struct {
		liar  liar
		want  store.Capabilities
		fails error
	}{
		"honest":       {want: store.Capabilities{CreateOnce: true, Replace: true, Checksum: true}},
		"deaf":         {liar: liar{ignoreAbsent: true, ignoreMatch: true}, want: store.Capabilities{Checksum: true}},
		"unavailable":  {liar: liar{noCondition: store.ErrUnavailable}, fails: store.ErrUnavailable},
		"full":         {liar: liar{noCondition: store.ErrFull}, fails: store.ErrFull},
		"deletes fail": {liar: liar{deleted: store.ErrUnavailable}, want: store.Capabilities{CreateOnce: true, Replace: true, Checksum: true}, fails: store.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			c.liar.Store, c.liar.mu = mem.New(mem.Options{}), &sync.Mutex{}
			var told []store.Capabilities
			_, err := store.DetectEarly(t.Context(), &c.liar, "", func(can store.Capabilities) {
				if told = append(told, can); c.liar.batches+c.liar.singles > 0 {
					t.Error("something was deleted before")
				}
			})
			if !errors.Is(err, c.fails) {
				t.Errorf("error %v, want %v", err, c.fails)
			}
			if want := c.want != (store.Capabilities{}); want != (len(told) == 1) || want && told[0] != c.want {
				t.Errorf("told %+v, want %+v", told, c.want)
			}
		})
	}
}

// thrower is a store with a bug.
type thrower struct{ *mem.Store }

func (thrower) Get(context.Context, string, store.Range, store.GetOptions) (store.Body, error) {
	panic("a bug")
}

// TestDetectPanics: a panic reaches whoever asked, who may contain it.
func TestDetectPanics(t *testing.T) {
	defer func() {
		if v := recover(); v != "a bug" {
			t.Errorf("recovered %v", v)
		}
	}()
	_, err := store.Detect(t.Context(), thrower{mem.New(mem.Options{})}, ".recfin/")
	t.Errorf("no panic: %v", err)
}
