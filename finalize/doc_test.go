package finalize_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	// testName matches a test in the package comment, with its package where that is
	// another one.
	testName = regexp.MustCompile(`\b(?:([a-z0-9]+)\.)?((?:Test|Fuzz)[A-Z]\w*)`)
	// ruleLine matches the beginning of a numbered rule.
	ruleLine = regexp.MustCompile(`(?m)^  - ([PIS])(\d+) `)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// TestRulesHaveTests: every rule of the package comment names tests, each of them
// is there, and no number is missing.
func TestRulesHaveTests(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	text := f.Doc.Text()
	for _, m := range testName.FindAllStringSubmatch(text, -1) {
		pkg := m[1]
		if pkg == "" {
			pkg = "finalize"
		}
		if !testsOf(t, pkg)[m[2]] {
			t.Errorf("package %s has no test %s", pkg, m[2])
		}
	}
	rules := ruleLine.FindAllStringSubmatchIndex(text, -1)
	next := map[string]int{"P": 1, "I": 1, "S": 1}
	for i, at := range rules {
		kind, end := text[at[2]:at[3]], len(text)
		if i+1 < len(rules) {
			end = rules[i+1][0]
		}
		rule := text[at[0]:end]
		if body, _, ok := strings.Cut(rule, "\n\n"); ok {
			rule = body
		}
		if number := text[at[4]:at[5]]; number != strconv.Itoa(next[kind]) {
			t.Errorf("%s%s follows %s%d", kind, number, kind, next[kind]-1)
		}
		next[kind]++
		if !testName.MatchString(rule) {
			t.Errorf("a rule without a test: %s", rule)
		}
	}
	if next["P"] < 20 || next["I"] != 12 || next["S"] != 8 {
		t.Errorf("%d rules of the protocol and %d invariants were found", next["P"]-1, next["I"]-1)
	}
}

var knownTests = map[string]map[string]bool{}

// testsOf are the tests in the folders of the module with a name.
func testsOf(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	if knownTests[pkg] != nil {
		return knownTests[pkg]
	}
	all := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(filepath.Dir(path)) != pkg || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(raw, -1) {
			all[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	knownTests[pkg] = all
	return all
}
