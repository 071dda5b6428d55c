package main

import (
	"debug/buildinfo"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	system := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.time", Value: "2026-11-21T21:04:05Z"}, {Key: "vcs.modified", Value: modified}, {Key: "CGO_ENABLED", Value: "0"}}
	}
	for want, info := range map[string]*debug.BuildInfo{
		"recfin (devel), ": nil,
		"recfin v1.2.3, ":  {Main: debug.Module{Version: "v1.2.3"}},
		"recfin v1.2.3, commit 0123abcd of 2026-11-21T21:04:05Z, ":                 {Main: debug.Module{Version: "v1.2.3"}, Settings: vcs("false")},
		"recfin (devel), commit 0123abcd of 2026-11-21T21:04:05Z, changed since, ": {Settings: vcs("true")},
	} {
		if got := buildOf(info).text(); got != want+system {
			t.Errorf("%q, want %q", got, want+system)
		}
	}
	// That of this program, as another tool reads it from the file.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	got := document[build](t, mustRecfin(t, exitDone, "version", "--json"))
	if want := buildOf(info); got != want || got.Go != info.GoVersion {
		t.Errorf("%+v, want %+v", got, want)
	}
	if r := mustRecfin(t, exitDone, "version"); r.out != got.text() || !strings.HasSuffix(r.out, system) {
		t.Errorf("%s", r.text())
	}
	mustRecfin(t, exitUsage, "version", "x")
}
