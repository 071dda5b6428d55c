package main

const appHelp = `{{.Name}} - {{.Usage}}

{{.Description}}
Usage: {{.UsageText}}

Commands:{{range .VisibleCommands}}
  {{printf "%-10s" .Name}} {{if eq .Name "help"}}the help of a command{{else}}{{.Usage}}{{end}}{{end}}

recfin COMMAND --help shows the flags and examples of one.

` + exitHelp

const description = `A live stream left segments in object storage, perhaps written by several
broadcasters, perhaps twice, perhaps with holes. recfin decides what the
recording is, writes it once (an HLS playlist, a progressive MP4, or both),
proves it, and deletes only what it has proved to be left over.
`

const exitHelp = `Exit codes:
  0    done, or nothing to do
  1    failed
  3    some recordings (or due deletions) failed, or segments could not be joined; the rest is done
  4    not settled yet: run later (finalize ID); or something was left (recover,
       run --max-duration): the next run carries on
  5    refused for safety, or damaged: a human must look; the message says at what
  6    the store is unavailable: try again
  11   another run holds the recording (finalize ID)
  64   wrong usage or configuration (also: wrong credentials, no such store)
  130  interrupted, 143 terminated: the next run carries on
`

const runHelp = `Finds every recording in the store and finalizes the sessions that are
settled. What is live or not settled is counted and left for a later run.

A person at a terminal sees a line for each recording at work, then a table and what
needs a look; elsewhere there are log lines, as JSON (docs/logs.md).

Many machines share the work with --shard: which share a recording is in depends on
its name alone, so they need not know of each other. --ids takes the names from a
queue or a list instead of looking for them. --max-duration ends a run that would run
into the next one: what was never finalized comes first, and what is left is named.

--from and --to take the sessions that start on some days (UTC) alone, and leave all
others as they are: those of recordings that an index in the outputs names, and of
recordings that have no outputs yet. Either alone is an open end. A run of some days is
no replacement for the nightly one.

Repeatable flags stand one value to a line in the environment.

Examples:
  # every night, playlists only, nothing deleted
  recfin run --store s3://live/streams

  # cron: a line such as "5 4 * * *" in front, and the settings in one file
  recfin run --config /etc/recfin.yaml --log-format json

  # playlists and MP4s; copies that lost go a day after they were marked
  recfin run --store s3://live/streams --format hls,mp4 --delete leftovers

  # a primary and a backup; outputs go to recordings/ in the first; fail if a
  # recording that must be there is not
  recfin run --store s3://live/streams --store s3://backup/streams --require 'news-*'

  # the third of eight machines; in a Kubernetes Indexed Job of eight: auto/8
  recfin run --store s3://live/streams --shard 2/8

  # the sessions of one day once more: what came late is taken in, what is damaged is told
  recfin run --store s3://live/streams --from 2026-03-01 --to 2026-03-01

  # what a queue names, for ten minutes at most
  printf 'foo\nbar\n' | recfin run --store s3://live/streams --ids - --max-duration 10m

  # MinIO, or another S3-compatible server; credentials are safest in the environment
  RECFIN_STORE=s3+https://KEY:SECRET@minio.example:9000/live recfin run

  # a bucket of go-livepeer (-recordStore), with the credentials of the AWS chain
  recfin run --store s3://live/livepeer --layout livepeer --format hls,mp4

  # a tree of wubloader; a session ends at the first gap of an hour
  recfin run --store /srv/wubloader --layout wubloader --session-gap 1h --settle 1h

` + exitHelp

const finalizeHelp = `Finalizes the named recordings now.

Examples:
  recfin finalize --store s3://live/streams --format hls,mp4 foo    # one ID, now
  recfin finalize --store /var/live --rendition '!360p' foo bar
  recfin finalize --store /var/live --force foo      # although not settled
  recfin finalize --store /var/live --rename 'P720p*=720p' foo
  recfin finalize --store /var/live --as match first-half second-half
  recfin finalize --store /var/live --delete leftovers --delete-delay 0 foo
  recfin finalize --store /var/live --format mp4 --delete sources --accept foo foo

` + exitHelp

const recoverHelp = `Finishes what two kinds of crash left behind, before a node goes on air again.
What a run of recfin left when it died is finished with the settings that it had
(its lease tells them), at once where it ran on this host, otherwise two minutes
after it was last heard of. With --writer, so are the recordings whose newest
segments that broadcaster wrote, before it writes over them: nothing of it can be
under way, so they are not waited for. What went on at another broadcaster is left
alone.

Deletes nothing, ends within --budget, and names what it left (exit code 4). The
node may start whatever the exit code is; where a hook that fails would stop it (an
init container of Kubernetes), --exit-zero makes every code 0.

Examples:
  recfin recover --store s3://live/streams             # after a crash of recfin
  # after a crash of the broadcaster that is named, before it goes on air again
  recfin recover --store s3://live/streams --writer "$NODE" --budget 30s || true

` + exitHelp

