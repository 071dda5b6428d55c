//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"recfin/finalize"
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

// A recording that a signal stopped has not failed: it is neither printed nor
// logged as an error. One that failed by itself meanwhile is.
func TestInterruptedIsNoFailure(t *testing.T) {
	var out, errs bytes.Buffer
	log, err := newLogger(&errs, "text", "info")
	if err != nil {
		t.Fatal(err)
	}
	s := &session{out: &out, log: log, watch: watchers{log}, workers: 1}
	ctx, cancel := context.WithCancel(context.Background())
	do := func(ctx context.Context, name string) (*finalize.Report, error) {
		r := &finalize.Report{Recording: name, Plan: &finalize.Plan{Recording: name}}
		if cancel(); name == "cut" {
			r.Err = fmt.Errorf("measure the head of %s: %w", name, ctx.Err())
		} else {
			r.Err = finalize.ErrRefused
		}
		return r, r.Err
	}
	if _, err := s.all(ctx, &batch{given: &idList{}, do: do, direct: true}, []string{"cut"}); !errors.Is(err, context.Canceled) {
		t.Errorf("the end: %v", err)
	}
	if out.Len() > 0 || strings.Contains(errs.String(), "ERROR") || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("printed %q, logged %q", &out, &errs)
	}
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	if _, err := s.all(ctx, &batch{given: &idList{}, do: do, direct: true}, []string{"bad"}); !errors.Is(err, context.Canceled) {
		t.Errorf("the end: %v", err)
	}
	if !strings.Contains(out.String(), "bad") || !strings.Contains(errs.String(), "ERROR") {
		t.Errorf("printed %q, logged %q", &out, &errs)
	}
}
