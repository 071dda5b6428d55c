package metrics

import "github.com/prometheus/client_golang/prometheus"

// collector gives the sums to client_golang.
type collector struct {
	sums   *sums
	labels prometheus.Labels // of every series
}

func (f *Family) desc(labels prometheus.Labels) *prometheus.Desc {
	var names []string
	if f.Label != "" {
		names = []string{f.Label}
	}
	return prometheus.NewDesc(f.Name, f.Help, names, labels)
}

// Describe implements prometheus.Collector.
func (c collector) Describe(to chan<- *prometheus.Desc) {
	for i := range families {
		to <- families[i].desc(c.labels)
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	for i := range families {
		f := &families[i]
		desc, values := f.desc(c.labels), f.Values
		if f.Label == "" {
			values = []string{""}
		}
		for _, v := range values {
			n, ok := f.of(c.sums, v)
			if !ok {
				continue
			}
			var label []string
			if f.Label != "" {
				label = []string{v}
			}
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, n, label...)
		}
	}
}

// gatherer is a registry of these sums with the labels on every series.
func gatherer(s *sums, labels prometheus.Labels) (prometheus.Gatherer, error) {
	r := prometheus.NewPedanticRegistry()
	if err := r.Register(collector{s, labels}); err != nil {
		return nil, err
	}
	return r, nil
}