const planHelp = `Decides like finalize and prints the decision. Writes and deletes nothing.

Examples:
  recfin plan --store s3://live/streams
  recfin plan --store /var/live --json foo | jq .dropped
  recfin plan --store /var/live --from 2026-03-01 --to 2026-03-01
  recfin plan --store /var/live --explain foo/A/720p/9.ts foo

` + exitHelp

const listHelp = `Tells from the markers alone what is finalized, of all recordings or of the named ones:
sessions, how long they are, holes, what was dropped, what is uncertain, outputs with
their sizes, and what is marked for deletion and when it is due, if --delete-delay is
that of the runs that delete. No segment is listed or read, so it is quick however large
the recordings are; whether all is still there, recfin verify tells. Writes nothing.

At a terminal a line for each session; with IDs, or in a pipe, all that is known.

Examples:
  recfin list --store s3://live/streams
  recfin list --store /var/live foo
  recfin list --store /var/live --json | jq -r 'select(.due != []) | .recording'

` + exitHelp

const keepHelp = `Cancels the deletions of the named recordings that were not carried out yet, for
good: what is marked and still there stays, and is never marked again. A run that
is deleting finishes the at most 1,000 objects that it has begun with.

Examples:
  recfin keep --store s3://live/streams foo
  recfin keep --store /var/live --json foo bar

` + exitHelp

const verifyHelp = `Reads finalized recordings back as a client would, all of them if no ID is given:
parses every playlist by the letter of the specification, looks for everything that
it names, sums durations, compares renditions, reads the heads of MP4s and the media
of some segments (--deep: every byte of all), and holds it all against the marker.
Writes and deletes nothing; credentials that may read suffice.

Prints one line for each finding (how bad, where, the rule, what is wrong, what to
do) and one for each recording. Ends with 0 where nothing is wrong, warnings apart;
1 where anything is; 5 where a recording is damaged: something that it stands on is
gone or another one, and no run brings it back. docs/verify.md lists all rules.

Examples:
  recfin verify --store s3://live/streams
  recfin verify --store /var/live --deep foo
  recfin verify --store /var/live --json foo | jq '.findings[] | select(.severity == "error")'

` + exitHelp

const serveHelp = `Answers a browser on this machine: a page of all recordings, and for each what a
run would make of it, with a player. What is finalized is played as it stands in the
store, what is not by playlists that are computed from the plan: so a person can look
before anything is deleted. Writes and deletes nothing; credentials that may read
suffice. Prints its address, and answers until SIGINT or SIGTERM: that is exit code 0.

Serves nothing but what a plan, a marker or an output names. There is no password, so
by default it listens on loopback alone, answers to no host name but localhost, and
lets pages of other sites load nothing. docs/serve.md says more.

Examples:
  recfin serve --store s3://live/streams
  recfin serve --store /var/live --listen 127.0.0.1:0 foo bar # any free port, two recordings
  # from a laptop, of a store that only the server reaches: ssh -L 8080:localhost:8080 server
  recfin serve --store /var/live

` + exitHelp

const probeHelp = `Reads segments and prints what is in them.

Examples:
  recfin probe segment.ts
  recfin probe --json s3://live/streams/foo/A/720p/0.ts
`

const demoHelp = `Lays out a small real broadcast in a folder (a new one by default), plans it,
finalizes it, and says where to look. Needs nothing else.

Examples:
  recfin demo
  recfin demo /tmp/broadcast
`

const versionHelp = `Says which recfin this is: the version of its module, the commit that it was built
from and whether anything was changed since, the Go release, and the system.

Examples:
  recfin version
  recfin version --json | jq -r .revision
`

const configHelp = `Prints the settings of all commands as they hold here, each with where it comes
from: the command line, a variable RECFIN_… of the environment, the file of --config,
or the default, in this order of precedence. Secrets are not shown. What it prints is
itself good for --config. Variables that no flag reads are named.

Examples:
  recfin config
  recfin config --store s3://live/streams --settle 45m > recfin.yaml
  recfin config --config recfin.yaml
  recfin config --json | jq '.settings[] | select(.from != "default")'
`

const completionHelp = `Prints a script that makes a shell complete commands, flags and their values.

Examples:
  source <(recfin completion bash)                              # in ~/.bashrc
  source <(recfin completion zsh)                               # in ~/.zshrc, behind compinit
  recfin completion fish | source                               # in config.fish
  recfin completion powershell | Out-String | Invoke-Expression # in $PROFILE
`
