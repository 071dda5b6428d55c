package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// Results come in the order of the names, whichever is there first, each once, one at a
// time; and few are held.
func TestInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var names []string
		for i := range rapid.IntRange(0, 60).Draw(t, "names") {
			names = append(names, strconv.Itoa(i))
		}
		workers := rapid.IntRange(1, 8).Draw(t, "workers")
		stop := rapid.IntRange(-1, 70).Draw(t, "stop")
		slow := rapid.IntRange(0, 60).Draw(t, "slow")
		var begun, handed atomic.Int64
		behind := make(chan struct{}) // closed when the slow one may go on
		var most atomic.Int64
		var got []string
		err := inOrder(t.Context(), names, workers, func(ctx context.Context, name string) string {
			n := begun.Add(1)
			if held := n - handed.Load(); held > most.Load() {
				most.Store(held)
			}
			if name == strconv.Itoa(slow) {
				if workers > 1 && slow+workers < len(names) {
					select {
					case <-behind:
					case <-ctx.Done(): // the error came first
					}
				}
			} else if name == strconv.Itoa(slow+workers) {
				close(behind)
			}
			return name + "!"
		}, func(name, x string) error {
			if x != name+"!" {
				t.Errorf("%s got %s", name, x)
			}
			if handed.Add(1); len(got) == stop {
				return errBroken
			}
			got = append(got, name)
			return nil
		})
		want := names
		if stop >= 0 && stop < len(names) {
			want = names[:stop]
			if !errors.Is(err, errBroken) {
				t.Errorf("%v", err)
			}
		} else if err != nil {
			t.Errorf("%v", err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if most.Load() > int64((readAhead+1)*workers) {
			t.Errorf("%d were held by %d workers", most.Load(), workers)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := inOrder(ctx, make([]string, 100), 2, func(context.Context, string) int { return 0 }, func(string, int) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 3 {
		t.Errorf("%v after %d", err, n)
	}
}

var errBroken = errors.New("broken")
