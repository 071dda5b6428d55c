package metrics

import (
	"time"

	"recfin/finalize"
)

// Family is one metric: all that the documentation says of it.
type Family struct {
	Name   string
	Help   string
	Unit   string   // of its values: "seconds", "bytes", or what is counted
	Label  string   // beside those of the run as a whole; empty: none
	Values []string // of Label
	of     func(s *sums, value string) (float64, bool)
}

// Families are all metrics, in the order of the documentation.
func Families() []Family { return append([]Family(nil), families...) }

// one is a family without a label of its own.
func one(name, unit, help string, of func(*sums) float64) Family {
	return Family{Name: name, Unit: unit, Help: help, of: func(s *sums, _ string) (float64, bool) { return of(s), true }}
}

// by is a family with a label. What the values do not list is summed up as "other"
// where that is one of them.
func by(name, unit, label string, values []string, help string, of func(s *sums, value string) float64) Family {
	return Family{Name: name, Unit: unit, Label: label, Values: values, Help: help, of: func(s *sums, v string) (float64, bool) { return of(s, v), true }}
}

// maybe is a family that has no value where the time is zero.
func maybe(name, help string, of func(*sums) time.Time) Family {
	return Family{Name: name, Unit: "seconds", Help: help, of: func(s *sums, _ string) (float64, bool) {
		t := of(s)
		return float64(t.UnixMilli()) / 1000, !t.IsZero()
	}}
}

// The one family that a run may leave out.
const nameSuccess = "recfin_last_success_timestamp_seconds"

var (
	results    = []string{resultWritten, resultDone, resultWaiting, resultLeased, resultLeft, resultNothing, resultFailed, resultRefused, resultDamaged, other}
	scopes     = []string{"all", "rendition"}
	stageNames = []string{string(finalize.StageList), string(finalize.StageMeasure), string(finalize.StageWrite), string(finalize.StageVerify), string(finalize.StageCommit), string(finalize.StageDelete), other}
	reasons    = append(dropReasons(), other)
	// What is asked of a store.
	operations = []string{"list", "get", "head", "put", "copy", "delete"}
	directions = []string{"read", "written"}
)

func dropReasons() []string {
	var all []string
	for _, r := range finalize.Reasons() {
		all = append(all, string(r))
	}
	return all
}

