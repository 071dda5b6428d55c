package metrics

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// mostFile is how much of an earlier file is read, in bytes.
const mostFile = 1 << 20

// WriteFile writes the metrics for the textfile collector of the node exporter, which
// reads files that end in ".prom". Whoever reads the file sees the whole of this run
// or of the one before. The time of the last success is taken over from there where
// this run has none.
func (m *Metrics) WriteFile(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sums
	before, err := successIn(path, m.labels)
	if err != nil {
		return fmt.Errorf("metrics file: %w", err)
	}
	if s.succeeded.IsZero() {
		s.succeeded = before
	}
	from, err := gatherer(&s, m.labels)
	if err == nil {
		err = prometheus.WriteToTextfile(path, from)
	}
	if err != nil {
		return fmt.Errorf("metrics file: %w", err)
	}
	return nil
}

// successIn finds the time of the last success in a file that WriteFile wrote for the
// same labels. A file that is not there, or is not ours, has none. What is no file (a
// device, a pipe, a folder) is an error: renaming would put a file in its place.
func successIn(path string, labels prometheus.Labels) (time.Time, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case !info.Mode().IsRegular():
		return time.Time{}, fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return time.Time{}, err
	}
	defer f.Close()
	prefix := series(nameSuccess, labels) + " "
	lines := bufio.NewScanner(io.LimitReader(f, mostFile))
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), prefix); ok {
			if n, err := strconv.ParseFloat(rest, 64); err == nil && n > 0 && n < 1<<40 {
				return time.UnixMilli(int64(n*1000 + 0.5)), nil
			}
		}
	}
	return time.Time{}, nil // of a line that is too long as well: it is none of ours
}

// series is a metric with its labels as the text format has it: by name.
func series(name string, labels prometheus.Labels) string {
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	var parts []string
	for k, v := range labels {
		parts = append(parts, k+`="`+escape.Replace(v)+`"`)
	}
	slices.Sort(parts)
	return name + "{" + strings.Join(parts, ",") + "}"
}
