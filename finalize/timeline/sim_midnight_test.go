package timeline_test

import (
	"fmt"
	"time"
)

// simMidnight judges the seam between a and b of one broadcast that is cut at
// each midnight if it lasts longer than a day: a piece begins with the first
// segment that starts at or after the midnight, and is named by it.
func simMidnight(a, b simStep, steps []simStep, p *simPlan) []string {
	wall := func(o *simObject) time.Time { return simDay.Add(o.stream.begin(o.from)) }
	first, last := steps[0].any, steps[len(steps)-1].any
	length := last.stream.end(last.to) - first.stream.begin(first.from)
	midnight := wall(b.any).Truncate(24 * time.Hour)
	const slack = 10 * time.Second
	if (length-24*time.Hour).Abs() < slack || wall(b.any).Sub(midnight) < slack || midnight.Sub(wall(a.any)).Abs() < slack {
		return nil
	}
	want, cut := length > 24*time.Hour && wall(a.any).Before(midnight), a.session != b.session
	if want != cut {
		return []string{fmt.Sprintf("midnight: cut %v before %s, which starts at %s", cut, b.any.Key, wall(b.any).Format(time.DateTime))}
	}
	if cut && (!p.Sessions[b.session].From.Equal(midnight) || !p.Sessions[a.session].Until.Equal(midnight)) {
		return []string{fmt.Sprintf("midnight: piece from %s, the one before until %s, instead of %s",
			p.Sessions[b.session].From, p.Sessions[a.session].Until, midnight)}
	}
	return nil
}
