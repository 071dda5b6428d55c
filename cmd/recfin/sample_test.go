package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
)

// A sample of a process at work.
type sample struct {
	Lines      int    // of output so far
	Heap       uint64 // bytes that live
	Sys        uint64 // bytes that were asked of the system, at most so far
	Goroutines int
}

// What makes a child take samples, and profiles.
const (
	profileFile = "RECFIN_TEST_PROFILE_FILE" // where profiles of CPU time and of allocations go, the latter with ".allocs" behind the name
	sampleFile  = "RECFIN_TEST_SAMPLE_FILE"
	sampleEvery = "RECFIN_TEST_SAMPLE_EVERY" // lines of output
)

// sampler takes samples of its own process while lines pass through it.
type sampler struct {
	io.Writer
	every   int
	samples []sample
	lines   int
}

// sampling gives out itself where nobody has asked for samples. end stores them.
func sampling(out io.Writer) (to io.Writer, end func()) {
	file := os.Getenv(sampleFile)
	if file == "" {
		return out, func() {}
	}
	every, err := strconv.Atoi(os.Getenv(sampleEvery))
	must(err)
	s := &sampler{Writer: out, every: every}
	profiled := profiling(os.Getenv(profileFile))
	return s, func() {
		profiled()
		raw, err := json.Marshal(s.samples)
		must(err)
		must(os.WriteFile(file, raw, 0o600))
	}
}

// profiling profiles this process until its result is called.
func profiling(file string) (end func()) {
	if file == "" {
		return func() {}
	}
	cpu, err := os.Create(file)
	must(err)
	must(pprof.StartCPUProfile(cpu))
	return func() {
		pprof.StopCPUProfile()
		must(cpu.Close())
		allocs, err := os.Create(file + ".allocs")
		must(err)
		must(pprof.Lookup("allocs").WriteTo(allocs, 0))
		must(allocs.Close())
	}
}

// must ends a child that cannot tell what it was asked for.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (s *sampler) Write(p []byte) (int, error) {
	before := s.lines
	if s.lines += bytes.Count(p, []byte("\n")); s.lines/s.every != before/s.every {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.samples = append(s.samples, sample{Lines: s.lines, Heap: m.HeapAlloc, Sys: m.Sys, Goroutines: runtime.NumGoroutine()})
	}
	return s.Writer.Write(p)
}
