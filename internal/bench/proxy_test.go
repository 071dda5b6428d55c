package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestProxy: what passes is not changed, many times the window, in both directions,
// and each request waits at least as long as it shall.
func TestProxy(t *testing.T) {
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				_, _ = w.Write(body)
			}))
			defer server.Close()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			over := make(chan error, 1)
			go func() { over <- (&line{to: server.Listener.Addr().String(), delay: delay}).serve(l) }()
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for i, size := range []int{0, 1, 3*window + 7} {
				sent := noise(size)
				begin := time.Now()
				resp, err := client.Post("http://"+l.Addr().String(), "", bytes.NewReader(sent))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || !bytes.Equal(got, sent) {
					t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
				}
				least := delay
				if i == 0 {
					least += delay // the connection
				}
				if took := time.Since(begin); took < least {
					t.Errorf("%d bytes: %v, want at least %v", size, took, least)
				}
			}
			l.Close()
			if err := <-over; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestChildrenRefuse(t *testing.T) {
	for name, args := range map[string][]string{
		"fill": {"mem://x"}, "download": {}, "upload": {"mem://x", "many"}, "proxy": {"127.0.0.1:1", "soon"},
	} {
		if err := children[name](t.Context(), args); err == nil {
			t.Errorf("%s %q", name, args)
		}
	}
}

// TestEach: all items are met once, and the first failure ends it.
func TestEach(t *testing.T) {
	met := make(chan int, 100)
	items := make([]int, 100)
	for i := range items {
		items[i] = i
	}
	if err := each(items, func(i int) error { met <- i; return nil }); err != nil || len(met) != 100 {
		t.Errorf("%d, %v", len(met), err)
	}
	err := each(items, func(i int) error { return fmt.Errorf("item %d", i) })
	if err == nil || !strings.HasPrefix(err.Error(), "item ") {
		t.Errorf("%v", err)
	}
}
