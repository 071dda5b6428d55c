package check

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// seriesAt is the time of all samples, and of the queries.
var seriesAt = time.Date(2025, 6, 2, 8, 0, 0, 0, time.UTC)

// aSeries are series of one sample each, in no database.
type aSeries []storage.Series

// newSeries are those of the quiet night with changes. Times are given from seriesAt.
func newSeries(t *testing.T, change map[string]float64) aSeries {
	t.Helper()
	values := map[string]float64{}
	for _, from := range []map[string]float64{quietNight, change} {
		for k, v := range from {
			values[k] = v
		}
	}
	var all aSeries
	for k, v := range values {
		if v == gone {
			continue
		}
		if strings.Contains(k, "_timestamp_") {
			v += float64(seriesAt.Unix())
		}
		lset, err := parser.ParseMetric(k)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, storage.NewListSeries(lset, []chunks.Sample{sample{seriesAt.UnixMilli(), v}}))
	}
	return all
}

// fires reports whether an expression gives anything.
func (s aSeries) fires(t *testing.T, expr string) bool {
	t.Helper()
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 10000, Timeout: time.Minute})
	q, err := engine.NewInstantQuery(context.Background(), s, nil, expr, seriesAt)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	defer q.Close()
	result := q.Exec(context.Background())
	if result.Err != nil {
		t.Fatalf("%s: %v", expr, result.Err)
	}
	vector, err := result.Vector()
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return len(vector) > 0
}

var errLabels = errors.New("nobody asks for labels")

// sample is a number at a time in ms.
type sample struct {
	t int64
	f float64
}

func (s sample) T() int64                    { return s.t }
func (s sample) F() float64                  { return s.f }
func (sample) H() *histogram.Histogram       { return nil }
func (sample) FH() *histogram.FloatHistogram { return nil }
func (sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample         { return s }

// Querier implements storage.Queryable.
func (s aSeries) Querier(int64, int64) (storage.Querier, error) { return querier{s}, nil }

type querier struct{ all aSeries }

func (q querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, want ...*labels.Matcher) storage.SeriesSet {
	set := &seriesSet{}
	for _, s := range q.all {
		if !slices.ContainsFunc(want, func(m *labels.Matcher) bool { return !m.Matches(s.Labels().Get(m.Name)) }) {
			set.left = append(set.left, s)
		}
	}
	slices.SortFunc(set.left, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return set
}

func (querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errLabels
}

func (querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errLabels
}

func (querier) Close() error { return nil }

// seriesSet gives series one after the other.
type seriesSet struct {
	left []storage.Series
	at   storage.Series
}

func (s *seriesSet) Next() bool {
	if len(s.left) == 0 {
		return false
	}
	s.at, s.left = s.left[0], s.left[1:]
	return true
}

func (s *seriesSet) At() storage.Series                { return s.at }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }
