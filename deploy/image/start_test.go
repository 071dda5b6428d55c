package main

import (
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// laid lays the files of an image into an empty folder, with a folder /data that
// the user of the image may write to.
func laid(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range contents(t, archive) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if len(f.body) == 0 {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.body, os.FileMode(f.mode)); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(data, 0o777); err != nil {
		t.Fatal(err)
	}
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) { // t.TempDir is closed to others
		if err := os.Chmod(d, 0o755); err != nil {
			break
		}
	}
	return dir
}

// start runs the program of an image as a container does: nothing else is there,
// and the user is that of the image. Who is not root becomes it in a namespace of
// its own, for chroot.
func start(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	uid, _, _ := strings.Cut(user, ":")
	id, err := strconv.Atoi(uid)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(programPath, args...)
	cmd.Path, cmd.Dir, cmd.Env = programPath, "/", env
	if env == nil {
		cmd.Env = []string{}
	}
	cmd.Err = nil // the path is looked up behind the chroot
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: dir}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(id), Gid: uint32(id)}
	} else {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) && os.Geteuid() != 0 {
		const text = "this system gives chroot to root alone (neither namespaces of users): run this test as root"
		if os.Getenv("RECFIN_TEST_REQUIRE") != "" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	return string(out), err
}

// The program of the image runs where nothing else is: no shell, no libraries, no
// time zones, no home, no environment.
func TestStarts(t *testing.T) {
	archive, _ := usual(t)
	dir := laid(t, archive)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "recfin"},
		{[]string{"demo", "/data/demo"}, "demo: done"},
		{[]string{"plan", "--store", "/data/demo", "--time-zone", "Europe/Berlin"}, "demo: done"},
	} {
		out, err := start(t, dir, nil, c.args...)
		if err != nil || !strings.Contains(out, c.want) {
			t.Errorf("recfin %q: %v\n%s", c.args, err, out)
		}
	}
}

// The certificates lie where the program looks for them: a server is believed if
// the image has its issuer, and only then.
func TestCertificates(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/xml")
		w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>live</Name><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>`))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // who does not believe it hangs up
	server.StartTLS()
	defer server.Close()
	issuer := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(issuer, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o644); err != nil {
		t.Fatal(err)
	}
	env := []string{"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "RECFIN_STORE=s3+" + server.URL + "/live?region=us-east-1"}

	believing := made(t, "-certs", issuer)
	out, err := start(t, laid(t, believing), env, "plan")
	if err != nil || asked.Load() == 0 {
		t.Errorf("with the issuer: %v, asked %d times\n%s", err, asked.Load(), out)
	}
	asked.Store(0)
	others, _ := usual(t)
	out, err = start(t, laid(t, others), env, "plan")
	if err == nil || asked.Load() != 0 || !strings.Contains(out, "certificate") {
		t.Errorf("without the issuer: %v, asked %d times\n%s", err, asked.Load(), out)
	}
}
