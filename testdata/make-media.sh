#!/usr/bin/env bash
# Makes the media of `recfin demo`: 40 seconds of a test picture that counts the
# seconds (so that a player shows what was skipped), H.264 and AAC, cut by ffmpeg into MPEG-TS segments of 2 s. Needs ffmpeg
# with libx264 alone. The result is committed; run this only to change it.
#
#   testdata/make-media.sh [FOLDER]     default: internal/demo/media
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here/../internal/demo/media}
mkdir -p "$out"
rm -f "$out"/*.ts

# Bit-exact, one thread: the same ffmpeg makes the same bytes again. B-frames
# are on purpose: DTS and PTS differ, as in life.
ffmpeg -nostdin -v error -y -fflags +bitexact \
	-f lavfi -i "testsrc=size=320x180:rate=15:duration=40" \
	-f lavfi -i "sine=frequency=440:beep_factor=4:sample_rate=48000:duration=40" \
	-filter:v format=yuv420p \
	-c:v libx264 -preset veryslow -threads 1 -profile:v main -crf 34 -bf 2 \
	-g 30 -keyint_min 30 -sc_threshold 0 -flags:v +bitexact \
	-c:a aac -b:a 32k -ac 1 -flags:a +bitexact \
	-f segment -segment_format mpegts -segment_time 2 -segment_start_number 0 \
	"$out/%d.ts"

du -cb "$out"/*.ts | tail -1
