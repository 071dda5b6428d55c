package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/testenv"
)

// examplesOf are the command lines under the examples of a help text.
func examplesOf(text string) []string {
	_, text, _ = strings.Cut(text, "Examples:\n")
	text, _, _ = strings.Cut(text, "Exit codes:")
	var all []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// exampleNames are what the examples call their stores and files, and what stands
// for it in a folder of a test. Longer names come first.
var exampleNames = [][2]string{
	{"s3+https://KEY:SECRET@minio.example:9000/live", "$DIR/streams"},
	{"s3://live/streams/foo/A/720p/0.ts", "$DIR/streams/foo/A/720p/0.ts"},
	{"s3://live/streams", "$DIR/streams"},
	{"s3://backup/streams", "$DIR/backup"},
	{"s3://live/livepeer", "$DIR/livepeer"},
	{"/srv/wubloader", "$DIR/wubloader"},
	{"/var/live", "$DIR/streams"},
	{"/var/www", "$DIR"},
	{"/etc/recfin.yaml", "$DIR/recfin.yaml"},
	{"/tmp/broadcast", "$DIR/broadcast"},
	{"source <(recfin completion bash)", "recfin completion bash"},
	{"source <(recfin completion zsh)", "recfin completion zsh"},
	{"| source", "| cat"},
	{"| Out-String | Invoke-Expression", "| cat"},
	{"foo/A/720p/9.ts", "foo/A/720p/2.ts"},
}

// untried are commands whose examples other tests run, and why.
var untried = map[string]string{
	"serve": "it runs until it is stopped",
}

// layExamples makes the stores that the examples speak of.
func layExamples(t *testing.T, s *broadcast.Series, dir string) {
	t.Helper()
	streams := broadcast.Folder(filepath.Join(dir, "streams"))
	for _, id := range []string{"foo", "bar", "news-1"} {
		broadcast.Lay(t, streams, s.Uploads(id+"/A/720p", 0, 3, onAir))
	}
	broadcast.Lay(t, streams, s.Uploads("foo/A/360p", 0, 3, onAir))
	broadcast.Lay(t, streams, s.Uploads("first-half/A/720p", 0, 1, onAir))
	broadcast.Lay(t, streams, broadcast.Without(s.Uploads("second-half/B/720p", 0, 3, onAir), 0, 1))
	broadcast.Lay(t, broadcast.Folder(filepath.Join(dir, "backup")), s.Uploads("foo/A/720p", 0, 3, onAir))
	broadcast.Lay(t, broadcast.Folder(filepath.Join(dir, "livepeer")), s.Uploads("mid/ac155e12/720p", 0, 3, onAir))
	tree := broadcast.Folder(filepath.Join(dir, "wubloader"))
	for i := range 4 {
		body, at := s.Body(t, i), onAir.Add(time.Duration(i)*2*time.Second)
		sum := sha256.Sum256(body)
		key := fmt.Sprintf("chan/source/%s-2.000-full-%s.ts", at.Format("2006-01-02T15/04:05.000000"), base64.RawURLEncoding.EncodeToString(sum[:]))
		if err := tree(key, body, at.Add(3*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range map[string][]byte{"segment.ts": s.Body(t, 0), "recfin.yaml": []byte("store: " + filepath.Join(dir, "streams") + "\nformat: hls\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExamples runs every example of every help text in a shell, against stores that
// have what it speaks of.
func TestExamples(t *testing.T) {
	t.Parallel()
	bash := testenv.Need(t, "bash")
	testenv.Need(t, "jq")
	bin := programFolder(t)
	s := broadcast.Make(t, broadcast.Options{})
	after := []string{"keep", "list", "report", "verify"} // these speak of what is finalized
	for _, c := range newApp(os.Stdout, os.Stderr).VisibleCommands() {
		if why := untried[c.Name]; why != "" || c.Name == "help" {
			continue
		}
		for i, example := range examplesOf(c.Description) {
			t.Run(fmt.Sprintf("%s %d", c.Name, i+1), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				layExamples(t, s, dir)
				if slices.Contains(after, c.Name) {
					mustRecfin(t, exitDone, "run", "--store", filepath.Join(dir, "streams"), "--log-level", "error")
				}
				line := example
				for _, n := range exampleNames {
					line = strings.ReplaceAll(line, n[0], strings.ReplaceAll(n[1], "$DIR", dir))
				}
				if strings.Contains(line, "s3://") || strings.Contains(line, "s3+") || strings.Contains(line, " /etc") || strings.Contains(line, " /var") {
					t.Fatalf("%s: this test has nothing for a name in it", example)
				}
				cmd := exec.Command(bash, "--norc", "-euo", "pipefail", "-c", line)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NODE=A", "HOME="+dir)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", example, err, out)
				}
			})
		}
	}
}

// programFolder has this program under its name, for a shell.
func programFolder(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "recfin"), []byte("#!/bin/sh\n"+asChild+"=1 exec '"+self+"' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
