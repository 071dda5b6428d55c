package main

import "context"

// Contenders of modes: what each kind of output takes, store to store.
const (
	modeReference = "hls, reference"
	modeCopy      = "hls, copy"
	modeSingle    = "hls, single"
	modeMP4       = "mp4"
)

// modes are all kinds of output, with the flags that ask for them.
var modes = []struct {
	name  string
	flags []string
}{
	{modeReference, []string{"--format", "hls", "--hls", "reference"}},
	{modeCopy, []string{"--format", "hls", "--hls", "copy"}},
	{modeSingle, []string{"--format", "hls", "--hls", "single"}},
	{modeMP4, []string{"--format", "mp4"}},
}

// runModes measures what each kind of output takes. The segments and the outputs
// are in one bucket, as a playlist that refers to segments needs it.
func runModes(ctx context.Context, l *lab) ([]result, error) {
	if _, err := l.fillGateway(ctx); err != nil {
		return nil, err
	}
	var all []contender
	for _, m := range modes {
		all = append(all, l.finalizeStore(m.name, l.gateway.url(sources), l.insideURL, m.flags...))
	}
	return l.compete(ctx, all, min(l.rounds, 2))
}
