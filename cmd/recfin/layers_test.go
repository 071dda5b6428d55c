package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The architecture as a test: which package may import which, and which outside
// module has which owner. A new package or a new module needs a line here.

const module = "recfin"

// mayImport has a line for each of our packages. A pattern that ends in "/..."
// means the folder and all below it, one that ends in "/*" only what is below.
var mayImport = map[string][]string{
	"store":                    {},
	"store/mem":                {"store"},
	"store/file":               {"store"},
	"store/s3":                 {"store", "internal/bug"},
	"store/open":               {"store", "store/mem", "store/file", "store/s3"},
	"store/storetest":          {"store"},
	"store/storetest/s3double": {}, // a judge shares no code with what it judges

	"mp4":          {},
	"probe":        {"store", "mp4", "probe/*"},
	"probe/avc":    {"mp4"},
	"probe/hevc":   {"mp4", "probe/avc"},
	"probe/sound":  {"mp4"},
	"probe/mpegts": {"mp4", "probe/avc", "probe/hevc", "probe/sound"},
	"probe/fmp4":   {"mp4", "probe/avc", "probe/hevc", "probe/sound"},

	"finalize/layout":   {},
	"finalize/timeline": {},
	"finalize/playlist": {"finalize/timeline"},
	"finalize/remux":    {"mp4", "probe/..."},
	"finalize":          {"store", "mp4", "probe/...", "finalize/*", "internal/bug"},

	"report":            {"finalize", "store", "internal/hlsjs"},
	"serve":             {"finalize", "report", "store", "internal/bug"},
	"internal/metrics":  {"finalize", "internal/stages"},
	"internal/progress": {"finalize", "internal/stages"},
	"internal/stages":   {"finalize"},

	"cmd/recfin": {"finalize", "store", "store/open", "probe", "report", "serve", "internal/demo", "internal/bug", "internal/metrics", "internal/progress", "internal/stages"},

	"internal/bench":     {"store", "store/open", "internal/versity"},
	"internal/bug":       {},
	"internal/demo":      {},
	"internal/doctest":   {},
	"internal/testenv":   {},
	"internal/broadcast": {"internal/testenv", "internal/timecode"},
	"internal/condemn":   {"store"},
	"internal/chrome":    {"internal/testenv", "internal/hlsjs"},
	"internal/endless":   {"store", "store/mem", "internal/mp4check", "internal/tswriter"},
	"internal/golden":    {},
	"internal/hlscases":  {"finalize", "finalize/layout", "store", "store/mem", "internal/broadcast", "internal/schemas", "internal/timecode"},
	"internal/hlsjs":     {},
	"internal/hlsjudge":  {}, // a second opinion shares no code with the first
	"internal/matrix":    {},
	"internal/mishap":    {"finalize", "store", "store/mem", "internal/broadcast"},
	"internal/mp4check":  {}, // an oracle shares no code with what it checks
	"internal/pages":     {},
	"internal/players":   {"store/mem"},
	"internal/powercut":  {"store", "store/file"},
	"internal/survival":  {},
	"internal/rules":     {},
	"internal/schemas":   {},
	"internal/timecode":  {},
	"internal/tswriter":  {},
	"internal/versity":   {"internal/testenv"},
}

// testsMayImport is what the tests of every package may import besides.
var testsMayImport = []string{"store", "store/mem", "store/file", "store/storetest/...", "internal/*"}

// endToEnd packages run everything in their tests.
var endToEnd = []string{"cmd/recfin", "report", "serve", "internal/*"}

