package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The Dockerfile makes the same image: its last stage has the same files, user and
// entrypoint, and its program is built as the Makefile builds it.
func TestDockerfile(t *testing.T) {
	lines := read(t, "deploy", "Dockerfile")
	var from, copied []string
	last := map[string]string{} // instructions of the last stage
	for _, line := range strings.Split(lines, "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#":
		case "FROM":
			from = append(from, rest)
			last, copied = map[string]string{}, nil
		case "COPY":
			copied = append(copied, rest[strings.LastIndexByte(rest, ' ')+1:])
		default:
			last[word] = rest
		}
	}
	if from[len(from)-1] != "scratch" {
		t.Errorf("the last stage is from %q", from[len(from)-1])
	}
	if want := []string{certsPath, programPath}; !slices.Equal(copied, want) {
		t.Errorf("the Dockerfile copies %q, the image has %q", copied, want)
	}
	if names := slices.Sorted(maps.Keys(last)); !slices.Equal(names, []string{"ENTRYPOINT", "USER"}) {
		t.Errorf("the last stage has %q", names)
	}
	var entry []string
	if err := json.Unmarshal([]byte(last["ENTRYPOINT"]), &entry); err != nil || !slices.Equal(entry, []string{programPath}) || last["USER"] != user {
		t.Errorf("entrypoint %s, user %s: %v", last["ENTRYPOINT"], last["USER"], err)
	}

	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if goVersion == nil || !strings.Contains(from[0], "golang:"+goVersion[1]+" ") {
		t.Errorf("the first stage is from %q, go.mod has %q", from[0], goVersion)
	}
	// CGO_ENABLED=0 … go build FLAGS -o
	build := regexp.MustCompile(`CGO_ENABLED=0 GOOS=\S+ GOARCH=\S+ \S+ build (.*) -o `)
	docker, makefile := build.FindStringSubmatch(lines), build.FindStringSubmatch(read(t, "Makefile"))
	if docker == nil || makefile == nil || docker[1] != makefile[1] {
		t.Errorf("the Dockerfile builds with %q, the Makefile with %q", docker, makefile)
	}
	ignored := strings.Split(strings.TrimSpace(read(t, ".dockerignore")), "\n")
	unknown := strings.Split(read(t, ".gitignore"), "\n")
	for _, pattern := range ignored {
		if !strings.HasPrefix(pattern, "#") && !slices.Contains(unknown, pattern) {
			t.Errorf(".dockerignore has %s, which git knows", pattern)
		}
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
