package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
)

// writeConfig writes a configuration file and gives its path.
func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recfin.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// valueOf runs a command line up to where its command would begin, and gives the
// value that a flag has there.
func valueOf(t *testing.T, name string, args ...string) (value any, s *settings) {
	t.Helper()
	app := newApp(&bytes.Buffer{}, &bytes.Buffer{})
	for _, c := range app.Commands {
		c.Action = func(c *cli.Context) error {
			if value = c.Value(name); repeatable(flagNamed(t, app, c.Command.Name, name)) {
				value = c.StringSlice(name)
			}
			return nil
		}
	}
	ordered, given := reorder(app, append([]string{"recfin"}, args...))
	settingsOf(app).given = given
	if err := app.Run(ordered); err != nil {
		t.Fatalf("recfin %q: %v", args, err)
	}
	return value, settingsOf(app)
}

func flagNamed(t *testing.T, app *cli.App, command, name string) cli.Flag {
	t.Helper()
	for _, f := range app.Command(command).Flags {
		if f.Names()[0] == name {
			return f
		}
	}
	t.Fatalf("%s has no --%s", command, name)
	return nil
}

// three are values of a flag that are told apart: texts, and what they are read as.
func three(t *testing.T, f cli.Flag) (texts [3]string, values [3]any) {
	t.Helper()
	switch f.(type) {
	case *cli.StringSliceFlag:
		return [3]string{"a", "b", "c"}, [3]any{[]string{"a"}, []string{"b"}, []string{"c"}}
	case *cli.StringFlag:
		return [3]string{"a", "b", "c"}, [3]any{"a", "b", "c"}
	case *cli.DurationFlag:
		return [3]string{"61m", "62m", "63m"}, [3]any{61 * time.Minute, 62 * time.Minute, 63 * time.Minute}
	case *cli.IntFlag:
		return [3]string{"11", "12", "13"}, [3]any{11, 12, 13}
	case *cli.Int64Flag:
		return [3]string{"11", "12", "13"}, [3]any{int64(11), int64(12), int64(13)}
	case *cli.BoolFlag:
		return [3]string{"true", "false", "true"}, [3]any{true, false, true}
	}
	t.Fatalf("--%s is of a kind that this test does not know: %T", f.Names()[0], f)
	return texts, values
}

// TestPrecedence: for every flag of every command the command line wins over the
// environment, that over the file, and that over the default.
func TestPrecedence(t *testing.T) {
	app, n := newApp(&bytes.Buffer{}, &bytes.Buffer{}), 0
	for _, c := range app.Commands {
		for _, f := range c.Flags {
			name := f.Names()[0]
			if c.Name == versionName || name == flagConfig || oneRun[name] != "" {
				continue
			}
			n++
			texts, values := three(t, f)
			path := writeConfig(t, name+": "+texts[0]+"\n")
			check := func(what string, want any, args ...string) {
				t.Helper()
				if got, _ := valueOf(t, name, append([]string{c.Name}, args...)...); !reflect.DeepEqual(got, want) {
					t.Errorf("recfin %s: --%s from %s is %v, want %v", c.Name, name, what, got, want)
				}
			}
			check("the file", values[0], "--config", path)
			t.Setenv(variable(f), texts[1])
			check("the environment", values[1], "--config", path)
			check("the command line", values[2], "--config", path, "--"+name+"="+texts[2])
			if err := os.Unsetenv(variable(f)); err != nil {
				t.Fatal(err)
			}
			check("the command line over the file", values[2], "--"+name+"="+texts[2], "--config="+path)
		}
	}
	if n < 100 {
		t.Errorf("%d flags were looked at", n)
	}
}

// One file serves all commands, so a name means the same in all of them.
func TestFlagsMeanTheSame(t *testing.T) {
	t.Parallel()
	first := map[string]cli.Flag{}
	for _, c := range newApp(&bytes.Buffer{}, &bytes.Buffer{}).Commands {
		for _, f := range c.Flags {
			name := f.Names()[0]
			if first[name] == nil {
				first[name] = f
			}
			if got, want := reflect.TypeOf(f), reflect.TypeOf(first[name]); got != want {
				t.Errorf("--%s is a %v of %s and a %v elsewhere", name, got, c.Name, want)
			}
			if variable(f) != variable(first[name]) {
				t.Errorf("--%s of %s has the variable %s, elsewhere %s", name, c.Name, variable(f), variable(first[name]))
			}
		}
	}
}

