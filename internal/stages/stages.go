package stages

import (
	"time"

	"recfin/finalize"
)

// Stage is what a stage of the work on a recording took.
type Stage struct {
	Stage finalize.Stage
	Took  time.Duration
	Cost  finalize.Cost
	Done  int64 // in Unit; 0: it counted nothing
	Unit  finalize.Unit
}

// Stages splits the time and the cost of one recording between its stages. The
// costs of all stages that it gives add up to the cost of the recording.
//
// Writing and reading back take turns, object by object, and so do deleting and
// reading back: such a group is told once, when the work has gone on to something
// else, with one Stage of each kind. The zero value is ready. It is not safe for
// several goroutines.
type Stages struct {
	group []*ended // of the present group, in the order in which they began
	now   *ended   // of the group
	at    time.Time
	cost  finalize.Cost // that is given to a stage already
	told  finalize.Cost // the most that any event told
}

// ended is a stage that may go on.
type ended struct {
	Stage
	tally Tally
}

// Event takes the next event and gives the stages that it ends.
func (s *Stages) Event(e finalize.Event, at time.Time) []Stage {
	s.charge(e.Cost, at)
	var out []Stage
	if !s.joins(e.Stage) {
		out = s.take()
	}
	s.now = nil
	for _, x := range s.group {
		if x.Stage.Stage == e.Stage {
			s.now = x
		}
	}
	if s.now == nil {
		s.now = &ended{Stage: Stage{Stage: e.Stage}}
		s.group = append(s.group, s.now)
	}
	s.now.tally.Add(e)
	return out
}

// End gives the stages that are left when the work on the recording has ended and
// has cost so much in all. Without any event there are none.
func (s *Stages) End(cost finalize.Cost, at time.Time) []Stage {
	s.charge(cost, at)
	return s.take()
}

// Cost is what the recording has cost so far, as far as events told it.
func (s *Stages) Cost() finalize.Cost { return s.told }

// charge gives the present stage the time and the requests since the last event.
// What came before the first event is of the first stage.
func (s *Stages) charge(cost finalize.Cost, at time.Time) {
	most := s.told.Counts()
	for i, n := range cost.Counts() { // an event may be overtaken by a later one
		*most[i] = max(*most[i], *n)
	}
	if s.now == nil {
		s.at = at
		return
	}
	s.now.Took += max(at.Sub(s.at), 0)
	s.at = at
	mine, given := s.now.Cost.Counts(), s.cost.Counts()
	for i, n := range most {
		if more := *n - *given[i]; more > 0 {
			*mine[i] += more
			*given[i] = *n
		}
	}
}

// joins reports whether a stage belongs to the present group.
func (s *Stages) joins(stage finalize.Stage) bool {
	if len(s.group) == 0 {
		return true
	}
	mixed := map[finalize.Stage]bool{stage: true}
	for _, x := range s.group {
		mixed[x.Stage.Stage] = true
	}
	delete(mixed, finalize.StageVerify)
	if len(mixed) != 1 {
		return len(mixed) == 0
	}
	for only := range mixed { // the same again, or one that is read back meanwhile
		return only == finalize.StageWrite || only == finalize.StageDelete || stage != finalize.StageVerify && len(s.group) == 1 && s.group[0].Stage.Stage == stage
	}
	return false
}

func (s *Stages) take() []Stage {
	var out []Stage
	for _, x := range s.group {
		x.Done, _, x.Unit = x.tally.Counts()
		out = append(out, x.Stage)
	}
	s.group, s.now = nil, nil
	return out
}
