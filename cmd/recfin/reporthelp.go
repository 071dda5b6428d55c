package main

const reportHelp = `Decides like plan, and writes what it decided as HTML: a page of one recording,
or a folder of pages with an index. A page stands for itself, without a network:
the timeline of every rendition and writer, which copy was chosen where, joins,
holes, what was dropped and why, what needs a look, outputs, cost. Writes and
deletes nothing in the stores. Of a recording that is refused or damaged there is a
page too, and the exit code is 5.

A page can play what is finalized where browsers reach it: with --public-url, or
where it lies in the folder that holds the outputs. Playlists need a web server,
MP4s do not; recfin serve shows the same pages with a player that always works.

Examples:
  recfin report --store s3://live/streams -o foo.html foo
  recfin report --store /var/live -o /var/www/reports            # all, with an index
  recfin report --store s3://live/streams --public-url https://cdn.example/streams -o foo.html foo

` + exitHelp
