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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// spoken is what a command said.
type spoken struct{ out, log []byte } // standard output, standard error

// measure runs one command to its end and gives what it took, its own children
// included, and what it said.
func measure(ctx context.Context, s *step) (cost, spoken, error) {
	cmd := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	cmd.Env = append(os.Environ(), s.env...)
	endTogether(cmd)
	var said, complained bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complained
	if s.pipe != "" {
		f, err := os.Create(s.pipe)
		if err != nil {
			return cost{}, spoken{}, err
		}
		defer f.Close()
		cmd.Stdout = f
	}
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, spoken{}, fmt.Errorf("%w: %s", err, last(complained.Bytes(), 2000))
	}
	c := cost{Wall: time.Since(begin), User: cmd.ProcessState.UserTime(), System: cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.Peak = int64(u.Maxrss)
		if runtime.GOOS == "linux" { // in KiB there, and a block has 512 bytes
			c.Peak, c.Files = c.Peak<<10, int64(u.Oublock)*512
		}
	}
	return c, spoken{said.Bytes(), complained.Bytes()}, nil
}

// endTogether has a command that is cancelled end with all that it has started: go
// test, for one, waits for its tests whatever it is told.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
}

// last is the end of what a program said.
func last(said []byte, most int) string {
	return strings.TrimSpace(string(said[max(0, len(said)-most):]))
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

// ticks are in which /proc counts processor time: 100 a second on every Linux.
const ticks = time.Second / 100

// cpuOf is the processor time that a process has taken so far; 0 where there is
// no /proc.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if os.IsNotExist(err) && runtime.GOOS != "linux" {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return parseStat(string(text))
}

// parseStat reads user and system time from /proc/PID/stat: the 14th and the
// 15th field. The second is the name in brackets, which may hold anything.
func parseStat(text string) (time.Duration, error) {
	rest := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(rest) < 13 {
		return 0, fmt.Errorf("%d fields behind the name of the process", len(rest))
	}
	var sum int64
	for _, field := range rest[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("processor time: %w", err)
		}
		sum += n
	}
	return time.Duration(sum) * ticks, nil
}
