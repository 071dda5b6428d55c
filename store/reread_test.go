package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"recfin/store"
)

func TestReread(t *testing.T) {
	broke := fmt.Errorf("in the middle: %w", store.ErrUnavailable)
	for _, c := range []struct {
		name   string
		opened bool
		errs   []error // of one read after the other; the last one again and again
		reads  int
		want   error
	}{
		{"at once", true, []error{nil}, 1, nil},
		{"broke once", true, []error{broke, nil}, 2, nil},
		{"always breaks", true, []error{broke}, 4, store.ErrUnavailable},
		{"never opened", false, []error{broke}, 1, store.ErrUnavailable},
		{"another version", true, []error{store.ErrChanged, nil}, 1, store.ErrChanged},
		{"broke, then another version", true, []error{broke, store.ErrChanged, nil}, 2, store.ErrChanged},
	} {
		reads := 0
		err := store.Reread(t.Context(), func() (bool, error) {
			reads++
			return c.opened, c.errs[min(reads, len(c.errs))-1]
		})
		if reads != c.reads || !errors.Is(err, c.want) {
			t.Errorf("%s: %d reads, %v", c.name, reads, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	reads := 0
	_ = store.Reread(ctx, func() (bool, error) {
		reads++
		cancel()
		return true, broke
	})
	if reads != 1 {
		t.Errorf("%d reads of a caller who is gone", reads)
	}
}
