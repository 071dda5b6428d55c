package broadcast

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Upload is one object of a broadcaster.
type Upload struct {
	Key string
	Seq int       // of the segment in its series
	At  time.Time // when it was uploaded
	// Keep is how many bytes arrived; 0: all of them, below 0: none.
	Keep int
	from *Series
}

// Put stores an object with its upload time. A store whose clock cannot be set
// ignores the time.
type Put func(key string, body []byte, uploaded time.Time) error

// Uploads gives the segments from first to last (both included) as a
// broadcaster uploads them live, to <prefix>/<number>.ts: each 400 ms after its
// end, in a stream whose segment FirstSeq begins at start.
func (s *Series) Uploads(prefix string, first, last int, start time.Time) []Upload {
	var all []Upload
	for seq := first; seq <= last; seq++ {
		end := time.Duration(seq-s.Options.FirstSeq+1) * s.Options.Segment
		all = append(all, Upload{
			Key:  fmt.Sprintf("%s/%d.ts", prefix, seq),
			Seq:  seq,
			At:   start.Add(end + 400*time.Millisecond),
			from: s,
		})
	}
	return all
}

// Without leaves out the uploads of some numbers.
func Without(all []Upload, seqs ...int) []Upload {
	var rest []Upload
	for _, u := range all {
		lost := false
		for _, seq := range seqs {
			lost = lost || u.Seq == seq
		}
		if !lost {
			rest = append(rest, u)
		}
	}
	return rest
}

// Lay stores uploads, in the order given.
func Lay(t testing.TB, put Put, all []Upload) {
	t.Helper()
	for _, u := range all {
		body := u.from.Body(t, u.Seq)
		switch {
		case u.Keep < 0:
			body = nil
		case u.Keep > 0:
			body = body[:min(u.Keep, len(body))]
		}
		if err := put(u.Key, body, u.At); err != nil {
			t.Fatalf("lay %s: %v", u.Key, err)
		}
	}
}

// Folder stores objects as files below a folder, with their upload time as the
// time of modification.
func Folder(dir string) Put {
	return func(key string, body []byte, uploaded time.Time) error {
		name := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			return err
		}
		return os.Chtimes(name, uploaded, uploaded)
	}
}
