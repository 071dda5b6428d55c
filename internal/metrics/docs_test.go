package metrics

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository is the folder of go.mod.
func repository(parts ...string) string {
	return filepath.Join(append([]string{"..", ".."}, parts...)...)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// row is a metric as docs/metrics.md has it.
func row(f *Family) string {
	label := "–"
	if f.Label != "" {
		label = "`" + f.Label + "`: " + strings.Join(f.Values, ", ")
	}
	return fmt.Sprintf("| `%s` | gauge | %s | %s | %s |", f.Name, f.Unit, label, f.Help)
}

// The table of the documentation is what the code has: every metric, its unit, labels
// and meaning, and no other.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	text := readFile(t, repository("docs", "metrics.md"))
	_, table, ok := strings.Cut(text, "<!-- metrics -->\n")
	table, rest, closed := strings.Cut(table, "<!-- /metrics -->")
	if !ok || !closed {
		t.Fatal("there is no table in docs/metrics.md")
	}
	lines := []string{"| metric | type | unit | labels | meaning |", "|---|---|---|---|---|"}
	for _, f := range Families() {
		lines = append(lines, row(&f))
	}
	if want := strings.Join(lines, "\n") + "\n"; table != want {
		t.Errorf("the table is\n%s\nwant\n%s", table, want)
	}
	known(t, "the text of docs/metrics.md", rest)
	for _, v := range results {
		if v != other && !strings.Contains(rest, "`"+v+"`") {
			t.Errorf("the result %s is not explained", v)
		}
	}
}

var metricName = regexp.MustCompile(`\brecfin_[a-z_]+`)

// known fails for each metric of a text that the code does not have, and gives them.
func known(t *testing.T, what, text string) []string {
	t.Helper()
	var names []string
	for _, f := range families {
		names = append(names, f.Name)
	}
	found := metricName.FindAllString(text, -1)
	slices.Sort(found)
	found = slices.Compact(found)
	for _, name := range found {
		if !slices.Contains(names, name) {
			t.Errorf("%s names %s, which there is not", what, name)
		}
	}
	return found
}

// valueOf finds what an expression wants of a label that has a list of values.
var valueOf = regexp.MustCompile(`\b(reason|result|stage|scope|operation|direction)(?:=|=~|!=|!~)\\?"([^"\\]*)\\?"`)

// Alerts and dashboard use metrics and values of labels that there are, and the
// dashboard shows all metrics.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	values := map[string][]string{}
	for _, f := range families {
		values[f.Label] = append(values[f.Label], f.Values...)
	}
	for _, name := range []string{"recfin-alerts.yaml", "recfin-dashboard.json"} {
		text := readFile(t, repository("deploy", "monitoring", name))
		used := known(t, name, text)
		if len(used) < 10 || name == "recfin-dashboard.json" && len(used) != len(families) {
			t.Errorf("%s uses %d metrics of %d: %q", name, len(used), len(families), used)
		}
		selected := valueOf.FindAllStringSubmatch(text, -1)
		if len(selected) == 0 {
			t.Errorf("%s selects no value of a label", name)
		}
		for _, m := range selected {
			for _, v := range strings.Split(m[2], "|") {
				if !slices.Contains(values[m[1]], v) {
					t.Errorf("%s wants %s %q, which there is not", name, m[1], v)
				}
			}
		}
	}
}

// The dashboard is one that Grafana can import: panels with a place of their own,
// each expression with the variables that there are.
func TestDashboard(t *testing.T) {
	t.Parallel()
	var board struct {
		Title, UID string
		Templating struct{ List []struct{ Name string } }
		Panels     []struct {
			ID                 int
			Title, Description string
			GridPos            struct{ X, Y, W, H int }
			Targets            []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, repository("deploy", "monitoring", "recfin-dashboard.json"))), &board); err != nil {
		t.Fatal(err)
	}
	variables := map[string]bool{}
	for _, v := range board.Templating.List {
		variables[v.Name] = true
	}
	ids, cells := map[int]bool{}, map[[2]int]string{}
	if board.Title == "" || board.UID == "" || len(board.Panels) < 10 {
		t.Errorf("%q has %d panels", board.Title, len(board.Panels))
	}
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d %q: its number is taken, or something is missing", p.ID, p.Title)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if under := cells[[2]int{x, y}]; under != "" || x >= 24 {
					t.Fatalf("%q lies over %q, or beyond the edge", p.Title, under)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
		for _, target := range p.Targets {
			if !strings.Contains(target.Expr, `job=~"$job",command=~"$command"`) {
				t.Errorf("%q does not heed the variables: %s", p.Title, target.Expr)
			}
			for _, v := range regexp.MustCompile(`\$(\w+)`).FindAllStringSubmatch(target.Expr, -1) {
				if !variables[v[1]] {
					t.Errorf("%q has no variable %s", p.Title, v[1])
				}
			}
		}
	}
}
