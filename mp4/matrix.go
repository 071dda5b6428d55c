package mp4

// identity is the matrix that changes nothing (ISO/IEC 14496-12 §8.2.2).
var identity = [9]int32{one, 0, 0, 0, one, 0, 0, 0, unit}

// one is 1 as 16.16, unit as 2.30 fixed point.
const (
	one  = 1 << 16
	unit = 1 << 30
)

// turned is the matrix that turns pictures of a size (16.16) clockwise and puts
// their upper left corner back into the origin.
func turned(degrees int, width, height uint32) [9]int32 {
	w, h := int32(min(width, 1<<31-1)), int32(min(height, 1<<31-1))
	switch degrees {
	case 90:
		return [9]int32{0, one, 0, -one, 0, 0, h, 0, unit}
	case 180:
		return [9]int32{-one, 0, 0, 0, -one, 0, w, h, unit}
	case 270:
		return [9]int32{0, -one, 0, one, 0, 0, 0, w, unit}
	}
	return identity
}
