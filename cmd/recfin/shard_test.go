package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/broadcast"
)

// The share of a shard: from the flag, or from what Kubernetes and AWS Batch tell.
func TestShardFlag(t *testing.T) {
	type vars map[string]string
	for _, c := range []struct {
		value string
		vars  vars
		want  finalize.Shard
		says  string // of the error; empty: there is none
	}{
		{value: "", want: finalize.Shard{}},
		{value: "0/8", want: finalize.Shard{Index: 0, Count: 8}},
		{value: "7/8", want: finalize.Shard{Index: 7, Count: 8}},
		{value: "0/1", want: finalize.Shard{Index: 0, Count: 1}},
		{value: "07/08", want: finalize.Shard{Index: 7, Count: 8}},
		{value: "8/8", says: "numbered from 0: the last one is 7/8"},
		{value: "1/1", says: "the last one is 0/1"},
		{value: "9/8", says: "numbered from 0"},
		{value: "0/0", says: "want I/N"},
		{value: "-1/8", says: "want I/N"},
		{value: "+1/8", says: "want I/N"},
		{value: "1/-8", says: "want I/N"},
		{value: "1", says: "want I/N"},
		{value: "1/8/2", says: "want I/N"},
		{value: "1/ 8", says: "want I/N"},
		{value: "/8", says: "want I/N"},
		{value: "1/", says: "want I/N"},
		{value: "a/8", says: "want I/N"},
		{value: "1of8", says: "want I/N"},
		{value: "99999999999999999999/8", says: "want I/N"},
		{value: "Auto", says: "want I/N"},

		{value: "auto/8", vars: vars{envKubernetes: "3"}, want: finalize.Shard{Index: 3, Count: 8}},
		{value: "auto", vars: vars{envBatch: "3", envBatchSize: "8"}, want: finalize.Shard{Index: 3, Count: 8}},
		{value: "auto/8", vars: vars{envBatch: "3", envBatchSize: "8"}, want: finalize.Shard{Index: 3, Count: 8}},
		{value: "3/8", vars: vars{envKubernetes: "5", envBatch: "6"}, want: finalize.Shard{Index: 3, Count: 8}},
		{value: "auto", vars: vars{envKubernetes: "3"}, says: "does not tell how many pods there are: give --shard auto/N, where N is .spec.completions"},
		{value: "auto/8", vars: vars{envKubernetes: "8"}, says: "JOB_COMPLETION_INDEX=8: the shares of 8 are numbered from 0"},
		{value: "auto/8", vars: vars{envKubernetes: ""}, says: `JOB_COMPLETION_INDEX is ""`},
		{value: "auto/8", vars: vars{envKubernetes: "x"}, says: `JOB_COMPLETION_INDEX is "x"`},
		{value: "auto/0", vars: vars{envKubernetes: "0"}, says: "want I/N"},
		{value: "auto/", vars: vars{envKubernetes: "0"}, says: "want I/N"},
		{value: "auto", says: "no Indexed Job of Kubernetes (JOB_COMPLETION_INDEX is not set) and no array job of AWS Batch (AWS_BATCH_JOB_ARRAY_INDEX is not set)"},
		{value: "auto/8", says: "no Indexed Job of Kubernetes"},
		{value: "auto", vars: vars{envBatch: "3"}, says: "AWS_BATCH_JOB_ARRAY_SIZE is"},
		{value: "auto", vars: vars{envBatch: "3", envBatchSize: "0"}, says: "AWS_BATCH_JOB_ARRAY_SIZE is"},
		{value: "auto/4", vars: vars{envBatch: "3", envBatchSize: "8"}, says: "says that there are 8"},
		{value: "auto", vars: vars{envBatch: "8", envBatchSize: "8"}, says: "numbered from 0"},
		{value: "auto/8", vars: vars{envKubernetes: "1", envBatch: "1", envBatchSize: "8"}, says: "both"},
	} {
		t.Run(c.value, func(t *testing.T) {
			for name, value := range c.vars {
				t.Setenv(name, value)
			}
			got, err := shardOf(c.value)
			switch {
			case c.says == "" && (err != nil || got != c.want):
				t.Errorf("%+v, %v", got, err)
			case c.says != "" && (exitCode(err) != exitUsage || !strings.Contains(err.Error(), c.says)):
				t.Errorf("%+v: %v does not say %q", got, err, c.says)
			}
		})
	}
}

// commandsOfShards look for recordings, and so may look for a share of them.
var commandsOfShards = []string{"run", "plan", "recover", "verify", "list"}

func TestShardIsRefused(t *testing.T) {
	dir := t.TempDir()
	for _, command := range commandsOfShards {
		if newApp(nil, nil).Command(command) == nil {
			t.Errorf("there is no command %s", command)
		}
		mustRecfin(t, exitUsage, command, "--store", dir, "--shard", "8/8").says(t, "the last one is 7/8")
		mustRecfin(t, exitUsage, command, "--store", dir, "--shard", "auto").says(t, "--shard I/N")
	}
	mustRecfin(t, exitUsage, "finalize", "--store", dir, "--shard", "0/8", "foo")
}

// laySmall lays out recordings that are settled.
func laySmall(t *testing.T, dir string, names ...string) {
	t.Helper()
	s := broadcast.Make(t, broadcast.Options{})
	for _, name := range names {
		broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/A/720p", 0, 3, onAir))
	}
}

// shardOfName is the share that has a name.
func shardOfName(name string, count int) int {
	for k := range count {
		if (finalize.Shard{Index: k, Count: count}).Takes(name) {
			return k
		}
	}
	return -1
}

