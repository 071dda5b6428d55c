package doctest

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	codeSpan   = regexp.MustCompile("`[^`]*`")
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.*?)[ #]*$`)
)

// prose is a page without its blocks and code.
func prose(text string) string {
	var b strings.Builder
	inside := false
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "```") {
			inside = !inside
			continue
		}
		if !inside {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// anchors are the fragments that a page has: those of its headings, as GitHub makes
// them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(prose(text), -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(m[1]) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				b.WriteRune(r)
			}
		}
		slug := b.String()
		for n := 1; all[slug]; n++ {
			slug = fmt.Sprintf("%s-%d", b.String(), n)
		}
		all[slug] = true
	}
	return all
}

// links gives the targets of the links of a page.
func links(text string) []string {
	var all []string
	for _, m := range inlineLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose(text), ""), -1) {
		all = append(all, m[1])
	}
	return all
}

// badLinks says which links of the pages lead nowhere.
func badLinks(all map[string]string, exists func(file string) bool) []string {
	var bad []string
	for page, text := range all {
		for _, link := range links(text) {
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "" && (u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
				bad = append(bad, fmt.Sprintf("%s: %q is no URL", page, link))
				continue
			}
			if u.Scheme != "" {
				continue
			}
			to := page
			if u.Path != "" {
				to = path.Join(path.Dir(page), u.Path)
			}
			text, known := all[to]
			switch {
			case strings.HasPrefix(to, ".."):
				bad = append(bad, fmt.Sprintf("%s: %q leads out of the repository", page, link))
			case !known && !exists(to):
				bad = append(bad, fmt.Sprintf("%s: %q leads nowhere", page, link))
			case u.Fragment != "" && !anchors(text)[u.Fragment]:
				bad = append(bad, fmt.Sprintf("%s: %q: there is no heading #%s", page, link, u.Fragment))
			}
		}
	}
	return bad
}

// TestLinks: what pages link to exists, down to the heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	top := root(t)
	all := pages(t)
	for _, bad := range badLinks(all, func(file string) bool {
		_, err := os.Stat(filepath.Join(top, filepath.FromSlash(file)))
		return err == nil
	}) {
		t.Error(bad)
	}
	index := map[string]bool{}
	for _, link := range links(all["docs/README.md"]) {
		index[path.Join("docs", strings.SplitN(link, "#", 2)[0])] = true
	}
	for page := range all {
		if strings.HasPrefix(page, "docs/") && page != "docs/README.md" && !index[page] {
			t.Errorf("docs/README.md does not lead to %s", page)
		}
	}
}

// TestPageForm: a page under docs/ says first whom it is for, and last where to go on.
func TestPageForm(t *testing.T) {
	t.Parallel()
	for page, text := range pages(t) {
		parts := strings.Split(strings.TrimSpace(text), "\n\n")
		if page == "README.md" {
			continue
		}
		if len(parts) < 3 || !strings.HasPrefix(parts[0], "# ") || !strings.HasPrefix(parts[1], "For ") || !strings.HasPrefix(parts[len(parts)-1], "Next: ") {
			t.Errorf("%s begins with a title and \"For …\", whom it is for, and ends with \"Next: …\", where to go on", page)
		}
	}
}

func TestBadLinks(t *testing.T) {
	t.Parallel()
	all := map[string]string{"README.md": "", "docs/a.md": "# One `two`: three\n\n## A & b\n\n```\n# none\n```\n## A & b\n"}
	for link, right := range map[string]bool{
		"docs/a.md": true, "docs/a.md#one-two-three": true, "docs/a.md#a--b": true, "docs/a.md#a--b-1": true, "https://example.com/x": true, "there": true,
		"docs/b.md": false, "docs/a.md#none": false, "../x": false, "#top": false, "ftp://x/y": false, "https:///x": false,
	} {
		all["README.md"] = "see [it](" + link + ") and `[this](nowhere)`\n"
		bad := badLinks(all, func(file string) bool { return file == "there" })
		if (len(bad) == 0) != right {
			t.Errorf("%s: %v", link, bad)
		}
	}
}