// The file as a user writes it.
func TestConfigFile(t *testing.T) {
	path := writeConfig(t, `# nightly
store:
  - s3://live/streams
  - "s3+https://KEY:SECRET@minio.example:9000/backup"
layout: '{recording}/{nonce}/{rendition}/{seq}.ts'
rendition: ['!360p', "720p*"]
require: 2026-11-21
settle: 45m
delete-delay: 0
json: true
max-delete-percent: 50
writer: node-7 # of recover alone
`)
	t.Setenv("RECFIN_CONFIG", path)
	for name, want := range map[string]any{
		flagStore:     []string{"s3://live/streams", "s3+https://KEY:SECRET@minio.example:9000/backup"},
		flagLayout:    []string{"{recording}/{nonce}/{rendition}/{seq}.ts"},
		flagRendition: []string{"!360p", "720p*"},
		flagRequire:   []string{"2026-11-21"},
		flagSettle:    45 * time.Minute,
		flagDelay:     time.Duration(0),
		flagJSON:      true,
		flagMost:      50,
	} {
		if got, s := valueOf(t, name, "run"); !reflect.DeepEqual(got, want) || s.file.find(name) == nil {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got, _ := valueOf(t, flagWriter, "recover"); got != "node-7" {
		t.Errorf("writer: %v", got)
	}
	if got, _ := valueOf(t, flagStore, "run", "--store", "x", "--store", "y"); !reflect.DeepEqual(got, []string{"x", "y"}) {
		t.Errorf("a list on the command line is not added to that of the file: %v", got)
	}
	for _, empty := range []string{"", "\n", "# nothing\n", "---\n", "null\n", "{}\n"} {
		if got, _ := valueOf(t, flagSettle, "run", "--config", writeConfig(t, empty)); got != defaultSettle {
			t.Errorf("%q: settle is %v", empty, got)
		}
	}
}

// badConfigs are files that are refused, and what is said of them.
var badConfigs = []struct{ name, text, says string }{
	{"a mistyped flag", "store: x\nlayuot: nonce\n", ":2: layuot is no flag of any command: did you mean layout?"},
	{"a flag of nothing", "colour: red\n", ":1: colour is no flag of any command\n"},
	{"dashes in front", "--store: x\n", ":1: --store is no flag of any command: did you mean store?"},
	{"underscores", "session_gap: 1h\n", "did you mean session-gap?"},
	{"capitals", "Store: x\n", "did you mean store?"},
	{"a value for a name", "s3://AK:SECRET@host/b: x\n", ":1: this key is no flag of any command\n"},
	{"a flag of one run", "store: x\n\nforce: true\n", ":3: force does not belong in a file"},
	{"a file in a file", "config: other.yaml\n", ":1: config does not belong in a file"},
	{"twice", "store: x\nsettle: 1h\nstore: y\n", ":3: store stands there twice, first in line 1"},
	{"no duration", "settle: soon\n", `:1: settle "soon": want a duration`},
	{"a duration without a unit", "settle: 30\n", `:1: settle "30": want a duration`},
	{"no number", "concurrency: many\n", `:1: concurrency "many": want a whole number`},
	{"no whole number", "concurrency: 2.5\n", `:1: concurrency "2.5": want a whole number`},
	{"not true, not false", "json: maybe\n", `:1: json "maybe": want true or false`},
	{"a list for one value", "settle: [1h, 2h]\n", ":1: settle takes one value, not a list"},
	{"true for text", "format: true\n", ":1: format: want text"},
	{"a mapping", "store: {a: b}\n", ":1: store: want a value, not a mapping"},
	{"a mapping for a section", "run:\n  store: x\n", "run: want a value, not a mapping"},
	{"a pattern without quotes", "layout: {recording}/{seq}.ts\n", "stands in quotes"},
	{"a list in a list", "store: [[a]]\n", ":1: store: want values in the list"},
	{"a glob without quotes", "rendition: !360p\n", ":1: rendition: there are no tags here"},
	{"an alias", "store: &s x\nout: *s\n", ":1: store: there are no anchors here"},
	{"an alias of nothing", "out: *AK:SECRET@x\n", "there are no aliases here"},
	{"a merge", "<<: {store: x}\n", ":1: mappings are not merged here"},
	{"no value", "settle: 1h\nout:\n", ":2: out has no value"},
	{"no value in a list", "store:\n  -\n", ":2: store has no value"},
	{"two documents", "store: x\n---\nstore: y\n", "a second document begins here"},
	{"a list of things", "- store\n", ":1: want lines such as settle: 30m"},
	{"text", "just text\n", ":1: want lines such as settle: 30m"},
	{"a list for a name", "[a]: x\n", ":1: the name of a flag is missing here"},
	{"tabs", "store:\n\t- x\n", ":2: found character that cannot start any token"},
	{"no text", "store: \x00\n", "control characters"},
	{"credentials in the wrong place", "writer: s3://AK:SECRET@host/b\n", ":1: writer holds a URL with credentials"},
	{"an open quote", "store: 'x\nsettle: 1h\n", "found unexpected end of stream"},
	{"a bomb", "a: &a [x,x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n", ":2: b: there are no aliases here"},
	{"too large", "# " + strings.Repeat("x", maxConfig) + "\n", "it is larger than 1.0 MiB"},
	{"deep", strings.Repeat("[", 20000), "exceeded max depth"},
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	for _, c := range badConfigs {
		path := writeConfig(t, c.text)
		r := mustRecfin(t, exitUsage, "run", "--config", path)
		r.says(t, c.says, "--config "+path)
		r.hides(t, "SECRET")
		if r.out != "" || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %s", c.name, r.text())
		}
	}
	dir := t.TempDir()
	mustRecfin(t, exitUsage, "run", "--config", dir).says(t, dir+": it is no file")
	mustRecfin(t, exitUsage, "run", "--config", filepath.Join(dir, "none")).says(t, "no such file")
	mustRecfin(t, exitUsage, "run", "--config", os.DevNull).says(t, "it is no file")
	if os.Getuid() != 0 { // who may read everything
		path := writeConfig(t, "settle: 1h\n")
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		mustRecfin(t, exitUsage, "run", "--config", path).says(t, "permission denied")
	}
	mustRecfin(t, exitDone, "run", "--help", "--config", dir)
}

// A wrong file stops every command that has flags before it does anything.
func TestBadConfigEverywhere(t *testing.T) {
	t.Parallel()
	path := writeConfig(t, "stroe: x\n")
	for _, c := range newApp(&bytes.Buffer{}, &bytes.Buffer{}).Commands {
		if len(c.Flags) > 0 && c.Name != versionName {
			mustRecfin(t, exitUsage, c.Name, "--config", path, "foo").says(t, "stroe is no flag of any command: did you mean store?")
		}
	}
}

// version is asked when something is wrong, so it reads no file.
func TestVersionReadsNoFile(t *testing.T) {
	t.Setenv("RECFIN_CONFIG", writeConfig(t, "stroe: x\n"))
	mustRecfin(t, exitUsage, "run")
	mustRecfin(t, exitDone, "version")
}

// FuzzConfig: any file is read or refused in one line that names the file and holds
// no value of a URL.
func FuzzConfig(f *testing.F) {
	for _, c := range badConfigs {
		if len(c.text) < 1000 {
			f.Add(c.text)
		}
	}
	f.Add("store: [a, 's3+https://AK:SECRET@h/b']\nsettle: 1h\n")
	f.Add("? store\n: x\n")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		c := &configFile{path: "f.yaml"}
		err := c.parse([]byte(text))
		if err == nil {
			err = c.check(allFlags(newApp(&bytes.Buffer{}, &bytes.Buffer{})))
		}
		if err != nil && (exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--config f.yaml:")) {
			t.Errorf("%q: %v", text, err)
		}
		keys := map[string]bool{}
		for _, s := range c.settings {
			if keys[s.key] || s.line < 1 || !s.list && len(s.values) != 1 {
				t.Errorf("%q: %s", text, fmt.Sprintf("%+v", s))
			}
			keys[s.key] = true
		}
	})
}
