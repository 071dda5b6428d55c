package pages

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// rows are the names of the recordings that the index shows, in its order.
func (b *tab) rows() []string {
	b.t.Helper()
	return eval[[]string](b, `Array.from(document.querySelectorAll('[data-testid=row]')).filter((r) => r.offsetParent !== null).map((r) => r.querySelector('bdi').textContent)`)
}

// tabTo presses Tab until an element has the focus.
func (b *tab) tabTo(what, condition string) {
	b.t.Helper()
	for range 60 {
		if eval[bool](b, `(() => { const e = document.activeElement; return !!(`+condition+`); })()`) {
			return
		}
		b.keys(kb.Tab)
	}
	b.t.Fatalf("Tab does not come to %s", what)
}

// TestIndexKeys filters, sorts and opens without a mouse.
func TestIndexKeys(t *testing.T) {
	b := open(t, 1280, 900)
	b.visit(indexOf(t, gallery(t)))
	all := b.rows()
	if len(all) < 12 {
		t.Fatalf("%d recordings", len(all))
	}
	b.keys("/")
	if !eval[bool](b, `document.activeElement.matches('[data-testid=filter]')`) {
		t.Fatal("/ does not come to the filter")
	}
	b.keys("council")
	if got := b.rows(); len(got) != 2 || !strings.Contains(b.text(`[data-testid=shown]`), "2 of 14") {
		t.Errorf("the filter leaves %q and says %q", got, b.text(`[data-testid=shown]`))
	}
	b.keys(kb.ArrowDown + kb.ArrowDown)
	if at := eval[string](b, `document.activeElement.textContent`); at != "council/chamber-3" {
		t.Errorf("down and down comes to %q", at)
	}
	b.keys(kb.Enter)
	if hash := eval[string](b, `location.hash`); hash != "#council/chamber-3" {
		t.Errorf("Enter opens %q", hash)
	}
	b.keys(kb.ArrowUp + kb.ArrowUp)
	if !eval[bool](b, `document.activeElement.matches('[data-testid=filter]')`) {
		t.Error("up and up does not come back to the filter")
	}
	b.keys(kb.Escape)
	if got := b.rows(); !slices.Equal(got, all) {
		t.Errorf("Escape leaves %q", got)
	}
	// What matches nothing leaves nothing, and says so.
	b.keys("no such thing")
	if got := b.rows(); len(got) != 0 || !strings.Contains(b.text(`[data-testid=shown]`), "0 of 14") {
		t.Errorf("nothing matches, and it shows %q, says %q", got, b.text(`[data-testid=shown]`))
	}
	b.keys(kb.Escape)

	b.tabTo("a status", `e.matches('[data-testid=chip][data-status=damaged]')`)
	b.keys(" ")
	if got := b.rows(); !slices.Equal(got, []string{"training"}) {
		t.Errorf("damaged: %q", got)
	}
	b.keys(" ")

	for _, c := range []struct {
		column string
		first  []string // after each press
	}{{"Recording", []string{"concert", "training"}}, {"Duration", []string{"marathon", ""}}} {
		b.tabTo(c.column, `e.closest('th') && e.textContent.startsWith('`+c.column+`')`)
		for _, first := range c.first {
			b.keys(kb.Enter)
			if got := b.rows(); first != "" && got[0] != first || len(got) != len(all) {
				t.Errorf("sorted by %s: %q, not %q first", c.column, got, first)
			}
		}
		sorted := eval[string](b, `document.activeElement.closest('th').getAttribute('aria-sort')`)
		if want := map[string]string{"Recording": "descending", "Duration": "ascending"}[c.column]; sorted != want {
			t.Errorf("%s says it is sorted %s", c.column, sorted)
		}
	}
}
