package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// countedTest is a test that holds counts against their target.
type countedTest struct {
	point     int
	pkg, test string
	env       string // makes it as large as the target says; empty: it is
	what      string // what it holds, where it says nothing (testenv.Figure) itself
}

// counted are those tests. One that fails ends the run.
var counted = []countedTest{
	{1, "./finalize", "TestEachByteOnce", "", "where only an MP4 is made, each segment is read by one GET"},
	{4, "./finalize", "TestMemoryOfAPlan", "", "the memory of a plan, a segment"},
	{5, "./finalize", "TestRequestsWithSidecars", "", "with sidecar playlists: at most 0.02 requests a segment and 4 a run to learn how long segments are"},
	{5, "./finalize", "TestRequestsOfReferences", "", "the requests of playlists that refer to segments"},
	{8, "./finalize", "TestSecondNight", "RECFIN_TEST_NIGHT=100000", "the requests of a second night"},
	{8, "./finalize", "TestOneDay", "", "run --from D --to D reconciles one day and touches no other"},
	{8, "./finalize", "TestShardsListNoPageTwice", "", "eight shards list no page of segments twice, and look at nothing twice"},
}

// count is what such a test has said.
type count struct {
	Point int    `json:"point"`
	Text  string `json:"text"` // "what: figures"
}

// countTests runs them.
func (l *lab) countTests(ctx context.Context) ([]count, error) {
	var all []count
	for _, c := range counted {
		dir, err := os.MkdirTemp(l.dir, "figures-")
		if err != nil {
			return nil, err
		}
		var said bytes.Buffer
		env := []string{"RECFIN_TEST_FIGURES=" + dir}
		if c.env != "" {
			env = append(env, c.env)
		}
		fmt.Fprintf(os.Stderr, "  %s\n", c.test)
		if err := l.goTest(ctx, &said, env, "test", "-count=1", "-timeout", "30m", "-run", "^"+c.test+"$", c.pkg); err != nil {
			return nil, err
		}
		lines, err := figureLines(dir)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			lines = []string{c.what}
		}
		for _, line := range lines {
			all = append(all, count{c.point, line})
		}
	}
	return all, nil
}

// figureLines are what tests have left in a folder, a line each, by name.
func figureLines(dir string) ([]string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return nil, err
		}
		lines = append(lines, strings.Join(strings.Fields(string(text)), " "))
	}
	return lines, nil
}
