package file

import (
	"testing"

	"recfin/store"
	"recfin/store/storetest"
)

// TestContract runs the suite over each way of making files.
func TestContract(t *testing.T) {
	for name, prepare := range map[string]func(*Store){
		"nameless": func(*Store) {},
		"link":     func(s *Store) { s.noTmpfile.Store(true) },
		"rename":   func(s *Store) { s.noTmpfile.Store(true); s.noLink.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.RunWith(t, storetest.Features{NoMetadata: true, Small: name != "nameless"}, func(t *testing.T) store.Store {
				s, err := New(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				prepare(s)
				return s
			})
		})
	}
}
