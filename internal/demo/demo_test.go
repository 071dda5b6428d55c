package demo

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/internal/testenv"
)

func read(t *testing.T, dir, key string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(key)))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWriteTellsItsStory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	story, err := Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, all := 0, map[string]bool{}
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		if seq, isSegment := strings.CutSuffix(entry.Name(), ".ts"); isSegment {
			all[seq] = true
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if since := info.ModTime().Sub(Start); since <= 0 || since > time.Hour {
			t.Errorf("%s was uploaded %v after the start", name, since)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files != story.Files || story.Chosen+story.Dropped+story.Unknown != files {
		t.Errorf("%d files, story %+v", files, story)
	}
	if len(all) != story.Chosen || all["14"] {
		t.Errorf("%d different numbers, 14 there: %v", len(all), all["14"])
	}
	if !bytes.Equal(read(t, dir, "demo/A/180p/8.ts"), read(t, dir, "demo/B/180p/8.ts")) {
		t.Error("the retry of 8 differs")
	}
	cut, whole := read(t, dir, "demo/A/180p/9.ts"), read(t, dir, "demo/B/180p/9.ts")
	if len(cut) == 0 || len(cut) >= len(whole) || !bytes.HasPrefix(whole, cut) {
		t.Errorf("A's 9 has %d bytes, B's %d", len(cut), len(whole))
	}
	if n := len(read(t, dir, "demo/A/180p/10.ts")); n != 0 {
		t.Errorf("A's 10 has %d bytes", n)
	}
}

// Uploads of each broadcaster follow one another as if live.
func TestUploadsLookLive(t *testing.T) {
	last := map[string]time.Duration{}
	for _, f := range plan() {
		writer := strings.Split(f.key, "/")[1]
		if f.uploaded <= last[writer] && f.size != 0 {
			t.Errorf("%s was uploaded before the one that it follows", f.key)
		}
		last[writer] = f.uploaded
		if end := time.Duration(f.seq+1) * duration; f.size < 0 && f.text == "" && f.uploaded < end {
			t.Errorf("%s was uploaded before its end", f.key)
		}
	}
}

func TestWriteTwice(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir); err != nil {
		t.Errorf("the second time: %v", err)
	}
	name := filepath.Join(dir, "demo", "A", "180p", "0.ts")
	if err := os.WriteFile(name, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "demo/A/180p/0.ts") {
		t.Errorf("over another file: %v", err)
	}
	if got := read(t, dir, "demo/A/180p/0.ts"); string(got) != "mine" {
		t.Errorf("the other file now holds %d bytes", len(got))
	}
}

// The media is what the story says: segments of whole packets that ffprobe
// reads as 2 s of 30 pictures with sound.
func TestMedia(t *testing.T) {
	ffprobe := testenv.Need(t, "ffprobe")
	dir := t.TempDir()
	if _, err := Write(dir); err != nil {
		t.Fatal(err)
	}
	total := 0
	for seq := range segments {
		body, err := media.ReadFile("media/" + strconv.Itoa(seq) + ".ts")
		if err != nil {
			t.Fatal(err)
		}
		total += len(body)
		if len(body)%188 != 0 {
			t.Errorf("segment %d has %d bytes", seq, len(body))
		}
	}
	if total > 600_000 {
		t.Errorf("%d bytes of media are too much for a repository", total)
	}
	for _, key := range []string{"demo/A/180p/0.ts", "demo/B/180p/19.ts"} {
		out, err := exec.Command(ffprobe, "-v", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", filepath.Join(dir, filepath.FromSlash(key))).Output()
		if err != nil {
			t.Fatal(err)
		}
		if text := string(out); !strings.Contains(text, "h264,30") || !strings.Contains(text, "aac,") {
			t.Errorf("%s: ffprobe reads %q", key, text)
		}
	}
}
