package main

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"recfin/internal/testenv"
)

// completions are command lines up to the cursor, and what the last word can become.
var completions = []struct {
	line string
	want []string // nil: nothing
}{
	{"recfin fin", []string{"finalize"}},
	{"recfin re", []string{"recover", "report"}},
	{"recfin help ver", []string{"verify", "version"}},
	{"recfin help verify ", nil},
	{"recfin run --del", []string{"--delete", "--delete-delay"}},
	{"recfin run --delete ", []string{"none", "leftovers", "sources"}},
	{"recfin run --delete le", []string{"leftovers"}},
	{"recfin finalize foo --delete=s", []string{"--delete=sources"}},
	{"recfin finalize --format hls,mp4 foo --hl", []string{"--hls"}},
	{"recfin finalize foo --format h", []string{"hls", "hls,mp4"}},
	{"recfin plan --json --js", nil},
	{"recfin plan --json --st", []string{"--store"}},
	{"recfin plan --store /x --sto", []string{"--store"}},
	{"recfin plan --layout=cat", []string{"--layout=catalyst"}},
	{"recfin plan --store s3://AK:SECRET@us-west-2/bucket --hls si", []string{"single"}},
	{"recfin plan --settle ", nil},
	{"recfin plan --settle 1h --hls r", []string{"reference"}},
	{"recfin plan -- --st", nil},
	{"recfin plan fo", nil},
	{"recfin bogus --st", nil},
	{"recfin completion b", []string{"bash"}},
	{"recfin --he", []string{"--help"}},
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for _, c := range completions {
		words := strings.Split(c.line, " ")[1:]
		r := mustRecfin(t, exitDone, append([]string{completeName}, words...)...)
		if got := strings.Fields(r.out); !slices.Equal(got, c.want) || r.err != "" {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
	app := newApp(&bytes.Buffer{}, &bytes.Buffer{})
	if got := complete(app, nil); !slices.Contains(got, "run") || slices.Contains(got, completeName) {
		t.Errorf("of nothing: %q", got)
	}
	for _, c := range app.VisibleCommands() {
		got := complete(app, []string{c.Name, "--"})
		for _, f := range c.Flags {
			if !slices.Contains(got, "--"+f.Names()[0]) {
				t.Errorf("--%s of %s is not completed", f.Names()[0], c.Name)
			}
		}
	}
	mustRecfin(t, exitUsage, "completion", "bahs").says(t, "did you mean bash?")
	mustRecfin(t, exitUsage, "completion").says(t, "bash, zsh, fish, powershell")
}

// What is offered as the value of a flag is named by its help and taken by it.
func TestChoices(t *testing.T) {
	t.Parallel()
	app := newApp(&bytes.Buffer{}, &bytes.Buffer{})
	for name, all := range choices() {
		for _, f := range allFlags(app) {
			if f.Names()[0] != name {
				continue
			}
			usage := f.(cli.DocGenerationFlag).GetUsage()
			for _, v := range all {
				if !strings.Contains(usage, v) {
					t.Errorf("the help of --%s does not name %s", name, v)
				}
				if name != flagShard { // auto is what the environment says it is
					mustRecfin(t, exitDone, configName, "--"+name, v)
				}
			}
		}
	}
}

// TestCompletionInShells: what the shells themselves make of their scripts.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	dir := programFolder(t)
	run := func(t *testing.T, shell, script string, args ...string) []string {
		t.Helper()
		cmd := exec.Command(testenv.Need(t, shell), args...)
		cmd.Stdin, cmd.Dir = strings.NewReader(script), t.TempDir()
		home := t.TempDir()
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil || errs.Len() > 0 {
			t.Fatalf("%s: %v\n%s", shell, err, errs.String())
		}
		return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	}
	// Every script prints one line for each command line: what is offered.
	perShell := map[string]func(t *testing.T) []string{
		"bash": func(t *testing.T) []string {
			script := scripts["bash"]
			for _, c := range completions {
				script += "COMP_LINE='" + c.line + "'; COMP_POINT=${#COMP_LINE}; _recfin; echo \"${COMPREPLY[*]}\"\n"
			}
			return run(t, "bash", script+"complete -p recfin >/dev/null\n", "--norc", "--noprofile")
		},
		"zsh": func(t *testing.T) []string {
			script := "compdef() { :; }; compadd() { shift; print -r -- \"${(P)1}\"; }; _files() { print; }\n" + scripts["zsh"]
			for _, c := range completions {
				script += "words=(\"${(@s: :)${:-" + c.line + "}}\"); CURRENT=$#words; _recfin\n"
			}
			return run(t, "zsh", script, "-f")
		},
		"fish": func(t *testing.T) []string {
			script := scripts["fish"]
			for _, c := range completions {
				script += "echo (complete -C '" + c.line + "' | string replace -r '\\t.*' '')\n"
			}
			return run(t, "fish", script, "--no-config")
		},
	}
	for shell, lines := range perShell {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			got := lines(t)
			if len(got) != len(completions) {
				t.Fatalf("%d lines for %d:\n%s", len(got), len(completions), strings.Join(got, "\n"))
			}
			for i, c := range completions {
				want := slices.Clone(c.want)
				if shell == "bash" { // which replaces only what stands behind the =
					for j, w := range want {
						if _, value, ok := strings.Cut(w, "="); ok {
							want[j] = value
						}
					}
				}
				offered := strings.Fields(got[i])
				slices.Sort(offered)
				slices.Sort(want)
				if !slices.Equal(offered, want) {
					t.Errorf("%q: %q, want %q", c.line, offered, want)
				}
			}
		})
	}
}
