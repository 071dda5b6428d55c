// Package storetest is the contract of package store as a suite that every
// implementation passes, and two wrappers for tests of what stands on a store:
// Fault fails or crashes at the N-th operation, Recorder keeps what was asked.
//
// Only tests import it.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"testing"

	"recfin/store"
)

// Features are what a store may lack without breaking the contract.
type Features struct {
	NoMetadata bool // it keeps neither metadata nor content type (a folder)
	CopiesRace bool // of several copies to one key at a time more than one may win (S3 that is not AWS)
	Small      bool // leave out what takes more than a few MiB or a thousand objects
}

// manyObjects is the subtest that a Small run leaves out as a whole.
const manyObjects = "list/many"

// Run runs the suite. newStore gives an empty store of its own to each subtest.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	RunWith(t, Features{}, newStore)
}

// RunWith runs the suite on a store that has not every feature.
func RunWith(t *testing.T, f Features, newStore func(t *testing.T) store.Store) {
	cases := []struct {
		name string
		run  func(*suite)
	}{
		{"label", testLabel},
		{"list/empty", testListEmpty},
		{"list/order", testListOrder},
		{"list/prefix", testListPrefix},
		{manyObjects, testListMany},
		{"list/private", testListPrivate},
		{"list/odd keys", testListOddKeys},
		{"list/deleted meanwhile", testListDeleted},
		{"list/stopped", testListStopped},
		{"folders", testFolders},
		{"head", testHead},
		{"get/ranges", testGetRanges},
		{"get/empty object", testGetEmpty},
		{"get/pinned", testGetPinned},
		{"get/missing", testGetMissing},
		{"get/proved", testGetProved},
		{"put/round trip", testPut},
		{"put/if absent", testPutIfAbsent},
		{"put/if match", testPutIfMatch},
		{"put/etag", testPutETag},
		{"put/invalid", testPutInvalid},
		{"put/one winner", testPutOneWinner},
		{"put/one successor", testPutOneSuccessor},
		{"copy", testCopy},
		{"copy/pinned", testCopyPinned},
		{"copy/if absent", testCopyIfAbsent},
		{"copy/one winner", testCopyOneWinner},
		{"copy/odd keys", testCopyOddKeys},
		{"copy/large", testCopyLarge},
		{"copy/invalid", testCopyInvalid},
		{"upload/sizes", testUploadSizes},
		{"upload/visible only now", testUploadVisibility},
		{"upload/conflict", testUploadConflict},
		{"upload/replaces", testUploadReplaces},
		{"upload/one winner", testUploadOneWinner},
		{"upload/abort", testUploadAbort},
		{"upload/ended", testUploadEnded},
		{"upload/head", testUploadHead},
		{"upload/invalid", testUploadInvalid},
		{"upload/in parts", testUploadInParts},
		{"checksum", testChecksum},
		{"sweep", testSweep},
		{"delete", testDelete},
		{"delete/batch", testDeleteBatch},
		{"delete/refused", testDeleteRefused},
		{"delete/stopped", testDeleteStopped},
		{"now", testNow},
		{"cancelled", testCancelled},
		{"detect", testDetect},
	}
	for _, c := range cases {
		if f.Small && c.name == manyObjects {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			c.run(&suite{T: t, s: newStore(t), ctx: t.Context(), f: f})
		})
	}
}

// suite is one subtest: a fresh store and short forms that fail the test.
type suite struct {
	*testing.T
	s   store.Store
	ctx context.Context
	f   Features
}

func (t *suite) put(key, body string) store.Object {
	t.Helper()
	o, err := t.s.Put(t.ctx, key, []byte(body), store.PutOptions{})
	if err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
	return o
}

// putAll stores one small object under each key.
func (t *suite) putAll(keys ...string) {
	t.Helper()
	for _, key := range keys {
		t.put(key, "body of "+key)
	}
}

func (t *suite) read(key string, r store.Range, opt store.GetOptions) ([]byte, error) {
	b, err := t.s.Get(t.ctx, key, r, opt)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	body, err := io.ReadAll(b)
	if err == nil && int64(len(body)) != b.Length {
		t.Errorf("get %q: %d bytes, and Length promised %d", key, len(body), b.Length)
	}
	return body, err
}

// holds checks the whole contents under key.
func (t *suite) holds(key, want string) {
	t.Helper()
	got, err := t.read(key, store.Whole, store.GetOptions{})
	if err != nil {
		t.Errorf("get %q: %v", key, err)
		return
	}
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("get %q: %s, want %s", key, excerpt(got), excerpt([]byte(want)))
	}
}

// absent checks that nothing is under key, for head, get and list.
func (t *suite) absent(key string) {
	t.Helper()
	if _, err := t.s.Head(t.ctx, key); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("head %q: %v, want ErrNotExist", key, err)
	}
	if _, err := t.read(key, store.Whole, store.GetOptions{}); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("get %q: %v, want ErrNotExist", key, err)
	}
	for _, o := range t.list(key) {
		if o.Key == key {
			t.Errorf("list %q: it is there", key)
		}
	}
}

func (t *suite) list(prefix string) []store.Object {
	t.Helper()
	objects, err := collect(t.s.List(t.ctx, prefix))
	if err != nil {
		t.Fatalf("list %q: %v", prefix, err)
	}
	return objects
}

func (t *suite) keys(prefix string) []string {
	t.Helper()
	keys := []string{}
	for _, o := range t.list(prefix) {
		keys = append(keys, o.Key)
	}
	return keys
}

func (t *suite) head(key string) store.Info {
	t.Helper()
	info, err := t.s.Head(t.ctx, key)
	if err != nil {
		t.Fatalf("head %q: %v", key, err)
	}
	return info
}

// want checks an error against a sentinel, and that it names op, label and key.
func (t *suite) want(what string, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Errorf("%s: %v, want %v", what, err, sentinel)
		return
	}
	var e *store.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: %T is no *store.Error", what, err)
		return
	}
	if e.Op == "" || e.Store != t.s.Label() {
		t.Errorf("%s: error %q names op %q and store %q", what, err, e.Op, e.Store)
	}
}

// collect reads a listing to its end.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// outcomes runs a delete and gives the outcome of each key.
func (t *suite) outcomes(victims ...store.Object) map[string]error {
	t.Helper()
	return t.outcomesOf(store.DeleteOptions{}, victims...)
}

func (t *suite) outcomesOf(opt store.DeleteOptions, victims ...store.Object) map[string]error {
	t.Helper()
	got := map[string]error{}
	for o, err := range t.s.Delete(t.ctx, victims, opt) {
		if _, twice := got[o.Key]; twice {
			t.Errorf("delete: two outcomes for %q", o.Key)
		}
		got[o.Key] = err
	}
	if len(got) != len(victims) {
		t.Errorf("delete: %d outcomes for %d victims", len(got), len(victims))
	}
	return got
}

func excerpt(b []byte) string {
	if len(b) <= 40 {
		return "\"" + string(b) + "\""
	}
	return "\"" + string(b[:20]) + "…" + string(b[len(b)-10:]) + "\""
}
