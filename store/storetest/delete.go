package storetest

import (
	"fmt"
	"slices"

	"recfin/store"
)

func testDelete(t *suite) {
	t.putAll("d/1", "d/2", "d/3", "d/4", "keep")
	all := t.list("d/")
	replaced := all[1]
	t.put("d/2", "BODY of d/2") // of the same size
	t.outcomes(all[2])          // gone before

	got := t.outcomes(all[0], replaced, all[2])
	if got["d/1"] != nil {
		t.Errorf("delete: %v", got["d/1"])
	}
	t.want("delete of a version that was replaced", got["d/2"], store.ErrChanged)
	if got["d/3"] != nil {
		t.Errorf("delete of what is gone: %v", got["d/3"])
	}
	t.absent("d/1")
	t.holds("d/2", "BODY of d/2")
	if got, want := t.keys(""), []string{"d/2", "d/4", "keep"}; !slices.Equal(got, want) {
		t.Errorf("after deletes: %q, want %q", got, want)
	}

	current := t.head("d/2").Object
	if err := t.outcomes(current)["d/2"]; err != nil {
		t.Errorf("delete of the version that is there: %v", err)
	}
	var many []store.Object
	for i := range 30 {
		many = append(many, t.put(fmt.Sprintf("many/%d/%d", i%3, i), "x"))
	}
	for key, err := range t.outcomes(many...) {
		if err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	if got := t.keys("many/"); len(got) != 0 {
		t.Errorf("after deletes: %q", got)
	}
	if got := t.outcomes(); len(got) != 0 {
		t.Errorf("deleting nothing: %v", got)
	}
}

// testDeleteBatch: the batch form has an outcome for each victim too. Whether it
// keeps what was replaced is for Detect to see.
func testDeleteBatch(t *suite) {
	batch := store.DeleteOptions{Batch: true}
	t.putAll("b/1", "b/2", "b/ü &+<3>", "b/a\tb", "keep")
	all := t.list("b/")
	for key, err := range t.outcomesOf(batch, all...) {
		if err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	if got, want := t.keys(""), []string{"keep"}; !slices.Equal(got, want) {
		t.Errorf("after a batch: %q, want %q", got, want)
	}
	for key, err := range t.outcomesOf(batch, all[0], all[1]) {
		if err != nil {
			t.Errorf("delete of what is gone, %q: %v", key, err)
		}
	}
	can, err := store.Detect(t.ctx, t.s, ".recfin/")
	if err != nil {
		t.Fatal(err)
	}
	if !can.DeleteBatch {
		return
	}
	stale := t.put("stale", "1")
	t.put("stale", "2")
	got := t.outcomesOf(batch, stale, t.head("keep").Object)
	t.want("batch delete of a version that was replaced", got["stale"], store.ErrChanged)
	if got["keep"] != nil {
		t.Errorf("batch delete beside it: %v", got["keep"])
	}
	t.holds("stale", "2")
	t.absent("keep")
}

func testDeleteRefused(t *suite) {
	o := t.put("x", "body")
	empty, weak, foreign, bad := o, o, o, o
	empty.ETag = ""
	weak.ETag = "W/" + o.ETag
	foreign.Store = "mem://elsewhere/"
	bad.Key = "/x"
	for _, c := range []struct {
		what   string
		victim store.Object
		want   error
	}{
		{"an empty ETag", empty, store.ErrWeak},
		{"a weak ETag", weak, store.ErrWeak},
		{"another store", foreign, store.ErrInvalid},
		{"a bad key", bad, store.ErrInvalid},
	} {
		t.want("delete with "+c.what, t.outcomes(c.victim)[c.victim.Key], c.want)
		t.holds("x", "body")
	}
}

// testDeleteStopped: whoever stops asking loses outcomes, not other objects.
func testDeleteStopped(t *suite) {
	t.putAll("s/1", "s/2", "other")
	n := 0
	for _, err := range t.s.Delete(t.ctx, t.list("s/"), store.DeleteOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		break
	}
	if n != 1 || !slices.Contains(t.keys(""), "other") {
		t.Errorf("after a stop: %d outcomes, %q", n, t.keys(""))
	}
}

// testDetect: a store that passes the suite honours conditions. What it may do
// without is the batch form, versions and checksums.
func testDetect(t *suite) {
	for _, dir := range []string{".recfin/", "out/.recfin/"} {
		got, err := store.Detect(t.ctx, t.s, dir)
		if err != nil || !got.CreateOnce || !got.Replace || !got.DeleteIfMatch {
			t.Errorf("detect in %s: %+v, %v", dir, got, err)
		}
		t.Logf("detect in %s: %+v", dir, got)
	}
	if got := t.keys(""); len(got) != 0 {
		t.Errorf("detect left %q", got)
	}
}
