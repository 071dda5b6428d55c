package s3

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestListRepeats: a page that comes twice is asked for again, and a listing that
// goes in a circle is an error; never doubled or missing objects.
func TestListRepeats(t *testing.T) {
	for _, c := range []struct {
		name  string
		times int
		want  error
	}{{"once", 1, nil}, {"for ever", 0, store.ErrUnavailable}} {
		t.Run(c.name, func(t *testing.T) {
			d := newDouble(t)
			tune := quick()
			tune.pageSize = 2
			s := connect(t, d, tune)
			want := []string{}
			for i := range 7 {
				key := fmt.Sprintf("%d/a", i)
				d.Set("pre/"+key, "x")
				want = append(want, key)
			}
			d.Fault(s3double.Fault{Op: "ListObjectsV2", After: 2, Times: c.times, Do: s3double.Restart()})
			for name, list := range map[string]func() ([]string, error){
				"list":    func() ([]string, error) { return keysOf(s) },
				"folders": func() ([]string, error) { return foldersOf(s) },
			} {
				got, err := list()
				if !errors.Is(err, c.want) || c.want == nil && (err != nil || len(got) != len(want)) || !slices.IsSorted(got) {
					t.Errorf("%s: %q, %v, want %v", name, got, err, c.want)
				}
			}
		})
	}
}

func keysOf(s *Store) (keys []string, err error) {
	for o, e := range s.List(context.Background(), "") {
		if e != nil {
			return keys, e
		}
		keys = append(keys, o.Key)
	}
	return keys, nil
}

func foldersOf(s *Store) (names []string, err error) {
	for name, e := range s.Folders(context.Background(), "") {
		if e != nil {
			return names, e
		}
		names = append(names, name)
	}
	return names, nil
}

// TestListEndless: listings that never end are ended.
func TestListEndless(t *testing.T) {
	const page = "<ListBucketResult><KeyCount>%d</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>%s</ListBucketResult>"
	for _, c := range []struct {
		name     string
		contents string
		tokens   int
	}{
		{"empty pages", "", 1 << 30},
		{"a circle of objects that are no folders", "<Contents><Key>pre/a</Key><Size>1</Size></Contents>", 2},
	} {
		d := newDouble(t)
		s := connect(t, d, quick())
		n := 0
		d.Hook(func(x *s3double.Exchange) bool {
			n++
			count := 0
			if c.contents != "" {
				count = 1
			}
			fmt.Fprintf(x.W, page, count, "t"+strconv.Itoa(n%c.tokens), c.contents)
			return true
		})
		if got, err := foldersOf(s); !errors.Is(err, store.ErrUnavailable) || len(got) != 0 {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if n > maxEmpty+20 {
			t.Errorf("%s: %d pages", c.name, n)
		}
	}
}
