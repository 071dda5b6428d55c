package main

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/testenv"
)

// TestManPage: it names every command, flag, variable and exit code, and shows the
// examples as they are typed.
func TestManPage(t *testing.T) {
	t.Setenv("RECFIN_STORE", "s3://AK:qqSECRETqq@us-west-2/bucket")
	r := mustRecfin(t, exitDone, "man")
	r.hides(t, "qqSECRETqq")
	page := shownPage(t, r.out)
	app := newApp(&bytes.Buffer{}, &bytes.Buffer{})
	for _, c := range app.VisibleCommands() {
		if c.Name != "help" && !strings.Contains(expanded(page), " "+strings.Join(usageLines(c), ", ")+" ") {
			t.Errorf("%s is missing", c.Name)
		}
		about, _, _ := strings.Cut(c.Description, "Exit codes:")
		for _, line := range strings.Split(about, "\n") {
			if line = strings.TrimRight(line, " "); !strings.Contains(expanded(page), expanded(line)) {
				t.Errorf("%s: %q is missing", c.Name, line)
			}
		}
	}
	_, options, _ := strings.Cut(page, "\nOPTIONS\n")
	for _, row := range flagRows(app) {
		want := "\n       --" + row.name
		if row.value != "" {
			want += " " + row.value
		}
		_, about, ok := strings.Cut("\n"+options, want)
		about, _, _ = strings.Cut(about, "\n       --")
		ok = ok && (strings.HasPrefix(about, "\n") || strings.HasPrefix(about, " "))
		if !ok || !strings.Contains(strings.Join(strings.Fields(about), " "), "Environment: "+row.variable+".") {
			t.Errorf("%s is missing:\n%s", want, about)
		}
	}
	for _, f := range allFlags(app) {
		if !strings.Contains(options, "--"+f.Names()[0]) {
			t.Errorf("--%s is missing", f.Names()[0])
		}
	}
	_, codes, _ := strings.Cut(page, "\nEXIT STATUS\n")
	for _, code := range contract {
		if !strings.Contains(codes, strconv.Itoa(code)+" ") {
			t.Errorf("exit code %d is missing", code)
		}
	}
}

// expanded is a text with blanks as single ones: mandoc writes tabs.
func expanded(text string) string { return strings.Join(strings.Fields(text), " ") }

// shownPage is a manual page as it is read; it has to be without a fault.
func shownPage(t *testing.T, page string) string {
	t.Helper()
	mandoc := testenv.Need(t, "mandoc")
	lint := exec.Command(mandoc, "-T", "lint", "-W", "warning")
	lint.Stdin = strings.NewReader(page)
	out, _ := lint.CombinedOutput() // what it finds decides
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if line != "" && !strings.Contains(line, "missing date") { // a build without its commit has none
			t.Errorf("mandoc: %s", line)
		}
	}
	show := exec.Command(mandoc, "-T", "utf8", "-O", "width=100")
	show.Stdin = strings.NewReader(page)
	raw, err := show.Output()
	if err != nil {
		t.Fatal(err)
	}
	var plain []byte // mandoc overstrikes what is bold
	for _, c := range raw {
		if c == '\b' {
			plain = plain[:max(0, len(plain)-1)]
			continue
		}
		plain = append(plain, c)
	}
	return string(plain)
}
