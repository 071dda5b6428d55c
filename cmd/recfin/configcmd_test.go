package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// effectiveSettings are what recfin config prints, by flag.
func effectiveSettings(t *testing.T, args ...string) map[string]oneEffective {
	t.Helper()
	r := mustRecfin(t, exitDone, append([]string{"config", "--json"}, args...)...)
	all := map[string]oneEffective{}
	for _, s := range document[effective](t, r).Settings {
		all[s.Flag] = s
	}
	return all
}

// TestConfigCommand: the settings of all commands, where each comes from, and the
// variables that nothing reads.
func TestConfigCommand(t *testing.T) {
	path := writeConfig(t, "settle: 45m\ngrace: 20s\nstore: [/a, /b]\n\ndelete-delay: 0\n")
	t.Setenv("RECFIN_CONFIG", path)
	t.Setenv("RECFIN_GRACE", "21s")
	t.Setenv("RECFIN_RENDITION", "!360p\n720p*")
	t.Setenv("RECFIN_LAYUOT", "x")
	t.Setenv("RECFIN_FORCE", "true")
	r := mustRecfin(t, exitDone, "config", "--hls", "copy", "--as", "x")
	for _, line := range []string{
		"# file: " + path + "\n", "settle: 45m # " + path + ":1\n", "grace: 21s # environment RECFIN_GRACE\n", "hls: copy # flag\n", "session-gap: 15m # default\n",
		"delete-delay: 0s # " + path + ":5\n", "rendition: # environment RECFIN_RENDITION\n    - '!360p'\n    - 720p*\n", "store: # " + path + ":3\n    - /a\n    - /b\n",
		"# force: true (environment RECFIN_FORCE; not for a file)\n", "# as: x (flag; not for a file)\n", "# no flag reads RECFIN_LAYUOT: did you mean RECFIN_LAYOUT?\n",
	} {
		if !strings.Contains(r.out, line) {
			t.Errorf("%q is not in\n%s", line, r.out)
		}
	}
	all := effectiveSettings(t, "--hls", "copy")
	for _, want := range []oneEffective{
		{Flag: flagSettle, Value: "45m", From: "file", Line: 1},
		{Flag: flagGrace, Value: "21s", From: "environment", Variable: "RECFIN_GRACE"},
		{Flag: flagHLS, Value: "copy", From: "flag"},
		{Flag: flagGap, Value: "15m", From: "default"},
		{Flag: flagForce, Value: true, From: "environment", Variable: "RECFIN_FORCE"},
		{Flag: flagRendition, Value: []any{"!360p", "720p*"}, From: "environment", Variable: "RECFIN_RENDITION"},
		{Flag: flagBudget, Value: "30s", From: "default"},
		{Flag: flagMost, Value: 60.0, From: "default"},
	} {
		if got := all[want.Flag]; !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	for _, f := range allFlags(newApp(&bytes.Buffer{}, &bytes.Buffer{})) {
		if name := f.Names()[0]; name != flagConfig && all[name].Flag == "" {
			t.Errorf("--%s is missing", name)
		}
	}
	e := document[effective](t, mustRecfin(t, exitDone, "config", "--json"))
	if e.File != path || !slices.Equal(e.Variables, []strangeJSON{{"RECFIN_LAYUOT", "RECFIN_LAYOUT"}}) || e.Version != 1 {
		t.Errorf("%+v", e)
	}
	for says, args := range map[string][]string{
		"--settle": {"--settle", "soon"}, "--delete": {"--delete", "all"}, "--layout": {"--layout", "{"}, "--log-level": {"--log-level", "loud"}, "takes no arguments": {"x"},
	} {
		mustRecfin(t, exitUsage, append([]string{"config"}, args...)...).says(t, strings.TrimPrefix(says, "--"))
	}
}

// TestConfigFedBack: what recfin config prints means the same as a file.
func TestConfigFedBack(t *testing.T) {
	t.Parallel()
	odd := []string{"a: b", "# x", "!x", "*x", "&x", "{a}", "yes", "true", "null", "~", "12", "1e3", "2026-11-21", "'", `"`, "- x", "a\tb", "ü\u2028x", "%x", "@x", "x #y", "0x10", "\\"}
	for i, v := range odd {
		args := []string{}
		for _, f := range allFlags(newApp(&bytes.Buffer{}, &bytes.Buffer{})) {
			name := f.Names()[0]
			if oneRun[name] != "" || name == flagConfig || name == flagJSON || isURL(name) {
				continue
			}
			switch f.(type) {
			case *cli.BoolFlag:
				args = append(args, "--"+name+"="+[]string{"true", "false"}[i%2])
			case *cli.DurationFlag:
				args = append(args, "--"+name, []string{"0", "90s", "1h0m5s", "36h", "1ms"}[i%5])
			case *cli.IntFlag:
				args = append(args, "--"+name, "17")
			case *cli.StringSliceFlag:
				args = append(args, "--"+name, v, "--"+name, "x"+v)
			default:
				args = append(args, "--"+name, v)
			}
		}
		first := recfin(append([]string{"config"}, args...)...) // text flags refuse such values: what is printed counts
		path := filepath.Join(t.TempDir(), "recfin.yaml")
		if err := os.WriteFile(path, []byte(first.out), 0o600); err != nil {
			t.Fatal(err)
		}
		second := recfin("config", "--config", path)
		if got, want := withoutComments(second.out), withoutComments(first.out); got != want || want == "" || strings.Contains(second.err, path+":") {
			t.Errorf("%q: %s\n%s\nwant\n%s", v, second.err, got, want)
		}
	}
}

// withoutComments leaves out where values come from.
func withoutComments(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		for _, end := range []string{" # flag", " # default", " # /"} {
			if i := strings.LastIndex(line, end); i >= 0 {
				line = line[:i]
			}
		}
		if !strings.HasPrefix(line, "# ") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// TestConfigHidesSecrets: neither credentials nor what a query says is printed,
// wherever it comes from.
func TestConfigHidesSecrets(t *testing.T) {
	for value, want := range map[string]string{
		"s3+https://AKqqSECRETqq:qqSECRETqq@host:9000/bucket/a@b?region=x": hiddenPart, // refused as a store, so not shown
		"s3+https://AKqqSECRETqq:qqSECRET/qq@host:9000/bucket":             hiddenPart,
		"s3+https://AKqqSECRETqq:qq+SECRET=@qq@host:9000/bucket?region=x":  "s3+https://***@host:9000/bucket?region=x",
		"s3://AKqqSECRETqq:qqSECRETqq@us-west-2/bucket/live":               "s3://***@us-west-2/bucket/live",
		"s3://bucket/live?token=qqSECRETqq":                                hiddenPart,
		"AKqqSECRETqq:qqSECRETqq@us-west-2/bucket":                         hiddenPart,
		"s3://bucket/live": "s3://bucket/live",
		"/data/a@b":        "/data/a@b",
	} {
		if got, hidden := withoutSecrets(flagStore, value); got != want || hidden != (got != value) {
			t.Errorf("%s is shown as %s (%v), want %s", value, got, hidden, want)
		}
		for _, args := range [][]string{{"config"}, {"config", "--json"}} {
			recfin(append(args, "--store", value, "--out", value)...).hides(t, "SECRET")
			path := writeConfig(t, "store: ['"+value+"']\nout: '"+value+"'\n")
			recfin(append(args, "--config", path)...).hides(t, "SECRET")
			t.Setenv("RECFIN_STORE", value)
			recfin(args...).hides(t, "SECRET")
		}
		t.Setenv("RECFIN_STORE", "")
	}
	for value, want := range map[string]string{
		"http://u:qqSECRETqq@push:9091/x":             "http://***@push:9091/x",
		"http://push:9091/x?token=qqSECRETqq":         "http://push:9091/x?***",
		"http://push:9091/x#qqSECRETqq":               "http://push:9091/x#***",
		"u:qqSECRETqq@push:9091":                      hiddenPart,
		"http://u:qqSECRETqq@ho st":                   hiddenPart,
		"http://push:9091":                            "http://push:9091",
		"{recording}/{nonce}/{rendition}/{seq}.ts?qq": "{recording}/{nonce}/{rendition}/{seq}.ts?qq",
	} {
		flag := flagPush
		if strings.HasPrefix(value, "{") {
			flag = flagLayout
		}
		if got, hidden := withoutSecrets(flag, value); got != want || hidden != (got != value) {
			t.Errorf("%s is shown as %s (%v), want %s", value, got, hidden, want)
		}
		recfin("config", "--"+flagPush, value).hides(t, "SECRET")
	}
}
