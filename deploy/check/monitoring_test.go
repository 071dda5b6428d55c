package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// alertRules are those of deploy/monitoring, as Prometheus reads them: strictly, with
// expressions and templates parsed.
func alertRules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(filepath.Join(Root, "deploy", "monitoring", "recfin-alerts.yaml"), false, model.LegacyValidation)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var all []rulefmt.Rule
	for _, g := range groups.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

func TestMonitoringRules(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range alertRules(t) {
		if r.Alert == "" || seen[r.Alert] {
			t.Errorf("the alert %q has no name, or that of another", r.Alert)
		}
		seen[r.Alert] = true
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s: the severity is %q", r.Alert, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s does not say what it means", r.Alert)
		}
	}
	if len(seen) < 10 {
		t.Errorf("there are %d alerts", len(seen))
	}
}

func TestMonitoringDashboard(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(Root, "deploy", "monitoring", "recfin-dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			n++
			if _, err := parser.ParseExpr(strings.NewReplacer("$job", ".*", "$command", "run|recover").Replace(target.Expr)); err != nil {
				t.Errorf("%s: %v", p.Title, err)
			}
		}
	}
	if n < 20 {
		t.Errorf("there are %d expressions", n)
	}
}

// quietNight is what a run leaves that had nothing to complain of, an hour ago.
var quietNight = map[string]float64{
	`recfin_last_run_timestamp_seconds{command="run"}`:                        -3600,
	`recfin_last_success_timestamp_seconds{command="run"}`:                    -3600,
	`recfin_last_run_exit_code{command="run"}`:                                0,
	`recfin_last_run_duration_seconds{command="run"}`:                         600,
	`recfin_last_run_limit_seconds{command="run"}`:                            3600,
	`recfin_last_run_recordings{command="run",result="written"}`:              40,
	`recfin_last_run_recordings{command="run",result="failed"}`:               0,
	`recfin_last_run_recordings{command="run",result="refused"}`:              0,
	`recfin_last_run_recordings{command="run",result="damaged"}`:              0,
	`recfin_last_run_incomplete_recordings{command="run"}`:                    0,
	`recfin_last_run_committed_media_seconds{command="run"}`:                  36000,
	`recfin_last_run_holes_duration_seconds{command="run",scope="all"}`:       12,
	`recfin_last_run_holes_duration_seconds{command="run",scope="rendition"}`: 3600,
	`recfin_last_run_uncertain_decisions{command="run"}`:                      0,
	`recfin_last_run_delete_failures{command="run"}`:                          0,
	`recfin_oldest_unfinalized_age_seconds{command="run"}`:                    0,
	`recfin_oldest_waiting_age_seconds{command="run"}`:                        900,
	`recfin_last_run_end_to_marker_median_seconds{command="run"}`:             4 * 3600,
}

// gone takes a series away.
const gone = -1e18

// Each alert fires where it should, and only there; none does after a quiet night.
func TestMonitoringAlertsFire(t *testing.T) {
	t.Parallel()
	const day = 86400.0
	rules, fired := alertRules(t), map[string]bool{}
	for _, test := range []struct {
		name   string
		change map[string]float64
		want   []string
	}{
		{"a quiet night", nil, nil},
		{"nothing to do, without a limit", map[string]float64{
			`recfin_last_run_committed_media_seconds{command="run"}`: 0, `recfin_last_run_holes_duration_seconds{command="run",scope="all"}`: 0, `recfin_last_run_limit_seconds{command="run"}`: 0,
		}, nil},
		{"the timer is off", map[string]float64{`recfin_last_run_timestamp_seconds{command="run"}`: -2 * day, `recfin_last_success_timestamp_seconds{command="run"}`: -2 * day}, []string{"RecfinNotRunning", "RecfinNoSuccess"}},
		{"finalize was used long ago", map[string]float64{`recfin_last_run_timestamp_seconds{command="finalize"}`: -90 * day, `recfin_last_success_timestamp_seconds{command="finalize"}`: -90 * day}, nil},
		{"no metrics", map[string]float64{`recfin_last_run_timestamp_seconds{command="run"}`: gone}, []string{"RecfinAbsent"}},
		{"it fails every night", map[string]float64{`recfin_last_success_timestamp_seconds{command="run"}`: -3 * day, `recfin_last_run_exit_code{command="run"}`: 3, `recfin_last_run_recordings{command="run",result="failed"}`: 2}, []string{"RecfinNoSuccess", "RecfinFailures"}},
		{"it never succeeded", map[string]float64{`recfin_last_success_timestamp_seconds{command="run"}`: gone}, []string{"RecfinNeverSucceeded"}},
		{"one shard never succeeded", map[string]float64{`recfin_last_run_timestamp_seconds{command="run",shard="3"}`: -60}, []string{"RecfinNeverSucceeded"}},
		{"wrong settings", map[string]float64{`recfin_last_run_exit_code{command="run"}`: 64}, []string{"RecfinWrongSettings"}},
		{"no store", map[string]float64{`recfin_last_run_exit_code{command="recover"}`: 6}, []string{"RecfinStoreUnavailable"}},
		{"damaged", map[string]float64{`recfin_last_run_recordings{command="run",result="damaged"}`: 1}, []string{"RecfinHumanMustLook"}},
		{"refused", map[string]float64{`recfin_last_run_recordings{command="finalize",result="refused"}`: 1}, []string{"RecfinHumanMustLook"}},
		{"not written for two days", map[string]float64{`recfin_oldest_unfinalized_age_seconds{command="run"}`: 2 * day}, []string{"RecfinUnfinalizedTooOld"}},
		{"a lease that stays", map[string]float64{`recfin_oldest_waiting_age_seconds{command="run"}`: 2 * day}, []string{"RecfinWaitingTooLong"}},
		{"incomplete", map[string]float64{`recfin_last_run_incomplete_recordings{command="run"}`: 1}, []string{"RecfinIncomplete"}},
		{"holes", map[string]float64{`recfin_last_run_holes_duration_seconds{command="run",scope="all"}`: 361}, []string{"RecfinHoles"}},
		{"holes of one rendition", map[string]float64{`recfin_last_run_holes_duration_seconds{command="run",scope="rendition"}`: 36000}, nil},
		{"uncertain", map[string]float64{`recfin_last_run_uncertain_decisions{command="run"}`: 3}, []string{"RecfinUncertain"}},
		{"deleting fails", map[string]float64{`recfin_last_run_delete_failures{command="run"}`: 1}, []string{"RecfinDeleteFailures"}},
		{"out of time", map[string]float64{`recfin_last_run_recordings{command="run",result="left"}`: 7, `recfin_last_run_recordings{command="recover",result="left"}`: 7}, []string{"RecfinOutOfTime"}},
		{"recover leaves the rest to run", map[string]float64{`recfin_last_run_recordings{command="recover",result="left"}`: 7}, nil},
		{"near the limit", map[string]float64{`recfin_last_run_duration_seconds{command="run"}`: 2900}, []string{"RecfinNearLimit"}},
		{"late", map[string]float64{`recfin_last_run_end_to_marker_median_seconds{command="run"}`: 3 * day}, []string{"RecfinLateMarkers"}},
	} {
		series := newSeries(t, test.change)
		var got []string
		for _, r := range rules {
			if series.fires(t, r.Expr) {
				got = append(got, r.Alert)
				fired[r.Alert] = true
			}
		}
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q fire, want %q", test.name, got, test.want)
		}
	}
	for _, r := range rules {
		if !fired[r.Alert] {
			t.Errorf("%s was never seen to fire", r.Alert)
		}
	}
}
