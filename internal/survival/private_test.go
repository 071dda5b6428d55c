//go:build unix

package survival

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mostPrivate is more than any private file holds, in bytes.
const mostPrivate = 4 << 10

// privateForms are the names that docs/outputs.md has for what is below .recfin/, and the
// words in which it has them.
func privateForms(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "outputs.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "\n## `.recfin/`\n")
	section, _, _ = strings.Cut(section, "\n## ")
	forms := map[string]*regexp.Regexp{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		form := regexp.QuoteMeta(row[1])
		form = regexp.MustCompile(`<([0-9]+) hex digits>`).ReplaceAllString(form, "[0-9a-f]{$1}")
		form = strings.NewReplacer("<word>", "[a-z]+", "<key>", ".+", "<date>", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "<ID>", "[^/@]+",
			"<session>", "[0-9]{8}T[0-9]{6}Z", "<I>", "[0-9]+", "<N>", "[0-9]+").Replace(form)
		forms[row[1]] = regexp.MustCompile(`^(recordings/)?\.recfin/` + form + "$")
	}
	if len(forms) != 7 {
		t.Fatalf("the document names %d kinds of private files", len(forms))
	}
	return forms
}

// documented: nothing is private but what the documents name, that is small, and
// nobody is writing.
func (c *campaign) documented(t *testing.T) {
	t.Helper()
	for _, name := range append(c.below(t, ".recfin"), c.below(t, "recordings/.recfin")...) {
		fi, err := os.Stat(filepath.Join(c.dir, filepath.FromSlash(name)))
		if err != nil || fi.Size() > mostPrivate {
			t.Errorf("%s was left (%v)", name, err)
		}
		known := false
		for kind, form := range c.private {
			if form.MatchString(name) && !strings.HasPrefix(kind, "partial/") {
				known = true
				c.met[kind] = true
			}
		}
		if !known {
			t.Errorf("%s was left, which docs/outputs.md does not name", name)
		}
	}
}
