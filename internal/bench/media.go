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
	recording      = "foo"
)

// quality is what a stream is encoded in, at 30 pictures a second. A part of it is
// encoded; the rest repeats that, with timestamps that go on.
type quality struct {
	size, bits, sound string
	seconds           int // that are encoded
}

var (
	broadcast = quality{"1920x1080", "3850k", "128k", 60}
	thin      = quality{"160x90", "40k", "32k", 60}
	sketch    = quality{"160x90", "400k", "32k", 6}
)

// stream is a recording as broadcasters leave it, with what its rivals need
// beside it.
type stream struct {
	dir      string   // the store
	segments []string // files, in order
	bytes    int64    // of all segments
	playlist string   // an m3u8 of them
	list     string   // of them, for ffmpeg -f concat
	names    string   // of them, a line each
}

// makeStream encodes a minute and cuts it, over and over, into as many seconds.
func makeStream(ctx context.Context, dir string, seconds int, q quality) (*stream, error) {
	segments := filepath.Join(dir, recording, "A", "1080p")
	if err := os.MkdirAll(segments, 0o777); err != nil {
		return nil, err
	}
	minute := filepath.Join(dir, "minute.mkv")
	defer os.Remove(minute)
	encoded := min(q.seconds, seconds)
	if err := ffmpeg(ctx,
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=%s:r=30:d=%d,noise=alls=20:allf=t", q.size, encoded),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=f=440:r=48000:d=%d", encoded),
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0",
		"-b:v", q.bits, "-maxrate", q.bits, "-bufsize", q.bits, "-c:a", "aac", "-b:a", q.sound, minute); err != nil {
		return nil, err
	}
	if err := ffmpeg(ctx, "-stream_loop", "-1", "-i", minute, "-c", "copy", "-t", fmt.Sprint(seconds),
		"-f", "segment", "-segment_time", fmt.Sprint(segmentSeconds), "-segment_format", "mpegts", filepath.Join(segments, "%d.ts")); err != nil {
		return nil, err
	}
	s := &stream{dir: dir}
	old := time.Now().Add(-24*time.Hour - time.Duration(seconds)*time.Second)
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
	if len(s.segments) < seconds/segmentSeconds*99/100 { // the loop does not meet the cut
		return nil, fmt.Errorf("ffmpeg made %d segments of %d s", len(s.segments), seconds)
	}
	s.playlist, s.list, s.names = dir+".m3u8", dir+".txt", dir+".names"
	return s, s.writeLists()
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
	part.playlist, part.list, part.names = dir+".m3u8", dir+".txt", dir+".names"
	return part, part.writeLists()
}

// writeLists writes what ffmpeg reads.
func (s *stream) writeLists() error {
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
	if s.names != "" {
		if err := os.WriteFile(s.names, []byte(strings.Join(s.segments, "\n")+"\n"), 0o666); err != nil {
			return err
		}
	}
	return os.WriteFile(s.list, []byte(list.String()), 0o666)
}

// remove removes the files.
func (s *stream) remove() {
	for _, path := range []string{s.dir, s.playlist, s.list, s.names} {
		_ = os.RemoveAll(path)
	}
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
