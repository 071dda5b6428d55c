package main

// nearest is the name among the known that a mistyped one is most likely meant to
// be; empty where none is near. Of equally near ones the first is taken.
func nearest(typed string, known []string) string {
	best, least := "", len(typed)/3+1
	if len(typed) > longestName {
		return ""
	}
	for _, name := range known {
		if d := editDistance(typed, name); d <= least && (best == "" || d < least) {
			best, least = name, d
		}
	}
	return best
}

// longestName is more than any name of ours has, so that what is no name at all is
// not compared at length.
const longestName = 64

// didYouMean is the end of a message about a name that nothing knows.
func didYouMean(typed, before string, known []string) string {
	if name := nearest(typed, known); name != "" {
		return ": did you mean " + before + name + "?"
	}
	return ""
}

// editDistance counts the letters to insert, delete, replace or swap with their
// neighbour that make one word the other (optimal string alignment).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			differ := 1
			if x[i] == y[j] {
				differ = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+differ)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
