package timecode

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"recfin/internal/testenv"
)

// What was burned in is read back, through a coder, in other sizes.
func TestReadBack(t *testing.T) {
	ffmpeg := testenv.Need(t, "ffmpeg")
	for _, c := range []struct {
		code       Code
		size, seen string
	}{
		{Code{0, 0}, "160x90", "160x90"},
		{Code{1019, 5}, "160x90", "96x54"},
		{Code{2040, 7}, "128x72", "640x360"},
		{Code{4080, 2}, "320x180", "320x180"},
	} {
		t.Run(fmt.Sprint(c.code, c.size), func(t *testing.T) {
			coded := exec.Command(ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=r=15:d=1:size="+c.size,
				"-vf", c.code.Filter()+",scale="+strings.Replace(c.seen, "x", ":", 1), "-pix_fmt", "yuv420p",
				"-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-f", "matroska", "-")
			movie, err := coded.Output()
			if err != nil {
				t.Fatal(err)
			}
			decoder := exec.Command(ffmpeg, append([]string{"-nostdin", "-v", "error", "-i", "-"}, Cells()...)...)
			decoder.Stdin = strings.NewReader(string(movie))
			cells, err := decoder.Output()
			if err != nil {
				t.Fatal(err)
			}
			all, err := ReadAll(cells)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != 15 {
				t.Errorf("%d pictures, not 15", len(all))
			}
			for i, is := range all {
				if want := (Code{c.code.Number + i, c.code.Stream}); is != want {
					t.Errorf("picture %d reads %+v, not %+v", i, is, want)
				}
			}
		})
	}
}

// A picture without a code has none.
func TestReadNothing(t *testing.T) {
	flat := func(b byte) []byte { return []byte(strings.Repeat(string([]byte{b}), Columns*Rows)) }
	one := flat(16)
	one[0] = 235
	if c, ok := Read(one); !ok || c != (Code{Number: 1}) {
		t.Errorf("one white cell reads %+v, %v", c, ok)
	}
	two := append([]byte(nil), one...)
	two[3] = 235
	grey := append([]byte(nil), one...)
	grey[5] = 128
	for _, cells := range [][]byte{nil, flat(0), flat(128), flat(255), two, grey, one[:15], append(one, 0)} {
		if c, ok := Read(cells); ok {
			t.Errorf("%v reads %+v", cells, c)
		}
	}
	if _, err := ReadAll(append(one, 0)); err == nil {
		t.Error("half a picture was read")
	}
	if all, err := ReadAll(append(append([]byte(nil), one...), two...)); err == nil || len(all) != 1 {
		t.Errorf("a picture without a code is read: %v, %v", all, err)
	}
}
