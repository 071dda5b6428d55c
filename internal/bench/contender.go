package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Names of the contenders that targets are about.
const (
	nameRecfin   = "recfin finalize --format mp4"
	nameSingle   = "recfin finalize --format hls --hls single"
	nameCat      = "cat SEGMENTS > FILE"
	namePlaylist = "ffmpeg -i index.m3u8 -c copy -movflags +faststart"
	nameConcat   = "ffmpeg -f concat -c copy -movflags +faststart"
	nameRclone   = "rclone cat FOLDER > FILE (in the order of names)"
)

// contender is a command that makes one file of the segments.
type contender struct {
	name string
	args func(out string) []string // out: a new folder
	pipe string                    // the file below out that takes the standard output; empty: none
}

// contenders are the commands, recfin first.
func (s *stream) contenders(recfin string) []contender {
	to := func(args ...string) func(string) []string {
		return func(out string) []string { return append(args, filepath.Join(out, "out.mp4")) }
	}
	as := func(args ...string) func(string) []string { return func(string) []string { return args } }
	all := []contender{
		{name: nameRecfin, args: func(out string) []string {
			return []string{recfin, "finalize", "--store", s.dir, "--out", out, "--force", "--format", "mp4", recording}
		}},
		{name: nameSingle, args: func(out string) []string {
			return []string{recfin, "finalize", "--store", s.dir, "--out", out, "--force", "--format", "hls", "--hls", "single", recording}
		}},
		{name: nameCat, args: as(append([]string{"cat"}, s.segments...)...), pipe: "out.ts"},
		{name: namePlaylist, args: to("ffmpeg", "-v", "error", "-nostdin", "-i", s.playlist, "-c", "copy", "-movflags", "+faststart")},
		{name: nameConcat, args: to("ffmpeg", "-v", "error", "-nostdin", "-f", "concat", "-safe", "0", "-i", s.list, "-c", "copy", "-movflags", "+faststart")},
	}
	if _, err := exec.LookPath("rclone"); err == nil {
		all = append(all, contender{name: nameRclone, args: as("rclone", "cat", filepath.Dir(s.segments[0])), pipe: "out.ts"})
	}
	return all
}

// cost is what one run took.
type cost struct {
	wall         time.Duration // until the output is on the disk
	user, system time.Duration
	peak         int64 // bytes of memory
}

// result are the runs of a contender.
type result struct {
	name string
	runs []cost
	err  error // the first; there are no runs after it
}

// compete runs the contenders by turns, so that what else the machine does
// falls on all of them.
func compete(ctx context.Context, dir string, all []contender, rounds int) []result {
	results := make([]result, len(all))
	for i := range all {
		results[i].name = all[i].name
	}
	for range rounds {
		for i := range all {
			r := &results[i]
			if r.err != nil || ctx.Err() != nil {
				continue
			}
			c, err := run(ctx, dir, &all[i])
			if err != nil {
				r.err = err
				continue
			}
			r.runs = append(r.runs, c)
			fmt.Fprintf(os.Stderr, "  %6.2f s  %s\n", c.wall.Seconds(), r.name)
		}
	}
	for i := range results {
		if len(results[i].runs) == 0 && results[i].err == nil {
			results[i].err = context.Canceled
		}
	}
	return results
}

// run is one run into a folder of its own, which goes again.
func run(ctx context.Context, dir string, c *contender) (cost, error) {
	out, err := os.MkdirTemp(dir, "out-")
	if err != nil {
		return cost{}, err
	}
	defer os.RemoveAll(out)
	args := c.args(out)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if c.pipe != "" {
		f, err := os.Create(filepath.Join(out, c.pipe))
		if err != nil {
			return cost{}, err
		}
		defer f.Close()
		cmd.Stdout = f
	}
	settle()
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	if err := syncAll(out); err != nil {
		return cost{}, err
	}
	x := cost{wall: time.Since(begin), user: cmd.ProcessState.UserTime(), system: cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		x.peak = int64(u.Maxrss)
		if runtime.GOOS == "linux" {
			x.peak <<= 10 // it is in KiB there
		}
	}
	return x, nil
}

// settle lets the disk finish with the run before.
func settle() {
	syscall.Sync()
	time.Sleep(300 * time.Millisecond)
}

// syncAll brings the files of a folder to the disk.
func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Sync()
	})
}
