package doctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pages are README.md and everything under docs/, by path.
func pages(t testing.TB) map[string]string {
	t.Helper()
	top := root(t)
	all := map[string]string{}
	read := func(file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(top, file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.ToSlash(name)] = string(text)
	}
	read(filepath.Join(top, "README.md"))
	err := filepath.WalkDir(filepath.Join(top, "docs"), func(file string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(file, ".md") {
			read(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPages: every command in README.md and docs/ runs, and prints what the page says.
func TestPages(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for page := range worlds {
		if _, ok := all[page]; !ok {
			t.Errorf("there is a world of %s, and no such page", page)
		}
	}
	for page, text := range all {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range play(t, text, worldOf(t, page)) {
				t.Errorf("%s, %s", page, wrong)
			}
		})
	}
}

// TestPagesCatch: what can be wrong in a page is found.
func TestPagesCatch(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, page, want string }{
		{"a right page", "```sh\nrecfin demo x\nrecfin plan --store x demo\n```\n\n```text\n…\ndemo: done\n…\n```\n", ""},
		{"no such flag", "```sh\nrecfin plan --stor x\n```\n", "exit status 64"},
		{"no such command", "```sh\nrecfin finalise foo\n```\n", "exit status 64"},
		{"no such program", "```sh\nrecfim plan\n```\n", "exit status 127"},
		{"no such target", "```sh\nmake everything\n```\n", "exit status 2"},
		{"no such recording", "```sh\nrecfin plan --store s3://my-bucket/live nobody\n```\n", "exit status 1"},
		{"another output", "```console\n$ echo a\nb\n```\n", `printed  "a"`},
		{"more output", "```sh\necho a\necho b\n```\n```text\na\n```\n", `printed  "b"`},
		{"a failure in a pipe", "```sh\nrecfin plan --store nowhere | cat\n```\n", "line 2: exit status"},
		{"a later block fails", "```sh\ntrue\n```\n\n```sh\nfalse\n```\n", "line 6: exit status 1"},
		{"what is behind a failure", "```sh\nfalse\n```\n\n```sh\ntrue\n```\n", "line 6 on was not run"},
		{"it ends the page", "```sh\nexit 0\n```\n\n```sh\ntrue\n```\n", "it ends the page"},
		{"a block that is not run", "```bash\ntrue\n```\n", "is not executed"},
		{"a command in a text", "```\n$ recfin plan\n```\n", "is not executed"},
		{"a command that is not marked", "```\nrecfin plan\n```\n", "is not executed"},
		{"a terminal", "```console terminal\n$ [ -t 1 ] && echo yes\nyes\n```\n", ""},
		{"no terminal", "```console\n$ [ -t 1 ] || echo no\nno\n```\n", ""},
		{"a failure at a terminal", "```console terminal\n$ recfin plan --stor x\n```\n", "exit status 64"},
		{"a server", "```sh\nrecfin demo x >y\nrecfin serve --store x # look\necho over\n```\n```text\nover\n```\n", ""},
		{"a server that does not start", "```sh\nrecfin serve --store s3://my-bucket/live nobody --bogus\n```\n", "exit status 64"},
		{"an open block", "```sh\ntrue\n", "does not end"},
		{"files that do not exist", "```sh\nsudo cp deploy/nothing /etc/\n```\n", "deploy/nothing does not exist"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(play(t, c.page, worldOf(t, "")), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestStandIns: each has a reason, and none stands in for what is tested.
func TestStandIns(t *testing.T) {
	t.Parallel()
	for name, s := range standIns {
		if s.why == "" || slices.Contains([]string{"recfin", "bash", "ffmpeg", "curl", "jq"}, name) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
