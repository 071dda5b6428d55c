package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
)

// machine says on what was measured, without its name.
type machine struct {
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	Memory   int64             `json:"memory_bytes"`
	Disk     string            `json:"disk"`
	Kernel   string            `json:"kernel"`
	Versions map[string]string `json:"versions"` // by program
}

// describe looks at this machine; dir is on the disk that is measured.
func describe(ctx context.Context, dir, recfin string) machine {
	m := machine{
		CPU: runtime.GOARCH, Cores: runtime.NumCPU(), Disk: diskOf(dir),
		Versions: map[string]string{"Go": runtime.Version(), "recfin": firstLine(ctx, recfin, "version")},
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.CPU = field(string(text), `(?m)^model name\s*:\s*(.+)$`, m.CPU)
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		fmt.Sscan(field(string(text), `(?m)^MemTotal:\s*(\d+) kB$`, "0"), &m.Memory)
		m.Memory <<= 10
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = runtime.GOOS + " " + field(string(text), `^([0-9.]+)`, "")
	}
	for _, program := range []string{"ffmpeg", "rclone"} {
		if line := firstLine(ctx, program, map[string]string{"ffmpeg": "-version", "rclone": "version"}[program]); line != "" {
			m.Versions[program] = field(line, `(?:version |v)(\S+)`, line)
		}
	}
	if path, err := exec.LookPath("versitygw"); err == nil {
		if info, err := buildinfo.ReadFile(path); err == nil {
			m.Versions["versitygw"] = strings.TrimPrefix(info.Main.Version, "v")
		}
	}
	return m
}

// firstLine is the first line that a program says.
func firstLine(ctx context.Context, program string, args ...string) string {
	said, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(said), "\n")
	return strings.TrimSpace(line)
}

// field is what the first group of a pattern finds, or otherwise.
func field(text, pattern, otherwise string) string {
	if found := regexp.MustCompile(pattern).FindStringSubmatch(text); found != nil {
		return strings.TrimSpace(found[1])
	}
	return otherwise
}

// diskOf says what kind of disk and file system dir is on.
func diskOf(dir string) string {
	var st syscall.Stat_t
	if err := syscall.Stat(dir, &st); err != nil {
		return "unknown"
	}
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "unknown"
	}
	device := fmt.Sprintf("%d:%d", uint64(st.Dev)>>8&0xfff, uint64(st.Dev)&0xff|uint64(st.Dev)>>12&0xfff00)
	system := field(string(text), `(?m)^\d+ \d+ `+regexp.QuoteMeta(device)+` .* - (\S+) `, "unknown file system")
	kind := "no disk of its own"
	for _, at := range []string{"queue/rotational", "../queue/rotational"} {
		path := filepath.Join("/sys/dev/block", device)
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if flag, err := os.ReadFile(filepath.Join(path, at)); err == nil {
			kind = map[bool]string{true: "disk", false: "solid state disk"}[strings.TrimSpace(string(flag)) == "1"]
			if strings.Contains(path, "/virtio") {
				kind = "virtual disk"
			}
			break
		}
	}
	return kind + ", " + system
}
