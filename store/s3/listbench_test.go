//go:build unix

package s3

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"recfin/internal/testenv"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a listing costs its client is told from what it costs the double by keeping the
// double in another process, which is this test binary once more, and asking the system
// for the CPU time of this one.

// serveList, in the environment, is the number of objects that a double is to serve.
const serveList = "RECFIN_TEST_SERVE_LIST"

// TestServeList is no test: it is the double of the benchmarks.
func TestServeList(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv(serveList))
	if err != nil {
		t.Skip("it serves the benchmarks of listing")
	}
	d := newDouble(t)
	d.Fill(recordingKeys(n), "x", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	fmt.Printf("endpoint %s\n", d.Endpoint)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// recordingKeys are those of one recording: eight nonces with five renditions each.
func recordingKeys(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			folder := i * 40 / n
			if !yield(fmt.Sprintf("pre/foo/nonce-%c/rendition-%d/%09d.ts", 'a'+folder/5, folder%5, i)) {
				return
			}
		}
	}
}

// serve starts a double of n objects in another process.
func serve(b *testing.B, n int) (endpoint string) {
	b.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestServeList$", "-test.timeout=0")
	c.Env = append(os.Environ(), serveList+"="+strconv.Itoa(n))
	stdin, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = c.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if url, found := strings.CutPrefix(lines.Text(), "endpoint "); found {
			return url
		}
	}
	b.Fatal("the double has not started")
	return ""
}

func benchmarkList(b *testing.B, n int) {
	s := connectTo(b, serve(b, n), defaults())
	b.ReportAllocs()
	b.ResetTimer()
	begin := testenv.CPU()
	for b.Loop() {
		got := 0
		for o, err := range s.List(b.Context(), "foo/") {
			if err != nil || o.Size != 1 {
				b.Fatal(o, err)
			}
			got++
		}
		if got != n {
			b.Fatalf("%d objects, want %d", got, n)
		}
	}
	b.ReportMetric((testenv.CPU()-begin).Seconds()/float64(b.N)/float64(n)*1e6, "cpu-s/1M")
}

func BenchmarkList10k(b *testing.B)  { benchmarkList(b, 10_000) }
func BenchmarkList100k(b *testing.B) { benchmarkList(b, 100_000) }
func BenchmarkList1M(b *testing.B)   { benchmarkList(b, 1_000_000) }
