package playlist

import "time"

// Bandwidth measures the bit rates of a media playlist (RFC 8216 §4.3.4.2), in
// bits per second, rounded up. sizes has the bytes of each segment, a negative
// size stands for a gap: it counts in neither rate and ends a run.
//
// The peak is the largest rate of any run of neighbours that lasts between 0.5
// and 1.5 times the target duration (in seconds). Where there is no such run,
// it is the largest rate of a whole stretch between gaps. It is never below
// the average.
//
// The time is linear in the number of segments, however short they are.
func Bandwidth(sizes []int64, durations []time.Duration, target int) (peak, average int) {
	return 0, 0
}
