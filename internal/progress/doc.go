// Package progress turns the events of finalizers into what a person watches and
// what an operator reads later: one line per recording at work, redrawn at a
// terminal (Bars), and the time and the requests that each stage of a recording
// took (Stages).
//
// Everything that counts is in Model, Tally and Stages, which know no terminal and
// no clock of their own; Bars only draws what a Model says. Events may come from
// several goroutines and out of order.
package progress
