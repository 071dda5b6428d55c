package metrics

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
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
// this run has none. What is there and is no file of metrics of this program stays as
// it is: a name that was mistyped must not cost a segment.
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
	var of *fs.PathError
	if errors.As(err, &of) { // it names the temporary file
		err = of.Err
	}
	if err != nil {
		return fmt.Errorf("metrics file: write %s: %w", path, err)
	}
	return nil
}

// successIn finds the time of the last success in a file that WriteFile wrote for the
// same labels; zero: it has none, or there is no file, or it is empty. What WriteFile
// did not write is an error.
func successIn(path string, labels prometheus.Labels) (time.Time, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case !info.Mode().IsRegular(): // renaming would put a file in the place of a device
		return time.Time{}, fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return time.Time{}, err
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, mostFile))
	if info.Size() > 0 && !(lines.Scan() && ours.MatchString(lines.Text())) {
		return time.Time{}, fmt.Errorf("%s is no file of metrics of recfin, and stays as it is: give another name, or remove it", path)
	}
	prefix := series(nameSuccess, labels) + " "
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), prefix); ok {
			if n, err := strconv.ParseFloat(rest, 64); err == nil && n > 0 && n < 1<<40 {
				return time.UnixMilli(int64(n*1000 + 0.5)), nil
			}
		}
	}
	return time.Time{}, nil // of a line that is too long as well: it is none of ours
}

// ours is how the text format begins: with the help of a first metric.
var ours = regexp.MustCompile(`^# (HELP|TYPE) recfin_`)

// series is a metric with its labels as the text format has it: by name.
func series(name string, labels prometheus.Labels) string {
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, k+`="`+escape.Replace(labels[k])+`"`)
	}
	return name + "{" + strings.Join(parts, ",") + "}"
}
