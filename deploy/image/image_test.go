package main

import (
	"bytes"
	"debug/elf"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// root is the folder of the product.
var root = filepath.Join("..", "..")

var tmp string // for all tests

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "image")
	if err != nil {
		panic(err)
	}
	tmp = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// program builds recfin once, as the Makefile does.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(tmp, "recfin")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	build := exec.Command("go", "build", "-C", root, "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/recfin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// made makes an image with these settings.
func made(t *testing.T, args ...string) (archive string) {
	t.Helper()
	archive = filepath.Join(t.TempDir(), "image.tar")
	if err := run(append([]string{"-binary", program(t), "-arch", runtime.GOARCH, "-o", archive}, args...), io.Discard); err != nil {
		t.Fatal(err)
	}
	return archive
}

// usual is the image as it is made without any settings, made once.
func usual(t *testing.T) (archive, listed string) {
	t.Helper()
	archive = filepath.Join(tmp, "image.tar")
	if text, err := os.ReadFile(archive + ".txt"); err == nil {
		return archive, string(text)
	}
	var out bytes.Buffer
	if err := run([]string{"-binary", program(t), "-arch", runtime.GOARCH, "-o", archive}, &out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(archive+".txt", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return archive, out.String()
}

// contents unpacks an archive.
func contents(t *testing.T, archive string) map[string]file {
	t.Helper()
	image, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := unpack(image)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]file{}
	for _, f := range files {
		all[f.path] = f
	}
	return all
}

// One program, the certificates, the folders that lead to them, and nothing else.
func TestContents(t *testing.T) {
	archive, listed := usual(t)
	got := contents(t, archive)
	want := []string{"/etc", "/etc/ssl", "/etc/ssl/certs", certsPath, programPath}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		t.Errorf("the image has %q, want %q", names, want)
	}
	for _, name := range want {
		if !strings.Contains(listed, "  "+name) {
			t.Errorf("%s is not listed in\n%s", name, listed)
		}
	}
	if !strings.Contains(listed, "certificates") || !strings.Contains(listed, "user 65532:65532, entrypoint /recfin\n") {
		t.Errorf("listed:\n%s", listed)
	}
	if m := got[programPath].mode; m != 0o755 {
		t.Errorf("the program has the mode %o", m)
	}
	if m := got[certsPath].mode; m != 0o644 {
		t.Errorf("the certificates have the mode %o", m)
	}
	if n := bytes.Count(got[certsPath].body, []byte("BEGIN CERTIFICATE")); n < 100 {
		t.Errorf("%d certificates", n)
	}

	f, err := elf.NewFile(bytes.NewReader(got[programPath].body))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the program needs a dynamic loader")
		}
	}
}

func TestConfig(t *testing.T) {
	archive, _ := usual(t)
	image, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Error(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := config.Config
	if config.OS != "linux" || config.Architecture != runtime.GOARCH || c.User != "65532:65532" || !slices.Equal(c.Entrypoint, []string{"/recfin"}) {
		t.Errorf("%+v", config)
	}
	if len(c.Cmd)+len(c.Shell)+len(c.Env)+len(c.Volumes)+len(c.ExposedPorts) > 0 || !config.Created.IsZero() {
		t.Errorf("%+v", config)
	}
}

// The same program makes the same archive.
func TestReproducible(t *testing.T) {
	one, _ := usual(t)
	two := made(t)
	a, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(two)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two archives of one program differ")
	}
}

func TestRefused(t *testing.T) {
	dynamic, err := exec.LookPath("ls")
	if err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "-binary"},
		{[]string{"-binary", dynamic}, "dynamic loader"},
		{[]string{"-binary", text}, "no program for Linux"},
		{[]string{"-binary", program(t), "-certs", text + ".pem"}, "no such file"},
		{[]string{"-binary", program(t), "-tag", "Recfin dev"}, "Recfin dev"},
	} {
		err := run(append(c.args, "-o", filepath.Join(t.TempDir(), "image.tar")), &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
}