// owners says which of our packages may import an outside package; the longest
// prefix decides. Tests are held to it as well, see testOnly.
var owners = map[string][]string{
	"github.com/aws":                                  {"store/s3"},
	"github.com/abema/go-mp4":                         {"mp4"},
	"github.com/bluenviron/mediacommon/v2/pkg/codecs": {"probe/..."},
	"github.com/minio/crc64nvme":                      {"store"},
	"github.com/grafov/m3u8":                          {"finalize/playlist"},
	"github.com/urfave/cli/v2":                        {"cmd/recfin"},
	"golang.org/x/sync":                               {"store/*", "probe", "finalize", "cmd/recfin"},
	"golang.org/x/sync/errgroup":                      {"internal/bug"}, // a panic in another one ends the process
	"golang.org/x/sys":                                {"store/file"},
	"golang.org/x/term":                               {"cmd/recfin", "internal/progress"},
	"github.com/prometheus":                           {"internal/metrics"},
	"github.com/mattn/go-runewidth":                   {"cmd/recfin", "internal/progress"},
	"github.com/vbauerster/mpb/v8":                    {"internal/progress"},
	"go.yaml.in/yaml/v3":                              {"cmd/recfin"},
	"github.com/creack/pty":                           {}, // tests
	"github.com/chromedp":                             {}, // tests
	"github.com/santhosh-tekuri/jsonschema/v6":        {}, // tests
	"pgregory.net/rapid":                              {},
	"github.com/versity/versitygw":                    {},
	"testing":                                         {"store/storetest/...", "internal/*"},
	"flag":                                            {"cmd/recfin"},
	"log":                                             {"cmd/recfin"}, // with log/slog
	"os":                                              {"store/file", "store/s3", "store/open", "cmd/recfin", "internal/*"},
	"net":                                             {"store/s3", "serve", "cmd/recfin", "internal/*"}, // with net/http
	"net/url":                                         {"..."},
	"net/netip":                                       {"..."},
	"io/fs":                                           {"store/file", "store/open", "cmd/recfin", "internal/*"},
	"path/filepath":                                   {"store/file", "store/open", "cmd/recfin", "internal/*"},
	"syscall":                                         {"store/file", "store/s3", "cmd/recfin", "internal/*"},
	"math/rand":                                       {"store/*", "internal/*"}, // with math/rand/v2
	"embed":                                           {"report", "serve", "internal/demo", "internal/hlsjs"},
}

// testOnly are prefixes that tests, storetest and test helpers may import
// whoever they belong to.
var testOnly = []string{
	"pgregory.net/rapid", "github.com/creack/pty", "github.com/chromedp", "github.com/santhosh-tekuri/jsonschema/v6", "testing", "flag", "os", "net", "io/fs", "path/filepath", "syscall", "math/rand", "golang.org/x/sync", "embed", "log",
}

// imports are the packages that one of ours imports, by kind of file.
type imports struct {
	code, tests []string
}

// violations holds a graph (our packages by path in the module) against the
// tables and names each edge that they do not allow.
func violations(graph map[string]imports) []string {
	var bad []string
	for _, pkg := range slices.Sorted(maps.Keys(graph)) {
		allowed, known := mayImport[pkg]
		if !known {
			bad = append(bad, pkg+" has no line in the table of layers")
			continue
		}
		for _, dep := range graph[pkg].code {
			if !allows(pkg, dep, allowed, false) {
				bad = append(bad, fmt.Sprintf("%s must not import %s", pkg, dep))
			}
		}
		inTests := slices.Concat(allowed, testsMayImport, []string{pkg})
		if matches(pkg, endToEnd) {
			inTests = []string{"..."}
		}
		for _, dep := range graph[pkg].tests {
			if !allows(pkg, dep, inTests, true) {
				bad = append(bad, fmt.Sprintf("tests of %s must not import %s", pkg, dep))
			}
		}
	}
	return bad
}

// allows judges one import.
func allows(pkg, dep string, allowed []string, test bool) bool {
	if dep == module || strings.HasPrefix(dep, module+"/") {
		return matches(strings.TrimPrefix(dep, module+"/"), allowed)
	}
	owner := dep
	for owner != "." && owners[owner] == nil {
		owner = path.Dir(owner)
	}
	if owner == "." {
		return !strings.Contains(strings.SplitN(dep, "/", 2)[0], ".") // the standard library
	}
	helper := test || matches(pkg, []string{"store/storetest/..."}) || pkg != "internal/demo" && matches(pkg, []string{"internal/*"})
	return matches(pkg, owners[owner]) || helper && slices.ContainsFunc(testOnly, func(prefix string) bool {
		return dep == prefix || strings.HasPrefix(dep, prefix+"/")
	})
}

