package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

// What schedulers tell each of many equal jobs.
const (
	// envKubernetes is the number of a pod of an Indexed Job, from 0. How many there are
	// Kubernetes does not tell.
	envKubernetes = "JOB_COMPLETION_INDEX"
	// envBatch is the number of a child of an array job of AWS Batch, from 0, and
	// envBatchSize how many there are.
	envBatch     = "AWS_BATCH_JOB_ARRAY_INDEX"
	envBatchSize = "AWS_BATCH_JOB_ARRAY_SIZE"
)

func shardFlag() cli.Flag {
	return &cli.StringFlag{Name: flagShard, Usage: "work on share `I/N` of the recordings alone, from 0/N to N-1/N; auto/N: I is " + envKubernetes + " (Kubernetes, Indexed Job); auto: as the array job of AWS Batch says", EnvVars: env(flagShard)}
}

// shardOf reads the share that a command has to work on; nothing means all.
func shardOf(value string) (finalize.Shard, error) {
	if value == "" {
		return finalize.Shard{}, nil
	}
	index, count, slash := strings.Cut(value, "/")
	if index == "auto" && !slash {
		return autoShard(0)
	}
	n, err := strconv.ParseUint(count, 10, 31)
	if !slash || err != nil || n < 1 {
		return finalize.Shard{}, usagef("--%s %q: want I/N (such as 0/8, the first of eight), auto/N or auto", flagShard, value)
	}
	if index == "auto" {
		return autoShard(int(n))
	}
	i, err := strconv.ParseUint(index, 10, 31)
	if err != nil {
		return finalize.Shard{}, usagef("--%s %q: want I/N (such as 0/8, the first of eight), auto/N or auto", flagShard, value)
	}
	return shard(int(i), int(n), "--"+flagShard+" "+value)
}

// shard checks that there is such a share.
func shard(index, count int, from string) (finalize.Shard, error) {
	if index >= count {
		return finalize.Shard{}, usagef("%s: the shares of %d are numbered from 0: the last one is %d/%d", from, count, count-1, count)
	}
	return finalize.Shard{Index: index, Count: count}, nil
}

// autoShard takes the share from what the scheduler tells. count is what the flag
// says; 0: nothing.
func autoShard(count int) (finalize.Shard, error) {
	kubernetes, inKubernetes := os.LookupEnv(envKubernetes)
	batch, inBatch := os.LookupEnv(envBatch)
	switch {
	case inKubernetes && inBatch:
		return finalize.Shard{}, usagef("--%s auto: both %s and %s are set: give --%s I/N", flagShard, envKubernetes, envBatch, flagShard)
	case inKubernetes && count == 0:
		return finalize.Shard{}, usagef("--%s auto: %s is %s, but Kubernetes does not tell how many pods there are: give --%s auto/N, where N is .spec.completions of the Job", flagShard, envKubernetes, kubernetes, flagShard)
	case inKubernetes:
		return told(envKubernetes, kubernetes, count)
	case inBatch:
		size, err := strconv.ParseUint(os.Getenv(envBatchSize), 10, 31)
		if err != nil || size < 1 {
			return finalize.Shard{}, usagef("--%s auto: %s is set, but %s is %q: give --%s I/N", flagShard, envBatch, envBatchSize, os.Getenv(envBatchSize), flagShard)
		}
		if count != 0 && count != int(size) {
			return finalize.Shard{}, usagef("--%s auto/%d: %s says that there are %d: give --%s auto", flagShard, count, envBatchSize, size, flagShard)
		}
		return told(envBatch, batch, int(size))
	}
	return finalize.Shard{}, usagef("--%s auto: this is no Indexed Job of Kubernetes (%s is not set) and no array job of AWS Batch (%s is not set): give --%s I/N", flagShard, envKubernetes, envBatch, flagShard)
}

// told is a share by the number in a variable.
func told(name, value string, count int) (finalize.Shard, error) {
	i, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return finalize.Shard{}, usagef("--%s auto: %s is %q: want a number from 0 to %d", flagShard, name, value, count-1)
	}
	return shard(int(i), count, name+"="+value)
}
