package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// flagTable is the table of all flags as the documents have it.
func flagTable() string {
	var b strings.Builder
	rows := flagRows(newApp(&bytes.Buffer{}, &bytes.Buffer{}))
	usual := rows[slices.IndexFunc(rows, func(r flagRow) bool { return r.name == flagMemory })]
	everywhere := strings.Join(usual.commands, ", ")
	b.WriteString("Below, *all* are the commands that work on recordings: " + everywhere + ".\n\n")
	b.WriteString("| flag | in the environment | default | of | meaning |\n|---|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`, "_", `\_`).Replace
	code := func(s string) string { return "`" + strings.ReplaceAll(s, "|", `\|`) + "`" }
	for _, r := range rows {
		name, fallback, of := "--"+r.name, "", strings.Join(r.commands, ", ")
		if r.value != "" {
			name += " " + r.value
		}
		if r.fallback != "" {
			fallback = cell(r.fallback)
		}
		if rest, ok := strings.CutPrefix(of, everywhere); ok {
			of = "*all*" + rest
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(name), code(r.variable), fallback, of, cell(r.meaning))
	}
	return b.String()
}

// TestConfigurationDoc: the table of flags in the documents is that of the program.
func TestConfigurationDoc(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "configuration.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- flags: written by RECFIN_TEST_WRITE=1 go test ./cmd/recfin -run TestConfigurationDoc -->\n", "<!-- end of flags -->\n"
	before, rest, ok := strings.Cut(string(raw), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the marks of the table are gone")
	}
	if want := flagTable(); table != want {
		if os.Getenv("RECFIN_TEST_WRITE") == "" {
			t.Errorf("the table of flags is not that of the program: RECFIN_TEST_WRITE=1 go test ./cmd/recfin -run TestConfigurationDoc writes it anew\n%s", changedLines(table, want))
		} else if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// The flags that stand in no file are named, and no others.
	var once []string
	for name := range oneRun {
		once = append(once, name)
	}
	slices.Sort(once)
	_, list, _ := strings.Cut(before, "would go on to hold unseen: ")
	list, _, _ = strings.Cut(list, ".\n")
	named := regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(list, -1)
	var got []string
	for _, m := range named {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if !slices.Equal(got, once) {
		t.Errorf("not in a file are %q, the document has %q", once, got)
	}

	// The example is taken as it stands.
	_, example, _ := strings.Cut(before, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	all := effectiveSettings(t, "--config", writeConfig(t, example))
	for _, name := range []string{flagStore, flagLayout, flagFormat, flagSettle, flagDelete, flagDelay, flagLogFormat} {
		if all[name].From != fromConfig {
			t.Errorf("%s: %+v", name, all[name])
		}
	}
}

// changedLines are the lines that one of two texts has and the other has not.
func changedLines(got, want string) string {
	var b strings.Builder
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range g {
		if !slices.Contains(w, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range w {
		if !slices.Contains(g, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}
