// Package stages makes sums of the events of finalizers: what a stage of the work on
// a recording has counted (Tally), and what time and requests each took (Stages). It
// knows no clock of its own. The log, the bars and the metrics all count by it, so
// that they agree.
package stages
