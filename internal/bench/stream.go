package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	segmentSeconds = 2
	encodedSeconds = 60 // the rest repeats them, with timestamps that go on
	recording      = "foo"
)

// stream is a recording as broadcasters leave it, with what its rivals need
// beside it.
type stream struct {
	dir      string   // the store
	segments []string // files, in order
	bytes    int64    // of all segments
	playlist string   // an m3u8 of them
	list     string   // of them, for ffmpeg -f concat
}

// makeStream encodes a minute and cuts it, over and over, into hours.
func makeStream(ctx context.Context, dir string, hours int) (*stream, error) {
	segments := filepath.Join(dir, recording, "A", "1080p")
	if err := os.MkdirAll(segments, 0o777); err != nil {
		return nil, err
	}
	minute := filepath.Join(dir, "minute.mkv")
	defer os.Remove(minute)
	if err := ffmpeg(ctx,
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=1920x1080:r=30:d=%d,noise=alls=20:allf=t", encodedSeconds),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=f=440:r=48000:d=%d", encodedSeconds),
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0",
		"-b:v", "3850k", "-maxrate", "3850k", "-bufsize", "3850k", "-c:a", "aac", "-b:a", "128k", minute); err != nil {
		return nil, err
	}
	if err := ffmpeg(ctx, "-stream_loop", "-1", "-i", minute, "-c", "copy", "-t", fmt.Sprint(hours*3600),
		"-f", "segment", "-segment_time", fmt.Sprint(segmentSeconds), "-segment_format", "mpegts", filepath.Join(segments, "%d.ts")); err != nil {
		return nil, err
	}
	s := &stream{dir: dir}
	old := time.Now().Add(-24 * time.Hour)
	for {
		file := filepath.Join(segments, fmt.Sprintf("%d.ts", len(s.segments)))
		fi, err := os.Stat(file)
		if os.IsNotExist(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		// Uploaded long ago, one after the other.
		at := old.Add(time.Duration(len(s.segments)) * segmentSeconds * time.Second)
		if err := os.Chtimes(file, at, at); err != nil {
			return nil, err
		}
		s.segments, s.bytes = append(s.segments, file), s.bytes+fi.Size()
	}
	if len(s.segments) < hours*3600/segmentSeconds {
		return nil, fmt.Errorf("ffmpeg made %d segments of %d h", len(s.segments), hours)
	}
	return s, s.writeLists(dir)
}

// first gives the first segments as a stream of its own. The files are shared.
func (s *stream) first(dir string, count int) (*stream, error) {
	part := &stream{dir: dir}
	segments := filepath.Join(dir, recording, "A", "1080p")
	if err := os.MkdirAll(segments, 0o777); err != nil {
		return nil, err
	}
	for _, file := range s.segments[:min(count, len(s.segments))] {
		link := filepath.Join(segments, filepath.Base(file))
		if err := os.Link(file, link); err != nil {
			return nil, err
		}
		fi, err := os.Stat(link)
		if err != nil {
			return nil, err
		}
		part.segments, part.bytes = append(part.segments, link), part.bytes+fi.Size()
	}
	return part, part.writeLists(dir)
}

// writeLists writes what ffmpeg reads, beside the store.
func (s *stream) writeLists(dir string) error {
	s.playlist, s.list = dir+".m3u8", dir+".txt"
	var m3u8, list strings.Builder
	fmt.Fprintf(&m3u8, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n", segmentSeconds+1)
	for _, file := range s.segments {
		fmt.Fprintf(&m3u8, "#EXTINF:%d.0,\n%s\n", segmentSeconds, file)
		fmt.Fprintf(&list, "file '%s'\n", strings.ReplaceAll(file, "'", `'\''`))
	}
	m3u8.WriteString("#EXT-X-ENDLIST\n")
	if err := os.WriteFile(s.playlist, []byte(m3u8.String()), 0o666); err != nil {
		return err
	}
	return os.WriteFile(s.list, []byte(list.String()), 0o666)
}

func ffmpeg(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
