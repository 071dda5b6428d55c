package report

// Reduced is the row with what the index shows of it, and without the report or the
// standing that it was made of: an index over thousands of recordings need not hold
// all of their segments.
func (r Row) Reduced() Row {
	if r.Report == nil && r.Standing == nil {
		return r
	}
	view := indexRowOf(&r)
	return Row{Recording: r.Recording, URL: r.URL, view: &view}
}
