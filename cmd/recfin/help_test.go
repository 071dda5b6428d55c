package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/broadcast"
)

// codesInCode are the constants of exit.go.
func codesInCode(t *testing.T) []int {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Names) != 1 || len(v.Values) != 1 || !strings.HasPrefix(v.Names[0].Name, "exit") {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.INT {
			n, err := strconv.Atoi(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, n)
		}
		return true
	})
	slices.Sort(all)
	return all
}

// contract are the exit codes that have a meaning to this version.
var contract = []int{0, 1, 3, 4, 5, 6, 11, 64, 130, 143}

var number = regexp.MustCompile(`\b[0-9]+\b`)

// codesInHelp are the numbers of the table in a help text.
func codesInHelp(t *testing.T, text string) []int {
	t.Helper()
	_, table, ok := strings.Cut(text, "Exit codes:\n")
	if !ok {
		t.Fatalf("there is no table in %s", text)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var all []int
	for _, n := range number.FindAllString(table, -1) {
		c, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	if got := codesInCode(t); !slices.Equal(got, contract) {
		t.Errorf("the code has %v, the contract %v", got, contract)
	}
	for _, args := range [][]string{{"--help"}, {"help"}, {"run", "--help"}, {"finalize", "--help"}, {"plan", "--help"}, {"keep", "--help"}, {"verify", "--help"}} {
		if got := codesInHelp(t, mustRecfin(t, exitDone, args...).out); !slices.Equal(got, contract) {
			t.Errorf("recfin %q has %v", args, got)
		}
	}
	for _, page := range []string{"README.md", "docs/exit-codes.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		if got := codesInTables(string(text)); len(got) != 1 || !slices.Equal(got[0], contract) {
			t.Errorf("%s has %v", page, got)
		}
	}
	// Other pages have the codes of one command.
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range codesInTables(string(text)) {
			for _, code := range table {
				if !slices.Contains(contract, code) {
					t.Errorf("%s has %d", filepath.Base(page), code)
				}
			}
		}
	}
}

// codesInTables are the first cells of each table of a page that is headed "code" or
// "exit code".
func codesInTables(text string) [][]int {
	var all [][]int
	inside := false
	for _, line := range strings.Split(text, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			inside = false
			continue
		}
		head := strings.ToLower(strings.TrimSpace(cells[1]))
		switch {
		case head == "code" || head == "exit code":
			inside = true
			all = append(all, nil)
		case inside:
			for _, n := range number.FindAllString(cells[1], -1) {
				if c, err := strconv.Atoi(n); err == nil {
					all[len(all)-1] = append(all[len(all)-1], c)
				}
			}
		}
	}
	for _, table := range all {
		slices.Sort(table)
	}
	return all
}

// The help of a command shows every flag, its variable and examples that its
// parser takes.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, c := range newApp(os.Stdout, os.Stderr).VisibleCommands() {
		t.Run(c.Name, func(t *testing.T) {
			r := mustRecfin(t, exitDone, c.Name, "--help")
			if r.err != "" || !strings.Contains(r.out, c.Usage) {
				t.Errorf("%s%s", r.out, r.err)
			}
			for _, f := range c.Flags {
				name := f.Names()[0]
				if !strings.Contains(r.out, " --"+name) {
					t.Errorf("--%s is missing", name)
				}
				if want := "RECFIN_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); variable(f) != want {
					t.Errorf("--%s is read from %s, want %s", name, variable(f), want)
				}
			}
			if len(c.Flags) > 0 && !strings.Contains(r.out, "Every flag can be set as RECFIN_… in the environment") {
				t.Error("the environment is missing")
			}
			for _, line := range strings.Split(r.out, "\n") {
				if len([]rune(line)) > 120 {
					t.Errorf("a line of %d characters: %s", len([]rune(line)), line)
				}
			}
			_, examples, ok := strings.Cut(r.out, "Examples:\n")
			if !ok {
				t.Fatal("there are no examples")
			}
			checkExamples(t, c.Name, examples)
			if got := recfin("help", c.Name); got.code != exitDone || got.out != r.out {
				t.Errorf("recfin help %s: %d\n%s", c.Name, got.code, got.text())
			}
		})
	}
	r := mustRecfin(t, exitDone, "--help")
	for _, c := range newApp(os.Stdout, os.Stderr).VisibleCommands() {
		if !strings.Contains(r.out, "\n  "+c.Name+" ") {
			t.Errorf("--help does not list %s", c.Name)
		}
	}
}

