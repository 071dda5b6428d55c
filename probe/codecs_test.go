package probe_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"recfin/internal/testenv"
	"recfin/probe"
)

// TestCodecsOfSegments: the value for CODECS of each codec in each container, as
// segments of ffmpeg have it.
func TestCodecsOfSegments(t *testing.T) {
	const (
		picture = "-f lavfi -i testsrc=s=160x90:r=25:d=0.4 -pix_fmt yuv420p "
		tone    = "-f lavfi -i sine=r=48000:d=0.4 -ac 2 "
		ts      = " -f mpegts -"
		mp4     = " -movflags frag_keyframe+delay_moov+default_base_moof -f mp4 -"
		x265    = "-c:v libx265 -preset ultrafast -x265-params log-level=error:info=0 "
	)
	for name, c := range map[string]struct{ args, want string }{
		"H.264 in TS":    {picture + "-c:v libx264 -preset ultrafast -level:v 3" + ts, "avc1.42c01e"},
		"avc1":           {picture + "-c:v libx264 -profile:v high -preset fast -level:v 4" + mp4, "avc1.640028"},
		"avc3":           {picture + "-c:v libx264 -profile:v high -preset fast -level:v 4 -tag:v avc3" + mp4, "avc3.640028"},
		"H.265 in TS":    {picture + x265 + ts, "hvc1.1.6.L30.90"},
		"hvc1":           {picture + x265 + "-tag:v hvc1" + mp4, "hvc1.1.6.L30.90"},
		"hev1":           {picture + x265 + "-tag:v hev1" + mp4, "hev1.1.6.L30.90"},
		"AV1":            {picture + "-c:v libaom-av1 -cpu-used 8 -usage realtime" + mp4, "av01.0.00M.08"},
		"VP9":            {picture + "-c:v libvpx-vp9 -deadline realtime -cpu-used 8" + mp4, "vp09.00.10.08"},
		"AAC in TS":      {tone + "-c:a aac" + ts, "mp4a.40.2"},
		"LATM":           {tone + "-c:a aac -mpegts_flags latm" + ts, "mp4a.40.2"},
		"AAC":            {tone + "-c:a aac" + mp4, "mp4a.40.2"},
		"MP3 in TS":      {tone + "-c:a libmp3lame" + ts, "mp4a.40.34"},
		"layer II in TS": {tone + "-c:a mp2" + ts, "mp4a.40.33"},
		"MP3":            {tone + "-c:a libmp3lame" + mp4, "mp4a.6B"},
		"AC-3 in TS":     {tone + "-c:a ac3" + ts, "ac-3"},
		"AC-3":           {tone + "-c:a ac3" + mp4, "ac-3"},
		"E-AC-3 in TS":   {tone + "-c:a eac3" + ts, "ec-3"},
		"E-AC-3":         {tone + "-c:a eac3" + mp4, "ec-3"},
		"Opus in TS":     {tone + "-c:a libopus" + ts, "opus"},
		"Opus":           {tone + "-c:a libopus" + mp4, "opus"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"-nostdin", "-v", "error"}, strings.Fields(c.args)...)
			out, err := exec.Command(testenv.Need(t, "ffmpeg"), args...).Output()
			if err != nil {
				t.Fatalf("ffmpeg %q: %v", args, err)
			}
			m, err := probe.File(bytes.NewReader(out), probe.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range m.Tracks {
				got = append(got, m.Codecs(&m.Tracks[i], m.Tracks[i].Entry))
			}
			if !slices.Equal(got, []string{c.want}) {
				t.Errorf("CODECS %q, want %q", got, c.want)
			}
		})
	}
}
