package metrics

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// session is a planned session that ended so long before the night.
func session(id string, action finalize.Action, ago time.Duration) finalize.PlannedSession {
	return finalize.PlannedSession{Action: action, Record: &finalize.Record{Session: id, End: night.Add(-ago)}}
}

// commit is the commit of a planned session, an hour after its end.
func commit(ps finalize.PlannedSession) finalize.Committed {
	return finalize.Committed{Record: ps.Record, At: ps.Record.End.Add(time.Hour)}
}

func TestReports(t *testing.T) {
	t.Parallel()
	old, young := session("old", finalize.Write, 50*time.Hour), session("young", finalize.Write, 3*time.Hour)
	live := session("live", finalize.Wait, time.Minute)
	grown := old
	grown.Replaces = &finalize.MarkerSession{ID: "old"}
	planned := func(status finalize.Status, sessions ...finalize.PlannedSession) *finalize.Plan {
		return &finalize.Plan{Status: status, Sessions: sessions}
	}
	leased := fmt.Errorf("x: %w", &finalize.LeasedError{Recording: "x"})
	for _, test := range []struct {
		name   string
		report finalize.Report
		want   map[string]float64
	}{
		{"nothing to do", finalize.Report{Plan: planned(finalize.Done, session("s", finalize.Keep, time.Hour))}, map[string]float64{"recfin_last_run_recordings done": 1}},
		{"written", finalize.Report{Plan: planned(finalize.Ready, old, young), Committed: []finalize.Committed{commit(old), commit(young)}}, map[string]float64{
			"recfin_last_run_recordings written": 1, "recfin_last_run_committed_sessions": 2,
			"recfin_last_run_end_to_marker_max_seconds": 3600, "recfin_last_run_end_to_marker_median_seconds": 3600,
		}},
		{"written and more to come", finalize.Report{Plan: planned(finalize.Ready, old, live), Committed: []finalize.Committed{commit(old)}}, map[string]float64{
			"recfin_last_run_recordings written": 1, "recfin_last_run_committed_sessions": 1, "recfin_oldest_waiting_age_seconds": 60,
			"recfin_last_run_end_to_marker_max_seconds": 3600, "recfin_last_run_end_to_marker_median_seconds": 3600,
		}},
		{"a session that has grown has had its marker", finalize.Report{Plan: planned(finalize.Ready, grown), Committed: []finalize.Committed{commit(grown)}}, map[string]float64{
			"recfin_last_run_recordings written": 1, "recfin_last_run_committed_sessions": 1,
		}},
		{"not settled", finalize.Report{Plan: planned(finalize.NotSettled, live)}, map[string]float64{"recfin_last_run_recordings not_settled": 1, "recfin_oldest_waiting_age_seconds": 60}},
		{"still under way by its own clock", finalize.Report{Plan: planned(finalize.NotSettled, session("s", finalize.Wait, -time.Hour))}, map[string]float64{"recfin_last_run_recordings not_settled": 1}},
		{"failed with one of two", finalize.Report{Err: finalize.ErrVerify, Plan: planned(finalize.Ready, old, young), Committed: []finalize.Committed{commit(old)}}, map[string]float64{
			"recfin_last_run_recordings failed": 1, "recfin_last_run_committed_sessions": 1, "recfin_oldest_unfinalized_age_seconds": 3 * 3600,
			"recfin_last_run_end_to_marker_max_seconds": 3600, "recfin_last_run_end_to_marker_median_seconds": 3600,
		}},
		{"failed before it was planned", finalize.Report{Err: store.ErrUnavailable, Plan: &finalize.Plan{}}, map[string]float64{"recfin_last_run_recordings failed": 1}},
		{"refused", finalize.Report{Err: finalize.ErrRefused, Plan: planned(finalize.Refused, old)}, map[string]float64{"recfin_last_run_recordings refused": 1, "recfin_oldest_unfinalized_age_seconds": 50 * 3600}},
		{"damaged", finalize.Report{Err: finalize.ErrRefused, Plan: planned(finalize.Damaged, session("s", finalize.Keep, time.Hour))}, map[string]float64{"recfin_last_run_recordings damaged": 1}},
		{"another run has it", finalize.Report{Err: leased, Plan: planned(finalize.Ready, young)}, map[string]float64{"recfin_last_run_recordings leased": 1, "recfin_oldest_waiting_age_seconds": 3 * 3600}},
		{"out of time", finalize.Report{Err: finalize.ErrLeft, Plan: planned(finalize.Ready, young)}, map[string]float64{"recfin_last_run_recordings left": 1, "recfin_oldest_unfinalized_age_seconds": 3 * 3600}},
		{"no such recording", finalize.Report{Err: finalize.ErrNothing, Plan: &finalize.Plan{}}, map[string]float64{"recfin_last_run_recordings nothing": 1}},
		{"by the clock of the store", finalize.Report{Err: finalize.ErrVerify, Now: night.Add(-time.Hour), Plan: planned(finalize.Ready, young)}, map[string]float64{
			"recfin_last_run_recordings failed": 1, "recfin_oldest_unfinalized_age_seconds": 2 * 3600,
		}},
		{"deletions", finalize.Report{
			Plan: planned(finalize.Done), Condemned: 7, Deleted: []store.Object{{Size: 10}, {Size: 5}},
			Kept: []finalize.Kept{{Failed: true}, {}, {}},
		}, map[string]float64{
			"recfin_last_run_recordings done": 1, "recfin_last_run_condemned_objects": 7, "recfin_last_run_deleted_objects": 2, "recfin_last_run_deleted_bytes": 15,
			"recfin_last_run_delete_failures": 1, "recfin_last_run_kept_objects": 2,
		}},
		{"something is missing", finalize.Report{
			Plan: planned(finalize.Ready, old), Committed: []finalize.Committed{{Record: &finalize.Record{
				Session: "other", Unmade: []finalize.UnmadeRow{{}}, Uncertain: []finalize.UncertainRow{{}, {}},
				Holes: []finalize.HoleRow{{DurationNS: 2e9}, {Rendition: "720p", DurationNS: 5e8}, {Rendition: "360p", DurationNS: 5e8}},
			}}},
		}, map[string]float64{
			"recfin_last_run_recordings written": 1, "recfin_last_run_committed_sessions": 1, "recfin_last_run_incomplete_recordings": 1, "recfin_last_run_uncertain_decisions": 2,
			"recfin_last_run_holes all": 1, "recfin_last_run_holes rendition": 2, "recfin_last_run_holes_duration_seconds all": 2, "recfin_last_run_holes_duration_seconds rendition": 1,
			"recfin_oldest_unfinalized_age_seconds": 50 * 3600,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, _ := begun(t, Options{Limit: 0})
			m.Report(&test.report)
			m.End(0)
			values, _ := written(t, m)
			want(t, values, test.want)
		})
	}
}

// The oldest of all recordings counts, not the last; the longest and the middle one.
func TestSeveralReports(t *testing.T) {
	t.Parallel()
	m, _ := begun(t, Options{Limit: time.Hour})
	for _, ago := range []time.Duration{time.Hour, 30 * time.Hour, 2 * time.Hour} {
		open, closed := session("open", finalize.Write, ago), session("closed", finalize.Write, ago)
		m.Report(&finalize.Report{Err: finalize.ErrVerify, Plan: &finalize.Plan{Sessions: []finalize.PlannedSession{open, closed}}, Committed: []finalize.Committed{{Record: closed.Record, At: night}}})
	}
	m.End(5)
	values, _ := written(t, m)
	want(t, values, map[string]float64{
		"recfin_last_run_exit_code": 5, "recfin_last_run_limit_seconds": 3600, "recfin_last_run_recordings failed": 3, "recfin_last_run_committed_sessions": 3,
		"recfin_oldest_unfinalized_age_seconds": 30 * 3600, "recfin_last_run_end_to_marker_max_seconds": 30 * 3600, "recfin_last_run_end_to_marker_median_seconds": 2 * 3600,
	})
}
