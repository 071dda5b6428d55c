package layout

import "testing"

// BenchmarkMatch gives the cost of a key by preset, for the segments of a preset
// and for keys that it does not know.
func BenchmarkMatch(b *testing.B) {
	examples := map[string]string{
		"nonce":     "recording/0123456789abcdef/720p/86399.ts",
		"livepeer":  "recording/0123456789abcdef/720p/86399.ts",
		"catalyst":  "hls/recording/0123456789abcdef/source/86399.ts",
		"manifests": "recording/0123456789abcdef/720p/86399.ts",
		"wubloader": "channel/source/2026-11-21T14/03:04.123456-2.002-full-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG.ts",
		"ivs":       channel + "media/hls/720p30/86399.ts",
		"mediamtx":  "cam/front/2026-11-21_14-03-04-000123.mp4",
		"hls":       "recording/720p/segment_86399.ts",
	}
	for _, name := range Presets() {
		l := mustParse(b, name)
		if _, ok := l.Match(examples[name]); !ok {
			b.Fatalf("%s: %q is unknown", name, examples[name])
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Match(examples[name])
			}
		})
		b.Run(name+"/reader", func(b *testing.B) {
			b.ReportAllocs()
			d := l.Reader()
			for b.Loop() {
				d.Match(examples[name])
			}
		})
		b.Run(name+"/unknown", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Match("recording/0123456789abcdef/720p/thumbnail-86399.jpg")
			}
		})
	}
	b.Run("mediamtx/zone", func(b *testing.B) {
		l := inZone(b, "mediamtx", "Europe/Berlin")
		b.ReportAllocs()
		for b.Loop() {
			l.Match(examples["mediamtx"])
		}
	})
}
