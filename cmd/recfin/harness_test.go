package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/versity"
	"recfin/store"
	"recfin/store/open"
)

// TestMain keeps the settings of whoever runs the tests out of them. As a child of
// a test the program is recfin itself: see child.
func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		out, end := sampling(os.Stdout)
		code := execute(append([]string{"recfin"}, os.Args[1:]...), out, os.Stderr)
		end()
		os.Exit(code)
	}
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "RECFIN_") && !strings.HasPrefix(name, "RECFIN_TEST_") {
			_ = os.Unsetenv(name)
		}
	}
	openURL = openHurried
	os.Exit(m.Run())
}

// asChild is set in the environment of a process that a test has started.
const asChild = "RECFIN_TEST_CHILD"

// child is a command line in a process of its own, which a test may kill.
func child(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asChild+"=1")
	return cmd
}

// onAir is when the streams of the tests begin: long settled.
var onAir = time.Date(2025, 6, 1, 18, 0, 0, 0, time.UTC)

// result is what a command line gave.
type result struct {
	args     []string
	code     int
	out, err string
}

// recfin runs one command line in this process.
func recfin(args ...string) result {
	var out, errs bytes.Buffer
	code := execute(append([]string{"recfin"}, args...), &out, &errs)
	return result{args: args, code: code, out: out.String(), err: errs.String()}
}

// mustRecfin runs a command line that has to end with the code.
func mustRecfin(t *testing.T, code int, args ...string) result {
	t.Helper()
	r := recfin(args...)
	r.wantCode(t, code)
	return r
}

func (r result) wantCode(t *testing.T, code int) {
	t.Helper()
	if r.code != code {
		t.Fatalf("recfin %q: exit code %d, want %d\n%s%s", r.args, r.code, code, r.out, r.err)
	}
}

// text is the output, both streams, cut to what a person reads.
func (r result) text() string {
	const most = 1500
	all := r.out + r.err
	if len(all) > most {
		return all[:most] + "…"
	}
	return all
}

// says fails unless the output, both streams, holds all the words.
func (r result) says(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(r.out+r.err, w) {
			t.Errorf("recfin %q does not say %q:\n%s", r.args, w, r.text())
		}
	}
}

// hides fails if a secret is in the output.
func (r result) hides(t *testing.T, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if s == "" {
			t.Fatal("there is no secret to look for")
		}
		if strings.Contains(r.out+r.err, s) {
			t.Errorf("recfin %s shows a secret:\n%s%s", r.args[0], r.out, r.err)
		}
	}
}

// tree is everything below a folder, private folders too: kind, size, time of
// modification and contents by path.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%v %d", info.Mode(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			what += fmt.Sprintf(" %d %x", len(body), sha256.Sum256(body))
		}
		name, err := filepath.Rel(root, path)
		all[filepath.ToSlash(name)] = what
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// changes names what differs between two trees.
func changes(before, after map[string]string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if now, ok := after[name]; !ok {
			all = append(all, name+" is gone")
		} else if now != before[name] {
			all = append(all, name+" changed: "+before[name]+" -> "+now)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[name]; !ok {
			all = append(all, name+" is new")
		}
	}
	return all
}

// unchanged fails if a tree is not what it was.
func unchanged(t *testing.T, before map[string]string, root, after string) {
	t.Helper()
	if diff := changes(before, tree(t, root)); len(diff) > 0 {
		t.Errorf("after %s:\n%s", after, strings.Join(diff, "\n"))
	}
}

// bucket is a fresh store on an S3 server.
type bucket struct {
	url     string // with credentials
	secrets []string
	store.Store
}

func newBucket(t *testing.T, s *versity.Server) bucket {
	t.Helper()
	u, err := url.Parse(s.URL(s.Bucket(t)))
	if err != nil {
		t.Fatal("the URL of the server is none")
	}
	u.Path += "/" + s.Prefix()
	b := bucket{url: u.String(), secrets: []string{s.AccessKey, s.SecretKey}}
	if b.Store, err = open.URL(context.Background(), b.url); err != nil {
		t.Fatal(err)
	}
	return b
}

// put stores objects; the server gives them their upload time.
func (b bucket) put() broadcast.Put {
	return func(key string, body []byte, _ time.Time) error {
		_, err := b.Put(context.Background(), key, body, store.PutOptions{})
		return err
	}
}

// get reads an object whole.
func (b bucket) get(t *testing.T, key string) []byte {
	t.Helper()
	body, err := b.Get(context.Background(), key, store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	all, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// list gives every key with its ETag.
func (b bucket) list(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for o, err := range b.List(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		all[o.Key] = o.ETag
	}
	return all
}
