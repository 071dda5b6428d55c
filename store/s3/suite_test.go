package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/versity"
	"recfin/store"
	"recfin/store/storetest"
)

// options reach a fresh folder of a server.
func options(t *testing.T, srv *versity.Server) Options {
	return Options{
		Endpoint: srv.Endpoint, Region: srv.Region, Bucket: srv.Bucket(t), Prefix: srv.Prefix(),
		AccessKey: srv.AccessKey, SecretKey: srv.SecretKey, PathStyle: true,
	}
}

func TestContract(t *testing.T) {
	srv := versity.Start(t)
	storetest.RunWith(t, storetest.Features{Small: srv.External(), CopiesRace: true}, func(t *testing.T) store.Store {
		tune := defaults() // but a server that has died is not waited for by each call
		tune.idle, tune.patience, tune.giveUp, tune.maxAttempts = 10*time.Second, 10*time.Second, 25*time.Second, 5
		s, err := newStore(t.Context(), options(t, srv), tune)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestChecksumsAreTaken: parts and objects with either checksum, in parts of
// 5 MiB, the least that a server takes.
func TestChecksumsAreTaken(t *testing.T) {
	srv := versity.Start(t)
	for _, sum := range []checksum{sumMD5, sumCRC64} {
		tune := defaults()
		tune.checksum, tune.minPart = sum, 5*mib
		s, err := newStore(t.Context(), options(t, srv), tune)
		if err != nil {
			t.Fatal(err)
		}
		body := bytes.Repeat([]byte("0123456789abcde\n"), mib)[:11*mib+3]
		for _, room := range []int{1000, 6 * mib} {
			o, err := finish(t, s, store.CreateOptions{Room: int64(room)}, string(make([]byte, room)), string(body))
			if err != nil {
				t.Fatalf("checksum %d, room %d: %v", sum, room, err)
			}
			b, err := s.Get(t.Context(), "x", store.Whole, store.Pinned(o))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(b)
			if err != nil || !bytes.Equal(got, append(make([]byte, room), body...)) {
				t.Errorf("checksum %d, room %d: %d bytes, %v", sum, room, len(got), err)
			}
			b.Close()
		}
		if o, err := s.Put(t.Context(), "small", []byte("x"), store.PutOptions{}); err != nil || o.Size != 1 {
			t.Errorf("checksum %d: put: %+v, %v", sum, o, err)
		}
	}
}

// TestSweepOrphan: an upload that nobody ended is found under its key only.
func TestSweepOrphan(t *testing.T) {
	srv := versity.Start(t)
	tune := defaults()
	tune.minPart = 5 * mib
	s, err := newStore(t.Context(), options(t, srv), tune)
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Create(t.Context(), "out/a b+ü.mp4", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write(make([]byte, 11*mib)); err != nil {
		t.Fatal(err)
	}
	if err := u.(*upload).parts.wait(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		prefix string
		age    time.Duration
		want   int
	}{
		{"other/", -time.Hour, 0},
		{"out/", time.Hour, 0},
		{"out/", -time.Hour, 1}, // whatever the clock says
		{"out/", -time.Hour, 0},
	} {
		if n, err := s.Sweep(t.Context(), c.prefix, c.age); err != nil || n != c.want {
			t.Errorf("sweep %q of %v: %d, %v, want %d", c.prefix, c.age, n, err, c.want)
		}
	}
	if _, err := u.Commit(t.Context(), bytes.NewReader(nil)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("commit of what was swept: %v, want ErrUnavailable", err)
	}
	if err := u.Abort(); err != nil {
		t.Errorf("abort of what was swept: %v", err)
	}
}

// TestRefusals: what a real server says to a wrong bucket and wrong keys.
func TestRefusals(t *testing.T) {
	srv := versity.Start(t)
	good := options(t, srv)
	for _, c := range []struct {
		name string
		edit func(*Options)
		want error
	}{
		{"bucket", func(o *Options) { o.Bucket = "no-such-bucket-here" }, store.ErrNoStore},
		{"access key", func(o *Options) { o.AccessKey = "somebody-else" }, store.ErrDenied},
		{"secret key", func(o *Options) { o.SecretKey = "wr0ng-s3cret" }, store.ErrDenied},
	} {
		opt := good
		c.edit(&opt)
		s, err := New(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err = range s.List(t.Context(), "") {
			n++
		}
		if n != 1 || !errors.Is(err, c.want) {
			t.Errorf("wrong %s: list: %d pairs, %v, want %v", c.name, n, err, c.want)
		}
		for _, err = range s.Folders(t.Context(), "") {
		}
		if !errors.Is(err, c.want) {
			t.Errorf("wrong %s: folders: %v, want %v", c.name, err, c.want)
		}
		_, err = s.Put(t.Context(), "x", nil, store.PutOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("wrong %s: put: %v, want %v", c.name, err, c.want)
		}
		for _, err := range s.Delete(t.Context(), []store.Object{{Store: s.Label(), Key: "x", ETag: "e"}}, store.DeleteOptions{}) {
			if !errors.Is(err, c.want) {
				t.Errorf("wrong %s: delete: %v, want %v", c.name, err, c.want)
			}
		}
		if err != nil && (strings.Contains(err.Error(), opt.SecretKey) || strings.Contains(err.Error(), opt.AccessKey)) {
			t.Errorf("wrong %s: a secret in %v", c.name, err)
		}
	}
}

// TestSpreadServer: a real server begins a listing where it is told to, also at names
// that are no object and in folders whose names continue others.
func TestSpreadServer(t *testing.T) {
	srv := versity.Start(t)
	tune := defaults()
	tune.pageSize = 5
	s, err := newStore(t.Context(), options(t, srv), tune)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, nonce := range []string{"a", "a-b", "a.b", "ab", "b", "ü"} {
		for _, rendition := range []string{"720p", "720p30"} {
			for i := range 12 {
				want = append(want, fmt.Sprintf("foo/%s/%s/%d.ts", nonce, rendition, i))
			}
		}
	}
	slices.Sort(want)
	for _, key := range want {
		if _, err := s.Put(t.Context(), key, []byte("x"), store.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		got, err := below(t.Context(), s, "foo/")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("list: %d keys, %v, want %d:\n%q\n%q", len(got), err, len(want), got, want)
		}
	}
}
