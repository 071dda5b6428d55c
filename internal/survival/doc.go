// Package survival lets whole runs die, over real stores, and looks whether what
// is there after the next runs is what an undisturbed run would have left. It
// holds nothing but tests.
package survival
