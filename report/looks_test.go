package report

import (
	"strings"
	"testing"

	"recfin/finalize"
)

// A recording of which nothing can be made needs a look, whatever else is said.
func TestRefusedNeedsALook(t *testing.T) {
	w := newWorld(t)
	if err := w.Put("junk/A/720p/0.ts", []byte("no media"), onAir); err != nil {
		t.Fatal(err)
	}
	r, err := w.Finalizer().Plan(t.Context(), "junk")
	if err == nil {
		t.Fatal("not refused")
	}
	looks := looksOf(r, r.Plan, nil)
	if len(looks) == 0 || looks[0].Tone != "bad" || looks[0].What != string(finalize.Refused) || !strings.Contains(looks[0].Text, "none of its 1 segments") {
		t.Errorf("looks: %+v", looks)
	}
	if row := indexRowOf(&Row{Recording: "junk", Report: r}); strings.HasPrefix(row.Why, "junk: ") {
		t.Errorf("the index names it twice: %q", row.Why)
	}
}
