package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// produce stores a small object and a large one and deletes the small one, as a
// process does that may have been here before. It stops at the first error.
func produce(ctx context.Context, s *Store) error {
	small, err := s.Put(ctx, "small", []byte("small"), store.PutOptions{})
	if err != nil {
		return err
	}
	u, err := s.Create(ctx, "x", store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}, Room: 4})
	if err != nil {
		return err
	}
	defer u.Abort()
	if _, err := u.Write([]byte(large)); err != nil {
		return err
	}
	if _, err := u.Commit(ctx, strings.NewReader("HEAD")); err != nil && !errors.Is(err, store.ErrConflict) {
		return err
	}
	for _, err := range s.Delete(ctx, []store.Object{small}, store.DeleteOptions{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestCrashAtEachRequest: a process dies at each request that it sends, before the
// effect or right after. What is there then is a whole object or none, a sweep finds
// every upload that was left, and the next process ends as if nothing had been.
func TestCrashAtEachRequest(t *testing.T) {
	for _, sum := range []checksum{sumMD5, sumCRC64} {
		tune := quick()
		tune.checksum = sum
		whole := newDouble(t)
		whole.Crash(s3double.Crash{At: -1})
		if err := produce(t.Context(), connect(t, whole, tune)); err != nil {
			t.Fatal(err)
		}
		total := whole.Counted()
		if total < 10 {
			t.Fatalf("%d requests are too few", total)
		}
		for at := range total {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d after %v", at, after), func(t *testing.T) {
					d := newDouble(t)
					dead := d.Crash(s3double.Crash{At: at, After: after, Denied: true})
					err := produce(t.Context(), connect(t, d, tune))
					<-dead
					if err == nil && at != total-1 {
						t.Error("a dead process tells of success")
					}
					if got, found := there(d, "x"); found && got != "HEAD"+large {
						t.Errorf("there is %q", got)
					}
					d.Revive()
					s := connect(t, d, tune)
					if n, err := s.Sweep(t.Context(), "", -time.Hour); err != nil || n > 1 || len(d.Uploads()) != 0 {
						t.Errorf("swept %d, %v; left %v", n, err, d.Uploads())
					}
					if err := produce(t.Context(), s); err != nil {
						t.Errorf("the next process: %v", err)
					}
					if got, _ := there(d, "x"); got != "HEAD"+large || len(d.Objects()) != 1 || len(d.Uploads()) != 0 {
						t.Errorf("in the end there is %q of %q", got, d.Keys(""))
					}
				})
			}
		}
		t.Logf("%d crash points", 2*total)
	}
}

// TestSweepPages: uploads on several pages are all found, although each page is
// gone when the next one is asked for.
func TestSweepPages(t *testing.T) {
	d := s3double.New(t, s3double.Options{AccessKey: testKey, SecretKey: testSecret, PageSize: 2})
	s := connect(t, d, quick())
	for _, key := range []string{"a b", "a b", "a b", "c/ü+", "z"} {
		u, err := s.Create(t.Context(), key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write([]byte(large)); err != nil {
			t.Fatal(err)
		}
		if err := u.(*upload).parts.wait(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(t.Context(), "", -time.Hour); err != nil || n != 5 || len(d.Uploads()) != 0 {
		t.Errorf("swept %d, %v; left %v", n, err, d.Uploads())
	}
}
