package main

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"

	"recfin/finalize"
)

// identity says who runs, for leases. Where the system does not tell one process
// from another with the same number (no /proc), a lease ends by its age alone.
func identity() finalize.Identity {
	id := finalize.Identity{PID: os.Getpid()}
	id.Host, _ = os.Hostname()
	switch id.Host {
	case "", "localhost": // said by many machines: it names none
		id.Host = "unknown"
		return id
	}
	started, ok := startOf(id.PID)
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, _ := os.Readlink("/proc/self/ns/pid")
	if ok && err == nil {
		id.Boot, id.PIDs, id.Started, id.Alive = strings.TrimSpace(string(boot)), space, started, alive
	}
	return id
}

// alive reports whether a process still runs: there is one with the number, it was
// started then, and it has not ended. In doubt it runs.
func alive(pid int, started int64) bool {
	if pid <= 0 {
		return false
	}
	if now, ok := startOf(pid); ok {
		return now == started
	}
	p, err := os.FindProcess(pid) // it may be hidden from us
	if err != nil {
		return !errors.Is(err, os.ErrProcessDone)
	}
	defer func() { _ = p.Release() }()
	return !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// startOf is when a process was started, in ticks since the machine was, from
// /proc/PID/stat (proc(5): field 22, and field 3 for what has ended and was not
// waited for). ok is false where that is not told.
func startOf(pid int) (ticks int64, ok bool) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	// The name of the program, in parentheses, may hold anything.
	rest := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	if len(rest) < 20 {
		return 0, false
	}
	if state := string(rest[0]); state == "Z" || state == "X" {
		return -1, true // nobody was started then
	}
	ticks, err = strconv.ParseInt(string(rest[19]), 10, 64)
	return ticks, err == nil
}
