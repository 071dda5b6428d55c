// Package doctest runs what README.md and the pages under docs/ tell people to type,
// and holds the output that they show against what is printed. It holds nothing but
// tests.
//
// A page is one session: its blocks run in order in one bash, in an empty folder
// or, if it needs one, a copy of this repository without its history; with recfin on
// PATH, a home of its own and no RECFIN_ variable.
//
//   - A block marked sh is executed; a text block right behind it is what it prints.
//   - A block marked console has commands behind "$ " (continued behind "> "), each
//     followed by what it prints.
//   - One marked "console terminal" shows what a person sees: standard output is a
//     terminal, of 120 columns.
//   - Blocks of other kinds are not executed. One without a kind is text. Each recfin
//     command line in any block, and in code between backquotes, names only commands
//     and flags that exist.
//
// A command that ends with another code than 0 fails the page, as with set -e; where
// a page shows a failure, it catches it: recfin plan foo || echo "exit code $?".
// Output is standard output alone. In it "…" stands for anything in a line, and a
// line of "…" alone for any number of lines.
//
// A line "recfin serve …" of its own, which would wait for Ctrl-C, is started on a free
// port, and ended when it has said where it listens.
//
// What pages reach outside is mapped:
//
//   - s3://BUCKET/… is a strict double of S3, by AWS_ENDPOINT_URL, with the keys that
//     the documentation of AWS has in its examples. Buckets are made as they are asked
//     for, and filled as the table of worlds says.
//   - s3+http(s)://HOST/BUCKET/… is the same double; HOST is replaced before bash sees
//     the line, and put back into what is printed.
//   - Programs of other people that a test must not run, such as kubectl, are stand-ins
//     that succeed and print nothing; the table of stand-ins says why for each. make
//     makes what is quick, and says of other targets whether they exist.
package doctest
