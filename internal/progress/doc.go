// Package progress turns the events of finalizers into what a person watches: one
// line per recording at work, redrawn at a terminal (Bars).
//
// What is shown is in Model, which knows no terminal and no clock of its own; Bars
// only draws what a Model says. Events may come from several goroutines and out of
// order.
package progress
