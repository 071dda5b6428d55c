//go:build unix

package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// served starts recfin serve at a free port and gives its URL.
func served(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	p := &process{Cmd: child(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...), ended: make(chan struct{})}
	p.Stderr = &p.errs
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		defer close(p.ended)
		_ = p.Wait() // the state says it
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	if err != nil {
		<-p.ended
		t.Fatalf("it prints no address: %v\n%s", err, p.errs.String())
	}
	return p, strings.TrimSpace(line)
}

// fetch gets a page as a browser does.
func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestServe: it prints where it is, shows what is there, changes nothing, and ends well
// when it is told to.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
			before := tree(t, dir)
			p, url := served(t, "--store", dir)
			if code, index := fetch(t, url); code != 200 || !strings.Contains(index, `r/foo"`) {
				t.Errorf("the index: %d\n%s", code, index)
			}
			if code, page := fetch(t, url+"r/foo"); code != 200 || !strings.Contains(page, "play/foo/20250601T180000Z/index.m3u8") {
				t.Errorf("the page: %d, %d bytes", code, len(page))
			}
			if code, door := fetch(t, url+"play/foo/20250601T180000Z/index.m3u8"); code != 200 || strings.Count(door, "#EXT-X-STREAM-INF") != 2 {
				t.Errorf("the door: %d\n%s", code, door)
			}
			// A client that does not read on keeps nobody.
			idle, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"))
			if err != nil {
				t.Fatal(err)
			}
			defer idle.Close()
			if _, err := io.WriteString(idle, "GET / HTTP/1.1\r\nHost: localhost\r\n"); err != nil {
				t.Fatal(err)
			}
			p.signal(t, sig)
			if code := p.code(t); code != exitDone || strings.Contains(p.errs.String(), "carries on") {
				t.Errorf("exit code %d: %s", code, p.errs.String())
			}
			for name := range tree(t, dir) {
				if _, ok := before[name]; !ok && !strings.HasPrefix(name, ".recfin") {
					t.Errorf("it wrote %s", name)
				}
			}
		})
	}
}

// TestServeHidesSecrets: no page tells the credentials of a store.
func TestServeHidesSecrets(t *testing.T) {
	t.Parallel()
	d := s3double.New(t, s3double.Options{})
	layDouble(t, d)
	p, url := served(t, "--store", d.URL("live"))
	for _, at := range []string{"", "r/foo", "r/nobody", "play/foo/20250601T180000Z/index.m3u8", "store/foo/x"} {
		if _, body := fetch(t, url+at); strings.Contains(body, d.SecretKey) || len(body) == 0 {
			t.Errorf("%s has %d bytes, and perhaps the secret", at, len(body))
		}
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.code(t); code != exitDone || strings.Contains(p.errs.String(), d.SecretKey) {
		t.Errorf("exit code %d: %s", code, p.errs.String())
	}
}

// TestServeRefuses: what cannot be listened at is said with what to do.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{exitFailed, "another program does", []string{"--listen", taken.Addr().String()}},
		{exitUsage, "want host:port", []string{"--listen", "8080"}},
		{exitUsage, "99999999", []string{"--listen", "127.0.0.1:99999999"}},
		{exitUsage, "want an origin", []string{"--allow-origin", "player.example"}},
		{exitUsage, "want an origin", []string{"--allow-origin", "https://player.example/path"}},
		{exitUsage, "no store", nil},
	} {
		args := append([]string{"serve"}, c.args...)
		if c.args != nil {
			args = append(args, "--store", dir)
		}
		mustRecfin(t, c.code, args...).says(t, c.says)
	}
}

// TestServeWarns: an address that others reach is warned of, and only that.
func TestServeWarns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
	for at, warned := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1:0": false} {
		p, url := served(t, "--store", dir, "--listen", at)
		if code, _ := fetch(t, url+"healthz"); code != 200 || warned && !strings.HasPrefix(url, "http://localhost:") {
			t.Errorf("%s: %s, %d", at, url, code)
		}
		p.signal(t, syscall.SIGTERM)
		if code := p.code(t); code != exitDone || strings.Contains(p.errs.String(), "there is no password") != warned {
			t.Errorf("%s: exit code %d: %s", at, code, p.errs.String())
		}
	}
}