// checkExamples: the lines name the command and only flags that it has.
func checkExamples(t *testing.T, name, text string) {
	t.Helper()
	flags := map[string]bool{}
	for _, f := range newApp(os.Stdout, os.Stderr).Command(name).Flags {
		flags[f.Names()[0]] = true
	}
	text, _, _ = strings.Cut(text, "Exit codes:")
	text, _, _ = strings.Cut(text, "Flags:\n")
	n := 0
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		_, args, ok := strings.Cut(line, "recfin "+name)
		if !ok {
			continue
		}
		n++
		for _, w := range strings.Fields(args) {
			if flag, ok := strings.CutPrefix(w, "--"); ok && !flags[flag] {
				t.Errorf("the example %q has no flag of %s", strings.TrimSpace(line), name)
			}
		}
	}
	if n == 0 {
		t.Errorf("no example begins with recfin %s", name)
	}
}

// Flags work in front of the IDs and behind them, with = and without.
func TestFlagsAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 3, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("bar/A/720p", 0, 3, onAir))
	want := recfin("plan", "--json", "--store", dir, "foo", "bar").out
	if len(strings.Split(want, "\n")) != 3 {
		t.Fatalf("plans: %q", want)
	}
	for _, args := range [][]string{
		{"plan", "foo", "bar", "--json", "--store", dir},
		{"plan", "foo", "--store", dir, "bar", "--json"},
		{"plan", "--store=" + dir, "foo", "--json=true", "bar"},
		{"plan", "-json", "foo", "-store", dir, "bar"},
		{"plan", "--json", "--store", dir, "--", "foo", "bar"},
		{"plan", "--json", "--store", dir, "foo", "--", "bar"},
		{"plan", "--json", "--store", dir, "foo", "bar", "foo"},
		{"plan", "--json", "--force=false", "--store", dir, "foo", "bar"},
	} {
		r := recfin(args...)
		if got := planned(t, r); r.code != exitDone || !slices.Equal(got, []string{"bar", "foo"}) {
			t.Errorf("recfin %q: %d, plans of %q\n%s", args, r.code, got, r.text())
		}
	}
}

// planned names the recordings that an output has plans of, sorted.
func planned(t *testing.T, r result) []string {
	t.Helper()
	if r.out == "" {
		return nil
	}
	var all []string
	for _, p := range documents[planDoc](t, r) {
		all = append(all, p.Recording)
	}
	slices.Sort(all)
	return all
}

// The environment stands in for flags, and a flag wins.
func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
	t.Setenv("RECFIN_STORE", dir)
	t.Setenv("RECFIN_RENDITION", "!360p")
	t.Setenv("RECFIN_JSON", "true")
	t.Setenv("RECFIN_FORMAT", "mp4")
	r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "foo"))
	if len(r.Committed) != 1 || len(r.Committed[0].Outputs) != 1 || r.Committed[0].Outputs[0].Kind != "mp4" || r.Committed[0].Outputs[0].Rendition != "720p" {
		t.Errorf("committed: %+v", r.Committed)
	}
	if r := mustRecfin(t, exitDone, "plan", "--json=false", "foo"); !strings.HasPrefix(r.out, "foo: done") {
		t.Errorf("a flag over the environment: %s", r.text())
	}
	t.Setenv("RECFIN_SETTLE", "soon")
	mustRecfin(t, exitUsage, "plan", "foo").says(t, "soon", "RECFIN_SETTLE")
}

// Who asks for help gets that of the command, whatever else stands in the line.
func TestHelpAmongOthers(t *testing.T) {
	t.Parallel()
	want := mustRecfin(t, exitDone, "run", "--help").out
	for _, args := range [][]string{{"run", "-h"}, {"run", "--help", "extra"}, {"run", "extra", "--help"}, {"run", "--store", "x", "-h", "--", "y"}} {
		if r := mustRecfin(t, exitDone, args...); r.out != want {
			t.Errorf("recfin %q: %s", args, r.text())
		}
	}
	mustRecfin(t, exitUsage, "man", "foo").says(t, "foo")
}

// Help is what people paste.
func TestHelpHidesSecrets(t *testing.T) {
	t.Setenv("RECFIN_STORE", secretURL("store.example"))
	t.Setenv("RECFIN_OUT", secretURL("out.example"))
	for _, args := range [][]string{{"--help"}, {"run", "--help"}, {"finalize", "-h"}, {"plan", "--help"}, {"help", "run"}, {"finalize"}, {"finalize", "--bogus", "foo"}} {
		recfin(args...).hides(t, secret)
	}
}
