package timeline

// keepDoubtful takes back what is called a leftover although an uncertainty names
// it or its winner, or its winner is itself not chosen. Every stage that drops
// something decides with what it knows; this holds for all of them.
func keepDoubtful(t *Timeline) {
	doubtful := map[int]bool{}
	for _, u := range t.Uncertain {
		for _, s := range u.Segments {
			doubtful[s] = true
		}
	}
	lost := make(map[int]bool, len(t.Dropped))
	for i := range t.Dropped {
		lost[t.Dropped[i].Segment] = true
	}
	for i := range t.Dropped {
		d := &t.Dropped[i]
		d.Leftover = d.Leftover && d.Winner >= 0 && !doubtful[d.Segment] && !doubtful[d.Winner] && !lost[d.Winner]
	}
}