// What is required is missed by the shard that can know: an ID by the one that has it,
// a glob by all if nobody found anything.
func TestShardRequires(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo", "bar")
	own := shardOfName("foo", 2)
	if own == shardOfName("bar", 2) {
		t.Fatal("both are in one share: choose other names")
	}
	shards := []string{"0/2", "1/2"}
	mine, other := shards[own], shards[1-own]
	for _, c := range []struct {
		shard, require string
		code           int
	}{
		{mine, "foo", exitDone}, {other, "foo", exitDone},
		{mine, "fo*", exitDone}, {other, "fo*", exitDone},
		{mine, "*", exitDone}, {other, "*", exitDone},
		{mine, "news-*", exitFailed}, {other, "news-*", exitFailed},
		{shards[shardOfName("gone", 2)], "gone", exitFailed}, {shards[1-shardOfName("gone", 2)], "gone", exitDone},
	} {
		r := recfin("run", "--store", dir, "--shard", c.shard, "--require", c.require)
		if r.code != c.code {
			t.Errorf("--shard %s --require %s: exit code %d, want %d\n%s", c.shard, c.require, r.code, c.code, r.text())
		}
		listed := recfin("run", "--store", dir, "--shard", c.shard, "--require", c.require, "--ids", idFile(t, "bar", "foo"))
		if want := c.code; listed.code != want {
			t.Errorf("of a list: --shard %s --require %s: exit code %d, want %d\n%s", c.shard, c.require, listed.code, want, listed.text())
		}
		list := filepath.Join(t.TempDir(), "ids") // what is found, as a list
		if err := os.WriteFile(list, []byte("foo\nbar\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := recfin("run", "--store", dir, "--ids", list, "--shard", c.shard, "--require", c.require); r.code != c.code {
			t.Errorf("--ids --shard %s --require %s: exit code %d, want %d\n%s", c.shard, c.require, r.code, c.code, r.text())
		}
	}
}

// A recording of several IDs is worked on by one shard, whichever of its IDs each has,
// and no ID is missing anywhere.
func TestShardsOfSeveralIDs(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"match", "foo"} {
		dir := t.TempDir()
		laySmall(t, dir, "foo", "bar", "baz")
		mustRecfin(t, exitDone, "finalize", "--store", dir, "--as", as, "foo", "bar")
		worked := 0
		for k, shard := range []string{"0/3", "1/3", "2/3"} {
			r := mustRecfin(t, exitDone, "run", "--json", "--store", dir, "--shard", shard, "--require", "foo", "--require", "bar", "--require", "b*")
			if r.out == "" {
				continue
			}
			for _, d := range documents[reportDoc](t, r) {
				switch {
				case d.Recording == as:
					worked++
				case d.Recording != "baz" || shardOfName("baz", 3) != k:
					t.Errorf("%s worked on %s", shard, d.Recording)
				}
			}
		}
		if worked != 1 {
			t.Errorf("%s was worked on by %d shards", as, worked)
		}
	}
}

// IDs that are parts of a recording of which nothing is left are no strangers: nobody
// would ever finalize them, so that fails.
func TestPartsOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo", "bar", "baz")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--as", "match", "foo", "bar")
	if err := os.RemoveAll(filepath.Join(dir, "recordings", "match")); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitPartly, "run", "--store", dir).says(t, "match: failed: ", "baz: done")
	mustRecfin(t, exitPartly, "run", "--store", dir, "--ids", idFile(t, "foo", "baz")).says(t, "match: failed: ")
	fails := 0
	for k := range 3 {
		if r := recfin("run", "--store", dir, "--shard", string(rune('0'+k))+"/3"); r.code != exitDone {
			fails++
			r.says(t, "match: failed: ")
		}
	}
	if fails == 0 {
		t.Error("no shard says that nothing is left of match")
	}
}

// A layout that fits nothing is wrong usage in every shard; a folder that holds no
// recording is none, though it be all that a share has.
func TestShardsOfStrangers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo", "bar")
	for _, shard := range []string{"0/2", "1/2", "0/64", "63/64"} {
		mustRecfin(t, exitUsage, "run", "--store", dir, "--shard", shard, "--layout", "{recording}/x/{rendition}/{seq}.ts").says(t, "A/720p/0.ts", "--layout")
	}
	put := broadcast.Folder(dir)
	var strange []string
	for _, name := range []string{"q", "r", "s", "t", "u", "v"} {
		if err := put(name+"/notes.txt", []byte("x\n"), onAir); err != nil {
			t.Fatal(err)
		}
		strange = append(strange, name)
	}
	alone := false // a share that has strangers alone
	for k := range 8 {
		has := func(name string) bool { return shardOfName(name, 8) == k }
		alone = alone || slices.ContainsFunc(strange, has) && !has("foo") && !has("bar")
		mustRecfin(t, exitDone, "run", "--store", dir, "--shard", string(rune('0'+k))+"/8")
	}
	if !alone {
		t.Error("no share has strangers alone: choose other names")
	}
	for _, name := range []string{"foo", "bar"} {
		if !finalized(dir, name) {
			t.Errorf("%s was not finalized", name)
		}
	}
}

// Shards without a recording of their own are fine; a store without any is said so.
func TestShardWithNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo")
	mustRecfin(t, exitDone, "run", "--store", dir)
	for _, command := range commandsOfShards {
		for k := range 3 {
			mustRecfin(t, exitDone, command, "--store", dir, "--shard", string(rune('0'+k))+"/3")
		}
	}
	empty := t.TempDir()
	mustRecfin(t, exitDone, "run", "--store", empty, "--shard", "1/3").says(t, "nothing found")
	mustRecfin(t, exitFailed, "verify", "--store", empty, "--shard", "1/3").says(t, "no marker")
}
