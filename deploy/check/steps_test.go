package check

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// steps are the commands of a section of the README.
func steps(t *testing.T, section string) []string {
	t.Helper()
	_, text, ok := strings.Cut(readFile(t, Root, "README.md"), "\n## "+section+"\n")
	if !ok {
		t.Fatalf("the README has no section %q", section)
	}
	_, text, _ = strings.Cut(text, "```sh\n")
	text, _, ok = strings.Cut(text, "```")
	if !ok {
		t.Fatalf("the section %q has no commands", section)
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

// From a clean clone to a CronJob that decodes strictly and finds no fault, in the
// three steps of the README, which are run as they stand. Only the cluster is not
// there: what it is given is kept.
func TestSteps(t *testing.T) {
	lines := steps(t, "Into production")
	if len(lines) != 3 {
		t.Fatalf("%d steps: %q", len(lines), lines)
	}
	clone, tools := t.TempDir(), t.TempDir()
	if err := copyTree(Root, clone); err != nil {
		t.Fatal(err)
	}
	applied := filepath.Join(tools, "applied.yaml")
	if err := os.WriteFile(filepath.Join(tools, "kubectl"), []byte("#!/bin/sh\n[ \"$*\" = 'apply -f -' ] && cat >'"+applied+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", strings.Join(lines, "\n"))
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "/etc/ssl/certs/ca-certificates.crt") || !strings.Contains(string(out), "  /recfin\n") {
		t.Errorf("the contents of the image are not listed\n%s", out)
	}
	if info, err := os.Stat(filepath.Join(clone, "bin", "image.tar")); err != nil || info.Size() == 0 {
		t.Errorf("the image: %v", err)
	}

	objects, err := Decode([]byte(readFile(t, applied)))
	if err != nil {
		t.Fatal(err)
	}
	set, err := Sort(objects)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range set.Judge() {
		t.Error(wrong)
	}
	if len(set.Workloads) != 1 || set.Workloads[0].Cron == nil {
		t.Fatalf("%d workloads", len(set.Workloads))
	}
	_, bucket, _ := strings.Cut(lines[1], "live|")
	bucket, _, _ = strings.Cut(bucket, "|")
	settings := ""
	for _, m := range set.ConfigMaps {
		settings += m.Data["recfin.yaml"]
	}
	if bucket == "" || !strings.Contains(settings, "store: "+bucket+"\n") {
		t.Errorf("the bucket %q of the README is not in the settings:\n%s", bucket, settings)
	}
	t.Logf("%d steps:\n%s", len(lines), strings.Join(lines, "\n"))
}

// copyTree copies the files of the repository, without its history and what was
// built in it.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch target := filepath.Join(to, name); {
		case entry.IsDir() && (name == ".git" || name == "bin"):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Type().IsRegular():
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(target, text, 0o644)
		}
		return nil
	})
}

// The table of docs/kubernetes.md says of each exit code what the policies do.
func TestExitCodesInDocs(t *testing.T) {
	codes, err := ExitCodes()
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(readFile(t, Root, "docs", "kubernetes.md"), "| code | meaning | CronJob | Indexed | one recording |\n")
	if !ok {
		t.Fatal("there is no table")
	}
	says := map[string]string{}
	for _, row := range strings.Split(table, "\n")[1:] {
		cells := strings.Split(row, "|")
		if len(cells) != 7 {
			break
		}
		for i, kind := range []string{"CronJob", "Indexed", "Job"} {
			says[kind+" "+strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[3+i])
		}
	}
	words := map[string]string{"": "done", "Count": "again", "FailJob": "job fails", "FailIndex": "share fails"}
	seen := 0
	for kind, w := range kinds(t) {
		for name, code := range codes {
			seen++
			want := words[strings.Join(answers(w, code), ", ")]
			key := kind + " " + itoa(code)
			if says[key] != want {
				t.Errorf("%s (%s): the page says %q, the policy %q", key, name, says[key], want)
			}
			delete(says, key)
		}
	}
	if seen != 3*len(codes) || len(says) > 0 {
		t.Errorf("%d answers; the page has more: %v", seen, says)
	}
}