// matches reports whether a package is one of the patterns.
func matches(pkg string, patterns []string) bool {
	for _, pattern := range patterns {
		folder, all := strings.CutSuffix(pattern, "...")
		below, only := strings.CutSuffix(pattern, "*")
		switch {
		case pkg == pattern,
			all && (strings.HasPrefix(pkg, folder) || pkg == strings.TrimSuffix(folder, "/")),
			only && strings.HasPrefix(pkg, below):
			return true
		}
	}
	return false
}

// readGraph reads the imports of all Go files below the root of the module,
// whatever their build constraints. A folder with a go.mod of its own is another
// module: what it needs is no dependency of ours.
func readGraph(root string) (map[string]imports, error) {
	graph := map[string]imports{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != root && (name == "testdata" || name == "bin" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil && file != root {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := graph[filepath.ToSlash(dir)]
		for _, spec := range parsed.Imports {
			dep, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			list := &pkg.code
			if strings.HasSuffix(name, "_test.go") {
				list = &pkg.tests
			}
			if !slices.Contains(*list, dep) {
				*list = append(*list, dep)
			}
		}
		graph[filepath.ToSlash(dir)] = pkg
		return nil
	})
	return graph, err
}

func TestLayers(t *testing.T) {
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	graph, err := readGraph(root)
	if err != nil {
		t.Fatal(err)
	}
	// The edges that the reader of files has to see, or the test sees nothing.
	for pkg, dep := range map[string]string{"finalize/playlist": "recfin/finalize/timeline", "store/s3": "recfin/store", "probe": "recfin/mp4"} {
		if !slices.Contains(graph[pkg].code, dep) {
			t.Errorf("%s does not seem to import %s", pkg, dep)
		}
	}
	for _, v := range violations(graph) {
		t.Error(v)
	}
}

// Each rule fails where it should.
func TestLayersCatch(t *testing.T) {
	one := func(pkg string, deps ...string) map[string]imports { return map[string]imports{pkg: {code: deps}} }
	tests := func(pkg string, deps ...string) map[string]imports { return map[string]imports{pkg: {tests: deps}} }
	cases := []struct {
		name  string
		graph map[string]imports
		want  string // empty: allowed
	}{
		{"probe imports finalize", one("probe", "recfin/finalize"), "probe must not import recfin/finalize"},
		{"probe imports a part of finalize", one("probe", "recfin/finalize/timeline"), "probe must not import recfin/finalize/timeline"},
		{"probe imports what it may", one("probe", "recfin/store", "recfin/mp4", "recfin/probe/mpegts", "bytes"), ""},
		{"a test of probe imports finalize", tests("probe", "recfin/finalize"), "tests of probe must not import recfin/finalize"},
		{"store imports mp4", one("store", "recfin/mp4"), "store must not import recfin/mp4"},
		{"mp4 imports the store", one("mp4", "recfin/store"), "mp4 must not import recfin/store"},
		{"one store imports another", one("store/file", "recfin/store/mem"), "store/file must not import recfin/store/mem"},
		{"finalize opens a store", one("finalize", "recfin/store/s3"), "finalize must not import recfin/store/s3"},
		{"finalize tests use memory", tests("finalize", "recfin/store/mem", "recfin/internal/broadcast"), ""},
		{"finalize tests open S3", tests("finalize", "recfin/store/s3"), "tests of finalize must not import recfin/store/s3"},
		{"layout imports timeline", one("finalize/layout", "recfin/finalize/timeline"), "finalize/layout must not import recfin/finalize/timeline"},
		{"remux reads a container", one("finalize/remux", "recfin/probe", "recfin/probe/mpegts", "recfin/mp4"), ""},
		{"remux reads a store", one("finalize/remux", "recfin/store"), "finalize/remux must not import recfin/store"},
		{"code imports storetest", one("store/mem", "recfin/store/storetest"), "store/mem must not import recfin/store/storetest"},
		{"a test imports storetest", tests("store/mem", "recfin/store/storetest"), ""},
		{"code imports a test helper", one("cmd/recfin", "recfin/internal/testenv"), "cmd/recfin must not import recfin/internal/testenv"},
		{"an oracle imports what it checks", one("internal/mp4check", "recfin/mp4"), "internal/mp4check must not import recfin/mp4"},
		{"two owners of AWS", one("store/open", "github.com/aws/aws-sdk-go-v2/config"), "store/open must not import github.com/aws/aws-sdk-go-v2/config"},
		{"owner of AWS", one("store/s3", "github.com/aws/smithy-go"), ""},
		{"two owners of m3u8", tests("finalize", "github.com/grafov/m3u8"), "tests of finalize must not import github.com/grafov/m3u8"},
		{"two owners of boxes", one("finalize/remux", "github.com/abema/go-mp4"), "finalize/remux must not import github.com/abema/go-mp4"},
		{"codecs below probe", one("probe/mpegts", "github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"), ""},
		{"another part of mediacommon", one("probe", "github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"), "probe must not import github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"},
		{"a prefix is no owner", one("store/s3", "github.com/awsome/x"), "store/s3 must not import github.com/awsome/x"},
		{"cli in finalize", one("finalize", "github.com/urfave/cli/v2"), "finalize must not import github.com/urfave/cli/v2"},
		{"nobody's module", one("mp4", "example.com/x"), "mp4 must not import example.com/x"},
		{"rapid in code", one("mp4", "pgregory.net/rapid"), "mp4 must not import pgregory.net/rapid"},
		{"rapid in tests", tests("mp4", "pgregory.net/rapid", "os", "testing"), ""},
		{"testing in code", one("finalize", "testing"), "finalize must not import testing"},
		{"a lower package logs", one("store/s3", "log/slog"), "store/s3 must not import log/slog"},
		{"finalize reads the environment", one("finalize", "os"), "finalize must not import os"},
		{"a pure package talks", one("finalize/playlist", "net/http"), "finalize/playlist must not import net/http"},
		{"a pure package escapes", one("finalize/playlist", "net/url"), ""},
		{"chance in an output", one("finalize", "math/rand/v2"), "finalize must not import math/rand/v2"},
		{"a package without a line", one("finalize/extra"), "finalize/extra has no line in the table of layers"},
	}
	for _, c := range cases {
		got := violations(c.graph)
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: %v", c.name, got)
		case c.want != "" && !slices.Equal(got, []string{c.want}):
			t.Errorf("%s: got %v, want %q", c.name, got, c.want)
		}
	}
}

// The files of a package are read as they are on disk, tests apart.
func TestReadGraph(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"probe/probe.go":        "//go:build plan9\n\npackage probe\n\nimport \"recfin/finalize\"\n",
		"probe/probe_test.go":   "package probe_test\n\nimport _ \"testing\"\n",
		"probe/testdata/bad.go": "package",
		".hidden/bad.go":        "package",
		"go.mod":                "module recfin\n",
		"deploy/check/go.mod":   "module recfin/deploy/check\n",
		"deploy/check/check.go": "package check\n\nimport _ \"k8s.io/api/core/v1\"\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	graph, err := readGraph(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(graph) != 1 || !slices.Equal(graph["probe"].code, []string{"recfin/finalize"}) || !slices.Equal(graph["probe"].tests, []string{"testing"}) {
		t.Errorf("got %v", graph)
	}
	if got := violations(graph); !slices.Equal(got, []string{"probe must not import recfin/finalize"}) {
		t.Errorf("got %v", got)
	}
}