var families = []Family{
	maybe("recfin_last_run_timestamp_seconds", "Unix time at which the last run ended.", func(s *sums) time.Time { return s.ended }),
	maybe(nameSuccess, "Unix time at which the last run that succeeded (exit code 0) ended.", func(s *sums) time.Time { return s.succeeded }),
	one("recfin_last_run_exit_code", "exit code", "Exit code of the last run.", func(s *sums) float64 { return float64(s.code) }),
	one("recfin_last_run_duration_seconds", "seconds", "How long the last run took.", func(s *sums) float64 { return s.took.Seconds() }),
	one("recfin_last_run_limit_seconds", "seconds", "How long the last run was allowed to take; 0 where it was given no limit.", func(s *sums) float64 { return s.limit.Seconds() }),
	by("recfin_last_run_stage_duration_seconds", "seconds", "stage", stageNames, "Time that the recordings of the last run spent in a stage; several at once are added up.",
		func(s *sums, v string) float64 { return pick(s.stages, stageNames, v).Seconds() }),
	by("recfin_last_run_recordings", "recordings", "result", results, "Recordings of the last run by what became of them.",
		func(s *sums, v string) float64 { return float64(pick(s.results, results, v)) }),
	one("recfin_last_run_closed_recordings", "recordings", "Recordings that the last run passed over because they were finished long enough ago and, of those that it looked at, nothing has changed.",
		func(s *sums) float64 { return float64(s.closed) }),
	one("recfin_last_run_incomplete_recordings", "recordings", "Recordings that the last run wrote although a noticeable part of their media could not be used, or a wanted output not be made.",
		func(s *sums) float64 { return float64(s.incomplete) }),
	one("recfin_last_run_committed_sessions", "sessions", "Sessions that the last run committed.", func(s *sums) float64 { return float64(s.sessions) }),
	one("recfin_last_run_committed_media_seconds", "seconds", "Duration of the sessions that the last run committed.", func(s *sums) float64 { return s.media.Seconds() }),
	by("recfin_last_run_segments", "segments", "reason", append([]string{chosen}, reasons...), "Segments of the sessions that the last run committed: chosen, or why they were dropped.",
		func(s *sums, v string) float64 {
			return float64(pick(s.segments, append([]string{chosen}, reasons...), v))
		}),
	by("recfin_dropped_segments", "segments", "reason", reasons, "Segments that are there and in no recording, of all recordings that the last run looked at, by why.",
		func(s *sums, v string) float64 { return float64(pick(s.dropped, reasons, v)) }),
	by("recfin_last_run_holes", "holes", "scope", scopes, "Holes in the sessions that the last run committed: in all renditions, or in one that others have.",
		func(s *sums, v string) float64 { return float64(s.holes[v]) }),
	by("recfin_last_run_holes_duration_seconds", "seconds", "scope", scopes, "Duration of the holes in the sessions that the last run committed.",
		func(s *sums, v string) float64 { return s.holeTime[v].Seconds() }),
	one("recfin_last_run_uncertain_decisions", "decisions", "Decisions that the evidence did not settle, in the sessions that the last run committed.",
		func(s *sums) float64 { return float64(s.uncertain) }),
	by("recfin_last_run_requests", "requests", "operation", operations, "Requests of the last run to the stores, for recordings.",
		func(s *sums, v string) float64 { return float64(requests(&s.cost)[v]) }),
	by("recfin_last_run_bytes", "bytes", "direction", directions, "Bytes of the last run from and to the stores, for recordings.",
		func(s *sums, v string) float64 {
			return float64(map[string]int64{"read": s.cost.BytesRead, "written": s.cost.BytesWritten}[v])
		}),
	one("recfin_last_run_condemned_objects", "objects", "Objects that the last run marked for deletion.", func(s *sums) float64 { return float64(s.condemned) }),
	one("recfin_last_run_deleted_objects", "objects", "Objects that the last run deleted.", func(s *sums) float64 { return float64(s.deleted) }),
	one("recfin_last_run_deleted_bytes", "bytes", "Bytes of the objects that the last run deleted.", func(s *sums) float64 { return float64(s.deletedBytes) }),
	one("recfin_last_run_delete_failures", "objects", "Objects that the last run should have deleted and could not.", func(s *sums) float64 { return float64(s.undeletable) }),
	one("recfin_last_run_kept_objects", "objects", "Objects that were due for deletion and that the last run was right to keep.", func(s *sums) float64 { return float64(s.kept) }),
	one("recfin_oldest_unfinalized_age_seconds", "seconds", "Time since the end of the oldest session that the last run should have committed and did not; 0: there is none.",
		func(s *sums) float64 { return s.unfinalized.Seconds() }),
	one("recfin_oldest_waiting_age_seconds", "seconds", "Time since the end of the oldest session that is not settled, or that another run holds; 0: there is none.",
		func(s *sums) float64 { return s.waiting.Seconds() }),
	one("recfin_last_run_end_to_marker_max_seconds", "seconds", "Longest time from the end of a session to its first marker, of the sessions that the last run committed; 0: there is none.",
		func(s *sums) float64 { return longest(s.delays).Seconds() }),
	one("recfin_last_run_end_to_marker_median_seconds", "seconds", "Median time from the end of a session to its first marker, of the sessions that the last run committed; 0: there is none.",
		func(s *sums) float64 { return median(s.delays).Seconds() }),
}

func requests(c *finalize.Cost) map[string]int64 {
	return map[string]int64{"list": c.List, "get": c.Get, "head": c.Head, "put": c.Put, "copy": c.Copy, "delete": c.Delete}
}

// pick is the sum of one value of a label; that of "other" is of all that the label
// does not list.
func pick[K ~string, N int | time.Duration](of map[K]N, listed []string, value string) N {
	if value != other {
		return of[K(value)]
	}
	var sum N
	known := map[string]bool{}
	for _, v := range listed {
		known[v] = v != other
	}
	for k, n := range of {
		if !known[string(k)] {
			sum += n
		}
	}
	return sum
}
