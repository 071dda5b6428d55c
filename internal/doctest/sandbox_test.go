package doctest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is that of the repository.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// program is bin/recfin, built once by make as the README says.
var program = struct {
	sync.Once
	dir  string // a clone in which it was built
	file string
	err  error
}{}

// TestMain removes what the program was built in.
func TestMain(m *testing.M) {
	code := m.Run()
	if program.dir != "" {
		_ = os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

func recfin(t testing.TB) string {
	t.Helper()
	from := root(t)
	program.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "recfin-doctest-"); program.err != nil {
			return
		}
		if program.err = clone(from, program.dir); program.err != nil {
			return
		}
		cmd := exec.Command("make", "build")
		cmd.Dir = program.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			program.err = fmt.Errorf("make build: %w\n%s", err, out)
		}
		program.file = filepath.Join(program.dir, "bin", "recfin")
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.file
}

// clone copies the files of the repository, without its history, what was built in it
// and its tests.
func clone(from, to string) error {
	return filepath.WalkDir(from, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && (name == ".git" || name == "bin" || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		case !entry.Type().IsRegular() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), body, info.Mode().Perm())
	})
}

// sandbox is where a page runs.
type sandbox struct {
	top   string // of all that belongs to it
	dir   string // a page begins here: a clone, or an empty folder
	cloud *cloud
}

func newSandbox(t testing.TB, w world, inClone bool) *sandbox {
	t.Helper()
	built := recfin(t)
	s := &sandbox{top: t.TempDir(), cloud: newCloud(t, w)}
	s.dir = filepath.Join(s.top, "recfin")
	for _, dir := range []string{"home", "tmp", "steps", "stand-ins"} {
		if err := os.Mkdir(filepath.Join(s.top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if inClone {
		if err := clone(root(t), s.dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(built, filepath.Join(s.top, "stand-ins", "recfin")); err != nil {
		t.Fatal(err)
	}
	for name, script := range standIns {
		if err := os.WriteFile(filepath.Join(s.top, "stand-ins", name), []byte("#!/bin/bash\n"+script.does+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range w.files {
		if err := o.lay(s.dir); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// lay writes an object as a file.
func (o object) lay(dir string) error {
	name := filepath.Join(dir, filepath.FromSlash(o.key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, o.body, 0o644); err != nil {
		return err
	}
	return os.Chtimes(name, o.uploaded, o.uploaded)
}

// goEnv is what the Go toolchain of a page needs to know: its home is another one.
var goEnv = sync.OnceValues(func() ([]string, error) {
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil, err
	}
	values := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(values) != len(names) {
		return nil, fmt.Errorf("go env gives %q", values)
	}
	for i := range names {
		values[i] = names[i] + "=" + values[i]
	}
	return values, nil
})

// env is the environment of a page.
func (s *sandbox) env(t testing.TB) []string {
	t.Helper()
	golang, err := goEnv()
	if err != nil {
		t.Fatal(err)
	}
	all := []string{
		"PATH=" + filepath.Join(s.top, "stand-ins") + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + filepath.Join(s.top, "home"), "TMPDIR=" + filepath.Join(s.top, "tmp"), "LANG=C.UTF-8", "TZ=UTC",
		"REAL_MAKE=" + look("make"), "STEPS=" + filepath.Join(s.top, "steps"),
		"AWS_ENDPOINT_URL=" + s.cloud.server.URL, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=" + exampleKey, "AWS_SECRET_ACCESS_KEY=" + exampleSecret,
	}
	return append(all, golang...)
}

// look finds a program, or gives its name.
func look(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return name
}
