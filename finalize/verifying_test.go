package finalize_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// verify reads a recording back with a new Finalizer.
func verify(s store.Store, recording string, deep bool) (*finalize.Verification, error) {
	f, err := finalize.New(only(s, finalize.Formats{MP4: true}))
	if err != nil {
		return nil, err
	}
	return f.Verify(context.Background(), recording, finalize.VerifyOptions{Deep: deep})
}

// found gives what was found as "severity rule object:line text", in order.
func found(v *finalize.Verification) []string {
	var out []string
	for _, x := range v.Findings {
		out = append(out, fmt.Sprintf("%s %s %s:%d %s", x.Severity, x.Rule, x.Object, x.Line, x.Text))
	}
	return out
}

// sound fails unless a recording reads back without any finding.
func sound(t testing.TB, s store.Store, recording string, deep bool) *finalize.Verification {
	t.Helper()
	v, err := verify(s, recording, deep)
	if err != nil {
		t.Fatalf("verify %s: %v", recording, err)
	}
	if len(v.Findings) > 0 || v.Damaged || v.Failed() {
		t.Errorf("verify %s: damaged %v:\n%s", recording, v.Damaged, strings.Join(found(v), "\n"))
	}
	return v
}

// TestVerifySound: nothing is wrong with what was just finalized, and everything was
// looked at.
func TestVerifySound(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, settings(w), "foo")
	for _, deep := range []bool{false, true} {
		v := sound(t, w, "foo", deep)
		if s := v.Sessions; len(s) != 1 || s[0].Renditions != 2 || s[0].Playlists < 3 || s[0].References < 17 || s[0].Movies != 2 || s[0].Probed < 12 {
			t.Errorf("looked at %+v", s)
		}
	}
}
