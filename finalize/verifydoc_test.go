package finalize_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/finalize/playlist"
)

// ruleTables are the rules of verifying as the documentation has them.
func ruleTables() string {
	var b strings.Builder
	b.WriteString("Of the marker, the outputs, references, durations and media:\n\n| rule | severity | holds | stands in |\n|---|---|---|---|\n")
	for _, r := range finalize.VerifyRules() {
		severity := string(r.Severity)
		if r.Damage {
			severity = "damage"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Name, severity, r.Holds, r.Reference)
	}
	b.WriteString("\nOf the texts of playlists:\n\n| rule | severity | holds | stands in |\n|---|---|---|---|\n")
	for _, r := range playlist.Rules() {
		fmt.Fprintf(&b, "| `%s` | %v | %s | %s |\n", r, r.Severity(), r.Says(), r.Reference())
	}
	return b.String()
}

// TestVerifyRulesAreDocumented: docs/verify.md has the rules that there are; -update
// writes them anew.
func TestVerifyRulesAreDocumented(t *testing.T) {
	const begin, end = "<!-- rules -->\n", "<!-- end of rules -->\n"
	file := filepath.Join("..", "docs", "verify.md")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), begin)
	tables, tail, more := strings.Cut(rest, end)
	if !ok || !more {
		t.Fatal("docs/verify.md has no place for the rules")
	}
	want := ruleTables()
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, want := firstCells(tables), firstCells(want); got != want {
		t.Errorf("docs/verify.md has other rules than the code (go test -run TestVerifyRulesAreDocumented -update ./finalize):\n got  %s\n want %s", got, want)
	}
}

// firstCells are the names and severities of tables of rules.
func firstCells(tables string) string {
	var all []string
	for _, line := range strings.Split(tables, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 3 && strings.Contains(cells[1], "`") {
			all = append(all, strings.TrimSpace(cells[1])+" "+strings.TrimSpace(cells[2]))
		}
	}
	return strings.Join(all, ", ")
}

// TestVerifyRules: every rule is named once, says what holds, where that stands and
// what to do.
func TestVerifyRules(t *testing.T) {
	names := map[string]bool{}
	for _, r := range playlist.Rules() {
		names[string(r)] = true
	}
	for _, r := range finalize.VerifyRules() {
		if names[r.Name] {
			t.Errorf("there are two rules %s", r.Name)
		}
		names[r.Name] = true
		if r.Holds == "" || r.Do == "" || r.Reference == "" || r.Severity == "" || r.Damage && r.Severity != finalize.SeverityError {
			t.Errorf("%+v", r)
		}
	}
}
