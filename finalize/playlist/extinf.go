package playlist

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// perSecond is the unit of EXTINF: six decimals.
const perSecond = int64(time.Second / time.Microsecond)

// extinf gives the EXTINF of each segment in microseconds. Each is the
// difference of two rounded sums, so that no rounding adds up.
func (m *Media) extinf() ([]int64, error) {
	inf := make([]int64, len(m.Segments))
	var sum time.Duration
	var before int64
	for i := range m.Segments {
		d := m.Segments[i].Duration
		if d < 0 || d > math.MaxInt64-time.Second-sum {
			return nil, fmt.Errorf("segment %d: %w: %d ns", i, ErrDuration, d)
		}
		sum += d
		after := int64(sum.Round(time.Microsecond) / time.Microsecond)
		inf[i] = after - before
		before = after
	}
	return inf, nil
}

// appendInf appends microseconds as seconds with six decimals.
func appendInf(b []byte, inf int64) []byte {
	b = strconv.AppendInt(b, inf/perSecond, 10)
	point := len(b)
	b = strconv.AppendInt(b, perSecond+inf%perSecond, 10)
	b[point] = '.' // in place of the 1 that keeps the zeros
	return b
}

// targetOf is the largest EXTINF rounded to the nearest second, at least 1
// (RFC 8216 §4.3.3.1).
func targetOf(inf []int64) int {
	target := int64(1)
	for _, v := range inf {
		target = max(target, (v+perSecond/2)/perSecond)
	}
	return int(target)
}

// TargetDuration is the target duration in seconds that all of the playlists
// share: every EXTINF, as it is written, rounds to no more. A playlist with an
// impossible duration is passed over: encoding it says why.
func TargetDuration(ms ...*Media) int {
	target := 1
	for _, m := range ms {
		inf, err := m.extinf()
		if err != nil {
			continue
		}
		target = max(target, targetOf(inf))
	}
	return target
}
