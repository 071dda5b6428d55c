//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal ends a run with its own code: the store answers only after it.
func TestInterrupted(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = syscall.Kill(os.Getpid(), sig)
			select {
			case <-r.Context().Done():
			case <-time.After(30 * time.Second):
			}
		}))
		r := recfin("run", "--store", secretURL(strings.TrimPrefix(server.URL, "http://")))
		server.Close()
		r.wantCode(t, want)
		r.says(t, "interrupted", "the next run carries on")
		r.hides(t, secret)
	}
}
