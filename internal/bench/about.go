package main

import "fmt"

// What is compared, as the page says it.

func aboutStore(f *figures) string {
	return fmt.Sprintf(`From a bucket of versitygw, an S3 server on the same machine, into another bucket of it: %d segments, %d MB. recfin streams from store to store. What people use instead copies all segments to a disk, joins them there, and copies the file back: with flags that make it as quick as it gets and a playlist, which ffmpeg reads more quickly than a list of files; the same with a list; and as one types it, without flags.
%s and %s are what the client of recfin takes for nothing else: the slower of the two is the limit.`,
		f.Media.Segments, f.Media.Bytes/1e6, "*"+nameDownload+"*", "*"+nameUpload+"*")
}

func aboutLatency(*figures) string {
	return "The same, through a proxy that holds back each request, and each new connection, for 40 ms, and through the same proxy when it holds back nothing."
}

func aboutModes(*figures) string {
	return "The same segments, in the bucket that the output is in, without sidecar playlists. The page on [many segments a day](scale.md) is made of these."
}

func aboutLocal(f *figures) string {
	return fmt.Sprintf("From a folder into a new folder on the same disk, out of the page cache. `cat` is the limit of the disk: it neither reads what it copies nor sums it up. The last row is a recording %d times as long, at the same bit rate, that ran once.", f.Media.Hours)
}

func aboutLong(f *figures) string {
	return fmt.Sprintf("Two days do not fit on most disks at 4 Mbit/s (86 GB, and as much for each output). So this is a recording of two days at a low bit rate: %s. It has as many segments, pictures and frames of sound as any, and a clock that wraps; what it has less of is bytes. It shows what grows with the number of segments and samples: wall time is dominated by opening files. The first hour of it ran as often as the others, all of it once. A list of files for `ffmpeg -f concat` is left out: it takes most of an hour.", f.Media.Thin)
}
